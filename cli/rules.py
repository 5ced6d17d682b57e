"""postroom rules check, push, show: a desk's rules file, before it decides anything and where it does."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli import deployed, files, running
from cli.commands import Commands, command
from cli.files import Unreadable, write_json
from cli.forms import Form
from cli.paths import ROOT, RULES, TEMPLATES
from cli.running import Running
from cli.terminal import Terminal
from postroom.desk import Desk
from postroom.errors import Misconfigured, PostroomError
from postroom.ports import NotFound, RuleFile
from postroom.replies import templates
from postroom.replies.templates import VARIABLES
from postroom.rules.fault import Fault, FaultyRules
from postroom.rules.known import Known
from postroom.rules.rules import RuleSet, load

_FOUND_WRONG = 1


class NotPushed(PostroomError):
    """The desk would not go by it; the text says what to do."""


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    about = "a desk's rules file: check it, push it to a running desk, show what decides there"
    rules = commands.add_parser("rules", help=about, description=about[0].upper() + about[1:] + ".")
    actions = rules.add_subparsers(title="actions", metavar="ACTION", required=True)
    check_ = command(actions, "check", "whether a rules file is right; every fault with line and column", check)
    check_.add_argument("file", metavar="FILE", nargs="?", type=Path, default=RULES, help="(default: the function's)")
    push_ = command(actions, "push", "put a rules file where the desk reads it, if it is right", push)
    push_.add_argument("file", metavar="FILE", type=Path)
    show_ = command(actions, "show", "the rules file that the desk reads", show)
    for each in (push_, show_):
        running.arguments(each)
    for each in (check_, push_, show_):
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


def check(args: argparse.Namespace) -> int:
    return _told(args, None)


def push(args: argparse.Namespace) -> int:
    """Nothing with a fault is pushed, and nothing to a desk that doesn't read it."""
    stack = running.find(args)
    if not stack.rules_in_bucket:
        raise NotPushed(
            "nothing was pushed: this desk goes by the file that was deployed with it. Deploy it with "
            "RulesLocation=bucket first, or put your rules into functions/classify/rules.yaml and deploy that."
        )
    return _told(args, stack)


def _told(args: argparse.Namespace, to: Running | None) -> int:
    """Checks the file, pushes it `to` a stack if there is one and it is right, and tells of it."""
    try:
        rules = checked(args.file, to.desk if to else None)
    except FaultyRules as error:
        return _wrong(args, error)
    except Unreadable as error:
        if not args.json:
            raise
        write_json({"file": str(args.file), "error": str(error)})
        return _FOUND_WRONG
    before = _pushed(to, args.file) if to else ""
    if args.json:
        seconds = {"before": before, "within_seconds": to.rules_seconds} if to else {}
        write_json({**_form(args.file, rules.warnings), "version": rules.version, **seconds})
        return 0
    terminal = Terminal()
    warn(terminal, rules.warnings)
    if to is None:
        terminal.line(f"{args.file} is right: version {rules.version}, {len(rules.book.rules)} rules")
        return 0
    terminal.line(f"pushed version {rules.version}; the desk goes by it within {_spoken(to.rules_seconds)}")
    if before:
        terminal.line(f"before: {before}", "dim")
    return 0


def _wrong(args: argparse.Namespace, error: FaultyRules) -> int:
    if not args.json:
        warn(Terminal(), error.warnings)
        raise error
    write_json(_form(args.file, error.warnings, error.found))
    return _FOUND_WRONG


def _form(file: Path, warnings: Sequence[Fault], faults: Sequence[Fault] = ()) -> Form:
    return {
        "file": str(file),
        "right": not faults,
        "faults": [_fault(each) for each in faults],
        "warnings": [_fault(each) for each in warnings],
    }


def _fault(fault: Fault) -> Form:
    return {"line": fault.line, "column": fault.column, "about": fault.about, "text": fault.text}


def warn(terminal: Terminal, warnings: Sequence[Fault]) -> None:
    for each in warnings:
        terminal.line(f"warning: {each}", "yellow")


def _pushed(stack: Running, file: Path) -> str:
    """What stood there before; empty where nothing did."""
    before = _newest(stack)
    stack.rule_files.put(file.read_bytes())
    return _version(before.text) if before else ""


def _spoken(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The rules file that a running desk reads, and where."""

    where: str
    text: bytes


def present(stack: Running) -> Present:
    """The pushed one, where the desk reads such; otherwise what its function was deployed with."""
    found = _newest(stack) if stack.rules_in_bucket else None
    if found:
        return Present(where=f"s3://{stack.bucket}/{stack.rules_key}", text=found.text)
    where = f"{RULES.relative_to(ROOT)} as it was deployed"
    return Present(where=where, text=deployed.rules(stack))


def show(args: argparse.Namespace) -> int:
    found = present(running.find(args))
    text = found.text.decode(errors="replace")
    if args.json:
        write_json({"where": found.where, "version": _version(found.text), "text": text})
        return 0
    terminal = Terminal()
    terminal.line(f"# {found.where}, {_version(found.text)}", "dim")
    terminal.line(text)
    return 0


def checked(file: Path, desk: Desk | None = None) -> RuleSet:
    """The rules of a file, whose templates must be there, and whose agents must be the desk's if that is known.
    FaultyRules, and Unreadable where there is no text."""
    return load(*files.desks_own(file), Known(templates=_lacking(), desk=desk))


def _lacking() -> dict[str, frozenset[str]]:
    """Every template that the desk sends by itself, with the variables that an answer to a new mail has no value
    for."""
    known = templates.load(TEMPLATES)
    return {
        name: frozenset().union(*(each.needs() for each in languages.values())) - VARIABLES
        for name, languages in known.by_name.items()
        if known.sends_itself(name)
    }


def _newest(stack: Running) -> RuleFile | None:
    try:
        return stack.rule_files.newest()
    except NotFound:
        return None


def _version(text: bytes) -> str:
    try:
        return f"version {load(text.decode()).version}"
    except (Misconfigured, UnicodeDecodeError):
        return "a file with faults, which decides nothing"
