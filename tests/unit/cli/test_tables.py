"""Tables at any width: what they are for is always there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.terminal import Column, Terminal, _fitting

COLUMNS = st.lists(st.builds(Column, st.just("x"), st.booleans(), st.integers(0, 3)), min_size=1, max_size=8)


@given(COLUMNS, st.data(), st.integers(1, 300))
def test_columns_of_rank_0_are_always_there_and_the_rest_fits(
    columns: list[Column], data: st.DataObject, room: int
) -> None:
    whole = [data.draw(st.integers(1, 60)) for _ in columns]
    widths = _fitting(columns, whole, room)
    assert {n for n, column in enumerate(columns) if not column.rank} <= widths.keys()
    assert all(widths[n] <= whole[n] for n in widths)
    assert all(widths[n] == whole[n] for n in widths if not columns[n].shrinks)
    if any(columns[n].rank for n in widths):
        assert sum(width + 2 for width in widths.values()) <= room


def test_no_line_of_a_table_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().table("Of two", [Column("one"), Column("two")], [["long enough", ""], ["", "short"], ["a", "as long"]])
    assert capsys.readouterr().out.splitlines() == [
        "Of two",
        "one          two",
        "long enough",
        "             short",
        "a            as long",
    ]
