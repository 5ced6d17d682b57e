"""Variables: typed, in one table, and used as what they are."""

import pytest
from hypothesis import given as assuming
from hypothesis import strategies as st

from postroom.replies.templates.handlebars import RESERVED
from postroom.replies.templates.meaning import uses
from postroom.replies.templates.ses import ESCAPED
from postroom.replies.templates.variables import EXAMPLES, TABLE, VARIABLES, Unfit, Value, escaped, given
from tests.unit.replies.templates.made import nodes


def faults(text: str) -> list[str]:
    return [f"{use.at}: {use.fault}" for use in uses(nodes(text)) if use.fault]


def test_every_example_is_of_its_kind_and_no_name_means_something_else() -> None:
    assert given(EXAMPLES).keys() == {variable.name for variable in TABLE}
    assert not {*RESERVED, ESCAPED} & {variable.name for variable in TABLE}
    assert not [variable for variable in TABLE if variable.always and variable.optional]


def test_what_may_be_left_out_is_empty_and_what_is_needed_stays_missing() -> None:
    filled = given({"subject": "A"})
    assert (filled["subject"], filled["message"], filled["questions"], filled["last_notice"]) == ("A", "", (), False)
    assert not (VARIABLES - {"subject"}) & filled.keys()


def test_a_value_is_made_fit_for_its_kind() -> None:
    filled = given({"subject": "a\r\nBcc: b", "message": "one\r\n two\u202e ", "questions": ["x\ny"], "other": 1})
    assert (filled["subject"], filled["message"], filled["questions"]) == ("a Bcc: b", "one\n two", ["x y"])
    assert "other" not in filled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", None),
        ("subject", ["a"]),
        ("message", 1),
        ("last_notice", "yes"),
        ("questions", "one"),
        ("questions", [["one"]]),
        ("good_url", "javascript:alert(1)"),
        ("good_url", "https://desk.example/\" onclick='x'"),
        ("good_url", "https://desk.example/a b"),
        ("good_url", "HTTPS://"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(name: str, value: Value) -> None:
    with pytest.raises(Unfit, match=f"the variable '{name}' should be a"):
        given({name: value})


def test_a_link_may_lead_to_a_page_or_a_mail() -> None:
    for url in ("https://desk.example/s?a=1&b=%20", "http://desk.example", "mailto:a@desk.example?subject=Good"):
        assert given({"good_url": url})["good_url"] == url


@assuming(value=st.text())
def test_escaped_text_holds_no_markup_of_its_own(value: str) -> None:
    text = escaped(value)
    assert isinstance(text, str)
    assert not set(text.replace("<br>\n", "")) & set("<>\"'")


def test_values_are_escaped_at_any_depth() -> None:
    assert escaped({"a": ["<", {"b": "&\n"}], "c": True, "d": None}) == {
        "a": ["&lt;", {"b": "&amp;<br>\n"}],
        "c": True,
        "d": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        "{{subject}}{{message}}{{good_url}}",
        "{{#each questions}}{{@index}} {{this}} {{../subject}}{{#if ../message}}x{{/if}}{{else}}{{subject}}{{/each}}",
        "{{#if last_notice}}a{{else}}b{{/if}}{{#unless questions}}c{{/unless}}",
    ],
)
def test_variables_used_as_what_they_are_have_no_fault(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("\n{{topic}}", ":2: unknown variable 'topic'; known are desk_address, fair_url, "),
        ("{{#if subject}}{{else}}{{topic}}{{/if}}", "unknown variable 'topic'"),
        ("{{#if topic}}{{/if}}", "unknown variable 'topic'"),
        ("{{questions}}", "'questions' is a list: write {{#each}} around {{this}}"),
        ("{{last_notice}}", "'last_notice' is yes or no: ask for it with {{#if}}"),
        ("{{#each subject}}{{/each}}", "'subject' is no list"),
        ("{{#with subject}}{{/with}}", "leave the block out"),
        ("{{subject.length}}", "no variable has parts"),
        ("{{this}}", "no variable has parts"),
        ("{{@index}}", "within {{#each}} only"),
        ("{{../subject}}", "goes up further"),
        ("{{#each questions}}{{subject}}{{/each}}", "write {{this}}, or ../ before a name"),
        ("{{#each questions}}{{#each this}}{{/each}}{{/each}}", "'this' is no list"),
    ],
)
def test_a_variable_used_as_something_else_is_told_of_with_its_line(text: str, fault: str) -> None:
    assert [found for found in faults(text) if fault in found]
