"""What an S/MIME object holds: a small reader of BER for the outermost layers of a CMS ContentInfo.

The content of a signed or compressed object is taken out, so that it can be read as the mail that it is. NO SIGNATURE
IS VERIFIED and nothing is decrypted: a signed text counts no more than an unsigned one.

Indefinite lengths and octet strings in pieces are what mail clients write. Every element is crossed once, depth, number
and bytes are bounded, and where the bytes make no sense reading stops: what stood before that is kept.

Source: RFC 5652 (CMS), RFC 3274 (compressed), RFC 5083 (AuthEnveloped), X.690 (BER).
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LARGEST = 40 << 20  # bytes of an object that is opened: SES takes no larger mail
MOST_INFLATED = 32 << 20  # bytes that a compressed object may hold
MOST_ELEMENTS = 200_000  # that are read of one object; the pieces of 40 MB have 1,000 bytes each or more
DEEPEST = 16  # elements inside each other that are read

_OID, _OCTETS, _SEQUENCE, _CONTENT = 0x06, 0x04, 0x30, 0xA0  # the tags of X.690; [0] is constructed
_CONSTRUCTED = 0x20


class Kind(StrEnum):
    """What a ContentInfo is, by its contentType."""

    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    COMPRESSED = "compressed"
    OTHER = "other"


_KINDS = {
    bytes.fromhex("2a864886f70d010702"): Kind.SIGNED,  # 1.2.840.113549.1.7.2
    bytes.fromhex("2a864886f70d010703"): Kind.ENCRYPTED,  # 1.2.840.113549.1.7.3, enveloped
    bytes.fromhex("2a864886f70d010704"): Kind.ENCRYPTED,  # 1.2.840.113549.1.7.4, signed and enveloped (PKCS #7)
    bytes.fromhex("2a864886f70d010706"): Kind.ENCRYPTED,  # 1.2.840.113549.1.7.6
    bytes.fromhex("2a864886f70d0109100117"): Kind.ENCRYPTED,  # 1.2.840.113549.1.9.16.1.23, authEnveloped
    bytes.fromhex("2a864886f70d0109100109"): Kind.COMPRESSED,  # 1.2.840.113549.1.9.16.1.9
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cms:
    """An opened object. `content` is what was signed or compressed, in most cases a MIME entity; None where it is
    encrypted, or stands elsewhere (detached), or there is none (certificates only). `whole` is False where it was cut.
    """

    kind: Kind
    content: bytes | None = None
    whole: bool = True


def open(data: bytes) -> Cms | None:
    """The object in these bytes, or None where they are no ContentInfo. Never raises."""
    if len(data) > LARGEST or not data.startswith(b"\x30"):
        return None
    reader = _Reader(memoryview(data))
    try:
        info = reader.element(_SEQUENCE, len(data))
        kind = _KINDS.get(reader.value(_OID, info.end), Kind.OTHER)
    except _Cut:
        return None
    if kind not in (Kind.SIGNED, Kind.COMPRESSED):
        return Cms(kind=kind)
    content = _Content(reader)
    try:
        content.read(info.end)
    except _Cut:
        content.whole = False
    return (
        _inflated(content) if kind is Kind.COMPRESSED else Cms(kind=kind, content=content.held(), whole=content.whole)
    )


class _Cut(Exception):
    """The bytes end, or make no sense, or are more than is read."""


@dataclass(frozen=True, slots=True)
class _Element:
    """An element's tag and where its content ends. An indefinite one ends with its end-of-contents, and at the latest
    where what is around it ends; so does one that promises more (`cut`)."""

    tag: int
    end: int
    indefinite: bool = False
    cut: bool = False


@dataclass(slots=True)
class _Reader:
    """Bytes that are read from front to back."""

    data: memoryview
    at: int = 0
    left: int = MOST_ELEMENTS

    def next(self, limit: int) -> _Element:
        """The header of the next element, which begins and ends before `limit`."""
        self.left -= 1
        if self.left < 0:
            raise _Cut
        tag = self._byte(limit)
        if tag & 0x1F == 0x1F:  # a long tag: none of ours
            while self._byte(limit) & 0x80:
                pass
        length = self._byte(limit)
        if length == 0x80:
            return _Element(tag, limit, indefinite=True)
        if length > 0x80:
            size, length = length & 0x7F, 0
            for _ in range(size):
                length = min(length << 8 | self._byte(limit), LARGEST + 1)
        return _Element(tag, min(self.at + length, limit), cut=self.at + length > limit)

    def element(self, tag: int, limit: int) -> _Element:
        """The next element, which must have this tag."""
        found = self.next(limit)
        if found.tag != tag:
            raise _Cut
        return found

    def value(self, tag: int, limit: int) -> bytes:
        """The content of the next element, which must be a short one with this tag."""
        found = self.element(tag, limit)
        if found.indefinite or found.end - self.at > 100:
            raise _Cut
        value = bytes(self.data[self.at : found.end])
        self.at = found.end
        return value

    def pass_over(self, limit: int, depth: int = 0) -> None:
        """Goes behind the next element."""
        found = self.next(limit)
        if not found.indefinite:
            self.at = found.end
            return
        if depth >= DEEPEST:
            raise _Cut
        while not self.ends(found):
            self.pass_over(limit, depth + 1)

    def ends(self, element: _Element) -> bool:
        """Whether the content of this element ends here; goes behind its end-of-contents."""
        if not element.indefinite:
            return self.at >= element.end
        if bytes(self.data[self.at : self.at + 2]) == b"\0\0":
            self.at += 2
            return True
        if self.at >= element.end:
            raise _Cut
        return False

    def _byte(self, limit: int) -> int:
        if self.at >= limit:
            raise _Cut
        byte = self.data[self.at]
        self.at += 1
        return byte


@dataclass(slots=True)
class _Content:
    """The encapsulated content of a SignedData or CompressedData, in the pieces that it is written in."""

    reader: _Reader
    pieces: list[memoryview] | None = None
    whole: bool = True

    def read(self, limit: int) -> None:
        """From behind the contentType of the ContentInfo on. Both structures have a version and the algorithms before
        the encapContentInfo. Raises _Cut, and has what was read before."""
        reader = self.reader
        explicit = reader.element(_CONTENT, limit)
        structure = reader.element(_SEQUENCE, explicit.end)
        reader.pass_over(structure.end)
        reader.pass_over(structure.end)
        encapsulated = reader.element(_SEQUENCE, structure.end)
        reader.value(_OID, encapsulated.end)
        if reader.ends(encapsulated):
            return
        holder = reader.element(_CONTENT, encapsulated.end)
        self._octets(holder.end, 0)

    def held(self) -> bytes | None:
        return b"".join(self.pieces) if self.pieces is not None else None

    def _octets(self, limit: int, depth: int) -> None:
        """An octet string. PKCS #7 allows any other element too, but no mail has one."""
        reader = self.reader
        found = reader.next(limit)
        if self.pieces is None:
            self.pieces = []
        if found.tag == _OCTETS | _CONSTRUCTED:
            if depth >= DEEPEST:
                raise _Cut
            while not reader.ends(found):
                self._octets(found.end, depth + 1)
            return
        if found.tag != _OCTETS or found.indefinite:
            raise _Cut
        self.pieces.append(reader.data[reader.at : found.end])
        self.whole = self.whole and not found.cut
        reader.at = found.end


def _inflated(content: _Content) -> Cms:
    """RFC 3274: ZLIB is the one algorithm."""
    stream, pieces = zlib.decompressobj(), []
    left, whole = MOST_INFLATED, content.whole
    try:
        for piece in _chunks(content.pieces or []):
            while piece and left > 0:
                pieces.append(stream.decompress(piece, left))
                piece, left = stream.unconsumed_tail, left - len(pieces[-1])
    except zlib.error:
        whole = False
    return Cms(kind=Kind.COMPRESSED, content=b"".join(pieces), whole=whole and stream.eof)


def _chunks(pieces: list[memoryview], size: int = 1 << 16) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield bytes(piece[start : start + size])
