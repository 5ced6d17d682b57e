"""A bucket in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from postroom.clock import Clock, iso, now
from postroom.ports import NotFound, ObjectInfo

_PIECE = 1 << 20


@dataclass(slots=True, kw_only=True)
class MemoryObjects:
    """`postroom.ports.Objects`, as a dict."""

    clock: Clock = now
    bodies: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        if key not in self.bodies:
            raise NotFound(key)
        return self.bodies[key][start:end]

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        body = self.read(key, start, end)
        for position in range(0, len(body), _PIECE):
            yield body[position : position + _PIECE]

    def written_at(self, key: str) -> str | None:
        return self.times.get(key)

    def write(self, key: str, body: bytes, content_type: str) -> None:
        self.bodies[key] = body
        self.times[key] = iso(self.clock())

    def write_stream(self, key: str, chunks: Iterable[bytes], content_type: str) -> None:
        self.write(key, b"".join(chunks), content_type)

    def remove(self, key: str, needed: Callable[[], bool] = lambda: False) -> bool:
        if key not in self.bodies:
            return False
        body, time = self.bodies.pop(key), self.times.pop(key)
        if not needed():
            return True
        self.bodies.setdefault(key, body)
        self.times.setdefault(key, time)
        return False

    def listing(self, prefix: str) -> Iterator[ObjectInfo]:
        for key in sorted(self.bodies):
            if key.startswith(prefix):
                yield ObjectInfo(key=key, size=len(self.bodies[key]), modified_at=self.times[key])
