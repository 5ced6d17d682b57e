"""A user's own mail: a file with one message, an mbox, or a folder of either."""

import mailbox
import re
from collections.abc import Iterator
from pathlib import Path

from cli.sending import envelope_sender
from local.demo.samples import Sample

_FIELD = re.compile(rb"\s{0,100}[!-9;-~]{1,100}[ \t]{0,10}:[^\n]")
_HEAD = 16_384  # bytes that show whether a file is a message
_KNOWN = re.compile(rb"^(?:from|received|return-path|subject|date|message-id|mime-version|to):", re.I | re.M)


def samples(path: Path) -> Iterator[Sample]:
    """Every message below the path, by name, one in memory at a time; OSError where there is nothing to read.

    In a folder, files that don't begin as a message does are passed over; a file that is named is always a message.
    """
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            if is_mail(file):
                yield from _file(file)
    else:
        yield from _file(path)


def is_mail(path: Path) -> bool:
    """Whether a file begins as a message (a header with a field that mail has) or an mbox does."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"From "):
        return True
    header = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    return _FIELD.match(head) is not None and _KNOWN.search(header) is not None


def _file(path: Path) -> Iterator[Sample]:
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if is_mbox:
        box = mailbox.mbox(path, create=False)
        for number, key in enumerate(box.iterkeys(), start=1):
            yield _sample(f"{path.name}#{number}", box.get_bytes(key))
    else:
        yield _sample(path.name, path.read_bytes())


def _sample(name: str, raw: bytes) -> Sample:
    return Sample(name=name, mail_from=envelope_sender(raw), raw=raw)
