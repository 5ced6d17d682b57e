"""A file in overlapping pieces, so that a mark is found wherever it stands, and memory stays small."""

from collections.abc import Iterator
from typing import BinaryIO

from postroom.attachments.budget import Budget

PIECE = 1 << 20


def pieces(file: BinaryIO, budget: Budget, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each piece; each begins with the last `overlap` bytes of the one before."""
    at, held = 0, b""
    while True:
        file.seek(at + len(held))
        read = file.read(PIECE)
        if not read:
            return
        budget.tick()
        piece = held + read
        yield at, piece
        held = piece[-overlap:] if overlap else b""
        at += len(piece) - len(held)


def positions(file: BinaryIO, mark: bytes, budget: Budget, most: int = 1_000) -> Iterator[int]:
    """Where the mark stands, in order, at most so often."""
    for offset, piece in pieces(file, budget, len(mark) - 1):
        at = piece.find(mark)
        while at >= 0:
            yield offset + at
            most -= 1
            if most <= 0:
                return
            at = piece.find(mark, at + 1)


def contains(file: BinaryIO, mark: bytes, budget: Budget) -> bool:
    return next(positions(file, mark, budget), None) is not None


def read_at(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)
