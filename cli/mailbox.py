"""A user's own mail: a file with one message, an mbox, or a folder of either."""

import mailbox
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.sending import envelope_sender
from postroom.envelope import UNKNOWN_SENDER
from postroom.message import Message

_FIELD = re.compile(rb"\s{0,100}[!-9;-~]{1,100}[ \t]{0,10}:[^\n]")
_HEAD = 16_384  # bytes that show whether a file is a message
_KNOWN = re.compile(rb"^(?:from|received|return-path|subject|date|message-id|mime-version|to):", re.I | re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One mail as it is handed to SMTP. `mail_from` empty is the null return path."""

    name: str
    mail_from: str
    raw: bytes


def files(path: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder that hold mail, and those that are passed over; a file that is named always holds mail."""
    if not path.is_dir():
        return [path], []
    every = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
    mails = [p for p in every if is_mail(p)]
    return mails, [p for p in every if p not in set(mails)]


def samples(paths: Iterable[Path]) -> Iterator[Sample]:
    """Every message in these files, one in memory at a time: a message a file, or an mbox of many."""
    for path in paths:
        yield from _file(path)


def is_mail(path: Path) -> bool:
    """Whether a file begins as a message (a header with a field that mail has) or an mbox does."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"From "):
        return True
    header = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    return _FIELD.match(head) is not None and _KNOWN.search(header) is not None


def is_mbox(path: Path) -> bool:
    """Whether a file begins as an mbox does; False where it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(5) == b"From "
    except OSError:
        return False


def return_path(message: Message) -> str | None:
    """The envelope sender of a mail that comes as a file: what its delivery wrote into Return-Path (RFC 5321, 4.4).

    None for `<>`. A file without the field tells nothing of its envelope: then the author stands in for the sender.
    """
    if "return-path" not in message.facts:
        return message.author.address if message.author else UNKNOWN_SENDER
    return message.fact("return-path").strip().strip("<>") or None


def _file(path: Path) -> Iterator[Sample]:
    if is_mbox(path):
        box = mailbox.mbox(path, create=False)
        for number, key in enumerate(box.iterkeys(), start=1):
            yield _sample(f"{path.name}#{number}", box.get_bytes(key))
    else:
        yield _sample(path.name, path.read_bytes())


def _sample(name: str, raw: bytes) -> Sample:
    return Sample(name=name, mail_from=envelope_sender(raw), raw=raw)
