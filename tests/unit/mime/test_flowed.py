import pytest

from postroom.mime.flowed import unflowed


@pytest.mark.parametrize(
    ("text", "delsp", "joined"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("zwei \nteile", True, "zweiteile"),
        ("> a \n> b\nc", False, "> a b\nc"),
        ("> a \n>> b", False, "> a \n>> b"),
        ("text \n-- \nAnn \nBee", False, "text \n-- \nAnn Bee"),
        (" stuffed\n >quoted", False, "stuffed\n>quoted"),
        ("", False, ""),
        ("a \n", False, "a "),
    ],
)
def test_soft_breaks_are_joined_within_one_depth(text: str, delsp: bool, joined: str) -> None:
    assert unflowed(text, delsp) == joined
