"""What rules and models have seen, in words for people."""

import pytest

from cli.explaining.signals import WORDS, seen, who
from postroom.rules import conditions


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ("urgency:outage+60", "it presses: outage (+60 points)"),
        ("holiday:yes", "it came on a holiday"),
        ("word:locked", "the model goes by “locked”"),
        ("category:account 1.00", "the model says account (100 % sure)"),
        ("unsure:billing 0.41", "the model was not sure: perhaps billing (41 % sure)"),
        ("category:billing", "an earlier rule gave it the category billing"),
        ("model:d8f22ef5baae", "the desk's model d8f22ef5baae was asked"),
        ("of_tomorrow:7", "of_tomorrow:7"),
    ],
)
def test_a_signal_is_told_in_words(signal: str, words: str) -> None:
    assert seen(signal) == words


def test_every_fact_that_a_rule_can_ask_for_has_its_words() -> None:
    single = {*conditions.SINGLE_FACTS, *conditions.SET_FACTS, *conditions.NUMBER_FACTS, *conditions.ADDRESS_FACTS}
    assert single | {"subject", "text", "header", "time"} <= {name for name, words in WORDS.items() if words}
    for name in conditions.YES_NO_FACTS:
        assert {seen(f"{name}:yes"), seen(f"{name}:no")}.isdisjoint({f"{name}:yes", f"{name}:no"})


def test_what_gave_the_category_is_named_for_what_it_is() -> None:
    assert who("model:d8f22ef5baae") == "the desk's model d8f22ef5baae"
    assert who("opinion") == "a second opinion"
    assert who("bills") == "the rule “bills”"
