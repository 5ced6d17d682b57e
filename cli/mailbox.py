"""A user's own mail: a file with one message, an mbox, or a folder of either. Who takes them reads them here."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli import mbox
from cli.sending import envelope_sender
from postroom.envelope import UNKNOWN_SENDER
from postroom.message import Message

_FIELD = re.compile(rb"\s{0,100}[!-9;-~]{1,100}[ \t]{0,10}:[^\n]")
_HEAD = 16_384  # bytes that show whether a file is a message
_KNOWN = re.compile(rb"^(?:from|received|return-path|subject|date|message-id|mime-version|to):", re.I | re.M)
_LARGEST = 64 << 20  # bytes: SES takes 40 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One mail as it is handed to SMTP. `mail_from` empty is the null return path."""

    name: str
    mail_from: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A mail, file or folder that could not be read; `why` says what to do about it, or what was seen."""

    mail: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files that hold mail, with what could not be read in its place, and the files that are passed over."""

    files: Sequence[Path | Unread]
    passed_over: Sequence[Path]


def found(path: Path) -> Found:
    """What is in a folder and all below it: links to folders are not followed, hidden files not read. A file that is
    named always holds mail."""
    if not path.is_dir():
        return Found(files=[path], passed_over=[])
    every = list(_below(path))
    mails = [each for each in every if isinstance(each, Unread) or _holds_mail(each)]
    kept = set(mails)
    return Found(files=mails, passed_over=[each for each in every if isinstance(each, Path) and each not in kept])


def mails(file: Path | Unread, name: str = "") -> Iterator[tuple[str, bytes] | Unread]:
    """Every message of a file under the file's name, with its number where there are several; one in memory at a
    time. Of what can't be read it is told why."""
    if isinstance(file, Unread):
        yield file
        return
    name = name or str(file)
    try:
        if file.stat().st_size > _LARGEST and not is_mbox(file):
            yield Unread(mail=name, why=f"it is larger than {_LARGEST >> 20} MB, and no mail that SES takes")
            return
        yield from mbox.numbered(name, _messages(file))
    except OSError as error:
        yield Unread(mail=name, why=f"can't be read ({error.strerror}): check the path and its permissions")


def samples(paths: Iterable[Path | Unread]) -> Iterator[Sample | Unread]:
    """Every message in these files as it is sent, under the name of its file alone."""
    for path in paths:
        for each in mails(path, path.name if isinstance(path, Path) else ""):
            yield each if isinstance(each, Unread) else _sample(*each)


def is_mail(path: Path) -> bool:
    """Whether a file begins as a message (a header with a field that mail has) or an mbox does."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"From "):
        return True
    header = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    return _FIELD.match(head) is not None and _KNOWN.search(header) is not None


def is_mbox(path: Path) -> bool:
    """Whether a file begins as an mbox does; False where it can't be read. An .eml is one message in any case."""
    try:
        with path.open("rb") as file:
            return path.suffix.lower() != ".eml" and file.read(len(mbox.BEGIN)) == mbox.BEGIN
    except OSError:
        return False


def return_path(message: Message) -> str | None:
    """The envelope sender of a mail that comes as a file: what its delivery wrote into Return-Path (RFC 5321, 4.4).

    None for `<>`. A file without the field tells nothing of its envelope: then the author stands in for the sender.
    """
    if "return-path" not in message.facts:
        return message.author.address if message.author else UNKNOWN_SENDER
    return message.fact("return-path").strip().strip("<>") or None


def _below(folder: Path) -> Iterator[Path | Unread]:
    """Every file below a folder, by name. A folder that can't be read is named, and the others go on."""
    due = [folder]
    while due:
        here = due.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            yield Unread(mail=str(here), why=f"the folder can't be read ({error.strerror}): check its permissions")
            continue
        shown = [entry for entry in entries if not entry.name.startswith(".")]
        yield from (Path(entry.path) for entry in shown if entry.is_file())
        due += [Path(entry.path) for entry in reversed(shown) if entry.is_dir(follow_symlinks=False)]


def _holds_mail(path: Path) -> bool:
    try:
        return is_mail(path)
    except OSError:
        return True  # then reading it will say what is wrong


def _messages(path: Path) -> Iterator[bytes]:
    if is_mbox(path):
        with path.open("rb") as file:
            yield from mbox.messages(file)
    else:
        yield path.read_bytes()


def _sample(name: str, raw: bytes) -> Sample:
    if raw.startswith(mbox.BEGIN):  # in an .eml: it is no header, and no server takes it for one
        raw = raw.partition(b"\n")[2]
    return Sample(name=name, mail_from=envelope_sender(raw), raw=raw)
