"""Lint: each fault is told with its file, its line and what to do; what we ship has none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given as assuming
from hypothesis import strategies as st

from postroom.replies.templates import markup
from postroom.replies.templates.lint import lint as linted
from tests.unit.replies.templates.made import OURS, write

HEAD = '<!doctype html>\n<html lang="en">\n<head><meta name="color-scheme" content="light dark"></head>\n'


def lint(folder: Path) -> list[str]:
    """All that is told, errors first."""
    found = linted(folder)
    return [*found.errors, *found.warnings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "note" / "en", body=HEAD)
    return tmp_path


def body(folder: Path, html: str) -> list[str]:
    write(folder / "note" / "en", body=HEAD + html)
    return lint(folder)


def test_what_we_ship_has_no_fault() -> None:
    assert lint(OURS) == []


def test_a_right_folder_has_no_fault(folder: Path) -> None:
    assert lint(folder) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>\n<script>alert(1)</script>", "note/en/body.html:5: <script> has no place in a mail: leave it out"),
        ("<SCRIPT src=cid:a>", ":4: <script> has no place"),
        ('<a onclick="x()">', ":4: onclick is a script"),
        ('<img alt="" src="https://example.com/a.png">', "src='https://example.com/a.png' is fetched"),
        ('<img alt="" src="data:image/png;base64,AA">', "is fetched"),
        ('<img alt="" src="//example.com/{{reference}}.gif" width="1" height="1">', "is fetched"),
        ('<td background="https://example.com/a.png">', "is fetched"),
        ('<img src="cid:logo">', ":4: a picture has no alt text"),
        ("<a href='javascript:alert(1)'>", "the link 'javascript:alert(1)' leads who knows where"),
        ('<a href="java\nscript&#58;alert(1)">', "leads who knows where"),
        ('<a href="http://example.com">', "begin with https:"),
        ('<a href="https://{{subject}}">', "begin with https: and a host"),
        ('<a href="https://example.com{{subject}}">', "begin with https: and a host"),
        ('<a href="{{subject}}">', "or with a variable that is a url"),
        ('<a href="example.com">', "leads who knows where"),
        ('<form action="https://example.com">', "<form> has no place"),
        ("<input name=a>", "<input> has no place"),
        ('<link rel="stylesheet" href="https://example.com/a.css">', "<link> has no place"),
        ("<iframe></iframe>", "<iframe> has no place"),
        ('<meta http-equiv="Refresh" content="0;url=https://example.com">', "sends its reader elsewhere"),
        ("<style>\n@import 'a.css';</style>", "the style fetches something"),
        ('<p style="background:URL(https://example.com/a.png)">', "the style fetches something"),
        ('<p style="color:{{subject}}">', "a tag of the template stands in a style"),
        ("<style>.a{color:{{subject}}}</style>", "a tag of the template stands in a style"),
        ("<p title={{subject}}>", "without quotes"),
        ("<p title=a{{subject}}>", "without quotes"),
        ('<p {{#if subject}}title="a"{{/if}}>', "among the attributes of <p>"),
        ('<p title="{{message}}">', "'message' is a text and stands in an attribute"),
        ("<p>{subject}}</p>", ":4: {subject}} has one brace"),
        ("<p>{subject}</p>", ":4: {subject} has one brace"),
        ("{{{subject}}}", ":4: three braces"),
        ("{{topic}}", ":4: unknown variable 'topic'"),
    ],
)
def test_unsafe_html_is_told_with_its_line(folder: Path, html: str, fault: str) -> None:
    assert [found for found in body(folder, html) if fault in found]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="{{good_url}}">{{subject}}</a>',
        '<a href="https://example.com/?r={{reference}}" title="{{subject}}">a</a>',
        '<a href="https://desk.example">a</a><a href="#end">b</a><a href="tel:+1-555">c</a>',
        '<a href="mailto:{{desk_address}}">a</a><img src="cid:logo" alt="{{from_name}}">',
        "<!--[if mso]><p>x</p><![endif]--><style>@media (prefers-color-scheme: dark){.a{color:#fff}}</style>",
        "{{#if subject}}<p>\n{{subject}}</p>\n{{/if}}",
    ],
)
def test_safe_html_has_no_fault(folder: Path, html: str) -> None:
    assert body(folder, html) == []


def _wholes() -> Iterator[tuple[dict[str, str], str]]:
    yield {"body": "<html lang='en'>"}, "there is no doctype: begin with <!doctype html>"
    yield {"body": HEAD.replace('lang="en"', 'lang="de"')}, 'write <html lang="en">'
    yield {"body": HEAD.replace("color-scheme", "x")}, "nothing is said of dark mode"
    yield {"body": HEAD + "x" * 500_000, "text": "x" * 12_000}, "the template has over 500 KB"
    yield {"subject": "one\ntwo", "body": HEAD}, "note/en/subject.txt:1: the subject has several lines"
    yield {"subject": "x" * 201, "body": HEAD}, "note/en/subject.txt:1: the subject has over 200 characters"
    yield {"text": "a\n{{#if subject}}\nb{{/if}}", "body": HEAD}, "note/en/body.txt:2: a tag stands alone"
    yield {"text": " ", "body": HEAD}, "note/en/body.txt:1: the file is empty"


@pytest.mark.parametrize(("files", "fault"), list(_wholes()))
def test_a_fault_of_the_whole_is_told_with_what_to_do(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    write(tmp_path / "note" / "en", **files)
    assert [found for found in lint(tmp_path) if fault in found]


def test_a_missing_part_is_told(folder: Path) -> None:
    (folder / "note" / "en" / "body.txt").unlink()
    assert lint(folder) == ["note/en/body.txt: the file is missing"]


def test_a_template_in_one_language_is_one_warning_since_it_answers_in_its_default(folder: Path) -> None:
    for language in ("en", "de", "de-AT", "fr"):
        write(folder / "other" / language, body=HEAD.replace('"en"', f'"{language}"'))
    found = linted(folder)
    assert found.errors == ()
    (warning,) = found.warnings
    assert warning.startswith("note:1: other templates speak de, de-AT, fr too: who writes so gets this one in en")


@pytest.mark.parametrize(
    ("html", "bearable"),
    [
        ("<script>", False),
        ('<img alt="" src="https://example.com/a.png">', False),
        ("{{topic}}", False),
        ("{subject}", False),
        ("{{reference}}", True),
    ],
)
def test_what_does_harm_is_an_error_and_what_is_merely_worse_a_warning(folder: Path, html: str, bearable: bool) -> None:
    write(folder / "note" / "de", body=HEAD.replace('"en"', '"de"') + html)
    found = linted(folder)
    assert bool(found.warnings and not found.errors) is bearable
    assert bool(found.errors) is not bearable


def test_no_language_of_its_default_is_an_error(folder: Path) -> None:
    write(folder / "other" / "de", body=HEAD.replace('"en"', '"de"'))
    assert linted(folder).errors == ("other: should exist in the default language, in the folder 'en'",)


def test_languages_that_say_different_things_are_told(folder: Path) -> None:
    write(folder / "note" / "de", text="{{reference}}", body=HEAD.replace('"en"', '"de"'))
    assert [fault.partition(":1: ")[2] for fault in lint(folder)] == [
        "'reference' isn't in en: say the same in every language"
    ]


def test_a_partial_is_told_of_at_its_own_line(folder: Path) -> None:
    (folder / "partials").mkdir()
    (folder / "partials" / "foot.html").write_text("<p>\n<form></form>")
    assert [fault.partition(" has")[0] for fault in body(folder, "{{> foot}}")] == ["partials/foot.html:2: <form>"]


@assuming(html=st.text(alphabet="<>/!-'\"={}ap \nscript:&#;url(", max_size=200))
def test_any_text_is_looked_at_without_failing(html: str) -> None:
    assert all(str(fault).startswith("a:") for fault in markup.faults("a", html))
