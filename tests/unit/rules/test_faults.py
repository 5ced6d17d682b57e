"""What is wrong with a rules file, or hardly meant: all of it at once, by line, in words for who wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.desk import Desk
from postroom.kinds.kind import Kind
from postroom.message import Message
from postroom.rules.facts import Facts
from postroom.rules.fault import FaultyRules
from postroom.rules.known import Known
from postroom.rules.rules import load

DESK = Desk(address="desk@desk.example", from_name="", agents=("staff.example",))
KNOWN = Known(templates=dict.fromkeys(("welcome", "thanks"), frozenset()), desk=DESK)


def faults(text: str, known: Known = KNOWN) -> tuple[str, ...]:
    with pytest.raises(FaultyRules) as caught:
        load(text, known=known)
    return caught.value.faults


def warnings(when: str) -> list[str]:
    return [str(each) for each in load(f"rules:\n- {{name: a, category: x, when: {when}}}").warnings]


# --- all at once


def test_every_fault_is_told_in_one_pass_by_line() -> None:
    told = faults("""targets: {high: soon}
urgency:
  reasons:
  - {name: outage, when: {kind: persn}}
rules:
- name: first
  reply: wellcome
- name: first
  assign: bob@elsewhere.example
  when: {kind: lists}
- name: last
  categry: x
macros:
  unused: [a]
  broken: {kind: bulky}
