"""Templates: strict where SES is lenient, and every fault is told at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.errors import Misconfigured
from postroom.replies.templates import MissingVariable, Rendered, Template, load, one_line

OURS = Path(__file__).parents[3] / "functions" / "reply" / "templates"
VALUES = {
    "subject": "Size & <b>price</b>",
    "reference": "ab12",
    "from_name": "Support",
    "desk_address": "s@desk.example",
}


def write(folder: Path, subject: str = "Re: {{subject}}", text: str = "Hello", body: str = "<p>Hello</p>") -> None:
    folder.mkdir(parents=True)
    for name, source in (("subject.txt", subject), ("body.txt", text), ("body.html", body)):
        (folder / name).write_text(source, encoding="utf-8")


def template(subject: str = "s", text: str = "t", body: str = "h") -> Template:
    return Template(name="note", language="en", subject=subject, text=text, html=body)


@pytest.mark.parametrize("language", ["en", "de"])
def test_our_acknowledgement_renders_and_leaves_no_placeholder(language: str) -> None:
    rendered = load(OURS).pick("acknowledgement", language).render(VALUES)
    assert rendered.language == language
    assert rendered.subject == "Re: Size & <b>price</b>"
    for part in (rendered.text, rendered.html):
        assert "ab12" in part
        assert "{{" not in part


def test_our_templates_can_be_sent_by_any_mail_server() -> None:
    for language in ("en", "de"):
        ours = load(OURS).pick("acknowledgement", language)
        assert max(len(line) for line in ours.text.splitlines()) <= 78
        assert "http" not in ours.html  # nothing is fetched: no picture, no font, no counting


def test_html_is_escaped_and_text_is_not() -> None:
    rendered = template(text="{{subject}}", body='<a title="{{subject}}">{{ subject }}</a>').render(
        {"subject": "<\"'&>"}
    )
    assert rendered.text == "<\"'&>"
    assert rendered.html == '<a title="&lt;&quot;&#x27;&amp;&gt;">&lt;&quot;&#x27;&amp;&gt;</a>'


def test_a_value_is_never_looked_at_for_placeholders() -> None:
    rendered = template(text="{{subject}}").render({"subject": "{{reference}} {{", "reference": "secret"})
    assert rendered.text == "{{reference}} {{"


def test_a_missing_variable_is_told_with_template_line_and_name() -> None:
    with pytest.raises(MissingVariable, match=r"note/en/body.txt, line 3: the variable 'reference' has no value"):
        template(text="Hello,\n\n{{reference}}").render({})


@given(st.text())
def test_a_subject_is_one_line_without_control_characters(subject: str) -> None:
    rendered = template(subject="Re: {{subject}}").render({"subject": subject})
    assert rendered.subject.splitlines() == [rendered.subject]
    assert rendered.subject == one_line(rendered.subject)
    rendered.subject.encode("utf-8")


def test_text_cannot_be_turned_round_or_hidden() -> None:
    assert one_line("invoice\u202efdp.exe\u200b\r\nBcc:\tx\x00") == "invoicefdp.exe Bcc: x"
    assert one_line("👩\u200d💻 نمی\u200cخواهم") == "👩\u200d💻 نمی\u200cخواهم"


@pytest.mark.parametrize("language", [None, "", "fr", "en", "xx-YY", "éé"])
def test_a_language_that_we_do_not_write_becomes_english(language: str | None) -> None:
    assert load(OURS).pick("acknowledgement", language).language == "en"


@pytest.mark.parametrize("language", ["de", "DE", "de-AT"])
def test_a_language_is_found_in_every_form(language: str) -> None:
    assert load(OURS).pick("acknowledgement", language).language == "de"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en", subject="{{topic}}", text="a\n{{subject", body="<p>{{{subject}}}</p>")
    write(tmp_path / "two" / "de", text="{{#if subject}}x{{/if}}")
    (tmp_path / "two" / "de" / "body.html").unlink()
    write(tmp_path / "two" / "deutsch", body=" ")
    with pytest.raises(Misconfigured) as error:
        load(tmp_path)
    assert error.value.faults == (
        "one/en/subject.txt, line 1: unknown variable 'topic'; known are desk_address, from_name, reference, subject",
        "one/en/body.txt, line 2: '{{' belongs to no {{name}}",
        "one/en/body.html, line 1: '{{{' belongs to no {{name}}",
        "one/en/body.html, line 1: '}}}' belongs to no {{name}}",
        "two/de/body.txt, line 1: '{{' belongs to no {{name}}",
        "two/de/body.txt, line 1: '}}' belongs to no {{name}}",
        "two/de/body.txt, line 1: '{{' belongs to no {{name}}",
        "two/de/body.txt, line 1: '}}' belongs to no {{name}}",
        "two/de/body.html: the file is missing",
        "two/deutsch: a language's folder is named by two letters (ISO 639-1)",
        "two: should exist in the default language, in the folder 'en'",
    )


def test_a_file_in_another_charset_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en")
    (tmp_path / "one" / "en" / "body.txt").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(Misconfigured, match=r"one/en/body.txt: should be a readable file in UTF-8"):
        load(tmp_path)


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_no_templates_is_a_fault(tmp_path: Path, folder: str) -> None:
    with pytest.raises(Misconfigured, match="should hold a folder for each template"):
        load(tmp_path / folder)


def test_rendering_gives_all_three_parts() -> None:
    assert template().render({}) == Rendered(subject="s", text="t", html="h", language="en")
