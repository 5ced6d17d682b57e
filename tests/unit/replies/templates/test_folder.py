"""Templates: strict where SES is lenient, and every fault is told at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.errors import Misconfigured
from postroom.replies.lines import one_line
from postroom.replies.templates import MissingVariable, Rendered, checked, load
from tests.unit.replies.templates.made import OURS, VALUES, template, write


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
    with pytest.raises(MissingVariable, match=r"note/en/body.txt:3: the variable 'reference' has no value"):
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


@pytest.mark.parametrize("language", [None, "", "xx", "en", "xx-YY", "éé", "fra", "english"])
def test_a_language_that_we_do_not_write_becomes_english(language: str | None) -> None:
    assert load(OURS).pick("acknowledgement", language).language == "en"


@pytest.mark.parametrize("language", ["de", "DE", "de-AT", "de_AT", "de-1996"])
def test_a_language_is_found_in_every_form(language: str) -> None:
    assert load(OURS).pick("acknowledgement", language).language == "de"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en", subject="{{topic}}", text="a\n{{subject", body="<p>{{{subject}}}</p>")
    write(tmp_path / "two" / "de", text="{{#if subject}}x{{/each}}")
    (tmp_path / "two" / "de" / "body.html").unlink()
    write(tmp_path / "two" / "deutsch", body=" ")
    (tmp_path / "two" / "template.json").write_text('{"abuot": "a slip"}')
    with pytest.raises(Misconfigured) as error:
        checked(tmp_path)
    assert [fault[:70] for fault in error.value.faults] == [
        'two/template.json:1: should be JSON: {"about": "when it is sent", "default": "en"}'[:70],
        "two/deutsch: a language's folder is named as in de or de-AT (ISO 639-1, ISO 3166-1)"[:70],
        "two: should exist in the default language, in the folder 'en'",
        "one/en/body.txt:2: the tag that begins here has no }}",
        "one/en/body.html:1: three braces are for text without escaping: write two, values are escaped by us"[:70],
        "one/en/subject.txt:1: unknown variable 'topic'; known are desk_address, fair_url"[:70],
        "two/de/body.txt:1: {{#if subject}} is not closed with {{/if}}",
        "two/de/body.html: the file is missing",
    ]


def test_what_is_wrong_in_one_language_is_told_when_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en")
    write(tmp_path / "one" / "de", text="{{topic}}")
    found = load(tmp_path)
    assert found.pick("one", "fr").render(VALUES).text == "Hello"
    with pytest.raises(Misconfigured, match=r"one/de/body.txt:1: unknown variable 'topic'"):
        found.pick("one", "de")


def test_an_empty_file_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en", body=" ")
    with pytest.raises(Misconfigured, match=r"one/en/body.html:1: the file is empty"):
        checked(tmp_path)


def test_a_fault_in_a_partial_is_told_once_and_where_it_is(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en", text="{{> foot}}", body="{{> foot}}")
    write(tmp_path / "two" / "en", text="{{> foot}}")
    (tmp_path / "partials").mkdir()
    (tmp_path / "partials" / "foot.txt").write_text("\n{{topic}}")
    (tmp_path / "partials" / "foot.html").write_text("<hr>{{/if}}")
    with pytest.raises(Misconfigured) as error:
        checked(tmp_path)
    assert [fault.partition("; known")[0] for fault in error.value.faults] == [
        "partials/foot.html:1: {{/if}} ends nothing",
        "partials/foot.txt:2: unknown variable 'topic'",
    ]


def test_a_partial_is_found_in_the_words_of_a_language_first(tmp_path: Path) -> None:
    for language in ("en", "de", "de-AT", "fr"):
        write(tmp_path / "one" / language, text="{{> foot}}!")
    for name, text in (("foot.txt", "-- "), ("de/foot.txt", "Gruß\n"), ("de-AT/foot.txt", "Servus")):
        (tmp_path / "partials" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "partials" / name).write_text(text, encoding="utf-8")
    found = load(tmp_path)
    texts = [found.pick("one", language).render(VALUES).text for language in ("fr", "de", "de-AT", "de-CH")]
    assert texts == ["-- !", "Gruß!", "Servus!", "Gruß!"]


def test_a_template_may_have_another_default_language(tmp_path: Path) -> None:
    write(tmp_path / "one" / "de")
    (tmp_path / "one" / "template.json").write_text('{"about": "for us", "default": "de"}')
    found = load(tmp_path)
    assert found.pick("one", "fr").language == "de"
    assert found.fronts["one"].about == "for us"


def test_a_file_in_another_charset_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en")
    (tmp_path / "one" / "en" / "body.txt").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(Misconfigured, match=r"one/en/body.txt: should be a readable file in UTF-8"):
        checked(tmp_path)


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_no_templates_is_a_fault(tmp_path: Path, folder: str) -> None:
    with pytest.raises(Misconfigured, match="should hold a folder for each template"):
        load(tmp_path / folder)


def test_rendering_gives_all_three_parts() -> None:
    assert template().render({}) == Rendered(subject="s", text="t", html="h", language="en")


def test_a_front_file_is_read_up_to_a_bound_and_is_a_fault_however_deep_it_is(tmp_path: Path) -> None:
    write(tmp_path / "one" / "en")
    for said in ("[" * 200_000, '{"about": "' + "x" * 100_000 + '"}', " " * 20_000 + "{}"):
        (tmp_path / "one" / "template.json").write_text(said)
        with pytest.raises(Misconfigured, match=r"one/template\.json:1: should be JSON"):
            load(tmp_path)
