"""The commands of `postroom` by what they are for, as its help shows them."""

import argparse
import shutil
import textwrap
from collections.abc import Iterable, Mapping

from cli.commands import Commands

GROUPS: Mapping[str, tuple[str, ...]] = {
    "mail that came": ("inbox", "show", "why", "attachment"),
    "conversations": (
        "conversations", "conversation", "reply", "note", "assign", "tag", "state", "merge", "split",
    ),
    "what we send, and what comes back": ("stats", "bounces", "complaints", "suppressions"),
    "the desk": ("rules", "templates", "breaker", "erase"),
    "before a change": ("check", "replay"),
    "a model of the desk's categories": ("train", "predict", "learn"),
    "raw messages in files (no stack is needed)": (
        "parse", "classify", "trim", "forwarded", "policy", "feedback", "threads",
    ),
    "the local stack (`make run`)": ("send", "outbox", "local", "env", "event"),
}  # fmt: skip
_NAME = 18  # characters of the column of names
_WIDE = 100  # a line is no longer, however wide the terminal
_FIRST_STEPS = """\
first steps, beside a `make run`:
  postroom send local/demo/mails/question.eml
  postroom inbox
  postroom why ID                      ID is what the list shows, or the start of it
`postroom COMMAND --help` says more of each."""


def text(commands: "Commands[argparse.ArgumentParser]") -> str:
    """Every command with its sentence, in groups."""
    about = {action.dest: action.help or "" for action in commands._choices_actions}  # argparse names them nowhere else
    groups = (_group(title, [(name, about[name]) for name in names]) for title, names in GROUPS.items())
    return "\n\n".join((*groups, _FIRST_STEPS))


def _group(title: str, rows: Iterable[tuple[str, str]]) -> str:
    width = min(shutil.get_terminal_size().columns, _WIDE)
    lines = (
        textwrap.fill(about, width, initial_indent=f"  {name:<{_NAME - 2}}", subsequent_indent=" " * _NAME)
        for name, about in rows
    )
    return "\n".join((f"{title}:", *lines))
