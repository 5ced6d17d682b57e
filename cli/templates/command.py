"""postroom templates list, lint, preview, diff, push."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli import running
from cli.commands import Commands, command
from cli.files import Usage
from cli.paths import ROOT, TEMPLATES
from cli.running import Running
from cli.templates import page
from cli.templates.difference import difference
from cli.terminal import Column, Terminal
from postroom.aws.ses_templates import SesTemplates
from postroom.errors import Misconfigured
from postroom.replies.templates import Template, Templates, checked, load, ses
from postroom.replies.templates.changes import Change, changes
from postroom.replies.templates.lint import lint
from postroom.replies.templates.variables import BY_NAME, EXAMPLES, TABLE, Value, Variable

_PAGES = ROOT / ".postroom" / "templates"
_COLUMNS = [
    Column("template"),
    Column("written by"),
    Column("languages", shrinks=True),
    Column("needs", shrinks=True),
    Column("sent when"),
]
_VARIABLES = [Column("variable"), Column("kind"), Column("given", rank=1), Column("meaning", shrinks=True)]
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    about = "what the mails of a desk say: list, check, look at them, keep them in SES"
    parser = commands.add_parser("templates", help=about, description=about[0].upper() + about[1:] + ".")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    command(actions, "list", "every template, and every variable that one may use", listed)
    lint_ = command(actions, "lint", "what is wrong with the templates, each with its line and its remedy", linting)
    lint_.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, default=TEMPLATES, help="(default: the desk's)"
    )
    preview = command(actions, "preview", "one template, filled in", previewed)
    preview.add_argument("name", metavar="NAME")
    preview.add_argument("--language", metavar="TAG", help="de, de-AT, … (default: the template's own)")
    preview.add_argument("--data", metavar="FILE", type=Path, help="a JSON object with values (default: examples)")
    help_ = "write a page that shows it in light and dark, narrow and wide (default: below .postroom)"
    preview.add_argument("--page", metavar="FILE", nargs="?", type=Path, const=_PAGES, help=help_)
    diff = command(actions, "diff", "what a push would change in SES", differing)
    push = command(actions, "push", "make SES's templates those of this checkout", pushed)
    push.add_argument("--yes", action="store_true", help="don't ask first")
    for each in (diff, push):
        running.arguments(each)


def listed(_args: argparse.Namespace) -> int:
    terminal, found = Terminal(), checked(TEMPLATES)
    rows = [_row(name, found) for name in found.by_name]
    terminal.table("", _COLUMNS, [list(row) for row in rows])
    terminal.line()
    terminal.table("", _VARIABLES, [[v.name, v.kind.value, _given(v), v.meaning] for v in TABLE])
    return 0


def _row(name: str, found: Templates) -> tuple[str, ...]:
    front, languages = found.fronts[name], found.by_name[name]
    names = " ".join(sorted(languages, key=lambda language: (language != front.default, language)))
    needs = " ".join(sorted(each for each in languages[front.default].needs() if not BY_NAME[each].always))
    return name, front.by, names, needs or "-", front.about


def _given(variable: Variable) -> str:
    if variable.always:
        return "always"
    return "may be left out" if variable.optional else "by whoever sends it"


def linting(args: argparse.Namespace) -> int:
    found = linted(args.folder)
    Terminal().line(f"{_shown(args.folder)} is right: {len(found.by_name)} templates")
    return 0


def linted(folder: Path) -> Templates:
    """The folder's templates, once what could be better is told; raises Misconfigured with all errors. Each has its
    file as it is found from here."""
    found = lint(folder)
    for warning in found.warnings:
        print(f"warning: {_from_here(folder, warning)}", file=sys.stderr)
    if found.errors:
        raise Misconfigured([_from_here(folder, fault) for fault in found.errors])
    return checked(folder)


def _from_here(folder: Path, fault: str) -> str:
    return fault if fault.startswith(str(folder)) else f"{_shown(folder)}/{fault}"


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def previewed(args: argparse.Namespace) -> int:
    terminal, template = Terminal(), _picked(args.name, args.language)
    rendered = template.render({**EXAMPLES, **(_data(args.data) if args.data else {})})
    if args.page is None:
        terminal.facts([("template", template.name), ("language", template.language), ("subject", rendered.subject)])
        terminal.line()
        terminal.line(rendered.text.rstrip("\n"))
        return 0
    file = _PAGES / f"{template.name}.{template.language}.html" if args.page == _PAGES else args.page
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page.of(template.name, rendered), encoding="utf-8")
    terminal.line(f"wrote {file.resolve().as_uri()}")
    return 0


def _picked(name: str, language: str | None) -> Template:
    found = load(TEMPLATES)
    if name not in found.by_name:
        raise Usage(f"there is no template {name!r}: there are {', '.join(found.by_name)}")
    return found.pick(name, language)


def _data(file: Path) -> Mapping[str, Value]:
    try:
        data: Any = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Usage(f"{file}: can't be read as JSON ({error})") from error
    if not isinstance(data, dict):
        raise Usage(f"{file}: should be a JSON object of variables and values")
    if unknown := sorted(data.keys() - BY_NAME.keys()):
        raise Usage(f"{file}: unknown variable {unknown[0]!r}; known are {', '.join(sorted(BY_NAME))}")
    return data


def differing(args: argparse.Namespace) -> int:
    stack = running.find(args)
    _tell(Terminal(), _changes(checked(TEMPLATES), stack))
    return 0


def pushed(args: argparse.Namespace) -> int:
    """Nothing with an error is pushed. Each change is told once: before the question, if there is one, else once it is
    made."""
    terminal, templates, stack = Terminal(), linted(TEMPLATES), running.find(args)
    found = _changes(templates, stack)
    if not found or not args.yes:
        _tell(terminal, found)
    if not found or not (args.yes or _agreed(len(found))):
        return 0
    made, account = 0, _account(stack)
    try:
        for change in found:
            change.make(account)
            made += 1
            if args.yes:
                _tell_of(terminal, change)
    finally:  # what was asked about stands above: how far it went is news
        terminal.line(f"made {made} of {len(found)} changes", "dim")
    return 0


def _account(stack: Running) -> SesTemplates:
    return SesTemplates(client=stack.ses, prefix=ses.prefix(stack.name))


def _changes(templates: Templates, stack: Running) -> list[Change]:
    return changes(ses.all_for_ses(templates, stack.name), _account(stack).all())


def _tell(terminal: Terminal, found: list[Change]) -> None:
    for change in found:
        _tell_of(terminal, change)
    if not found:
        terminal.line("SES has these templates already")


def _tell_of(terminal: Terminal, change: Change) -> None:
    terminal.line(f"{change.kind} {change.name}", "bold")
    for line in difference(change):
        terminal.line(line, _STYLES.get(line[:1], ""))


def _agreed(number: int) -> bool:
    if not sys.stdin.isatty():
        raise Usage("nobody is there to ask whether this shall be done: say --yes")
    return input(f"Make {number} changes in SES? [y/N] ").strip().lower() in ("y", "yes")
