"""What holds of any rules and any mail: an answer always comes, order matters where it should, files round trip."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.errors import Misconfigured
from postroom.rules.actions import Actions, Handling, Priority
from postroom.rules.conditions import AllOf, AnyOf, Condition, Not
from postroom.rules.facts import Facts
from postroom.rules.glob import Glob
from postroom.rules.hours import ALWAYS_OPEN, Hours
from postroom.rules.reading import RuleBook
from postroom.rules.rule import Rule
from postroom.rules.rules import RuleSet, load
from postroom.rules.trees import impossible
from postroom.rules.writing import condition, write
from tests.unit.rules.books import ACTIONS, HOURS, MOMENTS, TREES, books, mails
from tests.unit.rules.test_rules import DEFAULT

NOTHING = Actions()


@given(books(), mails())
def test_any_rules_have_an_answer_to_any_mail(book: RuleBook, mail: Facts) -> None:
    finding = RuleSet(version="x", book=book).apply(mail)
    assert finding.priority in (*Priority, None)
    assert (finding.priority is None) is (not finding.rules)
    assert set(finding.rules) <= {rule.name for rule in book.rules}
    assert len(finding.signals) <= 30


@given(books(), mails())
def test_the_same_mail_always_gets_the_same_answer(book: RuleBook, mail: Facts) -> None:
    rules = RuleSet(version="x", book=book)
    assert rules.apply(mail) == rules.apply(replace(mail))


@given(st.lists(TREES, min_size=1, max_size=4), st.randoms(use_true_random=False), mails())
def test_all_and_any_do_not_care_for_order(trees: list[Condition], random: object, mail: Facts) -> None:
    shuffled = sorted(trees, key=lambda _: random.random())  # type: ignore[attr-defined] # hypothesis's Random
    for join in (AllOf, AnyOf):
        one, other = (join(of=tuple(each)).answer(mail, NOTHING).holds for each in (trees, shuffled))
        assert one is other


@given(TREES, TREES, mails())
def test_not_all_is_any_not(one: Condition, other: Condition, mail: Facts) -> None:
    """De Morgan, with "nobody knows" as the third value."""
    left = Not(of=AllOf(of=(one, other))).answer(mail, NOTHING).holds
    assert left is AnyOf(of=(Not(of=one), Not(of=other))).answer(mail, NOTHING).holds


@given(TREES, mails())
def test_to_know_more_of_a_mail_takes_no_answer_back(tree: Condition, mail: Facts) -> None:
    as_a_file = Facts(message=mail.message, kind=mail.kind, language=mail.language)
    before, after = (tree.answer(each, NOTHING).holds for each in (as_a_file, mail))
    assert before is None or before is after


@given(TREES, mails())
def test_what_cannot_be_fits_no_mail(tree: Condition, mail: Facts) -> None:
    if impossible(tree):
        assert not tree.answer(mail, NOTHING).holds


@given(ACTIONS, ACTIONS, ACTIONS)
def test_actions_add_up_whatever_is_put_together_first(a: Actions, b: Actions, c: Actions) -> None:
    assert a.then(b).then(c) == a.then(b.then(c))
    assert a.then(a) == a
    assert NOTHING.then(a) == a.then(NOTHING) == a


@given(books())
def test_a_rule_book_is_read_from_its_file_as_it_was_written(book: RuleBook) -> None:
    with suppress(Misconfigured):  # some of these are impossible or never reached, and the reader says so
        assert load(write(book)).book == book


@given(TREES)
def test_a_condition_is_read_as_it_was_written(tree: Condition) -> None:
    book = RuleBook(rules=(Rule(name="a", when=tree, stop=True),))
    if not impossible(tree):
        assert load(write(book)).book == book, condition(tree)


def test_the_shipped_rules_round_trip() -> None:
    shipped = load(DEFAULT.read_text(encoding="utf-8")).book
    assert load(write(shipped)).book == shipped


# --- hours


@given(HOURS, MOMENTS, st.integers(1, 3_000))
def test_a_due_date_is_in_opening_hours_and_never_before_its_mail(hours: Hours, at: datetime, minutes: int) -> None:
    work = timedelta(minutes=minutes)
    due = hours.after(at, work)
    if due is None:
        assert not any(hours.week)
    else:
        assert due >= at + work
        assert hours.is_open(due - timedelta(microseconds=1))


@given(HOURS, MOMENTS, st.integers(1, 900), st.integers(1, 900))
def test_working_time_adds_up(hours: Hours, at: datetime, one: int, other: int) -> None:
    first = hours.after(at, timedelta(minutes=one))
    if first is not None:
        whole = hours.after(at, timedelta(minutes=one + other))
        assert whole == hours.after(first, timedelta(minutes=other))


@given(MOMENTS, st.integers(1, 10_000))
def test_round_the_clock_time_is_working_time(at: datetime, minutes: int) -> None:
    assert ALWAYS_OPEN.after(at, timedelta(minutes=minutes)) == at + timedelta(minutes=minutes)


# --- patterns


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=12))
def test_a_pattern_fits_what_its_regular_expression_fits(pattern: str, text: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
    assert Glob(pattern).fits(text) is expected


@pytest.mark.parametrize("pattern", ["a*a*a*a*a*b", "*a*a*a*"])
def test_a_pattern_is_quick_on_a_text_made_to_hurt(pattern: str) -> None:
    assert Glob(pattern).fits("a" * 1_000_000) is (not pattern.endswith("b"))


def test_a_disposition_that_loses_mail_is_none() -> None:
    assert {handling.value for handling in Handling} == {"handle", "quarantine", "refuse"}
