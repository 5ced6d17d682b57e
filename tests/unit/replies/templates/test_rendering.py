"""Rendering: what has no value is told with its place, and nothing is endless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.replies.templates.rendering import MissingVariable, Unrendered, render
from postroom.replies.templates.variables import Value
from tests.unit.replies.templates.made import nodes

DATA: dict[str, Value] = {
    "name": "Ann",
    "empty": "",
    "zero": 0,
    "nothing": None,
    "yes": True,
    "contact": {"first": "Ann", "home": {"city": "Ghent"}},
    "words": ["a", "b"],
    "none": [],
}


def rendered(text: str) -> str:
    return render(nodes(text), DATA)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Hi {{name}}, {{contact.home.city}} {{zero}} {{yes}}", "Hi Ann, Ghent 0 true"),
        ("{{#each words}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0a,1b"),
        ("{{#each words}}{{../name}}{{/each}}", "AnnAnn"),
        ("{{#each contact.home}}{{@key}}: {{this}}{{/each}}", "city: Ghent"),
        ("{{#each none}}x{{else}}no{{/each}}", "no"),
        ("{{#if name}}a{{else}}b{{/if}}{{#if empty}}a{{else}}b{{/if}}{{#if zero}}a{{/if}}", "ab"),
        ("{{#if nothing}}a{{/if}}{{#unless none}}c{{/unless}}", "c"),
        ("{{#with contact}}{{first}}{{#with home}}{{city}}{{../../name}}{{/with}}{{/with}}", "AnnGhentAnn"),
        ("{{#with empty}}x{{else}}y{{/with}}", "y"),
    ],
)
def test_a_template_is_filled_in(text: str, result: str) -> None:
    assert rendered(text) == result


@pytest.mark.parametrize(
    "missing", ["missing", "contact.age", "nothing", "@index", "../name", "name.first", "contact.home.city.street"]
)
def test_what_has_no_value_is_named_with_file_and_line(missing: str) -> None:
    with pytest.raises(MissingVariable) as failed:
        rendered("Hello\n{{" + missing + "}}")
    assert str(failed.value) == f"note/en/body.txt:2: the variable {missing!r} has no value"


def test_what_is_missing_in_a_partial_is_found_there() -> None:
    with pytest.raises(MissingVariable, match=r"partials/foot.txt:2: the variable 'gone'"):
        render(nodes("{{> foot}}", partials={"foot": "\n{{gone}}"}), DATA)


@pytest.mark.parametrize("block", ["if", "unless", "each", "with"])
def test_asking_for_what_is_missing_is_an_error_too(block: str) -> None:
    with pytest.raises(MissingVariable, match="'missing'"):
        rendered(f"{{{{#{block} missing}}}}x{{{{/{block}}}}}")


def test_a_name_is_not_looked_for_further_out() -> None:
    with pytest.raises(MissingVariable, match="'name'"):
        rendered("{{#with contact}}{{name}}{{/with}}")


@pytest.mark.parametrize("text", ["{{words}}", "{{contact}}", "{{#each name}}x{{/each}}"])
def test_lists_and_text_do_not_stand_for_each_other(text: str) -> None:
    with pytest.raises(Unrendered, match=r"note/en/body.txt:1"):
        rendered(text)


def test_lists_within_lists_end() -> None:
    many: Value = list(range(1, 1000))
    for inner in ("x", ""):
        text = f"{{{{#each l}}}}{{{{#each ../l}}}}{{{{#each ../../l}}}}{inner}{{{{/each}}}}{{{{/each}}}}{{{{/each}}}}"
        with pytest.raises(Unrendered, match="longer than anybody would read"):
            render(nodes(text), {"l": many})


def test_long_values_end() -> None:
    with pytest.raises(Unrendered, match="longer than anybody would read"):
        render(nodes("{{#each l}}{{../a}}{{/each}}"), {"l": ["x"] * 100, "a": "x" * 100_000})


@given(text=st.text().filter(lambda text: "{{" not in text))
def test_text_without_tags_stays_as_it_is(text: str) -> None:
    assert rendered(text) == text


@given(value=st.text(max_size=100))
def test_values_are_never_templates(value: str) -> None:
    assert render(nodes("<{{a}}>"), {"a": value}) == f"<{value}>"
