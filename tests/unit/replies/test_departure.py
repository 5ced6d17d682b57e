"""What keeps a mail of the desk back, whatever it answers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.address import State
from postroom.breaker import Breaker, Circuit
from postroom.ports import Account, Standing
from postroom.reasons import Reason
from postroom.replies.departure import (
    FORM,
    MOST_BYTES,
    MOST_IN_LINE,
    Circumstances,
    Outgoing,
    doubtful,
    refusals,
    unfit,
)

GOOD = Circumstances(standing=Standing(address=State.HEALTHY, breaker=Breaker()), account=Account(daily=200, left=200))
MAIL = b"From: Support <support@desk.example>\r\nTo: ann@example.com\r\nSubject: Re: A\r\n question\r\n\r\nHello\r\n"


def reasons(seen: Circumstances) -> list[Reason]:
    return [refusal.reason for refusal in refusals(seen)]


def faults(raw: bytes, recipients: int = 1) -> list[str]:
    rcpt_to = tuple(f"a{number}@example.com" for number in range(recipients))
    return [refusal.check for refusal in unfit(Outgoing(raw=raw, rcpt_to=rcpt_to))]


def test_nothing_keeps_back_what_nothing_speaks_against() -> None:
    assert reasons(GOOD) == []
    assert faults(MAIL) == []


@pytest.mark.parametrize("state", list(State))
def test_an_address_that_bounced_or_complained_is_not_written_to(state: State) -> None:
    seen = replace(GOOD, standing=replace(GOOD.standing, address=state))
    assert reasons(seen) == ([Reason.SUPPRESSED] if state.suppressed else [])


@pytest.mark.parametrize("circuit", list(Circuit))
def test_an_open_breaker_keeps_mail_back_and_says_why(circuit: Circuit) -> None:
    breaker = Breaker(circuit=circuit, since="2026-11-24T07:30:00.000Z", why="bounces 3.40% (34 of 1000)")
    found = list(refusals(replace(GOOD, standing=replace(GOOD.standing, breaker=breaker))))
    assert [each.reason for each in found] == ([Reason.BREAKER_OPEN] if circuit is Circuit.OPEN else [])
    assert all("34 of 1000" in each.detail for each in found)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (Account(sending=False), [Reason.SENDING_PAUSED]),
        (Account(sending=False, enforcement="SHUTDOWN"), [Reason.SENDING_PAUSED]),
        (Account(enforcement="PROBATION"), [Reason.UNDER_REVIEW]),
        (Account(enforcement="SOMETHING_NEW"), []),
        (Account(daily=200, left=21), []),
        (Account(daily=200, left=20), [Reason.QUOTA_RESERVED]),
        (Account(daily=0, left=0), []),  # any number
    ],
)
def test_what_ses_says_of_the_account_keeps_mail_back(account: Account, expected: list[Reason]) -> None:
    assert reasons(replace(GOOD, account=account)) == expected


def test_what_ses_has_on_its_list_would_get_nothing() -> None:
    assert reasons(replace(GOOD, listed=True)) == [Reason.LISTED_BY_SES]


def test_ses_is_asked_about_an_address_only_where_its_mail_has_come_back() -> None:
    assert {state for state in State if doubtful(state)} == {
        State.SOFT_ONCE,
        State.SOFT_TWICE,
        State.SOFT_OFTEN,
        State.MAILBOX_FULL,
    }


def test_all_that_speaks_against_it_is_told() -> None:
    seen = Circumstances(
        standing=Standing(address=State.HARD, breaker=Breaker(circuit=Circuit.OPEN)),
        account=Account(sending=False),
        listed=True,
    )
    assert len(reasons(seen)) == 4


@pytest.mark.parametrize(
    ("raw", "check"),
    [
        (MAIL + b"x" * MOST_IN_LINE + b"\r\n", None),
        (MAIL + b"x" * (MOST_IN_LINE + 1) + b"\r\n", "line_length"),
        (MAIL + b"x" * 1_000, "line_length"),
        ("Grüße".join((MAIL.decode(), "\r\n")).encode(), "seven_bit"),
        (MAIL + b"one\ntwo\r\n", "line_ends"),
        (MAIL + b"one\rtwo\r\n", "line_ends"),
        (MAIL + b"\n\r\r\n", "line_ends"),
        (b"Subject: nobody\r\n\r\nHello", "header"),
        (b"From: a@b.example\r\nFrom: c@d.example\r\n\r\nHello", "header"),
        (b"From: a@b.example\r\nSUBJECT: 1\r\nSubject: 2\r\n\r\nHello", "header"),
        (b"From: a@b.example\r\nno field\r\n\r\nHello", "header"),
        (b" From: a@b.example\r\n\r\nHello", "header"),
        (b"From: a@b.example\r\nSubject: \x07\r\n\r\nHello", "header"),
        (b"From: a@b.example\r\nX-Note: 1\r\nX-Note: 2\r\n\r\nHello", None),
        (b"From: a@b.example\r\n", "header"),
        (b"", "header"),
    ],
)
def test_what_is_no_mail_is_never_handed_to_ses(raw: bytes, check: str | None) -> None:
    assert faults(raw) == ([check] if check else [])


@pytest.mark.parametrize(("recipients", "fits"), [(0, False), (1, True), (50, True), (51, False)])
def test_one_send_has_from_one_to_fifty_recipients(recipients: int, fits: bool) -> None:
    assert faults(MAIL, recipients) == ([] if fits else ["recipients"])


@pytest.mark.parametrize("name", ["run.exe", "RUN.EXE", "a.b.js", "invoice.pdf.lnk"])
def test_a_file_whose_name_ends_as_those_that_ses_refuses_stays_here(name: str) -> None:
    [refusal] = unfit(Outgoing(raw=MAIL, rcpt_to=("ann@example.com",), files=("offer.pdf", name)))
    assert (refusal.reason, refusal.detail) == (Reason.FILE_TYPE_REFUSED, name)


@pytest.mark.parametrize("name", ["offer.pdf", "exe", "js.txt", "exe.", ""])
def test_a_file_of_any_other_name_goes_out(name: str) -> None:
    assert list(unfit(Outgoing(raw=MAIL, rcpt_to=("ann@example.com",), files=(name,)))) == []


def test_a_mail_is_as_large_as_ses_takes_it_and_not_larger() -> None:
    line = b"x" * 76 + b"\r\n"
    filled = MAIL + line * ((MOST_BYTES - len(MAIL)) // len(line))
    assert faults(filled) == []
    assert faults(filled + line) == ["size"]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_judged(raw: bytes) -> None:
    assert set(faults(MAIL + raw)) <= {check.name for check in FORM}
    faults(raw)
