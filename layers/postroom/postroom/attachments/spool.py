"""Bytes that come as a stream, made a file that can be read anywhere: in memory where they are few, else on disk."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

_PIECE = 1 << 20


@contextmanager
def spooled(content: Iterable[bytes], in_memory: int) -> Iterator[tuple[BinaryIO, int]]:
    """The bytes as a file until the context ends, and their number; over `in_memory` bytes they are on disk."""
    with tempfile.SpooledTemporaryFile(max_size=in_memory) as file:
        for piece in content:
            file.write(piece)
        yield cast(BinaryIO, file), file.tell()


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The whole file, from its start, in pieces of at most 1 MiB."""
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece
