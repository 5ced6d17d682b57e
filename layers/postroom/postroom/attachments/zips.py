"""A zip archive by its central directory (APPNOTE 6.3.10): what is in it is known before a byte is unpacked.

What two programs would read differently is not read at all: entries that overlap, a local header with another name, a
size that is not the size. Overlapping entries are how 10 MB become petabytes (Fifield, "A better zip bomb", 2019).
"""

import binascii
import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from postroom.attachments.budget import BoundReached, Budget, Unreadable
from postroom.attachments.names import extension, shown
from postroom.attachments.policy import Sign
from postroom.reasons import Reason

_END, _CENTRAL, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_TAIL = 22 + 65_535 + 20
_PIECE = 64 << 10
_ENCRYPTED, _UTF8, _HIDDEN = 0x1, 0x800, 0x2000
_UNICODE_PATH, _ZIP64 = 0x7075, 0x0001
_LZMA_HEADER = 9  # bytes: version, size of properties, five properties (APPNOTE 5.8.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in the archive. Sizes and offsets are in bytes; `size` is what the archive claims."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    packed: int
    size: int
    offset: int

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & (_ENCRYPTED | _HIDDEN))

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/") and not self.size


def entries(file: BinaryIO, size: int, budget: Budget) -> tuple[Entry, ...]:
    """All entries, in the order of the central directory. Raises Unreadable, or BoundReached before much is read."""
    start, shift, end = _directory(file, size)
    file.seek(start)
    found = list[Entry]()
    while file.tell() < end:
        budget.file()
        found.append(_entry(file, shift))
    _check(found, start, budget)
    return tuple(found)


def unpacked(file: BinaryIO, entry: Entry, budget: Budget) -> Iterator[bytes]:
    """The entry's bytes in pieces of at most 64 KiB; Unreadable where they are not what the directory says."""
    file.seek(entry.offset)
    header = _take(file, 30)
    name_length, extra_length = struct.unpack_from("<HH", header, 26)
    if header[:4] != _LOCAL or _take(file, name_length) != entry.raw_name:
        raise Unreadable("its two lists of files differ")
    at, left, given = file.tell() + extra_length, entry.packed, 0
    unpack = _unpacker(entry, budget)
    while left > 0 and not unpack.eof:
        file.seek(at)
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise Unreadable("it ends early")
        at, left = at + len(piece), left - len(piece)
        for out in _pieces(unpack, piece):
            given += len(out)
            if given > entry.size:
                raise Unreadable("a file in it is larger than it says")
            budget.unpack(len(out))
            yield out
    if given < entry.size:
        raise Unreadable("a file in it is smaller than it says")


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    def take(self, data: bytes) -> tuple[bytes, bool]:
        """At most 64 KiB more; whether more can come without new data."""
        ...


def _pieces(unpack: "_Unpacker", piece: bytes) -> Iterator[bytes]:
    more = True
    while more:
        try:
            out, more = unpack.take(piece)
        except (zlib.error, OSError, lzma.LZMAError, ValueError, EOFError) as error:
            raise Unreadable(f"a file in it is broken ({type(error).__name__})") from None
        piece = b""
        if out:
            yield out


class _Stored:
    eof = False

    def take(self, data: bytes) -> tuple[bytes, bool]:
        return data, False


class _Deflated:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-15)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    def take(self, data: bytes) -> tuple[bytes, bool]:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, _PIECE)
        return out, not self._inner.eof and (bool(self._inner.unconsumed_tail) or len(out) == _PIECE)


class _Other:
    """bzip2 and LZMA."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    def take(self, data: bytes) -> tuple[bytes, bool]:
        if self._inner.eof:
            return b"", False
        out = self._inner.decompress(data, _PIECE)
        return out, not self._inner.needs_input


class _Lzma:
    """LZMA in a zip has a header of its own before the stream."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Other | None = None

    @property
    def eof(self) -> bool:
        inner = self._inner
        return inner.eof if inner else False

    def take(self, data: bytes) -> tuple[bytes, bool]:
        if self._inner is None:
            self._head += data
            if len(self._head) < _LZMA_HEADER:
                return b"", False
            self._inner, data = _Other(_lzma_of(self._head[4:9])), self._head[_LZMA_HEADER:]
        return self._inner.take(data)


