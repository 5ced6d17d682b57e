"""The commands that read files: one answer for each, in their order, and no fault stops the rest."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from cli import mailbox, mbox
from cli.forms import Form
from cli.mailbox import Unread
from cli.paths import ROOT
from cli.terminal import Terminal

_C1 = re.compile("[\x7f-\x9f]")

Answer = Callable[[bytes], Form]
Show = Callable[[Terminal, Form], None]
Complete = Callable[[Sequence[Form]], None]


class Unreadable(Exception):
    """The input can't be read; the text says what to do about it."""


class Usage(Exception):
    """The command was called wrongly; the text says how it is called."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help="what to read; - is standard input")
    parser.add_argument("--files-from", metavar="LIST", help="a file with one path a line; - is standard input")
    parser.add_argument("--jsonl", action="store_true", help="one JSON object a line, and nothing else")


def run(args: argparse.Namespace, answer: Answer, show: Show) -> int:
    """Answers every input; exit status 1 if one could not be read."""
    return _tell(args, ({"file": path, **_answered(path, answer)} for path in _paths(args)), show)


def run_mails(args: argparse.Namespace, answer: Answer, show: Show) -> int:
    """As `run`, where each FILE may be an mbox too, or a folder of either: every mail in it is answered by itself."""
    named = [(path, mailbox.found(Path(path))) for path in _paths(args)]
    mails = (mail for path, found in named for mail in _mails(path, found))
    status = _tell(args, (_mail_answered(mail, answer) for mail in mails), show)
    if passed_over := sum(len(found.passed_over) for _, found in named):
        files = "1 file" if passed_over == 1 else f"{passed_over:,} files"
        Terminal().note(f"{files} passed over, since no mail begins so")
    return status


def run_together(args: argparse.Namespace, answer: Answer, complete: Complete, show: Show) -> int:
    """As `run`, for what only all the inputs together can answer: `complete` adds to the forms that could be read."""
    forms = [{"file": path, **_answered(path, answer)} for path in _paths(args)]
    complete([form for form in forms if "error" not in form])
    return _tell(args, forms, show)


def _tell(args: argparse.Namespace, forms: Iterable[Form], show: Show) -> int:
    terminal, status = Terminal(), 0
    for form in forms:
        path, status = form["file"], 1 if "error" in form else status
        if args.jsonl:
            write_json(form, indent=None)
        elif "error" in form:
            terminal.error(f"{path}: {form['error']}")
        else:
            show(terminal, form)
    return status


def desks_own(path: Path) -> tuple[str, str]:
    """The text of a file that a desk edits, and its name for people; Unreadable with its name where it has none."""
    try:
        text = _read(str(path)).decode()
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        wanted = "name a text file, saved as UTF-8"
        raise Unreadable(f"{path}: it is no UTF-8 text (at byte {error.start}): {wanted}") from error
    return text, str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def write_json(value: object, indent: int | None = 1) -> None:
    """JSON in UTF-8 on standard output. What would move a terminal's cursor is escaped (ESC already is in JSON)."""
    text = _C1.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=indent))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _paths(args: argparse.Namespace) -> Iterator[str]:
    if not args.files and args.files_from is None:
        raise Usage("name a FILE, or a list of them with --files-from (- is standard input)")
    yield from args.files
    if args.files_from is not None:
        yield from filter(None, _listed(args.files_from).split("\n"))


def _listed(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"--files-from {path}: can't be read as text ({error})") from error


def _answered(path: str, answer: Answer) -> Form:
    try:
        return answer(_read(path))
    except Unreadable as error:
        return {"error": str(error)}


def _mails(path: str, found: mailbox.Found) -> Iterator[tuple[str, bytes] | Unread]:
    """The mails that this argument names; a single one of a file has the path as it was given."""
    if path == "-":
        yield from mbox.numbered(path, mbox.messages(sys.stdin.buffer))
        return
    if not found.files:
        yield Unread(mail=path, why="no mail is in this folder, nor below it: name another")
    for file in found.files:
        yield from mailbox.mails(file, path if file == Path(path) else "")


def _mail_answered(mail: tuple[str, bytes] | Unread, answer: Answer) -> Form:
    if isinstance(mail, Unread):
        return {"file": mail.mail, "error": mail.why}
    name, raw = mail
    try:
        return {"file": name, **answer(raw)}
    except Unreadable as error:
        return {"file": name, "error": str(error)}


def _read(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise Unreadable(f"can't be read ({error.strerror}): check the path and its permissions") from error
