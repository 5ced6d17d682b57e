"""A tar archive by its headers (POSIX.1-2017, pax; GNU's long names): names, places and sizes, nothing unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from postroom.attachments.budget import Budget, Unreadable

_BLOCK = 512
_LONG = 64 << 10  # bytes of a long name or a pax header that are read
_FILES = frozenset({b"0", b"\0", b"7"})
_KNOWN = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})  # links, devices, folders: no bytes of their own
_EMPTY = bytes(_BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in the archive: its bytes are `[offset, offset + size)` of the archive's."""

    name: str
    offset: int
    size: int


def is_header(block: bytes) -> bool:
    """Whether these 512 bytes are a header, by their checksum (of unsigned or, in old tars, of signed bytes)."""
    if len(block) < _BLOCK or block[:_BLOCK] == _EMPTY:
        return False
    try:
        said = _number(block[148:156])
    except Unreadable:
        return False
    rest = block[:148] + b" " * 8 + block[156:_BLOCK]
    return said in (sum(rest), sum(byte - 256 if byte > 127 else byte for byte in rest))


def members(file: BinaryIO, size: int, budget: Budget) -> Iterator[Member]:
    """Every file, in order. Raises Unreadable where a header is broken, or a file reaches beyond the archive."""
    at, name, wide = 0, "", None
    while at + _BLOCK <= size:
        file.seek(at)
        header = file.read(_BLOCK)
        if header == _EMPTY:
            return
        if not is_header(header):
            raise Unreadable("a header in it is broken")
        budget.file()
        kind, length, start = header[156:157], _number(header[124:136]), at + _BLOCK
        if kind in (b"L", b"K", b"x", b"g", b"X"):
            text = file.read(min(length, _LONG))
            if length > _LONG:
                raise Unreadable("a name in it is too long")
            if kind == b"L":
                name = text.split(b"\0")[0].decode("utf-8", "replace")
            elif kind in (b"x", b"X"):
                name, wide = _pax(text, name, wide)
        elif kind in _FILES:
            length = length if wide is None else wide
            yield Member(name=name or _name(header), offset=start, size=length)
            name, wide = "", None
        elif kind in _KNOWN:
            length, name, wide = 0, "", None
        else:
            raise Unreadable("there is a file of an unknown kind in it")
        at = start + -(-length // _BLOCK) * _BLOCK
        if length > size - start:
            raise Unreadable("it ends early")


def _number(field: bytes) -> int:
    """Octal digits, or GNU's base 256."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0") or b"0"
    if digits.strip(b"01234567"):
        raise Unreadable("a number in it is broken")
    return int(digits, 8)


def _name(header: bytes) -> str:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    is_ustar = header[257:262] == b"ustar" and header[263:265] == b"00"
    return ((prefix + b"/" if prefix and is_ustar else b"") + name).decode("utf-8", "replace")


def _pax(text: bytes, name: str, size: int | None) -> tuple[str, int | None]:
    """`path` and `size` of a pax header: records of the form `25 path=a/long/name\\n`."""
    at = 0
    while at < len(text):
        length, space, _ = text[at : at + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            break
        key, _, value = text[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        if key in (b"path", b"GNU.sparse.name"):
            name = value.decode("utf-8", "replace")
        elif key == b"size" and value.isdigit() and len(value) < 16:
            size = int(value)
        elif key.startswith(b"GNU.sparse.") and key != b"GNU.sparse.name":
            raise Unreadable("there is a sparse file in it")
        at += int(length)
    return name, size
