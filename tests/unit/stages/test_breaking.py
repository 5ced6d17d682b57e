"""Bounces and complaints open the breaker, time lets it try again, and a person closes it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from postroom.address import State
from postroom.breaker import Breaker, Circuit, Tally
from postroom.errors import Retryable
from postroom.feedback import ses_events
from postroom.feedback.faults import COUNTED, blocks_of
from postroom.memory.outside import MemoryAddressBook, MemoryBreakers
from postroom.ports import Count
from postroom.stages.breaking import Breaking
from tests.contracts.conftest import clock
from tests.unit.stages.desk import MemoryDesk
from tests.unit.stages.test_feedback import BOUNCE

COMPLAINT: dict[str, Any] = {
    "eventType": "Complaint",
    "complaint": {
        "feedbackId": "c",
        "timestamp": "2026-11-24T07:30:00.000Z",
        "complainedRecipients": [{"emailAddress": "ann@example.com"}],
    },
    "mail": BOUNCE["mail"],
}


def happened(desk: MemoryDesk, event: dict[str, Any], times: int = 1, **changes: Any) -> None:
    """The event, of so many mails; `changes` to its own object."""
    name = event["eventType"].lower()
    for number in range(times):
        own = {**event[name], "feedbackId": f"{name}-{number}", **changes}
        mail = {**event["mail"], "messageId": f"sent-{number}"}
        desk.happened(ses_events.read({**event, name: own, "mail": mail}))


def test_too_many_hard_bounces_open_the_breaker() -> None:
    desk = MemoryDesk()
    happened(desk, BOUNCE, times=9)
    assert desk.breaking().judge().circuit is Circuit.CLOSED
    happened(desk, BOUNCE, times=10)  # nine of them come again and count once
    assert desk.breaking().judge().circuit is Circuit.OPEN
    (opened,) = MemoryBreakers(book=desk.addresses).moves()
    assert opened.by == "feedback"


def test_two_complaints_open_the_breaker() -> None:
    desk = MemoryDesk()
    happened(desk, COMPLAINT, times=2)
    assert desk.breaking().judge().circuit is Circuit.OPEN


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        (BOUNCE, {"bounceType": "Transient"}),
        (BOUNCE, {"bounceSubType": "OnAccountSuppressionList"}),
        (BOUNCE, {"bouncedRecipients": [{"emailAddress": "bounce@simulator.amazonses.com", "status": "5.1.1"}]}),
        (COMPLAINT, {"complaintFeedbackType": "not-spam"}),
        (COMPLAINT, {"complainedRecipients": [{"emailAddress": "complaint+1@Simulator.AmazonSES.com"}]}),
    ],
)
def test_what_ses_holds_against_nobody_opens_nothing(event: dict[str, Any], changes: dict[str, Any]) -> None:
    desk = MemoryDesk()
    happened(desk, event, times=20, **changes)
    assert desk.addresses.moved == []
    assert not {name for _, name in desk.addresses.counters} & {*COUNTED.values()}


def test_an_open_breaker_is_half_open_after_a_day_and_closes_when_what_went_out_is_proven() -> None:
    desk = MemoryDesk()
    happened(desk, BOUNCE, times=10)
    assert desk.breaking(hours_later=1).judge().circuit is Circuit.OPEN
    assert desk.breaking(hours_later=25).judge().circuit is Circuit.HALF_OPEN
    for number in range(100):
        desk.addresses.count(Count(day="2026-11-26", id=f"s{number}", names=["send"]))
    assert desk.breaking(hours_later=49).judge().circuit is Circuit.CLOSED
    assert desk.addresses.state("ann@example.com") is State.HARD  # the breaker forgives no address


def test_a_person_resets_it_with_a_reason_that_is_kept() -> None:
    desk = MemoryDesk()
    happened(desk, BOUNCE, times=10)
    told = list[Breaker]()
    by_ann = replace(desk.breaking(hours_later=1), by="ann@desk.example", tell=told.append)
    closed = by_ann.reset("the import was wrong")
    assert (closed.circuit, closed.by, closed.why) == (Circuit.CLOSED, "ann@desk.example", "the import was wrong")
    assert told == [closed]
    assert by_ann.judge() == closed


@dataclass(slots=True)
class Quicker(MemoryBreakers):
    """Somebody else is always quicker."""

    def replace(self, before: Breaker, after: Breaker) -> bool:
        return False


def test_a_reset_that_others_undo_each_time_says_so() -> None:
    never = Breaking(breakers=Quicker(book=MemoryAddressBook()), clock=clock, by="ann@desk.example")
    with pytest.raises(Retryable, match="look at it"):
        never.reset("mended")


def test_who_watches_hears_the_rates_at_every_look_also_of_what_came_before_a_move() -> None:
    desk, seen = MemoryDesk(), list[Tally]()
    happened(desk, BOUNCE, times=10)  # the tenth opens it, and the count begins anew
    watched = replace(desk.breaking(), watch=seen.append)
    watched.judge()
    assert [each.bounces for each in seen] == [10]
    assert watched.volume()[1].bounces == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("smtp; 550 5.7.1 blocked using zen.spamhaus.example", {"spam_or_blocked": 1}),
        ("smtp; 550 5.7.26 unauthenticated mail is prohibited", {"authentication": 1}),
        ("smtp; 550 5.1.1 no such user", {}),
        ("smtp; 552 5.2.2 mailbox full", {}),
    ],
)
def test_refusals_that_are_our_own_matter_are_told_by_their_reason(words: str, told: dict[str, int]) -> None:
    recipient = {"emailAddress": "ann@example.com", "action": "failed", "diagnosticCode": words}
    event = {**BOUNCE, "bounce": {**BOUNCE["bounce"], "bouncedRecipients": [recipient]}}
    assert blocks_of(ses_events.read(event)) == told


def test_the_feedback_stage_tells_of_refusals_and_leaves_the_address_as_it_is() -> None:
    desk, told = MemoryDesk(), list[tuple[str, int]]()
    desk.blocked = lambda reason, recipients: told.append((reason, recipients))
    recipient = {"emailAddress": "ann@example.com", "diagnosticCode": "smtp; 550 5.7.26 unauthenticated mail"}
    happened(desk, BOUNCE, bouncedRecipients=[recipient, {**recipient, "emailAddress": "bob@example.com"}])
    assert told == [("authentication", 2)]
    assert desk.addresses.state("ann@example.com") is State.HEALTHY