def _lzma_of(properties: bytes) -> lzma.LZMADecompressor:
    coded, dictionary = properties[0], int.from_bytes(properties[1:5], "little")
    if coded >= 9 * 5 * 5 or dictionary > 64 << 20:
        raise ValueError("odd properties")
    lp, lc = divmod(coded % 45, 9)
    return lzma.LZMADecompressor(
        lzma.FORMAT_RAW,
        filters=[{"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": lc, "lp": lp, "pb": coded // 45}],
    )


def _unpacker(entry: Entry, budget: Budget) -> _Unpacker:
    budget.tick()
    match entry.method:
        case 0:
            return _Stored()
        case 8:
            return _Deflated()
        case 12:
            return _Other(bz2.BZ2Decompressor())
        case 14:
            return _Lzma()
        case _:
            raise Unreadable(f"it is packed by method {entry.method}")


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Where the central directory starts, by how much all offsets are shifted, where it ends."""
    begin = max(0, size - _TAIL)
    file.seek(begin)
    tail = file.read(_TAIL)
    at = _end_of(tail)
    if at < 0:
        raise Unreadable("it has no directory")
    count, length, offset = struct.unpack_from("<HII", tail, at + 10)
    end = begin + at
    if count == 0xFFFF or 0xFFFFFFFF in (length, offset):
        length, offset, end = _zip64(file, tail[max(0, at - 20) : at], end)
    start = end - length
    if start < 0 or offset > start:
        raise Unreadable("its directory lies outside of it")
    return start, start - offset, end


def _end_of(tail: bytes) -> int:
    """The end record whose comment reaches to the end of the file, else the last one there is."""
    last = at = tail.rfind(_END, 0, max(0, len(tail) - 18))
    while at >= 0:
        if at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return at
        at = tail.rfind(_END, 0, at)
    return last


def _zip64(file: BinaryIO, locator: bytes, end: int) -> tuple[int, int, int]:
    if locator[:4] != _LOCATOR64:
        return 0xFFFFFFFF, 0xFFFFFFFF, end
    at = end - 20 - 56  # no mail needs the extensible data that could stand between
    if at < 0:
        raise Unreadable("its directory lies outside of it")
    file.seek(at)
    record = file.read(56)
    if record[:4] != _END64 or len(record) < 56:
        raise Unreadable("its directory is broken")
    length, offset = struct.unpack_from("<QQ", record, 40)
    return length, offset, at


def _entry(file: BinaryIO, shift: int) -> Entry:
    fixed = _take(file, 46)
    if fixed[:4] != _CENTRAL:
        raise Unreadable("its directory is broken")
    flags, method = struct.unpack_from("<HH", fixed, 8)
    packed, size, name_length, extra_length, comment_length = struct.unpack_from("<IIHHH", fixed, 20)
    (offset,) = struct.unpack_from("<I", fixed, 42)
    raw_name, extra = _take(file, name_length), dict(_extras(_take(file, extra_length)))
    file.seek(comment_length, 1)
    if _ZIP64 in extra:
        size, packed, offset = _wide(extra[_ZIP64], size, packed, offset)
    name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    return Entry(
        name=_unicode_name(name, raw_name, extra.get(_UNICODE_PATH, b"")),
        raw_name=raw_name,
        flags=flags,
        method=method,
        packed=packed,
        size=size,
        offset=offset + shift,
    )


def _extras(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        number, length = struct.unpack_from("<HH", data, at)
        yield number, data[at + 4 : at + 4 + length]
        at += 4 + length


def _wide(extra: bytes, *narrow: int) -> tuple[int, ...]:
    """The values that stand in the ZIP64 field, in its order, because the usual place is too narrow."""
    values, at = list[int](), 0
    for value in narrow:
        if value == 0xFFFFFFFF and at + 8 <= len(extra):
            value, at = int.from_bytes(extra[at : at + 8], "little"), at + 8
        values.append(value)
    return tuple(values)


def _unicode_name(name: str, raw_name: bytes, field: bytes) -> str:
    """Info-ZIP's Unicode Path (APPNOTE 4.6.9) counts where its checksum fits, as unpackers do."""
    if len(field) < 6 or int.from_bytes(field[1:5], "little") != binascii.crc32(raw_name):
        return name
    other = field[5:].decode("utf-8", "replace")
    if extension(other) != extension(name):
        raise Unreadable("a file in it has two names")
    return other


def _check(found: Sequence[Entry], start: int, budget: Budget) -> None:
    """No two entries share bytes, and all together are no bomb by their own account."""
    last = 0
    for entry in sorted(found, key=lambda entry: entry.offset):
        if entry.offset < last:
            detail = f"{shown(entry.name)} shares its bytes with another file"
            raise BoundReached(Sign(reason=Reason.ARCHIVE_BOMB, detail=detail))
        last = entry.offset + 30 + len(entry.raw_name) + entry.packed
    if last > start:
        raise Unreadable("its files lie outside of it")
    claimed = sum(entry.size for entry in found)
    budget.claim(claimed)
    budget.compare(claimed, sum(entry.packed for entry in found))


def _take(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise Unreadable("it ends early")
    return data
