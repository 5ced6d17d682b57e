"""What a reader of an HTML mail can't see is not in its text; what only looks like hiding is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.html import to_text

HIDDEN = [
    "display:none",
    "DISPLAY : NONE !important",
    "display:/* x */none",
    r"d\69splay:n\6fne",
    "display:block;display:none",
    "display:none;display:bogus",  # a browser leaves out what it doesn't know
    "visibility:hidden",
    "visibility:collapse",
    "opacity:0",
    "opacity:.01",
    "opacity:0%",
    "filter:opacity(0)",
    "mso-hide:all",
    "content-visibility:hidden",
    "font-size:0",
    "font-size:1px",
    "font-size:0.1em",
    "font-size:1%",
    "font-size:calc(1px)",
    "font-size:1px;font-size:huge",
    "font:0/0 a",
    "font:italic bold 1px/2px Arial",
    "max-height:0",
    "max-height:0px;overflow:hidden",
    "height:0;overflow:hidden",
    "height:1px;overflow:hidden",
    "width:0;overflow-x:clip",
    "position:absolute;left:-9999px",
    "position:fixed;top:-100em",
    "text-indent:-9999px",
    "margin-left:-5000px",
    "margin:0 0 0 -200em",
    "transform:scale(0)",
    "transform:translateX(-9999px)",
    "clip-path:inset(50%)",
    "position:absolute;clip:rect(0,0,0,0)",
    "color:white",
    "color:#fff",
    "color:#FDFDFD",
    "color:rgb(255, 255, 255)",
    "color:hsl(0, 0%, 100%)",
    "color:white;color:nonesuch",
    "color:transparent",
    "color:rgba(0,0,0,0)",
    "color:#00000000",
    "-webkit-text-fill-color:transparent",
    "color:black;background:black",
    "color:#333;background-color:#343434",
    "color:red;background:red url(x.png)",
    "color:white;background:url(white.gif)",
    "color:white;background:linear-gradient(white, white)",
    "color:lightyellow",
]

SEEN = [
    "",
    "display:block",
    "display:none;display:block",
    "visibility:visible",
    "opacity:0.8",
    "font-size:9px",
    "font-size:small",
    "font:12px/1.5 Arial",
    "max-height:none",
    "height:1px",  # the text flows over
    "width:1%",
    "position:absolute;left:0",
    "text-indent:-2em",
    "margin:0 auto",
    "margin:-10px",
    "transform:rotate(3deg)",
    "color:#eeeeee",
    "color:white;background:#003366",
    "color:white;background:linear-gradient(navy, blue)",
    "color:red;background:green",
    "color:inherit",
    "background:white",
    "line-height:0",
    "mso-line-height-rule:exactly",
]


@pytest.mark.parametrize("style", HIDDEN)
def test_a_style_that_hides_takes_the_text_out(style: str) -> None:
    assert to_text(f'<p>Hello</p><div style="{style}">secret <b>order</b></div><p>Bye</p>') == "Hello\n\nBye"


@pytest.mark.parametrize("style", HIDDEN)
def test_so_does_the_same_in_a_style_element(style: str) -> None:
    page = f"<style>p {{margin:0}} .pre, #x {{ {style} }}</style><p>Hello</p><div class='Pre'>secret</div>"
    assert to_text(page) == "Hello"


@pytest.mark.parametrize("style", SEEN)
def test_a_style_that_does_not_hide_leaves_the_text(style: str) -> None:
    assert to_text(f'<div style="{style}">secret</div>') == "secret"


@pytest.mark.parametrize(
    "page",
    [
        "<div hidden>secret</div>",
        "<div hidden='until-found'>secret</div>",
        "<dialog>secret</dialog>",
        "<!-- secret -->",
        "<img src='https://t.example/o.gif' width=1 height=1 alt='secret'>",
        "<font color=white>secret</font>",
        "<body bgcolor=black text=black>secret</body>",
        "<body bgcolor=#000><table><tr><td style='color:#010101'>secret</td></tr></table></body>",
        "<table bgcolor=navy><tr><td bgcolor=white><font color='#ffffff'>secret</font></td></tr></table>",
        "<div style='visibility:hidden'><p style='font-size:14px'>secret</p></div>",
        "<div style='font-size:1px'><p style='visibility:visible'>secret</p></div>",
        "<div style='font-size:.5em'><div style='font-size:.5em'><div style='font-size:.5em'>secret</div></div></div>",
        "<style>@media screen { .x { display:none } }</style><p class=x>secret</p>",
        "<style>table td.x > span { display:none }</style><table><tr><td class=x><span>secret</span></td></tr></table>",
        "<style>* { display:none !important }</style><p style='display:block'>secret</p>",
        "<p class=x>secret</p><style>.x{color:#fff}</style>",
        "<style><!-- .x{display:none} --></style><p class=x>secret</p>",
        "<style>@import 'a'; .x{display:none}</style><p class=x>secret</p>",
        "<style>@font-face{x:y} @supports (a:b){.y{z:w}} .x{display:none}</style><p class=x>secret</p>",
        "<title>secret</title><script>secret</script><template>secret</template>",
    ],
)
def test_nor_is_anything_else_that_is_not_shown(page: str) -> None:
    assert to_text(page) == ""


@pytest.mark.parametrize(
    "page",
    [
        "<div style='visibility:hidden'><p style='visibility:visible'>seen</p></div>",
        "<table style='font-size:0'><tr><td style='font-size:14px'>seen</td></tr></table>",
        "<table bgcolor=navy><tr><td><font color=white>seen</font></td></tr></table>",
        "<style>.dark{background:#111}</style><div class=dark><p style='color:white'>seen</p></div>",
        "<style>@media (max-width:600px) { .x { display:none } }</style><p class=x>seen</p>",
        "<style>@media print { .x { display:none } } .y{display:none}</style><p class=x>seen</p>",
        "<style>.x{display:none} .x{display:block}</style><p class=x>seen</p>",
        "<style>.x{display:none}</style><p class=x style='display:block'>seen</p>",
        "<style>.a .x{display:none}</style><p class=x>seen</p>",
        "<style>.x:hover{display:none}</style><p class=x>seen</p>",
        "<style>p.x{display:none}</style><div class=x>seen</div>",
        "<table><tr><td style='max-width:0;overflow:hidden;text-overflow:ellipsis'>seen</td></tr></table>",
        "<details><summary>seen</summary></details>",
        "<dialog open>seen</dialog>",
    ],
)
def test_what_only_looks_like_hiding_is_read(page: str) -> None:
    assert to_text(page) == "seen"


def test_a_link_in_white_has_its_own_colour() -> None:
    assert to_text("<div style='color:white'>secret <a href='https://shop.example'>shop</a></div>") == (
        "shop (https://shop.example)"
    )


@given(
    st.sampled_from(HIDDEN[:36]),
    st.lists(
        st.sampled_from([style for style in SEEN if "display" not in style and "visibility" not in style]), max_size=5
    ),
    st.sampled_from(["div", "span", "td", "b", "font", "li"]),
)
def test_nothing_inside_brings_a_hidden_text_back(hidden: str, inner: list[str], tag: str) -> None:
    own = ("visibility", "font", "color")  # of these an element may have its own
    inside = "".join(f"<{tag} style='{style}'>" for style in inner if not style.startswith(own))
    assert "secret" not in to_text(f'<div style="{hidden}">{inside}secret</div><p>Hello</p>')


@given(st.text(alphabet="{}/*@.#;:ab \\<>!,(0", max_size=200))
def test_no_stylesheet_and_no_style_loses_the_text_of_an_element_that_they_do_not_name(css: str) -> None:
    assert "Hello" in to_text(f"<style>{css.replace('<', '')}</style><q9 style='{css}'>Hello</q9>") or "{" in css


@pytest.mark.parametrize(
    "page",
    [
        "<style>" + "a{color:red}" * 40_000 + "</style>" + "<a>x</a>" * 20_000,
        "<style>" + ".a .b .c .d{color:red}" * 20_000 + "</style>" + "<i class='a b c d'>x</i>" * 20_000,
        "<style>" + "@media x{" * 50_000 + "</style>x",
        "<style>" + "/*" * 200_000 + "</style>x",
        "<p style='" + "a:b;" * 200_000 + "'>x</p>",
        "<p style='background:" + "rgb(" * 100_000 + "'>x</p>",
        "<p style='transform:" + "translate(" * 100_000 + "'>x</p>",
        "<p style='font:" + "1" * 300_000 + "'>x</p>",
        "<p style='" + "\\6" * 200_000 + "'>x</p>",
        "<p style='color: " + " !important" * 50_000 + "'>x</p>",
    ],
)
def test_hostile_styles_are_read_in_bounded_time(page: str) -> None:
    assert "x" in to_text(page)
