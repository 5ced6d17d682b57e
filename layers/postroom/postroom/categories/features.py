"""What a model sees of a text: its words, pairs of words, and the pieces of its words. Training and use share this.

Features are known by a hash alone, so that a model holds no text of a mail. The hash is CRC-32 (RFC 1952 section 8),
the same on every machine. There is no list of stop words: what is in every mail weighs little by itself (inverse
document frequency), in any language. A word's pieces stand in for its other forms, its compounds and its typing
errors (after "Enriching Word Vectors with Subword Information", Bojanowski et al. 2017).
"""

import re
import unicodedata
from itertools import pairwise
from zlib import crc32

LONGEST_TEXT = 4_000  # characters, of subject and text together: what a mail is about it says early
_LONGEST_WORD = 24  # characters of a word that are cut into pieces
_CHARACTER = 2  # bytes
_PIECES = (3 * _CHARACTER, 4 * _CHARACTER, 5 * _CHARACTER)
_PIECE = 1  # a piece is another feature than the word that looks like it

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # Thai, kana, Han: each sign counts as a word
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_DIGITS = str.maketrans("123456789", "000000000")  # how long a number is tells more than which one it is


def units(subject: str, text: str) -> tuple[str, ...]:
    """The words of a text and its pairs of neighbours ("credit card"), each once, in order."""
    words = _words(f"{subject[:LONGEST_TEXT]}\n{text[:LONGEST_TEXT]}"[:LONGEST_TEXT])
    return tuple(dict.fromkeys((*words, *map(" ".join, pairwise(words)))))


def hashes(unit: str) -> list[int]:
    """The features of a unit: itself first, then the pieces of a word, each once."""
    whole = crc32(unit.encode("utf-8", "surrogatepass"))
    if " " in unit:
        return [whole]
    # Two bytes a character, but for rare ones: pieces are cut much faster from bytes than made bytes one by one.
    edged = f"<{unit[:_LONGEST_WORD]}>".encode("utf-16-le", "surrogatepass")
    end = len(edged) + 1
    pieces = {edged[at : at + size] for size in _PIECES for at in range(0, end - size, _CHARACTER)}
    return [whole, *[crc32(piece, _PIECE) for piece in pieces]]


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()[: 2 * LONGEST_TEXT]  # one character may become eighteen
    return _WORD.findall(folded.translate(_DIGITS))
