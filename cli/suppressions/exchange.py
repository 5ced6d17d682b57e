"""postroom suppressions import, export: many addresses at once, as a file."""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from cli import running
from cli.files import Unreadable, write_json
from cli.suppressions import rows, views
from cli.suppressions.rows import Row, Unfit
from cli.terminal import Terminal
from postroom.address import Channel, Incident
from postroom.clock import iso, now
from postroom.ports import AddressBook

_LARGEST = 50_000_000  # bytes of a file
_NAMED = 20  # lines that are named; --json has all
_EACH = 1_000  # lines after which somebody who waits is told
_NOT_AT_SES = "SES's own list is as it was: `aws sesv2 create-import-job` puts many addresses on that"


def exported(args: argparse.Namespace) -> int:
    stack = running.find(args)
    found = list(views.standing(stack.addresses, views.wanted_states(args.of_state), now()))
    text = "".join(rows.written(found)).encode("utf-8", "replace")
    if args.file is None:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return 0
    try:
        args.file.write_bytes(text)
    except OSError as error:
        raise Unreadable(f"{args.file} can't be written: {error.strerror}") from error
    Terminal().note(f"{views.addresses(len(found))} in {args.file}")
    return 0


def imported(args: argparse.Namespace, agent: str) -> int:
    """Without --yes it asks nobody: the file alone is looked at. Exit status 1 where a line is unfit."""
    lines = list(rows.read(_text(args.file), args.reason))
    fit = [each for each in lines if isinstance(each, Row)]
    unfit = [each for each in lines if isinstance(each, Unfit)]
    terminal = Terminal()
    stack = running.find(args) if args.yes else None
    done = _applied(stack.addresses, fit, agent, f"imported from {Path(args.file).name}", terminal) if stack else None
    if args.json:
        by_event = dict(Counter(str(each.event) for each in fit))
        moved = dict(done) if done is not None else {}
        refused = [asdict(each) for each in unfit]
        write_json({"imported": args.yes, "fit": len(fit), **by_event, **moved, "refused": refused})
    else:
        _tell(terminal, fit, unfit, done)
    return 1 if unfit else 0


def _applied(book: AddressBook, fit: Sequence[Row], agent: str, why: str, terminal: Terminal) -> Counter[str]:
    done, at = Counter[str](moved=0, as_before=0), iso(now())
    for number, row in enumerate(fit, start=1):
        before, after = book.move(row.address, incident(row, at, agent, why))
        done["as_before" if before is after else "moved"] += 1
        if number % _EACH == 0 and number < len(fit):
            terminal.note(f"{number:,} of {len(fit):,}; cut off here, the same command goes on")
    return done


def incident(row: Row, at: str, agent: str, why: str) -> Incident:
    """What the line says happened; `at` and `why` are for lines that don't say."""
    return Incident(event=row.event, id=row.id, at=row.at or at, channel=Channel.PERSON, by=agent, why=row.why or why)


def _tell(terminal: Terminal, fit: Sequence[Row], unfit: Sequence[Unfit], done: Mapping[str, int] | None) -> None:
    kinds = Counter(each.event.replace("_", " ") for each in fit)
    what = ", ".join(f"{number:,} {name}" for name, number in kinds.most_common())
    terminal.line(f"{views.addresses(len(fit))} in the file{f': {what}' if what else ''}", "bold")
    if done is not None:
        terminal.line(f"{done['moved']:,} were moved, {done['as_before']:,} are as they were")
        terminal.line(_NOT_AT_SES)
    for each in unfit[:_NAMED]:
        terminal.error(f"line {each.line}: {each.why}")
    if len(unfit) > _NAMED:
        terminal.error(f"and {len(unfit) - _NAMED:,} more lines; --json has all")
    if done is None:
        terminal.line("`--yes` holds them back; nothing was changed", "yellow")


def _text(name: str) -> str:
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as source:
            read = source.read(_LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"{name} can't be read: {error.strerror}") from error
    if len(read) > _LARGEST:
        raise Unreadable(f"{name} is larger than {_LARGEST:,} bytes: split it")
    try:
        return read.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is no UTF-8 text (at byte {error.start}): save it as UTF-8") from error