""")
    places = [tuple(map(int, each.split(":")[1:3])) for each in told]
    assert places == [(1, 17), (4, 5), (4, 33), (7, 10), (8, 3), (9, 11), (10, 16), (12, 3), (14, 3), (15, 3), (15, 18)]


def test_a_template_and_an_agent_who_are_not_there_have_their_place() -> None:
    assert faults("rules:\n- {name: a, reply: wellcome, assign: bob@elsewhere.example}") == (
        "rules.yaml:2:20: rule 'a': `reply: wellcome` is no template: there are thanks, welcome. Did you mean welcome?",
        "rules.yaml:2:38: rule 'a': `assign: bob@elsewhere.example` is none of the desk's agents: those are "
        "staff.example.",
    )


@pytest.mark.parametrize("known", [Known(), Known(desk=Desk(address="", from_name="")), KNOWN])
def test_where_nobody_knows_better_a_name_is_right(known: Known) -> None:
    text = "rules: [{name: a, reply: welcome, assign: ann@staff.example}, {name: b, reply: none, when: {kind: list}}]"
    with pytest.raises(FaultyRules, match="has no effect"):
        load(text.replace(", when: {kind: list}", ""), known=known)
    assert load("rules: [{name: a, reply: welcome, assign: ann@staff.example}]", known=known).warnings == ()


def test_a_macro_with_a_fault_is_no_fault_where_it_is_used() -> None:
    (told,) = faults("macros: {big: {kind: persn}}\nrules:\n- {name: a, category: x, when: $big}")
    assert "1:22: macro 'big'" in told


def test_a_rule_with_a_fault_makes_no_rule_below_it_useless() -> None:
    (told,) = faults("rules:\n- {name: a, wen: {kind: list}, category: x, stop: yes}\n- {name: b, category: x}")
    assert "no `wen`" in told


def test_no_more_than_a_hundred_faults_are_told() -> None:
    told = faults("rules:\n" + "- {nam: a}\n" * 150)
    assert len(told) == 101
    assert told[-1].endswith("faults; mend these first.")


@given(st.lists(st.sampled_from(("- {nam: a}", "- {name: b, priority: hihg}", "- {name: c, category: x}")), min_size=1))
def test_faults_are_told_in_the_order_of_the_file(rules: list[str]) -> None:
    text = "\n".join(["rules:", "- {name: z, priority: hihg}", *rules])
    with pytest.raises(FaultyRules) as caught:
        load(text)
    assert list(caught.value.found) == sorted(caught.value.found, key=lambda fault: fault.place)


# --- what is no YAML


@pytest.mark.parametrize("word", ["*rechnung", "*rückerstattung", "*rechnung*", "*offene rechnung", "@here", "%d"])
def test_a_word_that_yaml_takes_for_its_own_is_to_be_put_in_quotes(word: str) -> None:
    for text in (f"rules:\n- name: a\n  when: {{words: [{word}]}}", f"rules:\n- name: a\n  when:\n    words: {word}"):
        (told,) = faults(text)
        assert f'put {word} in quotes, "{word}"' in told
        assert int(told.split(":")[1]) == text.count("\n") + 1


@pytest.mark.parametrize("text", ["rules:\n- name: a\n\tcategory: x", "rules:\n\t- name: a", "rules:\n-\tname: a"])
def test_a_tab_is_told_of_as_one(text: str) -> None:
    assert faults(text)[0].endswith("use spaces, not tabs.")


# --- what was meant


def test_a_mapping_is_called_what_it_is() -> None:
    assert "must be a word or a phrase, no `key: value`." in faults("rules: [{name: a, tags: {a: b}}]")[0]


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ("{weekday: mon-thr}", "mon-thu?"),
        ("{weekday: mondy}", "monday?"),
        ("{weekday: mondy-friday}", "mon-fri?"),
        ("{header: {name: x-mailr, present: yes}}", "x-mailer?"),
        ("{header: {name: x-foo, present: yes}}", ""),
        ("{weekday: a-b-c}", ""),
    ],
)
def test_only_what_is_like_a_known_word_is_suggested(when: str, meant: str) -> None:
    (told,) = faults(f"rules: [{{name: a, category: x, when: {when}}}]")
    assert told.partition("Did you mean ")[2] == meant


def test_a_macro_that_is_misspelt_where_it_is_used_is_not_called_unused() -> None:
    (told,) = faults("macros: {vip: [a]}\nrules:\n- {name: a, category: x, when: {words: $vips}}")
    assert told.endswith("Did you mean $vip?")


# --- what is hardly meant


@pytest.mark.parametrize(
    ("when", "sign", "instead"),
    [
        ('{subject: "a|b"}', "`|`", "[one, other]"),
        ('{words: ["(re"]}', "`(`", "Write words"),
        ('{text: "^order"}', "`^`", "Take it out"),
        ('{unless: "order$"}', "`$`", "Take it out"),
        ('{words: "order [0-9]"}', "`[0-9`", "Write words"),
        ("{words: 'order \\d'}", "`\\d`", "Write words"),
        ('{header: {name: subject, matches: "^Out(look"}}', "`^`", "asterisks for anything"),
        ('{attachments: {name: "a|b"}}', "`|`", "[one, other]"),
    ],
)
def test_the_signs_of_regular_expressions_are_told_of_with_what_to_write(when: str, sign: str, instead: str) -> None:
    (told,) = warnings(when)
    assert told.startswith("rules.yaml:2:")
    assert sign in told
    assert instead in told


@pytest.mark.parametrize(
    "when",
    ['{subject: "[spam] (again)"}', '{header: {name: subject, matches: "[spam]*"}}', "{words: $outage}", "{text: c++}"],
)
def test_a_sign_that_may_well_be_meant_is_left_alone(when: str) -> None:
    assert warnings(when) == []


def test_a_sign_in_a_pattern_still_stands_for_itself() -> None:
    rules = load('rules: [{name: a, category: x, when: {header: {name: subject, matches: "a|b*"}}}]')
    found = [
        rules.apply(Facts(message=Message(subject=subject), kind=Kind.PERSON)).category for subject in ("a|b c", "a c")
    ]
    assert found == ["x", None]


# --- which rules acted


def test_a_rule_that_set_nothing_new_has_not_acted() -> None:
    rules = load("""rules:
- {name: bills, category: billing, tags: [a]}
- {name: tagged again, tags: [a], when: {category: billing}}
- {name: more, category: other, tags: [b], when: {category: billing}}
- {name: end, stop: yes, when: {tag: b}}
- {name: everything else, category: general, priority: low}
""")
    finding = rules.apply(Facts(message=Message(), kind=Kind.PERSON))
    assert finding.rules == ("bills", "more", "end")
