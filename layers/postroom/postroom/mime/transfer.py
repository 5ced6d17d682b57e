"""Content-Transfer-Encoding undone (RFC 2045 section 6), whole or as a stream: equal bytes for any chunking.

Nothing here raises on what a mail holds: what can't be decoded is skipped (base64, uuencode) or stays as it is
(quoted-printable), as the mail clients do.
"""

import binascii
import re
from abc import ABC, abstractmethod
from typing import Protocol

import pybase64

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64 + b"="))
_SOFT_BREAK = re.compile(rb"=\r?\n")
_MOST_PADDING = 1 << 20  # bytes that uuencoded lines may promise beyond what stands in them
_LONGEST_FIRST_LINE = 1000  # bytes: RFC 2045 allows 76
_CHUNK = 1 << 20  # bytes: what is taken apart into lines at once stays small

_NAMES = {
    "base64": "base64",
    "base-64": "base64",
    "b64": "base64",
    "quoted-printable": "quoted-printable",
    "quoted_printable": "quoted-printable",
    "quotedprintable": "quoted-printable",
    "qp": "quoted-printable",
    "x-uuencode": "x-uuencode",
    "uuencode": "x-uuencode",
    "x-uue": "x-uuencode",
    "uue": "x-uuencode",
    "8bit": "8bit",
    "binary": "binary",
}


def normal(name: str) -> str:
    """The encoding's own name, lower case; 7bit for one that nobody knows: its bytes are taken as they are."""
    return _NAMES.get(name.strip(" \t\r\n\"';").lower(), "7bit")


class Decoder(Protocol):
    """Decodes a stream: every chunk in order, then the end."""

    def feed(self, chunk: bytes) -> bytes:
        """What is certain after this chunk."""
        ...

    def finish(self) -> bytes:
        """What was held back for bytes that never came."""
        ...


def decoder(encoding: str) -> Decoder:
    """A fresh decoder for this encoding; one that changes nothing for 7bit, 8bit, binary and unknown ones."""
    match normal(encoding):
        case "base64":
            return _Base64()
        case "quoted-printable":
            return _QuotedPrintable()
        case "x-uuencode":
            return _Uuencode()
        case _:
            return _Identity()


def text_decoder(encoding: str) -> Decoder:
    """As `decoder`, for a text that somebody will read: what says base64 and is plainly none stays as it is."""
    return _PerhapsBase64() if normal(encoding) == "base64" else decoder(encoding)


def decode(encoding: str, body: bytes) -> bytes:
    """The decoded bytes of a whole body."""
    stream = decoder(encoding)
    pieces = [stream.feed(body[start : start + _CHUNK]) for start in range(0, len(body), _CHUNK)]
    return b"".join((*pieces, stream.finish()))


class _Identity:
    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> bytes:
        return b""


class _Base64:
    """Characters outside the alphabet are skipped. Padding ends a run: what follows it is another run, concatenated.

    Nearly all base64 is whole lines of whole groups, with padding at the very end: those are decoded as they stand.
    """

    def __init__(self) -> None:
        self._held = b""  # what stands after the last line break, or up to three characters of an unfinished group

    def feed(self, chunk: bytes) -> bytes:
        cut = chunk.rfind(b"\n") + 1
        lines = self._held + chunk[:cut]
        if not cut:
            return self._carefully(self._held + chunk)
        try:
            decoded = _whole_groups(lines)
        except binascii.Error:
            return self._carefully(self._held + chunk)
        self._held = chunk[cut:]
        return decoded

    def finish(self) -> bytes:
        return self._carefully(self._held) + self._rest()

    def _carefully(self, chunk: bytes) -> bytes:
        *ended, last = chunk.translate(None, _NOT_BASE64).split(b"=")
        decoded = [_base64_run(run) for run in ended if run]
        whole = len(last) - len(last) % 4
        self._held = last[whole:]
        decoded.append(binascii.a2b_base64(last[:whole]))
        return b"".join(decoded)

    def _rest(self) -> bytes:
        rest, self._held = _base64_run(self._held), b""
        return rest


def _whole_groups(lines: bytes) -> bytes:
    """Raises binascii.Error where a group is not whole, or padding stands anywhere but at the end."""
    padding = lines.find(b"=")
    if padding >= 0 and lines[padding:].strip(b"=\r\n"):
        raise binascii.Error("padding inside")
    return pybase64.b64decode(lines)


