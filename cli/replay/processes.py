"""Work on processes of their own. Ctrl-C is the parent's to hear; what ends a process is left out, and not the rest."""

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from cli.replay.pool import batches, ending, in_order

A = TypeVar("A")
B = TypeVar("B")

_BATCH, _HEAVY = 16, 4 << 20  # items, or bytes, that a process gets at once


def spread(
    work: Callable[[A], B], items: Iterable[A], processes: int, *, size: Callable[[A], int], lost: Callable[[A], B]
) -> Iterator[B]:
    """The results in the order of the items. An item that ends its process (out of memory, most likely) gives `lost`
    of it. `work` and the items must be picklable; `size` is in bytes."""
    due = batches(items, _BATCH, size, _HEAVY)
    under_way: deque[list[A]] = deque()
    while True:
        try:
            with ending(_started(processes)) as pool:
                for done in in_order(pool, partial(_each, work), _noted(due, under_way), 2 * processes + 1):
                    under_way.popleft()
                    yield from done
            return
        except BrokenProcessPool:  # one of these did it: each is tried again by itself, and the rest goes on
            yield from (_alone(work, item, lost) for batch in under_way for item in batch)
            under_way.clear()


def _each(work: Callable[[A], B], items: list[A]) -> list[B]:
    return [work(item) for item in items]


def _noted(due: Iterator[list[A]], under_way: deque[list[A]]) -> Iterator[list[A]]:
    for batch in due:
        under_way.append(batch)
        yield batch


def _alone(work: Callable[[A], B], item: A, lost: Callable[[A], B]) -> B:
    with ending(_started(1)) as pool:
        try:
            return pool.submit(work, item).result()
        except BrokenProcessPool:
            return lost(item)


def _started(processes: int) -> ProcessPoolExecutor:
    """A pool whose processes run. Spawned, since threads may run here: a fork would copy their locks as they are."""
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
    with _deaf():
        for _ in range(processes):
            pool.submit(_awake)
    return pool


def _awake() -> None:
    """Starts a process, and does nothing there."""


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started meanwhile never hears an interrupt: a process inherits what its parent ignores."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
