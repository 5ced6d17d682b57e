"""The lines that separate the parts of a multipart, found in raw bytes (RFC 2046 section 5.1.1).

All open multiparts are searched for at once, so every line is looked at once however deep a mail is nested.
"""

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_BOUNDARY = 10_000  # bytes; RFC 2046 allows 70
_REACH = LONGEST_BOUNDARY + 10
_LONGEST_MARK = 70


@dataclass(frozen=True, slots=True)
class Delimiter:
    """One delimiter line. The line break before it belongs to it, and its own."""

    start: int
    end: int
    boundary: bytes
    closes: bool


class Boundaries:
    """The boundaries of the multiparts that are open at this point of a raw mail."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._open: dict[bytes, int] = {}  # how many open multiparts have this boundary
        self._mark = b"\n--"  # how the delimiters of all of them begin

    def open(self, boundary: bytes) -> None:
        self._open[boundary] = self._open.get(boundary, 0) + 1
        self._mark = b"\n--" + _common(self._open)

    def close(self, boundary: bytes) -> None:
        self._open[boundary] -= 1
        if not self._open[boundary]:
            del self._open[boundary]
        self._mark = b"\n--" + _common(self._open)

    def next(self, position: int) -> Delimiter | None:
        """The first delimiter from here on of any open multipart."""
        if not self._open:
            return None
        # The line at `position` itself counts: a part may be empty, without even its blank line.
        at = position if self._raw.startswith(b"--", position) else self._candidate(position)
        while at >= 0:
            stop = self._raw.find(b"\n", at, at + _REACH)
            line = self._raw[at + 2 : stop if stop >= 0 else at + _REACH].rstrip(b" \t\r")
            if found := self._boundary(line):
                end = stop + 1 if stop >= 0 else at + 2 + len(line)
                return Delimiter(_line_break(self._raw, at, position), end, *found)
            at = self._candidate(at)
        return None

    def _candidate(self, position: int) -> int:
        found = self._raw.find(self._mark, position)
        return found + 1 if found >= 0 else -1

    def _boundary(self, line: bytes) -> tuple[bytes, bool] | None:
        """Which boundary stands in a line without its two hyphens, and whether the line closes its multipart.

        The whole line is compared, so that one boundary may begin like another; then what stands before other hyphens,
        and the first word, since RFC 2046 lets a reader ignore what follows.
        """
        if line in self._open:
            return line, False
        closed = line.rpartition(b"--")[0]
        if closed in self._open:
            return closed, True
        if b" " in line or b"\t" in line:
            return self._boundary((line.split(None, 1) or [b""])[0])
        return None


def guess(raw: bytes, body: int) -> bytes:
    """The boundary of a multipart that names none: the first line with two hyphens that is closed further down."""
    at = body if raw.startswith(b"--", body) else raw.find(b"\n--", body) + 1
    if not at and body:
        return b""
    line = raw[at + 2 : at + _REACH].partition(b"\n")[0].rstrip()
    return line if line and raw.find(b"\n--" + line + b"--", body) >= 0 else b""


def _common(boundaries: Iterable[bytes]) -> bytes:
    """How all of them begin: the more of it, the fewer lines are looked at."""
    first = min(boundaries, default=b"")[:_LONGEST_MARK]
    last = max(boundaries, default=b"")
    return first[: next((i for i, byte in enumerate(first) if last[i : i + 1] != bytes([byte])), len(first))]


def _line_break(raw: bytes, line: int, floor: int) -> int:
    """Where the line break before this line starts."""
    start = line
    if start > floor and raw[start - 1 : start] == b"\n":
        start -= 1
        if start > floor and raw[start - 1 : start] == b"\r":
            start -= 1
    return start
