"""The language that a text is written in: by its script, and by its commonest words. "Don't know" is an answer."""

import re
import unicodedata
from collections import Counter

from postroom.kinds.stop_words import STOP_WORDS

_LIMIT = 4_000  # characters: more of the same tells nothing new
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@<>]{1,64}@[^\s@<>]{1,255}")

#: Scripts that one language (nearly) owns, by the first word of the characters' Unicode names.
_SCRIPTS = {
    "HANGUL": "ko", "GREEK": "el", "HEBREW": "he", "THAI": "th", "ARABIC": "ar", "DEVANAGARI": "hi",
    "GEORGIAN": "ka", "ARMENIAN": "hy", "TAMIL": "ta", "BENGALI": "bn",
}  # fmt: skip
_KANA = ("HIRAGANA", "KATAKANA")
#: Letters that only these of our languages have: they count as one more common word each.
_LETTERS = {
    "de": "ß", "es": "ñ¿¡", "pt": "ãõ", "fr": "œ", "pl": "łśźżąę", "cs": "řůě", "sk": "ľĺŕ", "hu": "őű", "ro": "țșă",
    "tr": "ğış", "ru": "ыэъё", "uk": "їєґі", "da": "æ", "no": "æ", "sv": "", "fi": "",
}  # fmt: skip
_PERSIAN = frozenset("پچژگ")

_FEW_LETTERS, _FEW_LETTERS_OF_OWN_SCRIPT = 12, 4
_SHARE = 0.10  # of the words must be common ones
_LEADS = ((2.0, 1.25), (1.0, 2.0))  # from this score on, this many times the second's: the less there is, the clearer


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a visible text; None where it is too short, mixed, or in no language that we know."""
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
    if script in ("LATIN", "CYRILLIC"):
        return _by_words(plain) if total >= _FEW_LETTERS else None
    if script == "ARABIC" and sum(c in _PERSIAN for c in plain) * 50 > total:
        return "fa"
    return _SCRIPTS.get(script) if total >= _FEW_LETTERS_OF_OWN_SCRIPT else None


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


def _by_words(text: str) -> str | None:
    """The language whose commonest words make up most of the text, where it leads clearly enough."""
    folded = text.casefold().replace("’", "'")
    words = _WORD.findall(folded)
    scores = sorted(((_score(language, words, folded), language) for language in STOP_WORDS), reverse=True)
    (best, language), (second, _) = scores[:2]
    clear = any(best >= score and best >= second * lead for score, lead in _LEADS)
    known = {word for word in words if word in STOP_WORDS[language]}
    return language if clear and len(known) > 1 and best >= _SHARE * len(words) else None


def _score(language: str, words: list[str], text: str) -> float:
    """Each common word counts once for every time it is there, and less the more languages share it."""
    own = STOP_WORDS[language]
    return sum(_weight(word) for word in words if word in own) + sum(c in text for c in _LETTERS.get(language, ""))


def _weight(word: str) -> float:
    sharing = sum(word in words for words in STOP_WORDS.values())
    return 1 / sharing
