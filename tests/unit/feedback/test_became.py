"""What became of a mail of ours, for each whom it went to; and what to do about it."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.address import AddressEvent
from postroom.conversation import Entry, EntryKind
from postroom.feedback.advice import ADVICE
from postroom.feedback.became import SAYS, Became, became, told
from postroom.feedback.report import BounceReason

ANN, BOB = "ann@example.com", "bob@example.com"
E = AddressEvent


def reply(**facts: str) -> Entry:
    return Entry(at="2026-11-24T07:30:00.000Z", kind=EntryKind.REPLY, id="sent-1", author="desk", facts=facts)


def delivery(event: str, whom: str = ANN, sent_id: str = "sent-1", **more: str) -> Entry:
    facts = {"recipient": whom, "event": event, "sent_id": sent_id, **more}
    id_ = f"{event}/{whom}"
    return Entry(at="2026-11-24T07:31:00.000Z", kind=EntryKind.DELIVERY, id=id_, author="feedback", facts=facts)


def test_every_event_and_every_reason_has_its_row() -> None:
    assert set(SAYS) == set(AddressEvent)
    assert set(ADVICE) == set(BounceReason)
    assert all(each.endswith(".") and each[0].isupper() for each in ADVICE.values())


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], Became.SENT),
        ([E.DELAYED], Became.DELAYED),
        ([E.DELAYED, E.DELIVERED], Became.DELIVERED),
        ([E.DELAYED, E.SOFT_BOUNCE], Became.BOUNCED),
        ([E.DELIVERED, E.HARD_BOUNCE], Became.BOUNCED),
        ([E.DELIVERED, E.COMPLAINT], Became.COMPLAINED),
    ],
)
def test_news_lead_to_one_state_in_whatever_order_they_come(events: list[AddressEvent], state: Became) -> None:
    for order in permutations(events):
        found = became([reply(to=ANN), *map(delivery, order)])
        assert found == {"sent-1": {ANN: state}}
        assert told(found[next(iter(found))]) == state


@given(st.lists(st.sampled_from(AddressEvent), max_size=6))
def test_repeats_and_order_change_nothing(events: list[AddressEvent]) -> None:
    entries = [delivery(each) for each in events]
    assert became([*entries, *reversed(entries)]) == became(entries)


def test_what_ses_rejected_is_no_bounce() -> None:
    assert became([delivery(E.BLAMED_ON_US, rejected="yes")]) == {"sent-1": {ANN: Became.REJECTED}}


def test_each_of_several_has_its_own() -> None:
    entries = [reply(to=f"{ANN}, Carl@Example.NET", cc=BOB), delivery(E.DELIVERED), delivery(E.MAILBOX_FULL, BOB)]
    (of_mail,) = became(entries).values()
    assert of_mail == {ANN: Became.DELIVERED, "Carl@example.net": Became.SENT, BOB: Became.BOUNCED}
    assert told(of_mail) == f"delivered: {ANN}, sent: Carl@example.net, bounced: {BOB}"


def test_of_a_mail_that_nothing_is_told_of_it_is_known_that_it_was_sent() -> None:
    (of_mail,) = became([reply(template="acknowledgement")]).values()
    assert (of_mail, told(of_mail)) == ({}, Became.SENT)


def test_what_an_older_version_has_written_is_passed_over() -> None:
    assert became([delivery("no_such_event")]) == {"sent-1": {ANN: Became.SENT}}
