"""An mbox: messages one after the other, each after a line that begins with "From " (RFC 4155, appendix A).

Mails hold such lines too where nobody has escaped them: as text, or in a bounce that brings back what it returns. So a
line counts only at the beginning or after an empty line, and only if a header field follows it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

BEGIN = b"From "
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,10}:")
_LINE = 1 << 16  # bytes: a longer line is read in pieces


def messages(file: BinaryIO) -> Iterator[bytes]:
    """Each message of the file without its "From " line, one in memory at a time; all of it where it has no such."""
    parts = list[bytes]()
    for before, line, after in _with_neighbours(file):
        if not _begins(before, line, after):
            parts.append(line)
        elif parts:
            yield _message(parts)
            parts = []
    yield _message(parts)


def numbered(name: str, of: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Each message with its number after the name, from 1; one alone has the name as it is."""
    before: bytes | None = None
    number = 1
    for number, raw in enumerate(of, start=1):
        if before is not None:
            yield f"{name}#{number - 1}", before
        before = raw
    if before is not None:
        yield (name if number == 1 else f"{name}#{number}"), before


def _with_neighbours(file: BinaryIO) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Every line with the one before it and the one after it, empty where there is none."""
    before, line = b"", file.readline(_LINE)
    while line:
        after = file.readline(_LINE)
        yield before, line, after
        before, line = line, after


def _begins(before: bytes, line: bytes, after: bytes) -> bool:
    return line.startswith(BEGIN) and not before.strip() and _FIELD.match(after) is not None


def _message(parts: list[bytes]) -> bytes:
    """The empty line at its end parts it from the next, and is none of its own."""
    if len(parts) > 1 and parts[-1] in (b"\n", b"\r\n"):
        parts = parts[:-1]
    return b"".join(parts)
