"""`python -m local.demo [MAIL]`: exit status 0 only if every mail has an outcome."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from cli import mailbox, running, views
from cli.mailbox import Unread
from cli.mails import plural
from cli.paths import COMMAND
from cli.running import Running
from cli.terminal import Column, Terminal
from local.demo import samples
from local.demo.journey import Journey
from local.stack import models, parameters, ports, stack
from local.stack.errors import StackError
from local.stack.ports import Port
from local.stack.stack import DEMO_DESK, Plan
from postroom.clock import now
from postroom.outcome import Stage, outcome

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".postroom" / "demo"
_PATIENCE = 60.0  # seconds without any new outcome before the demo says which mail has none
_NAMED = 10  # files that are passed over and told by name
_SHOWN = 200  # rows of a table; a mailbox may hold more


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument(
        "mail", nargs="?", type=Path, help="a file, a folder or an mbox of your own; it goes nowhere else"
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="a model of `postroom train`, which the desk asks")
    parser.add_argument(
        "--set", default="", metavar="PARAMETERS", dest="parameters",
        help=f"parameters of template.yaml: {parameters.EXAMPLE.replace('SET', '--set')}",
    )  # fmt: skip
    parser.add_argument("--state", type=Path, default=STATE, help="what it writes goes here (%(default)s)")
    args = parser.parse_args(argv)
    terminal = Terminal()
    try:
        mails = _own(terminal, args.mail) if args.mail else None
        began = time.monotonic()
        with _stack(terminal, args) as up:
            terminal.line(
                f"up after {_since(began)}: SES (ours), S3, SNS, SQS, EventBridge, DynamoDB and Lambda", "dim"
            )
            journey = _sent(terminal, up, mails)
            _show(terminal, up, journey)
            return _told(terminal, journey, _since(began))
    except (StackError, Nothing) as error:
        terminal.error(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


class Nothing(Exception):
    """There is no mail to send; the text says where it was looked for."""


def _own(terminal: Terminal, path: Path) -> Sequence[Path | Unread]:
    """The user's own files that hold mail; says which are passed over."""
    path = path.expanduser()
    if not path.exists():
        raise Nothing(f"there is no {path}")
    found = mailbox.found(path)
    passed_over = found.passed_over
    for file in passed_over[:_NAMED]:
        terminal.line(f"passed over, since it doesn't begin as a mail does: {file}", "yellow")
    if len(passed_over) > _NAMED:
        terminal.line(
            f"and {len(passed_over) - _NAMED} more (name a file alone to have it sent all the same)", "yellow"
        )
    if not found.files:
        raise Nothing(f"there is no mail in {path}")
    return found.files


@contextmanager
def _stack(terminal: Terminal, args: argparse.Namespace) -> Iterator[Running]:
    """A stack of the demo's own, on free ports: it disturbs none that is running."""
    plan = Plan(
        root=ROOT, state=args.state.resolve(), smtp=Port(number=0, option="--smtp-port"), aws=ports.free("--aws-port"),
        ses=ports.free("--ses-port"), model=models.read(args.model) if args.model else b"",
        parameters={**DEMO_DESK, **parameters.read(args.parameters)},
        tell=lambda what: terminal.line(f"{what} ...", "dim"),
    )  # fmt: skip
    terminal.line("starting the local stack ...", "dim")
    with stack.running(plan) as (up, _):
        yield running.of_local(up)


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"


def _sent(terminal: Terminal, up: Running, own: Sequence[Path | Unread] | None) -> Journey:
    journey = Journey(stack=up, rcpt_to=DEMO_DESK["DeskAddress"])
    if own is not None:
        terminal.line("sending your mails over SMTP ...", "dim")
        journey.send(mailbox.samples(own))
        journey.wait(_PATIENCE, _silent)
        return journey
    terminal.line("sending the sample mails over SMTP ...", "dim")
    journey.send(samples.wave(samples.FIRST, {}))
    if journey.wait(_PATIENCE, _silent):  # the second wave answers what the first was answered with
        journey.send(samples.wave(samples.SECOND, journey.replies()))
        journey.wait(_PATIENCE, _silent)
    return journey


def _silent(done: int, sent: int) -> None: ...


def _show(terminal: Terminal, up: Running, journey: Journey) -> None:
    rows = journey.rows()
    terminal.line()
    views.inbox(terminal, f"{plural(len(rows), 'mail')}, and what became of them (times in UTC)", rows[:_SHOWN])
    terminal.line()
    sent = [row for row in rows if row.fact(Stage.REPLY, "sent_id")]
    outbox: list[list[str | Text]] = [
        [row.fact(Stage.REPLY, "sent_id")[-19:], row.fact(Stage.REPLY, "to"), row.fact(Stage.PARSE, "subject")]
        for row in sent[:_SHOWN]
    ]
    columns = [Column("id"), Column("to", True), Column("about", True)]
    replies = f"{len(sent)} {'reply' if len(sent) == 1 else 'replies'}"
    terminal.table(f"Outbox: {replies} in {up.outbox}", columns, outbox)
    if explained := next((row for row in rows if not row.fact(Stage.REPLY, "sent_id") and outcome(row)), None):
        terminal.line("\nWhy was one of them not answered? This is what `postroom why` says:\n")
        views.why(terminal, explained, now())
    terminal.line()


def _told(terminal: Terminal, journey: Journey, took: str) -> int:
    """What is missing, if anything is, and where to look further."""
    for name, answer in journey.refused.items():
        terminal.error(f"{name} was refused by SMTP: {answer}")
    lost = [name for name, ses_id in journey.sent.items() if ses_id not in journey.done]
    for name in lost:
        terminal.error(f"{name} has no outcome after {_PATIENCE:.0f} s: see {journey.stack.logs}")
    quarantined = sum(1 for row in journey.done.values() if (end := outcome(row)) and end.disposition != "accepted")
    found = f"{len(journey.done)} of {len(journey.sent)} mails have an outcome, {quarantined} of them quarantined"
    terminal.line(f"{found}; it took {took}.")
    terminal.line("Look further: `make run` keeps a stack up (a new, empty one), and in another terminal")
    terminal.line(f"  {COMMAND} send local/demo/mails/question.eml, then {COMMAND} inbox, show, why, outbox")
    terminal.line("What happens to a mail, step by step: docs/flow.md")
    return 1 if lost or journey.refused or not journey.sent else 0


if __name__ == "__main__":
    sys.exit(main())
