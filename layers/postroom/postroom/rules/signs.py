"""What looks like a regular expression: there are none here, and who writes one hears what to write instead.

It is a warning and no fault, since every sign may be meant as itself: `matches: "[spam]*"` is a good pattern. So only
what is hardly ever written for itself is told of; brackets that are closed and have no bar in them are not.
"""

import re

import yaml

from postroom.rules.sheet import Sheet

#: A bar; an anchor at an end; a class such as \d, and one such as [a-z]; a group that catches nothing.
_SIGN = re.compile(r"\||^\^|\$$|\\[bBdDsSwW]|\[\^?\w-\w|\(\?")
_PAIRS = ("()", "[]")


def warn_of_phrase(sheet: Sheet, node: yaml.Node, key: str, written: str) -> None:
    """Of phrases only the words are compared."""
    if sign := sign_in(written):
        means = (
            f"`{sign}` has no meaning in the phrase {written!r} of `{key}`: only its words are looked for, one by one"
        )
        sheet.warn(
            node, f"{means}. {_instead(sign, 'a phrase', 'an asterisk at an end for what may follow or precede')}"
        )


def warn_of_pattern(sheet: Sheet, node: yaml.Node, key: str, written: str) -> None:
    """A pattern fits the whole of a text; each sign but the asterisk is itself."""
    if sign := sign_in(written):
        means = f"`{sign}` in {written!r} of `{key}` stands for itself, since this is no regular expression"
        sheet.warn(node, f"{means}. {_instead(sign, 'a pattern', 'asterisks for anything')}")


def sign_in(written: str) -> str:
    """The sign that shows it; empty where there is none."""
    if found := _SIGN.search(written):
        return found[0]
    return next((_lone(written, *pair) for pair in _PAIRS if written.count(pair[0]) != written.count(pair[1])), "")


def _lone(written: str, opening: str, closing: str) -> str:
    return opening if written.count(opening) > written.count(closing) else closing


def _instead(sign: str, what: str, otherwise: str) -> str:
    if sign == "|":
        return f"Write {what} for each: [one, other]."
    if sign in "^$":
        return f"Take it out; write {otherwise}."
    return f"Write words, and {otherwise}."