class _PerhapsBase64:
    """Looks at the first line, which base64 fills with whole groups, and words do not."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder: Decoder | None = None

    def feed(self, chunk: bytes) -> bytes:
        if self._decoder:
            return self._decoder.feed(chunk)
        self._head += chunk
        if b"\n" in self._head.lstrip() or len(self._head) > _LONGEST_FIRST_LINE:
            return self._decided()
        return b""

    def finish(self) -> bytes:
        decided = b"" if self._decoder else self._decided()
        return decided + (self._decoder.finish() if self._decoder else b"")

    def _decided(self) -> bytes:
        line = self._head[:_LONGEST_FIRST_LINE].lstrip().partition(b"\n")[0].strip()
        self._decoder = _Identity() if _is_words(line) else _Base64()
        head, self._head = self._head, b""
        return self._decoder.feed(head)


def _is_words(line: bytes) -> bool:
    """Whether a line can't be base64: other characters, words that are no groups of four, or a length that none has."""
    words = line.split()
    if line.translate(None, _BASE64 + b"= \t"):
        return True
    return any(len(word) % 4 for word in words) if len(words) > 1 else len(line.rstrip(b"=")) % 4 == 1


def _base64_run(run: bytes) -> bytes:
    """A run of alphabet characters without its padding. A single one at the end holds less than a byte: dropped."""
    over = len(run) % 4
    if over == 1:
        return binascii.a2b_base64(run[:-1])
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


class _ByLine(ABC):
    """Gives whole lines to `_lines`, and the last one at the end."""

    def __init__(self) -> None:
        self._held: list[bytes] = []  # a list: a line of a million chunks is joined once

    def feed(self, chunk: bytes) -> bytes:
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            self._held.append(chunk)
            return b""
        block = b"".join((*self._held, chunk[:cut]))
        self._held = [chunk[cut:]]
        return self._lines(block)

    def finish(self) -> bytes:
        block = b"".join(self._held)
        self._held = []
        return self._lines(block) if block else b""

    @abstractmethod
    def _lines(self, block: bytes) -> bytes:
        """Whole lines, decoded."""


class _QuotedPrintable(_ByLine):
    """RFC 2045 section 6.7. White space at the end of a line was added on the way; a stray = stays."""

    def _lines(self, block: bytes) -> bytes:
        if _is_padded(block):
            block = b"\n".join(map(_without_padding, block.split(b"\n")))
        if _is_plain(block):
            return binascii.a2b_qp(block)
        # What a soft break parts is decoded apart: "=4=" and "1" in the next line are no escape, wherever a chunk ends.
        *pieces, last = _SOFT_BREAK.split(block)
        return b"".join(map(_unescaped, (*pieces, last.removesuffix(b"="))))


def _is_padded(block: bytes) -> bool:
    """Whether white space stands at the end of a line. What the block has none of needn't be looked for in pairs."""
    return (
        b" \n" in block
        or (b"\t" in block and (b"\t\n" in block or b"\t\r\n" in block))
        or (b"\r" in block and (b" \r\n" in block or b"\r\r\n" in block))
    )


def _is_plain(block: bytes) -> bool:
    """Whether every = begins an escape or a soft break as they should be, as far as Python's decoder minds."""
    if b"==" in block or block[-1:] == b"=":
        return False
    return b"\r" not in block or block.count(b"=\r") == block.count(b"=\r\n")


def _unescaped(text: bytes) -> bytes:
    # Python's decoder drops what follows "=\r" up to the end of the line: only a soft break may do that.
    return binascii.a2b_qp(text.replace(b"=\r", b"=3D\r"))


def _without_padding(line: bytes) -> bytes:
    """The line, without its \\n, without the white space that was added on its way."""
    return line.rstrip(b" \t\r") + (b"\r" if line.endswith(b"\r") else b"")


class _Uuencode(_ByLine):
    """POSIX uuencode: the lines between `begin` and `end`, or all lines where there is no `begin` at first."""

    def __init__(self) -> None:
        super().__init__()
        self._ended = False
        self._padding = _MOST_PADDING

    def _lines(self, block: bytes) -> bytes:
        return b"".join(self._unpadded(line) for line in block.split(b"\n"))

    def _unpadded(self, line: bytes) -> bytes:
        """The line decoded. What its count promises beyond its characters is zeros: spaces that were lost on the way,
        or a bomb (63 bytes from two)."""
        decoded = self._line(line)
        held = max(len(line) - 1, 0) * 3 // 4
        over = len(decoded) - held
        if over <= 0:
            return decoded
        given = min(over, self._padding)
        self._padding -= given
        return decoded[: held + given]

    def _line(self, line: bytes) -> bytes:
        line = line.rstrip(b"\r")
        if self._ended or not line or line.startswith(b"begin "):
            return b""
        if line == b"end":
            self._ended = True
            return b""
        return _uu(line)


def _uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad with more than the count says; the same repair as in the standard library's email.
        length = ((line[0] - 32) & 63) * 4 + 5
        try:
            return binascii.a2b_uu(line[: length // 3])
        except binascii.Error:
            return b""
