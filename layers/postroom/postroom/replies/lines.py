"""Strangers' text as lines that show what they hold: no control characters, nothing that turns or hides text. Cut to a
length."""

import textwrap
import unicodedata


def one_line(text: str) -> str:
    """The text on one line: any white space becomes one space; control, format and surrogate characters go.

    Format characters are those that turn the direction of the text round, and those nobody sees; the joiners stay,
    since Persian, Hindi and emoji are written with them.
    """
    spaced = " ".join(text.split())
    return " ".join("".join(c for c in spaced if _visible(c)).split())


def lines(text: str) -> str:
    """The text on as many lines as it has, each with its indentation, without what `one_line` takes out of it."""
    return "\n".join("".join(c for c in line if c == "\t" or _visible(c)).rstrip() for line in text.splitlines())


def cut(text: str, length: int) -> str:
    """The text, with an ellipsis for what is longer than so many characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def wrapped(text: str, columns: int) -> str:
    """The text in lines of so many columns at most, but for a word that is longer: an address stays whole."""
    return "\n".join(line if len(line) <= columns else _wrapped(line, columns) for line in text.splitlines())


def _wrapped(line: str, columns: int) -> str:
    return textwrap.fill(
        line, columns, expand_tabs=False, replace_whitespace=False, break_long_words=False, break_on_hyphens=False
    )


def _visible(character: str) -> bool:
    return character in "\u200c\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
