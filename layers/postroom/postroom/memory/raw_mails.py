"""The raw mails of a bucket in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from postroom.memory.objects import MemoryObjects

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRawMail:
    """`postroom.ports.RawMail` over its bytes."""

    body: bytes

    @property
    def size(self) -> int:
        return len(self.body)

    def read(self, start: int, end: int) -> bytes:
        return self.body[start:end]

    def stream(self, start: int, end: int) -> Iterator[bytes]:
        for position in range(start, min(end, self.size), _PIECE):
            yield self.body[position : min(position + _PIECE, end)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRawMails:
    """`postroom.ports.RawMails`. Nothing is sealed here."""

    objects: MemoryObjects

    @contextmanager
    def open(self, key: str) -> Iterator[MemoryRawMail]:
        yield MemoryRawMail(body=self.objects.read(key))
