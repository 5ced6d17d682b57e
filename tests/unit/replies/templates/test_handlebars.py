"""The language of the templates: what SES documents is understood, all else is refused with its line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.replies.templates.handlebars import MAX_DEPTH, Malformed, Source, parse, source_of
from tests.unit.replies.templates.made import nodes, shared


@pytest.mark.parametrize(
    ("text", "inlined"),
    [
        ("plain } text { with {one} brace, .a{b:c}}", "plain } text { with {one} brace, .a{b:c}}"),
        ("Hi {{ name }}", "Hi {{name}}"),
        ("a{{! gone }}b{{!-- {{gone}} too --}}c", "abc"),
        ("{{#if a}}x{{ else }}y{{/if}}", "{{#if a}}x{{else}}y{{/if}}"),
        ("{{#each a}}{{this}}{{../b}}{{@index}}{{/each}}", "{{#each a}}{{this}}{{../b}}{{@index}}{{/each}}"),
        ('{{#*inline "who"}}{{a.b}}{{/inline}}[{{> who}}]', "[{{a.b}}]"),
        ("{{> foot}}!", "-- {{a}}!"),
        ("{{#if a}}{{> two}}{{/if}}", "{{#if a}}(-- {{a}}){{/if}}"),
    ],
)
def test_what_ses_documents_is_understood_and_partials_are_put_in(text: str, inlined: str) -> None:
    partials = {"foot": "-- {{a}}", "two": "({{> foot}})"}
    assert source_of(nodes(text, partials=partials)) == inlined


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a\n\n{{name", ":3: the tag that begins here has no }}"),
        ("{{!-- never }}", ":1: the tag that begins here has no --}}"),
        ("\n{{{name}}}", ":2: three braces"),
        ("\\{{name}}", ":1: a backslash"),
        ("{{}}", ":1: {{}} is no variable"),
        ("{{~name}}", ":1: {{~name}} is no variable"),
        ("{{a b}}", "is no variable"),
        ('{{"text"}}', "is no variable"),
        ("{{true}}", "means something of its own"),
        ("{{lookup}}", "means something of its own"),
        ("{{#if name}}\n", ":1: {{#if name}} is not closed with {{/if}}"),
        ("{{#if name}}{{/each}}", "is not closed with {{/if}}"),
        ("{{#if}}{{/if}}", "is no variable"),
        ("{{#if a}}{{else if b}}{{/if}}", "{{else if b}} is no variable"),
        ("{{/if}}", "{{/if}} ends nothing"),
        ("{{else}}", "{{else}} ends nothing"),
        ("{{#each a}}{{else}}{{else}}{{/each}}", "is not closed with {{/each}}"),
        ("{{#times 3}}{{/times}}", "no block that SES documents: there are if, unless, each, with"),
        ('{{#*inline "a"}}', "is not closed with {{/inline}}"),
        ('{{#*other "a"}}{{/other}}', 'should be {{#*inline "name"}}'),
        ('{{#if b}}{{#*inline "a"}}{{/inline}}{{/if}}', "put it at the top of the file"),
        ('{{#*inline "a"}}1{{/inline}}{{#*inline "a"}}2{{/inline}}', "there is a partial 'a' already"),
        ("{{> head}}", "there is no partial 'head'"),
        ("{{> loop}}", "partials/loop.txt:1: the partial 'loop' is put into itself (loop > loop)"),
        ("{{> bad}}", "partials/bad.txt:2: {{/if}} ends nothing"),
        ("{{> foot contact}}", "should name a partial and nothing else"),
        ("{{> ../secret}}", "should name a partial and nothing else"),
        ("{{#if a}}" * (MAX_DEPTH + 1) + "{{/if}}" * (MAX_DEPTH + 1), "50 deep"),
        ("x" * 513_000, "over 500 KB"),
    ],
)
def test_what_ses_does_not_document_is_refused_with_its_line(text: str, fault: str) -> None:
    with pytest.raises(Malformed) as refused:
        nodes(text, partials={"loop": "{{> loop}}", "bad": "\n{{/if}}", "foot": ""})
    assert fault in str(refused.value)


def test_partials_that_double_each_other_are_refused_before_they_are_large() -> None:
    doubling = {f"p{n}": f"{{{{> p{n + 1}}}}}" * 2 for n in range(40)} | {"p40": "x" * 10_000}
    with pytest.raises(Malformed, match="over 500 KB"):
        nodes("{{> p30}}", partials=doubling)


def test_partials_that_double_nothing_are_read_once_each() -> None:
    asked: list[str] = []
    doubling = {f"p{n}": f"{{{{> p{n + 1}}}}}" * 2 for n in range(40)} | {"p40": "{{! nothing }}"}

    def found(name: str) -> Source | None:
        asked.append(name)
        return shared(doubling)(name)

    assert parse(Source("note/en/body.txt", "{{> p0}}{{> p20}}"), found) == ()
    assert sorted(asked) == sorted(doubling)


def test_inline_partials_that_nest_end_too() -> None:
    deep = "{{#if a}}" * 30 + "{{> p0}}" + "{{/if}}" * 30
    with pytest.raises(Malformed, match="50 deep"):
        nodes(f'{{{{#*inline "p0"}}}}{"{{#if a}}" * 30}x{"{{/if}}" * 30}{{{{/inline}}}}{deep}')


@given(text=st.text(alphabet="{}#/!^&>*~.@- \nabelsifwth'\"[]\\", max_size=200))
def test_any_text_is_a_template_or_is_refused_and_its_source_means_the_same(text: str) -> None:
    with contextlib.suppress(Malformed):
        understood = nodes(text)
        assert source_of(nodes(source_of(understood))) == source_of(understood)
