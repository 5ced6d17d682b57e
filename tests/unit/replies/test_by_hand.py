"""The checks that bind a person's answer, each by itself."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.address import State
from postroom.desk import Desk
from postroom.reasons import Reason
from postroom.replies.by_hand import CHECKS, Case, refusals
from postroom.replies.departure import MOST_RECIPIENTS, Outgoing, unfit

DESK = Desk(address="support@desk.example", from_name="Support", recipients=("desk.example",))
ANN = "ann@example.com"
MAIL = b"From: Support <support@desk.example>\r\nSubject: x\r\n\r\nHello\r\n"
FINE = Case(
    recipients=(ANN,),
    participants=(ANN,),
    named=frozenset(),
    desk=DESK,
    said="Hello",
    raw=MAIL,
)


def found(**changes: Any) -> list[tuple[Reason, bool]]:
    return [(each.reason, each.anyway) for each in refusals(replace(FINE, **changes))]


def test_an_ordinary_answer_has_nothing_against_it() -> None:
    assert refusals(FINE) == ()


@pytest.mark.parametrize(
    ("changes", "reason", "anyway"),
    [
        ({"said": " \n"}, Reason.NOTHING_WRITTEN, False),
        ({"recipients": (), "raw": b""}, Reason.NO_RECIPIENT, False),
        ({"recipients": (ANN,) * (MOST_RECIPIENTS + 1)}, Reason.TOO_MANY_RECIPIENTS, False),
        ({"files": ("report.pdf", "Run.EXE")}, Reason.FILE_TYPE_REFUSED, False),
        ({"raw": None}, Reason.TOO_LARGE_TO_SEND, False),
        ({"raw": MAIL + "é".encode()}, Reason.UNSENDABLE_FORM, False),
        ({"raw": MAIL + b"a\r\n" + b"x" * 999 + b"\r\nb"}, Reason.UNSENDABLE_FORM, False),
        ({"raw": b"Subject: nobody\r\n\r\nHello"}, Reason.UNSENDABLE_FORM, False),
        ({"states": {ANN: State.HARD}, "listed": frozenset({ANN})}, Reason.LISTED_BY_SES, False),
        ({"states": {ANN: State.LISTED}}, Reason.SUPPRESSED, True),
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


@given(st.binary(max_size=300))
def test_the_form_of_a_mail_binds_people_as_it_binds_machines(raw: bytes) -> None:
    machines = [each.reason for each in unfit(Outgoing(raw=MAIL + raw, rcpt_to=(ANN,)))]
    assert found(raw=MAIL + raw) == [(reason, False) for reason in machines]


def test_states_that_a_person_may_write_to_are_no_reason() -> None:
    free = (state for state in State if not state.suppressed)
    assert [found(states={ANN: state}) for state in free] == [[]] * 5


def test_what_cannot_be_overridden_says_what_to_do_and_never_that_it_can() -> None:
    for check in CHECKS:
        assert check.advice
        assert ("--anyway" in check.advice) is check.anyway, check.name
