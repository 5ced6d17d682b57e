"""What strangers write as JSON is read as JSON, and not as what Python would take for it."""

import pytest

from local.ses.values import read_json


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "1e999", "-1e999", "[" * 100_000, "{a: 1}"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


def test_numbers_stay_what_they_are() -> None:
    assert read_json("[1, 1.5, -2e3, 0.0]") == [1, 1.5, -2000.0, 0.0]
