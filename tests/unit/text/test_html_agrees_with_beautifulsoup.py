"""An independent reader sees the same words: beautifulsoup4 on ordinary HTML, where nothing is hidden."""

import re

from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import html

WORDS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzäöüßéñ"), min_size=1, max_size=8)
TAGS = st.sampled_from(["p", "div", "b", "i", "span", "td", "li", "h2", "em", "a"])


def fragments(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    children = st.lists(inner, min_size=1, max_size=3).map(" ".join)
    return st.builds(lambda tag, content: f"<{tag}>{content}</{tag}>", TAGS, children)


PAGES = st.recursive(WORDS, fragments, max_leaves=12)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@given(PAGES)
def test_the_words_of_ordinary_html_are_those_that_beautifulsoup_reads(page: str) -> None:
    assert words(html.to_text(page)) == words(BeautifulSoup(page, "html.parser").get_text(" "))
