"""Work that others do at once, given back in the order in which it was asked for, and never much ahead of it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
E = TypeVar("E", bound=Executor)


@contextmanager
def ending(executor: E) -> Iterator[E]:
    """Ends the executor in any case: what has begun is done, what waits is not."""
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def in_order(executor: Executor, work: Callable[[A], B], items: Iterable[A], ahead: int) -> Iterator[B]:
    """The results in the order of the items; at most `ahead` items are taken before the first result is given."""
    waiting: deque[Future[B]] = deque()
    for item in items:
        waiting.append(executor.submit(work, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def batches(items: Iterable[A], many: int, weight: Callable[[A], int], heaviest: int) -> Iterator[list[A]]:
    """The items in lists of `many` at most; one ends sooner as its weight passes `heaviest`."""
    batch, load = list[A](), 0
    for item in items:
        batch.append(item)
        load += weight(item)
        if len(batch) >= many or load >= heaviest:
            yield batch
            batch, load = [], 0
    if batch:
        yield batch
