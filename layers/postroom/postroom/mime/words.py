"""The text of a header field: RFC 2047, and what is sent instead of it."""

import binascii
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from postroom.mime import charsets, transfer

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\x85]+")
_MARK = re.compile(rb"(?=(\?=|=\?))")  # they may overlap
_WORD_START = re.compile(rb"=\?([^?\s=]{1,60})\?([bBqQ])\?")


def text(value: bytes, charset: str | None = None) -> str:
    """The decoded, unfolded text of a field: one line, without control characters.

    Knows encoded words (RFC 2047) also where they are broken: spaces inside, the end missing, a character split over
    two words, an unknown charset, no space around them. Raw bytes are UTF-8 (RFC 6532), or in
    `charset`: that of the mail's text is the best guess.
    """
    if b"=?" not in value:
        return one_line(raw_text(value, charset))
    return one_line("".join(_decoded(_pieces(value), charset)))


def raw_text(value: bytes, charset: str | None) -> str:
    """Bytes that nobody encoded: UTF-8, else in this charset, else what they look like."""
    try:
        return value.decode("utf-8") if b"\x1b" not in value else charsets.to_text(value, charset)
    except UnicodeDecodeError:
        return charsets.to_text(value, charset)


def one_line(decoded: str) -> str:
    """The text with every run of control characters as one space: no line of a header can be forged with it."""
    return _CONTROLS.sub(" ", decoded).strip()


#: charset ("" for text outside of encoded words) and bytes.
_Piece = tuple[str, bytes]


def _pieces(value: bytes) -> Iterator[_Piece]:
    """The encoded words and what stands between them, in order; white space between two of them is left out."""
    position, after_word = 0, False
    for start, end, piece in _words(value):
        between = value[position:start]
        if between and not (after_word and not between.strip()):
            yield "", between
        yield piece
        position, after_word = end, True
    if position < len(value):
        yield "", value[position:]


def _words(value: bytes) -> Iterator[tuple[int, int, _Piece]]:
    """Start, end, charset and bytes of each encoded word. Every byte is looked at a bounded number of times."""
    position = value.find(b"=?")
    while position >= 0:
        opening = _WORD_START.match(value, position)
        if not opening:
            position = value.find(b"=?", position + 2)
            continue
        encoded, end = _encoded(value, opening.end())
        data = _word(opening.group(2), encoded)
        yield position, end, (opening.group(1).decode("ascii", "replace").lower(), data)
        position = value.find(b"=?", end)


def _encoded(value: bytes, start: int) -> tuple[bytes, int]:
    """The encoded text that begins here, and where its word ends; a word without ?= ends before the next one."""
    for mark in _MARK.finditer(value, start):
        if mark.group(1) == b"?=":
            return value[start : mark.start()], mark.start() + 2
        if _WORD_START.match(value, mark.start()):
            return value[start : mark.start()].rstrip(), mark.start()
    return value[start:], len(value)


def _word(encoding: bytes, encoded: bytes) -> bytes:
    if encoding in b"bB":
        return transfer.decode("base64", encoded)
    return binascii.a2b_qp(encoded.replace(b"\r", b"").replace(b"\n", b""), header=True)


def _decoded(pieces: Iterator[_Piece], charset: str | None) -> Iterator[str]:
    """Adjacent words of one charset are joined before they are decoded: senders cut characters in two."""
    for name, run in groupby(pieces, key=itemgetter(0)):
        joined = b"".join(data for _, data in run)
        yield charsets.to_text(joined, name) if name else raw_text(joined, charset)
