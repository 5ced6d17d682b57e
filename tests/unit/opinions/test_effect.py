"""What an opinion may change: the tables are total, and the changes go one way."""

from dataclasses import asdict, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.opinion import Confidence, NoOpinion, Opinion
from postroom.opinions.effect import TAKES_CATEGORY, TAKES_PRIORITY, Against, Category, is_open, weighed
from postroom.reasons import Reason
from postroom.rules.actions import Priority
from postroom.rules.rules import CategoryFinding

NOBODY = CategoryFinding()
BY_A_RULE = CategoryFinding(
    category="order", priority=Priority.NORMAL, rule="order", confidence=80, signals=("subject:order",)
)
BY_THE_LAST_RULE = CategoryFinding(category="general", priority=Priority.NORMAL, rule="everything else", confidence=20)

FINDINGS = st.builds(
    CategoryFinding,
    category=st.none() | st.sampled_from(["order", "billing"]),
    priority=st.none() | st.sampled_from(Priority),
    rule=st.sampled_from(["", "a"]),
    confidence=st.integers(0, 100),
    signals=st.just(("subject:order",)),
)
OPINIONS = st.builds(
    Opinion,
    category=st.none() | st.sampled_from(["order", "billing", "sales"]),
    priority=st.sampled_from(Priority),
    confidence=st.sampled_from(Confidence),
)


def says(category: str | None, priority: str = "normal", confidence: Confidence = Confidence.HIGH) -> Opinion:
    return Opinion(category=category, priority=priority, confidence=confidence)


def test_the_tables_are_total() -> None:
    assert set(TAKES_CATEGORY) == set(product(Category, Confidence))
    assert set(TAKES_PRIORITY) == set(product(Against, Confidence))


def test_a_guess_changes_nothing() -> None:
    assert not [row for row, takes in (*TAKES_CATEGORY.items(), *TAKES_PRIORITY.items()) if takes and row[1] == "low"]


@pytest.mark.parametrize("finding", [NOBODY, BY_THE_LAST_RULE])
def test_a_category_that_nobody_knew_is_filled_in(finding: CategoryFinding) -> None:
    found = weighed(finding, says("billing", confidence=Confidence.MEDIUM))
    assert (found.finding.category, found.finding.rule, found.finding.confidence) == ("billing", "opinion", 30)
    assert "opinion:category" in found.finding.signals
    assert found.facts["opinion"] == "billing normal medium"


def test_a_category_that_a_rule_gave_stays() -> None:
    found = weighed(BY_A_RULE, says("billing"))
    assert found.finding == BY_A_RULE
    assert found.facts == {"opinion": "billing normal high", "opinion_taken": "nothing"}


def test_a_priority_is_raised_where_the_opinion_is_sure() -> None:
    found = weighed(BY_A_RULE, says("billing", "high"))
    assert found.finding == replace(BY_A_RULE, priority=Priority.HIGH, signals=("subject:order", "opinion:priority"))
    assert weighed(BY_A_RULE, says("billing", "high", Confidence.MEDIUM)).finding == BY_A_RULE


@given(FINDINGS, OPINIONS)
def test_no_opinion_lowers_a_priority(finding: CategoryFinding, said: Opinion) -> None:
    order = list(Priority)
    before, after = (found.priority or Priority.NORMAL for found in (finding, weighed(finding, said).finding))
    assert order.index(after) >= order.index(before)


@given(FINDINGS, OPINIONS)
def test_what_an_opinion_did_not_fill_in_is_as_it_was(finding: CategoryFinding, said: Opinion) -> None:
    found = weighed(finding, said)
    taken = found.facts["opinion_taken"]
    if finding.category is not None and finding.confidence > 20:
        assert (found.finding.category, found.finding.rule, found.finding.confidence) == (
            finding.category,
            finding.rule,
            finding.confidence,
        )
    if "category" in taken:
        assert found.finding.category == said.category
    if taken == "nothing":
        assert found.finding == finding
    assert found.finding.signals[: len(finding.signals)] == finding.signals


@given(FINDINGS, OPINIONS)
def test_no_other_field_of_a_finding_is_touched(finding: CategoryFinding, said: Opinion) -> None:
    before, after = asdict(finding), asdict(weighed(finding, said).finding)
    touched = {name for name in before if before[name] != after[name]}
    assert touched <= {"category", "priority", "rule", "confidence", "signals"}


@given(FINDINGS, st.sampled_from(Reason))
def test_without_an_opinion_nothing_changes_and_the_record_says_why(finding: CategoryFinding, reason: Reason) -> None:
    found = weighed(finding, NoOpinion(reason=reason, detail="ThrottlingException"))
    assert found.finding == finding
    assert found.facts == {"opinion": f"none: {reason} (ThrottlingException)"}


def test_a_finding_is_open_where_a_category_or_a_priority_is_missing() -> None:
    assert is_open(NOBODY)
    assert is_open(BY_THE_LAST_RULE)
    assert is_open(replace(BY_A_RULE, priority=None))
    assert not is_open(BY_A_RULE)
