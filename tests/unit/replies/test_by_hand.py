"""The checks that bind a person's answer, each by itself."""

from dataclasses import replace
from typing import Any

import pytest

from postroom.address import State
from postroom.desk import Desk
from postroom.reasons import Reason
from postroom.replies.by_hand import CHECKS, MOST_RECIPIENTS, Case, refusals

DESK = Desk(address="support@desk.example", from_name="Support", recipients=("desk.example",))
ANN = "ann@example.com"
FINE = Case(
    recipients=(ANN,),
    participants=(ANN,),
    named=frozenset(),
    desk=DESK,
    said="Hello",
    raw=b"Subject: x\r\n\r\nHello\r\n",
)


def found(**changes: Any) -> list[tuple[Reason, bool]]:
    return [(each.reason, each.anyway) for each in refusals(replace(FINE, **changes))]


def test_an_ordinary_answer_has_nothing_against_it() -> None:
    assert refusals(FINE) == ()


@pytest.mark.parametrize(
    ("changes", "reason", "anyway"),
    [
        ({"said": " \n"}, Reason.NOTHING_WRITTEN, False),
        ({"recipients": ()}, Reason.NO_RECIPIENT, False),
        ({"recipients": (ANN,) * (MOST_RECIPIENTS + 1)}, Reason.TOO_MANY_RECIPIENTS, False),
        ({"raw": None}, Reason.TOO_LARGE_TO_SEND, False),
        ({"raw": "é".encode()}, Reason.UNSENDABLE_FORM, False),
        ({"raw": b"a\r\n" + b"x" * 999 + b"\r\nb"}, Reason.UNSENDABLE_FORM, False),
        ({"raw": b"x" * 999}, Reason.UNSENDABLE_FORM, False),
        ({"states": {ANN: State.LISTED}}, Reason.SUPPRESSED, False),
        ({"states": {ANN: State.HARD}}, Reason.SUPPRESSED, True),
        ({"states": {ANN: State.COMPLAINED}}, Reason.SUPPRESSED, True),
        ({"paused": "so SES says"}, Reason.SENDING_PAUSED, False),
        ({"breaker": "bounces 4 %"}, Reason.BREAKER_OPEN, True),
    ],
)
def test_each_check_finds_its_own(changes: dict[str, Any], reason: Reason, anyway: bool) -> None:
    assert found(**changes) == [(reason, anyway)]


@pytest.mark.parametrize(
    ("address", "reason", "anyway"),
    [
        ("noreply@example.com", Reason.NO_REPLY_ADDRESS, True),
        ("mailer-daemon@example.com", Reason.NO_REPLY_ADDRESS, True),
        ("help@desk.example", Reason.OUR_OWN_ADDRESS, False),
        ("jürgen@example.com", Reason.ADDRESS_NOT_SENDABLE, False),
    ],
)
def test_an_address_that_takes_part_may_still_be_no_place_to_write_to(
    address: str, reason: Reason, anyway: bool
) -> None:
    assert found(recipients=(address,), participants=(address,)) == [(reason, anyway)]


def test_a_stranger_has_to_be_named() -> None:
    assert found(recipients=("Mallory@example.net",)) == [(Reason.NOT_IN_CONVERSATION, False)]
    assert found(recipients=("Mallory@example.net",), named=frozenset({"mallory@example.net"})) == []


def test_a_line_of_998_characters_is_the_longest_that_goes_out() -> None:
    assert found(raw=b"x" * 998 + b"\r\n" + b"y" * 998) == []


def test_states_that_a_person_may_write_to_are_no_reason() -> None:
    free = (state for state in State if not state.suppressed)
    assert [found(states={ANN: state}) for state in free] == [[]] * 5


def test_what_cannot_be_overridden_says_what_to_do_and_never_that_it_can() -> None:
    for check in CHECKS:
        assert check.advice
        assert ("--anyway" in check.advice) is check.anyway, check.name
