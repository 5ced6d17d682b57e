"""One file packed alone: gzip (RFC 1952), bzip2, xz."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO, Protocol

from postroom.attachments.budget import Budget, Unreadable

_PIECE = 64 << 10
_MEMORY = 96 << 20  # bytes that xz may take for its dictionary
_SUFFIXES = {"gz": "", "tgz": "tar", "bz2": "", "tbz": "tar", "tbz2": "tar", "xz": "", "txz": "tar", "svgz": "svg"}


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


_STREAMS: Mapping[str, Callable[[], _Stream]] = MappingProxyType(
    {
        "application/gzip": _Gzip,
        "application/x-bzip2": bz2.BZ2Decompressor,
        "application/x-xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY),
    }
)
TYPES = frozenset(_STREAMS)


def inner_name(name: str) -> str:
    """`notes.txt.gz` holds `notes.txt`, `all.tgz` a tar."""
    stem, _, last = name.rpartition(".")
    suffix = _SUFFIXES.get(last.lower())
    if suffix is None or not stem:
        return name
    return f"{stem}.{suffix}" if suffix else stem


def unpacked(file: BinaryIO, type_: str, budget: Budget) -> Iterator[bytes]:
    """The unpacked bytes in pieces of at most 64 KiB. Streams in a row are one, as the tools take them."""
    packed, given, stream = 0, 0, _STREAMS[type_]()
    while piece := file.read(_PIECE):
        packed += len(piece)
        while True:
            try:
                out = stream.decompress(piece, _PIECE)
            except (zlib.error, OSError, lzma.LZMAError, ValueError, EOFError) as error:
                raise Unreadable(f"it is broken ({type(error).__name__})") from None
            piece = b""
            given += len(out)
            budget.unpack(len(out))
            budget.compare(given, packed)
            yield out
            if stream.eof:
                piece, stream = stream.unused_data.lstrip(b"\0"), _STREAMS[type_]()
                if not piece:
                    break
            elif stream.needs_input:
                break
