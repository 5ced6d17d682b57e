"""HTML becomes the text that a reader sees, and no mail is too hostile for it."""

import pytest
import turbohtml
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.html import MAX_CHARACTERS, to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
        ("  many \n  spaces <b> here</b>  ", "many spaces here"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("&amp;&nbsp;&lt;b&gt; &#8364;", "& <b> €"),
        ("<ul><li>bolts<li>nuts<ul><li>small</ul></ul>", "* bolts\n* nuts\n  * small"),
        ("<ol><li>first<li>second</ol>", "1. first\n2. second"),
        ("<table><tr><td>Order<td>17<tr><td>Size<td>42</table>", "Order 17\nSize 42"),
        ("Hi<blockquote>old<blockquote>older</blockquote></blockquote>new", "Hi\n\n> old\n>\n> > older\n\nnew"),
        ("<img src=x alt='A logo'>Text", "Text"),
    ],
)
def test_blocks_lists_tables_and_quotes_are_laid_out_as_lines(source: str, text: str) -> None:
    assert to_text(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<a href="https://example.com/help">Help</a>', "Help (https://example.com/help)"),
        ('<a href="https://example.com/">example.com</a>', "example.com"),
        ('<a href="mailto:ann@example.com">ann@example.com</a>', "ann@example.com"),
        ('<a href="#top">Up</a>', "Up"),
        ('<a href="javascript:x()">Click</a>', "Click"),
        ('<a href="https://example.com/"><img src=x></a>', ""),
    ],
)
def test_a_link_is_followed_by_its_target_unless_its_text_says_it(source: str, text: str) -> None:
    assert to_text(source) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>secret</div>",
        "<div style='color:red; DISPLAY : none !important'>secret</div>",
        "<span style='visibility:hidden'>secret</span>",
        "<span style='font-size:0px'>secret</span>",
        "<div style='mso-hide:all'>secret</div>",
        "<div style='max-height:0;overflow:hidden'>secret</div>",
        "<div style='opacity:0'>secret</div>",
        "<p hidden>secret</p>",
        "<!-- secret -->",
        "<script>secret</script>",
        "<style>secret</style>",
        "<template>secret</template>",
        "<head><title>secret</title></head>",
        "<select><option>secret</select>",
        "<a href='https://secret.example/' style='display:none'>secret</a>",
    ],
)
def test_what_a_reader_cannot_see_is_not_there(hidden: str) -> None:
    assert to_text(f"<p>Before</p>{hidden}<p>After</p>") == "Before\n\nAfter"


@pytest.mark.parametrize("style", ["font-size:0", "visibility:hidden"])
def test_a_style_that_is_inherited_can_be_taken_back_inside(style: str) -> None:
    inside = "<div style='font-size:14px;visibility:visible'>seen</div>"
    assert to_text(f"<div style='{style}'>not {inside} not</div>") == "seen"


@pytest.mark.parametrize(
    "style", ["font-size:0.9em", "opacity:0.5", "max-height:0.5em", "display:block", "font-size:10px"]
)
def test_a_style_that_only_looks_like_hiding_hides_nothing(style: str) -> None:
    assert to_text(f"<p style='{style}'>seen</p>") == "seen"


HOSTILE = {
    "open tags": "<a " * 350_000,
    "open attributes": "Hello <a href=" * 70_000,
    "nested divs": "<div>" * 100_000 + "deep",
    "nested quotes": "<blockquote>" * 20_000 + "deep",
    "255 nested tags": "<b>" * 255 + "deep",
    "formatting": "<b><p>" * 50_000,
    "tables": "<font><table>" * 5_000,
    "entities": "&nbsp;" * 160_000,
    "ampersands": "&" * 200_000,
    "brackets": "<" * 500_000,
    "styles": "<p style='" + "display:" * 50_000 + "'>x",
    "comments": "<!--" * 100_000,
    "links": "<a href=x>y" * 50_000,
    "lists": "<ul><li>" * 20_000 + "deep",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_no_input_is_too_hostile(source: str) -> None:
    assert isinstance(to_text(source), str)


@pytest.mark.parametrize("name", ["nested divs", "255 nested tags", "nested quotes", "lists"])
def test_deep_nesting_hides_nothing(name: str) -> None:
    assert to_text(HOSTILE[name]).endswith("deep")


def test_a_text_beyond_the_bound_is_cut_before_an_open_tag() -> None:
    text = to_text("Hello " + "x" * (MAX_CHARACTERS - 10) + "<a href='https://example.com/'>link</a>")
    assert text.startswith("Hello x")
    assert "<" not in text


@given(st.text())
def test_any_string_at_all_is_read(source: str) -> None:
    to_text(source)


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<b", ">", "<!--", "x", "&", "<td>", "</table>", "<ul>", "<blockquote>"])
    ).map("".join)
)
def test_any_broken_markup_is_read(source: str) -> None:
    to_text(source)


def test_without_the_engine_the_tags_are_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(turbohtml, "parse", refuses)
    assert to_text("<p>Hello <b>Ann</b> &amp; Bob</p><a href=") == "Hello  Ann  & Bob"
