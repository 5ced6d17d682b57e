"""The language that a text is written in: by its script where one language owns it, else by a small model.

The model is fastText's lid.176.ftz (see `postroom.kinds.language_model`). "Don't know" is an answer: a text that is too
short, mixed, or in none of our languages has none.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from postroom.kinds import language_model


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LIMIT = 4_000  # characters: more of the same tells nothing new
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_NO_LETTERS = re.compile(r"[\W\d_]+")

#: Scripts that one language (nearly) owns, by the first word of the characters' Unicode names.
_SCRIPTS = {
    "HANGUL": "ko", "GREEK": "el", "HEBREW": "he", "THAI": "th", "ARABIC": "ar",
    "GEORGIAN": "ka", "ARMENIAN": "hy", "TAMIL": "ta", "BENGALI": "bn",
}  # fmt: skip
_KANA = ("HIRAGANA", "KATAKANA")
_PERSIAN = frozenset("پچژگ")
#: Scripts that many languages share, and which of them are answers: a closed set for each.
_SHARED = {
    "LATIN": _words("""
        en de fr es pt it nl sv da no fi is pl cs sk sl hr hu ro et lv lt tr ca eu gl id ms tl vi sw af sq cy
        ga
    """),
    "CYRILLIC": _words("""
        ru uk bg sr mk be kk
    """),
    "DEVANAGARI": _words("""
        hi mr ne
    """),
}  # fmt: skip
#: All that `language_of` can answer, by ISO 639-1.
LANGUAGES = frozenset({"ja", "zh", "fa", *_SCRIPTS.values(), *(code for codes in _SHARED.values() for code in codes)})
_SAME = {"nn": "no", "sh": "hr", "arz": "ar"}  # labels of the model that are not told apart here

#: Danish and Norwegian, which the model mixes up in short texts: words that only one of them spells so.
_NEIGHBOURS = {
    "da": _words("""
        af mig dig sig hvad hvornår endnu meget noget nogle efter være været gøre hjælp hjælpe hjælper igen
        uge jeres blevet modtaget købt bestilt tilbage spørgsmål fejl
    """),
    "no": _words("""
        av meg deg seg hva ennå enda mye noe noen etter vært gjøre gjør hjelp hjelpe hjelper igjen uke deres
        blitt mottatt kjøpt bestillingen tilbake spørsmål feil dere
    """),
}  # fmt: skip

_FEW_LETTERS, _FEW_LETTERS_OF_OWN_SCRIPT = 12, 4
#: How sure the model must be: of a line (up to so many letters), of more. Measured on 1,432 tickets in English and
#: German (49 of them labelled German hold no German word and count as English): of whole texts none gets a wrong
#: language and 3 in 1,000 get none; of their first 30 characters 12 in 1,000 get a wrong one and 2 in 10 none.
_SURE_OF_A_LINE, _LINE, _SURE = 0.62, 60, 0.5
#: From so many letters on, a text is mixed where the model is this sure of another language in one of its halves.
_HALVES, _SURE_OF_A_HALF = 80, 0.7


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text that a reader sees; None where it is too short, mixed, or in no language of ours."""
    plain = _ADDRESS.sub(" ", text[:_LIMIT])
    scripts = Counter(_script(c) for c in plain if c.isalpha())
    total = sum(scripts.values())
    if total == 0:
        return None
    script, count = scripts.most_common(1)[0]
    if _east_asian(scripts) * 2 > total:  # kana beside Han is Japanese, however few
        return _of_east_asia(scripts, total)
    if count * 10 < total * 6:
        return None
    if script in _SHARED:
        return _by_model(plain, _SHARED[script]) if total >= _FEW_LETTERS else None
    if script == "ARABIC" and sum(c in _PERSIAN for c in plain) * 50 > total:
        return "fa"
    return _SCRIPTS.get(script) if total >= _FEW_LETTERS_OF_OWN_SCRIPT else None


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    if character.isascii():
        return "LATIN"
    return unicodedata.name(character, "").partition(" ")[0].partition("-")[0]


def _east_asian(scripts: Counter[str]) -> int:
    return sum(scripts[name] for name in (*_KANA, "CJK"))


def _of_east_asia(scripts: Counter[str], total: int) -> str | None:
    if total < _FEW_LETTERS_OF_OWN_SCRIPT:
        return None
    kana = sum(scripts[name] for name in _KANA)
    return "ja" if kana * 20 >= _east_asian(scripts) else "zh"


def _by_model(text: str, known: frozenset[str]) -> str | None:
    """What the model is sure of. Small letters and no figures: in capitals it takes English for Japanese."""
    words = _NO_LETTERS.sub(" ", text).casefold().split()
    language, sure = _guess(words, known)
    letters = sum(map(len, words))
    if sure < (_SURE if letters > _LINE else _SURE_OF_A_LINE):
        return None
    return None if letters >= _HALVES and _mixed(words, known, language) else language


def _mixed(words: list[str], known: frozenset[str], language: str) -> bool:
    """Whether a half of the text is clearly in another language than the whole."""
    middle = len(words) // 2
    halves = (_guess(half, known) for half in (words[:middle], words[middle:]))
    return any(other != language and sure >= _SURE_OF_A_HALF for other, sure in halves)


def _guess(words: list[str], known: frozenset[str]) -> tuple[str, float]:
    """The best label that is one of these languages, and its probability (0 to 1)."""
    found: dict[str, float] = {}
    for label, probability in language_model.labels(" ".join(words)):
        code = _SAME.get(label, label)
        if code in known:
            found[code] = found.get(code, 0.0) + probability
    best = max(found, key=found.__getitem__, default="")
    return _of_neighbours(best, words), found.get(best, 0.0)


def _of_neighbours(code: str, words: list[str]) -> str:
    """What the model says, unless the text has more of the words by which people tell a neighbour's language."""
    if code not in _NEIGHBOURS:
        return code
    seen = {each: len(own.intersection(words)) for each, own in _NEIGHBOURS.items()}
    best = max(seen, key=seen.__getitem__)
    return best if seen[best] > seen[code] else code
