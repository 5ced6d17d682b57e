"""A user's own mail: a file with one message, an mbox, or a folder of either."""

import mailbox
from collections.abc import Iterator
from pathlib import Path

from cli.sending import envelope_sender
from local.demo.samples import Sample


def samples(path: Path) -> Iterator[Sample]:
    """Every message below the path, by name, one in memory at a time; OSError where there is nothing to read."""
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            yield from _file(file)
    else:
        yield from _file(path)


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
