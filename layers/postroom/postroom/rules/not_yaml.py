"""Why a text is no YAML, in words for who wrote it: the parser's own are for who knows its grammar."""

import re

import yaml

#: Signs that begin an alias, an anchor, a tag or a directive; the last two are reserved (YAML 1.2.2 section 5.3).
_OWN = re.compile(r"[*&!%@`][^,\]}#]{0,60}")
_LEADING_TAB = re.compile(r"[ -]*\t")


def place_and_why(text: str, error: yaml.MarkedYAMLError) -> tuple[int, int, str]:
    """Line and column, from 1, and the sentence."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if tab := _tab(text, line):
        return line + 1, tab, "there is a tab: use spaces, not tabs."
    for each in filter(None, (error.context_mark, error.problem_mark)):
        if word := _word_at(text, each.line, each.column):
            why = f'put {word} in quotes, "{word}": it begins with a sign that means something else in YAML.'
            return each.line + 1, each.column + 1, why
    return line + 1, column + 1, f"this is not YAML ({error.problem}): mind the indentation and the quotes."


def _tab(text: str, line: int) -> int:
    """The column of a tab that indents this line; 0 where none does."""
    found = _LEADING_TAB.match(_line(text, line))
    return found.end() if found else 0


def _word_at(text: str, line: int, column: int) -> str:
    found = _OWN.match(_line(text, line), column)
    return found[0].strip() if found else ""


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number] if number < len(lines) else ""
