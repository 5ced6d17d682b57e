"""Words and phrases, compared without case, marks and line breaks. No patterns: a phrase is found or it is not."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
)  # Thai, kana, Han: no spaces between words


def flat(text: str, limit: int = 20_000) -> str:
    """The words of the first `limit` characters: case-folded, one space around each, nothing else between them."""
    folded = unicodedata.normalize("NFKC", text[:limit]).casefold()[: 2 * limit]  # one character may become eighteen
    return f" {' '.join(_WORD.findall(folded))} "


def phrase(text: str) -> str:
    """A phrase in the form that `says` looks for. An asterisk at either end leaves that end open ("*rechnung*")."""
    words = flat(text).strip()
    if _UNSPACED.search(words):
        return words
    front, back = "" if text.startswith("*") else " ", "" if text.endswith("*") else " "
    return f"{front}{words}{back}"


def phrases(listed: str) -> tuple[str, ...]:
    """The phrases of a list with bars between them, each in the form that `says` looks for."""
    return tuple(phrase(each.strip()) for each in listed.split("|"))


def says(words: str, wanted: Iterable[str]) -> bool:
    """Whether any of the phrases is in a `flat` text."""
    return any(each in words for each in wanted)


def begins(words: str, wanted: tuple[str, ...]) -> bool:
    """Whether a `flat` text begins with one of the phrases."""
    return words.startswith(wanted) or words[1:].startswith(wanted)
