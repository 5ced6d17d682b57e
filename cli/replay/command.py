"""`postroom replay`: stored mail under new rules beside the present ones. Nothing is written, sent or charged."""

import argparse
import os
from pathlib import Path

from cli import files, mails, running
from cli.files import Usage, write_json
from cli.paths import RULES
from cli.replay import report, sources
from cli.replay.judging import Written, loaded
from cli.replay.progress import bar
from cli.replay.replaying import Plan, replay
from cli.replay.report import Report
from cli.replay.sources import Source
from cli.replay.tally import Tally
from cli.terminal import Terminal
from postroom.clock import iso, now
from postroom.desk import Desk

_MOST_JOBS = 61  # what Windows waits for at once
_DONE, _SOME_UNREAD, _INTERRUPTED = 0, 1, 130

#: Of files nobody knows the desk: no address is ours, none an agent's.
_NO_DESK = Desk(address="", from_name="")


def arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "what new rules would change: stored mail under them and under the present ones, side by side"
    command = commands.add_parser("replay", help=about, description=about[0].upper() + about[1:] + ".")
    command.set_defaults(command=run)
    command.add_argument("files", nargs="*", metavar="FILE", type=Path, help="a raw message, an mbox, or a folder")
    command.add_argument("--rules", metavar="NEW", type=Path, required=True, help="the new rules file")
    present = "the present one (default: the classify function's)"
    command.add_argument("--present", metavar="FILE", type=Path, default=RULES, help=present)
    command.add_argument("--since", type=mails.since, help="mail of a stack instead of files: the last 90m, 24h, 30d")
    command.add_argument("--show", metavar="N", type=mails.limit, default=0, help="N examples of each change, with why")
    jobs = "processes that work at once (default: %(default)s)"
    command.add_argument("--jobs", metavar="N", type=_jobs, default=min(os.cpu_count() or 1, _MOST_JOBS), help=jobs)
    command.add_argument("--json", action="store_true", help="JSON, for scripts")
    running.arguments(command)


def _jobs(text: str) -> int:
    """How many processes, for argparse."""
    if text.isdecimal() and 0 < int(text) <= _MOST_JOBS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_MOST_JOBS}")


def run(args: argparse.Namespace) -> int:
    """Exit status 1: a mail could not be read; 130: interrupted, and told what there was. Misconfigured: the rules."""
    terminal = Terminal()
    present, new = written(args.present), written(args.rules)
    desk, source = _source(args)
    tally, plan = Tally(shown=args.show), Plan(present=present, new=new, desk=desk)
    whole = _count(tally, plan, source, args.jobs)
    found = Report(plan=plan, tally=tally, passed_over=source.passed_over, whole=whole)
    if args.json:
        write_json(report.form(found))
    else:
        report.show(terminal, found)
    return _INTERRUPTED if not whole else _SOME_UNREAD if tally.unread else _DONE


def written(path: Path) -> Written:
    """The rules file at this path, known to be right; Misconfigured with its faults, Usage where it can't be read."""
    text, source = files.desks_own(path)
    file = Written(text=text, source=source)
    loaded(file)
    return file


def _source(args: argparse.Namespace) -> tuple[Desk, Source]:
    if args.files and args.since:
        raise Usage("FILE and --since 30d can't go together: files are replayed, or the mail of a stack, and not both")
    if not args.files and not args.since:
        raise Usage("say which mail: FILE, an mbox or a folder, or --since 30d for the mail of a stack")
    if args.files:
        return _NO_DESK, sources.of_paths(args.files)
    stack = running.find(args)
    return stack.desk, sources.of_stack(stack, iso(now() - args.since))


def _count(tally: Tally, plan: Plan, source: Source, jobs: int) -> bool:
    """Counts every mail; False where somebody pressed Ctrl-C before the last one."""
    try:
        with bar("replaying", source.count) as told:
            for found in replay(plan, source.mails, jobs):
                tally.add(found)
                told(tally.mails + tally.unread)
    except KeyboardInterrupt:
        return False
    return True
