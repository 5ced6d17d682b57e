"""Whoever watches the journal is told of each change. They come from any thread, and are awaited in an event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

from local.ses.values import Json

WAITING = 500  # changes that a watcher may be behind: one that is slower is let go, and comes again if it wants
WATCHERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`kind` is received, sent or told; `row` is what a list shows of it."""

    kind: str
    row: Mapping[str, Json]


@dataclass(eq=False, slots=True)
class _Watcher:
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Change | None] = field(default_factory=lambda: asyncio.Queue(WAITING))
    behind: bool = False

    def put(self, change: Change | None) -> None:
        if not self.behind:
            try:
                self.queue.put_nowait(change)
            except asyncio.QueueFull:
                self.behind = True

    async def next(self) -> Change | None:
        """The next change; None at the end, or where some were lost because this watcher was too slow."""
        return None if self.behind and self.queue.empty() else await self.queue.get()


class TooMany(Exception):
    """There are as many watchers as there may be."""


class Changes:
    """Safe to tell from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._watchers: set[_Watcher] = set()

    def tell(self, change: Change) -> None:
        self._put(change)

    def end(self) -> None:
        """No more changes: every watcher comes to its end."""
        self._put(None)

    def _put(self, change: Change | None) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            with contextlib.suppress(RuntimeError):  # its loop has ended
                watcher.loop.call_soon_threadsafe(watcher.put, change)

    @contextlib.asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncIterator[Change]]:
        """Every change from now on, until it ends or this watcher falls behind. Raises TooMany."""
        watcher = _Watcher(asyncio.get_running_loop())
        with self._lock:
            if len(self._watchers) >= WATCHERS:
                raise TooMany(f"{WATCHERS} are watching already; close a page, and come again")
            self._watchers.add(watcher)
        try:
            yield _each(watcher)
        finally:
            with self._lock:
                self._watchers.discard(watcher)


async def _each(watcher: _Watcher) -> AsyncIterator[Change]:
    while (change := await watcher.next()) is not None:
        yield change
