"""The gate before the rules: a line that it leaves out could not have met any of them."""

from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import clients
from postroom.mime.quotes import is_attribution, is_banner, role_of, telling

PIECES = (
    *("On ", "2011/4/7", " gmt", "Ann", " <ann@example.com>", " wrote", ":", "：", "12:30", "²", "٣", "From", "件名"),
    *("> ", "*", " ", "\t", "\u3000", "\u200b", "\ufeff", "-", "--", "–", "__", "==", "——"),
    *("Original Message", "Forwarded message"),
)
LINES = st.lists(st.sampled_from(PIECES) | st.characters(exclude_characters="\n"), max_size=9).map("".join)


@given(LINES)
def test_every_line_that_a_client_wrote_is_a_telling_one(line: str) -> None:
    told = is_banner(line) or role_of(line) is not None or is_attribution(clients.fold(line), over_marks=False)
    assert telling(["words", line]) == [1] or not told


@given(LINES, LINES)
def test_a_wrapped_attribution_has_a_telling_line(first: str, second: str) -> None:
    if is_attribution(clients.fold(f"{first} {second}"), over_marks=False):
        assert telling([first, second])
