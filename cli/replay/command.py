"""`postroom replay`: stored mail under new rules, or another model, beside the present. Nothing is written or sent."""

import argparse
import os
from pathlib import Path

from cli import mails, running
from cli.files import Usage, write_json
from cli.replay import deciding, report, sources
from cli.replay.progress import bar
from cli.replay.replaying import Plan, replay
from cli.replay.report import Report
from cli.replay.sides import Side, trained, written
from cli.replay.sources import Source
from cli.replay.tally import Tally
from cli.running import Running
from cli.terminal import Terminal
from postroom.clock import iso, now
from postroom.desk import Desk

_MOST_JOBS = 61  # what Windows waits for at once
_DONE, _SOME_UNREAD, _INTERRUPTED = 0, 1, 130

#: Of files nobody knows the desk: no address is ours, none an agent's.
_NO_DESK = Desk(address="", from_name="")


def arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "what new rules, or another model, would change: stored mail under both, side by side"
    command = commands.add_parser("replay", help=about, description=about[0].upper() + about[1:] + ".")
    command.set_defaults(command=run)
    command.add_argument("files", nargs="*", metavar="FILE", type=Path, help="a raw message, an mbox, or a folder")
    command.add_argument("--rules", metavar="NEW", type=Path, help="the new rules file")
    command.add_argument("--model", metavar="NEW", type=Path, help="the new model, one of `postroom train`")
    present = "the present rules (default: those that decide now, of a stack also where they are in its bucket)"
    command.add_argument("--present", metavar="FILE", type=Path, help=present)
    present_model = "the present model (default: the one that is asked now, if any)"
    command.add_argument("--present-model", metavar="FILE", type=Path, help=present_model)
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
    terminal, stack = Terminal(), _stack(args)
    present, new = _sides(args, stack)
    desk, source = _source(args, stack)
    tally, plan = Tally(shown=args.show), Plan(present=present, new=new, desk=desk)
    whole = _count(tally, plan, source, args.jobs)
    found = Report(plan=plan, tally=tally, passed_over=source.passed_over, whole=whole)
    if args.json:
        write_json(report.form(found))
    else:
        report.show(terminal, found)
    return _INTERRUPTED if not whole else _SOME_UNREAD if tally.unread else _DONE


def _stack(args: argparse.Namespace) -> Running | None:
    """The stack whose mail is asked for; None where it is files."""
    if not (args.rules or args.model):
        raise Usage("say what is new: --rules FILE, --model FILE, or both")
    if args.files and args.since:
        raise Usage("FILE and --since 30d can't go together: files are replayed, or the mail of a stack, and not both")
    if not args.files and not args.since:
        raise Usage("say which mail: FILE, an mbox or a folder, or --since 30d for the mail of a stack")
    return None if args.files else running.find(args)


def _sides(args: argparse.Namespace, stack: Running | None) -> tuple[Side, Side]:
    """The present side and the new one, which is as the present where nothing else is said."""
    present = Side(
        rules=written(args.present) if args.present else deciding.rules(stack),
        model=trained(args.present_model) if args.present_model else deciding.model(stack),
    )
    return present, Side(
        rules=written(args.rules) if args.rules else present.rules,
        model=trained(args.model) if args.model else present.model,
    )


def _source(args: argparse.Namespace, stack: Running | None) -> tuple[Desk, Source]:
    if stack is None:
        return _NO_DESK, sources.of_paths(args.files)
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
