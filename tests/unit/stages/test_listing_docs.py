"""docs/suppression.md says what passes between SES's list and ours, and what to do about each reason."""

from pathlib import Path

import pytest

from postroom.feedback.advice import ADVICE
from postroom.feedback.became import Became
from postroom.feedback.report import BounceReason
from postroom.ports import ListReason
from postroom.stages.listing import DUE, MEANS, REQUESTS

PAGE = (Path(__file__).parents[3] / "docs" / "suppression.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("reason", BounceReason)
def test_each_reason_stands_there_with_its_advice(reason: BounceReason) -> None:
    assert f"| `{reason}` | {ADVICE[reason]} |" in PAGE


@pytest.mark.parametrize("reason", ListReason)
def test_what_is_told_and_what_is_read_stands_there(reason: ListReason) -> None:
    (state,) = (state for state, due in DUE.items() if due is reason)
    assert f"**{state}** (`{reason}`)" in PAGE
    assert f"`{reason}` is `{MEANS[reason]}`" in PAGE


def test_how_much_a_run_asks_and_what_a_reply_can_become_stands_there() -> None:
    told, read, checked = (REQUESTS[name] for name in ("told", "read", "checked"))
    assert f"{told} tellings, {read} readings of 100 addresses, and {checked} askings" in PAGE
    shown = [f"`{each}`" for each in Became]
    assert all(each in PAGE for each in shown)
