"""A text as a person sees it, for a model to read: what is invisible can't speak to the one and not to the other.

On top of `postroom.kinds.sight`, whatever no font has to show is taken out. Addresses, links and long numbers tell of
people and not of topics: they are masked.
"""

import re
import unicodedata

from postroom.kinds import sight

_NO_FORM = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_EMPTY_BRAILLE = "\u2800"

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,255}")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){5,39}")  # cards, accounts, telephones; dates and amounts are shorter
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n(?: ?\n)+")


def clean(text: str, limit: int) -> str:
    """At most `limit` characters of the text, without what nobody sees, and with addresses, links and long numbers
    masked."""
    seen = "".join(map(_shown, sight.seen(text[: 2 * limit])))
    seen = _LINES.sub("\n\n", _BLANKS.sub(" ", seen))
    masked = _NUMBER.sub("[number]", _ADDRESS.sub("[address]", _LINK.sub("[link]", seen)))
    return masked.strip()[:limit]


def _shown(character: str) -> str:
    """The character, or what stands for it: a line end for every sort of one, nothing for what can't be seen."""
    if character in "\n\u2028\u2029\x85":
        return "\n"
    if character == "\t":
        return " "
    return "" if character == _EMPTY_BRAILLE or unicodedata.category(character) in _NO_FORM else character
