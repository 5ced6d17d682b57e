"""The template language: what SES's guide shows, and what must not be endless."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.sending import handlebars
from local.ses.sending.handlebars import MAX_DEPTH, Malformed, Unrendered
from local.ses.values import Json

DATA: dict[str, Json] = {
    "name": "Ann",
    "empty": "",
    "zero": 0,
    "nothing": None,
    "yes": True,
    "contact": {"firstName": "Ann", "lastName": "Lee", "home": {"city": "Ghent"}},
    "subscription": [{"interest": "Sports"}, {"interest": "Travel"}],
    "words": ["a", "b"],
    "none": [],
    "markup": "<b>&</b>",
}


def _rendered(template: str) -> str:
    return handlebars.rendered(handlebars.parsed(template), DATA)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain } text { with {one} brace", "plain } text { with {one} brace"),
        ("Hi {{name}} and {{ name }}", "Hi Ann and Ann"),
        ("{{contact.firstName}} of {{contact.home.city}}", "Ann of Ghent"),
        ("{{contact/firstName}}", "Ann"),
        ("{{words.[1]}}{{words.0}}", "ba"),
        ("{{markup}} {{{markup}}} {{&markup}}", "<b>&</b> <b>&</b> <b>&</b>"),
        ("{{zero}} {{yes}}", "0 true"),
        ("{{#each subscription}}<li>{{interest}}</li>{{/each}}", "<li>Sports</li><li>Travel</li>"),
        ("{{#each words}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0a,1b"),
        ("{{#each words}}{{name}}{{../name}}{{/each}}", "AnnAnnAnnAnn"),
        ("{{#each contact.home}}{{@key}}: {{this}}{{/each}}", "city: Ghent"),
        ("{{#each none}}x{{else}}nothing{{/each}}{{#each missing}}x{{/each}}", "nothing"),
        ("{{#if name}}a{{else}}b{{/if}}{{#if empty}}a{{else}}b{{/if}}{{#if missing}}a{{^}}b{{/if}}", "abb"),
        ("{{#if missing}}a{{else if yes}}b{{else}}c{{/if}}", "b"),
        ("{{#unless missing}}a{{else}}b{{/unless}}", "a"),
        ("{{#unless yes}}a{{else if name}}b{{/unless}}", "b"),
        ("{{#with contact}}{{lastName}}{{#with home}}{{city}}{{/with}}{{/with}}", "LeeGhent"),
        ("a{{! gone }}b{{!-- {{gone}} too --}}c", "abc"),
        ("a  {{~name~}}  b", "aAnnb"),
        ('{{#*inline "head"}}[{{name}}]{{/inline}}{{> head}}{{>head}}', "[Ann][Ann]"),
        ("{{#* inline 'who'}}{{firstName}}{{/inline}}{{#with contact}}{{> who}}{{/with}}{{> who contact}}", "AnnAnn"),
        ("line\n{{#if yes}}\nstays\n{{/if}}\n", "line\n\nstays\n\n"),
    ],
)
def test_a_template_is_filled_in(template: str, text: str) -> None:
    assert _rendered(template) == text


@pytest.mark.parametrize("missing", ["missing", "contact.age", "nothing", "words.7", "@index", "../name", "name.first"])
def test_a_variable_that_is_not_in_the_data_is_named(missing: str) -> None:
    with pytest.raises(Unrendered) as failed:
        _rendered("{{" + missing + "}}")
    assert str(failed.value) == f"Attribute '{missing}' is not present in the rendering data."


@pytest.mark.parametrize(
    "template",
    [
        "{{name",
        "{{{name}}",
        "{{!-- never ends }}",
        "{{}}",
        "{{a b}}",
        '{{"text"}}',
        "{{#if name}}",
        "{{#if name}}{{/each}}",
        "{{#if}}{{/if}}",
        "{{/if}}",
        "{{else}}",
        "{{#each words}}{{else}}{{else}}{{/each}}",
        "{{#times 3}}{{/times}}",
        '{{#*inline "a"}}',
        '{{#*other "a"}}{{/other}}',
        "{{> a b c}}",
        "{{#if a}}" * (MAX_DEPTH + 1) + "{{/if}}" * (MAX_DEPTH + 1),
    ],
)
def test_bad_syntax_is_refused(template: str) -> None:
    with pytest.raises(Malformed):
        handlebars.parsed(template)


def test_a_partial_that_is_not_there_can_not_be_rendered() -> None:
    with pytest.raises(Unrendered, match="'head' could not be found"):
        _rendered("{{> head}}")


def test_a_partial_that_holds_itself_ends() -> None:
    with pytest.raises(Unrendered, match="nested"):
        _rendered('{{#*inline "a"}}{{> a}}{{/inline}}{{> a}}')


def test_lists_within_lists_end() -> None:
    many: list[Json] = list(range(1000))
    template = handlebars.parsed("{{#each l}}{{#each l}}{{#each l}}x{{/each}}{{/each}}{{/each}}")
    with pytest.raises(Unrendered, match="too long"):
        handlebars.rendered(template, {"l": many})


def test_a_text_that_grows_beyond_a_mail_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlebars, "MAX_RENDERED", 100)
    with pytest.raises(Unrendered, match="longer than a mail"):
        handlebars.rendered(handlebars.parsed("{{#each l}}{{a}}{{/each}}"), {"l": [1, 2, 3], "a": "x" * 50})


@given(template=st.text(alphabet="{}#/!^&>*~.@- \nabelsifwth'\"[]", max_size=200))
def test_any_text_is_a_template_or_is_refused(template: str) -> None:
    with contextlib.suppress(Malformed, Unrendered):
        handlebars.rendered(handlebars.parsed(template), DATA)


@given(text=st.text().filter(lambda text: "{{" not in text))
def test_text_without_braces_stays_as_it_is(text: str) -> None:
    assert _rendered(text) == text


@given(value=st.text(max_size=100))
def test_values_are_never_templates(value: str) -> None:
    assert handlebars.rendered(handlebars.parsed("<{{a}}>"), {"a": value}) == f"<{value}>"
