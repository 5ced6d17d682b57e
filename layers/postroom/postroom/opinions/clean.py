"""A text as a person sees it, for a model to read: what is invisible can't speak to the one and not to the other.

Unicode's tag characters spell whole sentences that no screen shows, and so do variation selectors (The Unicode
Standard, chapter 23, "Special Areas and Format Characters"). Addresses, links and long numbers tell of people and not
of topics: they are masked.
"""

import re
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Invisible, though their category is that of letters or marks (DerivedCoreProperties, Default_Ignorable_Code_Point).
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,255}")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){5,39}")  # cards, accounts, telephones; dates and amounts are shorter
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n(?: ?\n)+")


def clean(text: str, limit: int) -> str:
    """At most `limit` characters of the text, without what nobody sees, and with addresses, links and long numbers
    masked."""
    seen = "".join(map(_shown, text[: 2 * limit]))
    seen = _LINES.sub("\n\n", _BLANKS.sub(" ", seen))
    masked = _NUMBER.sub("[number]", _ADDRESS.sub("[address]", _LINK.sub("[link]", seen)))
    return masked.strip()[:limit]


def _shown(character: str) -> str:
    """The character, or what stands for it: a line end for every sort of one, nothing for what can't be seen."""
    if character in "\n\u2028\u2029\x85":
        return "\n"
    if character == "\t":
        return " "
    code = ord(character)
    hidden = (
        unicodedata.category(character) in _UNSEEN
        or character in _FILLERS
        or any(code in selectors for selectors in _SELECTORS)
    )
    return "" if hidden else character
