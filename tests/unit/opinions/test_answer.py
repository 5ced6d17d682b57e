"""An answer is three of our own names, or it is thrown away whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.opinion import Confidence, NoOpinion, Opinion
from postroom.opinions.answer import read
from postroom.opinions.prompt import NOTHING_FITS
from postroom.reasons import Reason
from tests.unit.opinions.test_prompt import question

GOOD = {"category": "billing", "priority": "high", "confidence": "medium"}


def test_an_answer_of_our_names_is_an_opinion() -> None:
    assert read(GOOD, question()) == Opinion(category="billing", priority="high", confidence=Confidence.MEDIUM)


def test_nothing_fits_is_an_answer() -> None:
    found = read({**GOOD, "category": NOTHING_FITS}, question())
    assert found == Opinion(category=None, priority="high", confidence=Confidence.MEDIUM)


@pytest.mark.parametrize(
    "said",
    [
        None,
        "billing",
        [],
        {},
        [GOOD],
        {"category": "billing", "priority": "high"},
        {**GOOD, "disposition": "refused"},
        {**GOOD, "category": "Billing"},
        {**GOOD, "category": "billing "},
        {**GOOD, "category": ["billing"]},
        {**GOOD, "category": None},
        {**GOOD, "category": "spam"},
        {**GOOD, "priority": "urgent"},
        {**GOOD, "priority": 3},
        {**GOOD, "confidence": "certain"},
        {**GOOD, "confidence": 0.9},
        {"answer": GOOD},
    ],
)
def test_anything_else_is_thrown_away(said: object) -> None:
    found = read(said, question())
    assert isinstance(found, NoOpinion)
    assert found.reason is Reason.OPINION_ODD


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
)
NAMES = st.sampled_from([*GOOD, "reason", "disposition"])
VALUES = st.sampled_from(["billing", "order", NOTHING_FITS, "low", "normal", "high", "medium", "refused"]) | JSON


@given(JSON | st.dictionaries(NAMES, VALUES))
def test_whatever_is_said_an_opinion_is_made_of_the_questions_names(said: object) -> None:
    asked = question()
    match read(said, asked):
        case Opinion(category=category, priority=priority):
            assert category is None or category in asked.categories
            assert priority in asked.priorities
        case NoOpinion(reason=reason, detail=detail):
            assert reason is Reason.OPINION_ODD
            assert len(detail) < 60
