"""The text of a header field: RFC 2047, and what is sent instead of it."""

import binascii
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from postroom.mime import charsets, transfer

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\x85]+")
_MARK = re.compile(rb"(?=(\?=|=\?))")  # they may overlap
_WORD_START = re.compile(rb"=\? ?([^?\s=]{1,60}) ?\? ?([bBqQ]) ?\?")
_WHOLE_WORD = re.compile(r"=\?[^?\s=]{1,60}\?[bBqQ]\?[^?\s]{0,2000}\?=")
_ESCAPE = re.compile(rb"=[0-9A-Fa-f]{2}.?", re.DOTALL)


def text(value: bytes, charset: str | None = None) -> str:
    """The decoded, unfolded text of a field: one line, without control characters.

    Knows encoded words (RFC 2047) also where they are broken: spaces inside, the end missing, a character split over
    two words, an unknown charset, no space around them, words that were encoded once more. Raw bytes are UTF-8
    (RFC 6532), or in `charset`: that of the mail's text is the best guess.
    """
    if value.isascii() and b"=?" not in value:
        plain = value.decode("ascii")
        if plain.isprintable():  # nearly every field
            return plain.strip()
    if b"=?" not in value:
        return one_line(raw_text(value, charset))
    decoded = "".join(_decoded(_pieces(value), charset))
    if "=?" in decoded and _WHOLE_WORD.search(decoded):
        decoded = "".join(_decoded(_pieces(decoded.encode("utf-8", "replace")), charset))
    return one_line(decoded)


def raw_text(value: bytes, charset: str | None) -> str:
    """Bytes that nobody encoded: UTF-8, else in this charset, else what they look like."""
    try:
        return value.decode("utf-8") if b"\x1b" not in value else charsets.to_text(value, charset)
    except UnicodeDecodeError:
        return charsets.to_text(value, charset)


def one_line(decoded: str) -> str:
    """The text with every run of control characters as one space: no line of a header can be forged with it."""
    return _CONTROLS.sub(" ", decoded).strip()


#: Charset and encoding (b or q), both "" for text outside of encoded words, and bytes, still encoded.
_Piece = tuple[str, str, bytes]


def _pieces(value: bytes) -> Iterator[_Piece]:
    """The encoded words and what stands between them, in order; white space between two of them is left out."""
    position, after_word = 0, False
    for start, end, piece in _words(value):
        between = value[position:start]
        if between and not (after_word and not between.strip()):
            yield "", "", between
        yield piece
        position, after_word = end, True
    if position < len(value):
        yield "", "", value[position:]


def _words(value: bytes) -> Iterator[tuple[int, int, _Piece]]:
    """Start, end and what is in each encoded word. Every byte is looked at a bounded number of times."""
    position = value.find(b"=?")
    while position >= 0:
        opening = _WORD_START.match(value, position)
        if not opening:
            position = value.find(b"=?", position + 2)
            continue
        encoded, end = _encoded(value, opening.end())
        name, encoding = (found.decode("ascii", "replace").lower() for found in opening.groups())
        yield position, end, (name, encoding, encoded)
        position = value.find(b"=?", end)


def _encoded(value: bytes, start: int) -> tuple[bytes, int]:
    """The encoded text that begins here, and where its word ends; a word without ?= ends before the next one."""
    for mark in _MARK.finditer(value, start):
        if mark.group(1) == b"?=":
            return value[start : mark.start()], mark.start() + 2
        if _WORD_START.match(value, mark.start()):
            return value[start : mark.start()].rstrip(), mark.start()
    return value[start:], len(value)


def _decoded(pieces: Iterator[_Piece], charset: str | None) -> Iterator[str]:
    """Adjacent words of one charset are joined before they are decoded: senders cut characters in two."""
    for name, run in groupby(pieces, key=itemgetter(0)):
        joined = b"".join(data if not encoding else _word(encoding, data) for encoding, data in _mended(run))
        yield charsets.to_text(joined, name) if name else raw_text(joined, charset)


def _mended(run: Iterator[_Piece]) -> Iterator[tuple[str, bytes]]:
    """Encoding and text of the words in this run. Some senders encode first and cut then: what a word leaves open, the
    next one of the same encoding ends."""
    before, parts = "", list[bytes]()
    for _, encoding, data in run:
        if parts and before == encoding and _goes_on(encoding, parts[-1], data):
            parts.append(data)
            continue
        yield from _joined(before, parts)
        before, parts = encoding, [data]
    yield from _joined(before, parts)


def _goes_on(encoding: str, encoded: bytes, following: bytes) -> bool:
    if encoding == "b":
        return len(encoded) % 4 > 0 and not encoded.endswith(b"=")
    return encoding == "q" and bool(_ESCAPE.fullmatch(encoded[encoded.rfind(b"=", -2) :] + following[:2]))


def _joined(encoding: str, parts: list[bytes]) -> Iterator[tuple[str, bytes]]:
    joined = b"".join(parts)
    if encoding == "b" and len(joined) % 4:  # nothing was cut: each of them lacks its padding
        yield from ((encoding, part) for part in parts)
    elif parts:
        yield encoding, joined


def _word(encoding: str, encoded: bytes) -> bytes:
    if encoding == "b":
        return transfer.decode("base64", encoded)
    return binascii.a2b_qp(encoded.replace(b"\r", b"").replace(b"\n", b""), header=True)
