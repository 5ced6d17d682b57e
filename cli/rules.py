"""postroom rules check, push, show: a desk's rules file, before it decides anything and where it does."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from cli import files, running
from cli.commands import Commands, command
from cli.paths import ROOT, RULES, TEMPLATES
from cli.running import Running
from cli.terminal import Terminal
from postroom.errors import Misconfigured
from postroom.ports import NotFound, RuleFile
from postroom.replies import templates
from postroom.replies.templates import VARIABLES, Templates
from postroom.rules.actions import NO_REPLY
from postroom.rules.rules import RuleSet, load


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


def check(args: argparse.Namespace) -> int:
    rules = checked(args.file)
    Terminal().line(f"{args.file} is right: version {rules.version}, {len(rules.book.rules)} rules")
    return 0


def push(args: argparse.Namespace) -> int:
    """Nothing with a fault is pushed."""
    rules, stack = checked(args.file), running.find(args)
    before = _newest(stack)
    stack.rule_files.put(args.file.read_bytes())
    terminal = Terminal()
    terminal.line(f"pushed version {rules.version}; the desk goes by it within three minutes")
    if before is not None:
        terminal.line(f"before: {_version(before)}", "dim")
    if not stack.rules_in_bucket:
        terminal.line("This desk reads the function's own file: deploy it with RulesLocation=bucket first.", "yellow")
    return 0


def show(args: argparse.Namespace) -> int:
    stack = running.find(args)
    found = _newest(stack) if stack.rules_in_bucket else None
    text = found.text.decode(errors="replace") if found else RULES.read_text(encoding="utf-8")
    where = f"s3://{stack.bucket}/{stack.rules_key}" if found else f"{RULES.relative_to(ROOT)} of this checkout"
    terminal = Terminal()
    terminal.line(f"# {where}, {_version(found) if found else load(text).version}", "dim")
    terminal.line(text)
    return 0


def checked(file: Path) -> RuleSet:
    """The rules of a file. Misconfigured where they have faults, also where one wants a template that isn't there."""
    text, source = files.desks_own(file)
    rules = load(text, source)
    if faults := list(without_template(rules, templates.load(TEMPLATES), source)):
        raise Misconfigured(faults)
    return rules


def without_template(rules: RuleSet, known: Templates, source: str) -> Iterator[str]:
    """The faults of rules whose reply is no template of the desk, or one that wants more than a mail gives."""
    for rule in rules.book.rules:
        reply = rule.actions.reply
        if reply is None or reply == NO_REPLY:
            continue
        where = f"{source}: rule {rule.name!r}: `reply: {reply}`"
        if reply not in known.by_name:
            yield f"{where} is no template: there are {', '.join(sorted(known.by_name))}."
        elif wanted := frozenset().union(*(each.needs() for each in known.by_name[reply].values())) - VARIABLES:
            yield f"{where} needs {', '.join(sorted(wanted))}, which an answer to a new mail has no value for."


def _newest(stack: Running) -> RuleFile | None:
    try:
        return stack.rule_files.newest()
    except NotFound:
        return None


def _version(file: RuleFile) -> str:
    try:
        return f"version {load(file.text.decode()).version}"
    except (Misconfigured, UnicodeDecodeError):
        return "a file with faults, which decides nothing"
