"""What a model answers, reckoned by hand, and what it can't answer."""

from itertools import product
from math import exp, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.categories.model import Guess
from tests.unit.categories.small import LABELS, model


def test_margins_are_the_sum_of_weights_over_the_root_of_their_number() -> None:
    assert model().margins("Refund", "of my invoice") == pytest.approx([1.6 / sqrt(2), -1.2 / sqrt(2)])


def test_confidence_is_the_softmax_of_the_margins() -> None:
    guess = model().guess("", "a refund")
    assert (guess.label, guess.sure) == ("billing", True)
    assert guess.confidence == pytest.approx(1 / (1 + exp(-2)))


def test_below_the_threshold_it_is_not_sure() -> None:
    assert model(threshold=0.9).guess("", "a refund").sure is False


def test_a_text_without_a_known_word_is_nobodys() -> None:
    assert model().guess("", "qqq") == Guess(label="billing", confidence=0.5, sure=False)


def test_the_words_that_weighed_most_come_first_and_what_spoke_against_is_not_among_them() -> None:
    guess = model({"refund": (90, 0), "invoice": (50, 0), "paid": (60, 0), "vat": (20, 0), "parcel": (0, 30)}).guess(
        "", "refund, vat, invoice paid for a parcel"
    )
    assert (guess.label, guess.words) == ("billing", ("refund", "paid", "invoice"))


def test_a_word_is_named_only_if_the_model_knows_it_as_a_word() -> None:
    """A name that shares a piece with a known word stays out of the record."""
    assert model({"refund": (90, 0)}).guess("", "Refunderson").words == ()


def test_a_word_that_comes_again_weighs_the_same() -> None:
    twice = model()
    assert twice.guess("", "refund") == twice.guess("", "refund")


def test_what_a_model_remembers_of_words_is_bounded() -> None:
    small, letters = model(), "abcdefghijklmnopqrstuvwxyz"
    for one, two in product(letters, letters):
        small.guess("", " ".join(f"{one}{two}{three}" for three in letters) + " " + one * 3_000)
    assert len(small.met) == 4_000
    assert max(map(len, small.met)) <= 24


@given(st.text(max_size=100), st.text(max_size=1_000))
def test_any_text_gets_one_of_the_labels_and_a_share(subject: str, text: str) -> None:
    guess = model().guess(subject, text)
    assert guess.label in LABELS
    assert 0.5 <= guess.confidence <= 1
    assert len(guess.words) <= 3
