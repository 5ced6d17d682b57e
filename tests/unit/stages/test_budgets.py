"""Budgets by fixed windows: what they let through in any stretch of time, wherever it begins."""

from hypothesis import given
from hypothesis import strategies as st

from postroom.memory.desk import MemorySends

WINDOW = 3_600  # seconds


@given(st.integers(1, 5), st.lists(st.floats(0, 5 * WINDOW), max_size=80).map(sorted))
def test_no_stretch_as_long_as_the_window_gets_more_than_twice_the_budget(limit: int, moments: list[float]) -> None:
    sends = MemorySends()
    taken = [at for at in moments if sends.take("desk", limit, WINDOW, at)]
    for begin in taken:
        assert sum(begin <= at < begin + WINDOW for at in taken) <= 2 * limit


def test_twice_is_reached_at_the_edge_of_a_window() -> None:
    sends = MemorySends()
    moments = [WINDOW - 1.0] * 3 + [WINDOW + 1.0] * 3
    assert all(sends.take("desk", 3, WINDOW, at) for at in moments)
    assert not sends.take("desk", 3, WINDOW, WINDOW + 2.0)
