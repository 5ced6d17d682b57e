"""The exchange with SES's suppression list: both ways, a few requests a run, and nothing twice."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from postroom.address import AddressEvent, Channel, Incident, State
from postroom.clock import iso
from postroom.errors import Poison, Retryable
from postroom.memory.outside import MemoryAddressBook, MemoryExchange, MemorySuppressionList
from postroom.ports import ListReason, Progress, Suppressed
from postroom.reasons import Reason
from postroom.stages.listing import DUE, LASTS, MEANS, REQUESTS, Exchanged, Listing
from tests.contracts.conftest import NOW

ANN, BOB = "ann@example.com", "bob@example.com"


@dataclass(slots=True)
class Town:
    """A desk's address book and SES's list; a pause lets the time go on."""

    now: datetime = NOW
    pauses: list[float] = field(default_factory=list)
    book: MemoryAddressBook = field(init=False)
    ses: MemorySuppressionList = field(init=False)
    exchange: MemoryExchange = field(default_factory=MemoryExchange)

    def __post_init__(self) -> None:
        self.book = MemoryAddressBook(clock=self.clock)
        self.ses = MemorySuppressionList(clock=self.clock)

    def clock(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)

    def run(self) -> Exchanged:
        self.now += timedelta(hours=1)
        return Listing(
            addresses=self.book,
            suppression_list=self.ses,
            exchange=self.exchange,
            clock=self.clock,
            pause=self.pause,
        )()

    def happened(self, address: str, event: AddressEvent, channel: Channel = Channel.MAIL) -> None:
        self.exchange.owe(address)
        self.book.move(address, Incident(event=event, id=f"{address}/{event}", at=iso(self.now), channel=channel))

    def listed(self, address: str, reason: ListReason = ListReason.BOUNCE, at: datetime | None = None) -> None:
        """By SES itself, or by somebody in its console."""
        self.ses.entries[address.lower()] = Suppressed(address=address, reason=reason, since=iso(at or self.now))


def test_every_state_and_every_reason_of_ses_has_its_row() -> None:
    assert set(DUE) == set(State)
    assert set(MEANS) == set(ListReason)


@pytest.mark.parametrize(
    ("event", "reason"),
    [(AddressEvent.HARD_BOUNCE, ListReason.BOUNCE), (AddressEvent.COMPLAINT, ListReason.COMPLAINT)],
)
def test_what_came_as_mail_is_told_to_ses_once(event: AddressEvent, reason: ListReason) -> None:
    town = Town()
    town.happened(ANN, event)
    assert town.run().told == 1
    assert town.ses.entries[ANN].reason is reason
    assert town.run().told == 0


def test_a_complaint_that_ses_has_as_a_bounce_becomes_one_there_and_never_the_other_way() -> None:
    town = Town()
    town.listed(ANN)
    town.listed(BOB, ListReason.COMPLAINT)
    town.happened(ANN, AddressEvent.COMPLAINT)
    town.happened(BOB, AddressEvent.HARD_BOUNCE)
    assert town.run().told == 1
    assert {each.reason for each in town.ses.entries.values()} == {ListReason.COMPLAINT}


def test_what_a_person_has_lifted_meanwhile_or_what_heals_by_itself_is_not_told() -> None:
    town = Town()
    town.happened(ANN, AddressEvent.HARD_BOUNCE)
    town.now += timedelta(minutes=1)
    town.book.move(ANN, Incident(event=AddressEvent.LIFTED, id="l", at=iso(town.now), channel=Channel.PERSON))
    town.happened(BOB, AddressEvent.DOMAIN_ERROR)
    assert town.run() == Exchanged()
    assert (town.ses.entries, town.exchange.owing) == ({}, {})


def test_all_that_ses_listed_before_we_came_is_read_the_first_time_and_only_news_after_that() -> None:
    town = Town()
    town.listed("Ann@Example.com", at=NOW - timedelta(days=400))
    town.listed(BOB, ListReason.COMPLAINT, at=NOW - timedelta(days=3))
    assert town.run().read == 2
    assert town.book.state("Ann@example.com") is State.LISTED  # a local part is its owner's
    assert town.book.state(BOB) is State.COMPLAINED
    town.listed("new@example.com")
    assert town.run().read == 1
    assert town.book.state("new@example.com") is State.LISTED


def test_a_long_list_is_read_over_several_runs_and_goes_on_where_it_ended() -> None:
    town = Town()
    town.ses.page_size = 2
    for number in range(150):
        town.listed(f"a{number}@example.com", at=NOW - timedelta(days=9))
    read = [town.run().read for _ in range(3)]
    assert read == [2 * REQUESTS["read"], 2 * REQUESTS["read"], 30]
    assert all(town.book.state(f"a{number}@example.com") is State.LISTED for number in range(150))
    assert town.exchange.stands.token == ""


def test_a_place_that_ses_has_forgotten_begins_the_pass_anew() -> None:
    town = Town()
    town.listed(ANN, at=NOW - timedelta(days=9))
    town.exchange.keep(Progress(token="40", began=iso(NOW)))
    town.ses.forgotten = {"40"}
    assert town.run().read == 1
    assert town.book.state(ANN) is State.LISTED


def test_what_is_read_again_changes_nothing_that_a_person_has_said_since() -> None:
    town = Town()
    town.listed(ANN, ListReason.COMPLAINT, at=NOW - timedelta(days=1))
    town.run()
    town.now += timedelta(minutes=1)
    town.book.move(ANN, Incident(event=AddressEvent.LIFTED, id="l", at=iso(town.now), channel=Channel.PERSON))
    town.exchange.keep(Progress())  # as if it had never been read
    town.run()
    assert town.book.state(ANN) is State.HEALTHY


def test_an_address_that_somebody_took_off_there_is_written_to_again() -> None:
    town = Town()
    town.listed("Ann@Example.com", at=NOW - timedelta(days=9))
    town.run()
    town.ses.delete("Ann@Example.com")
    assert town.run().unlisted == 1
    assert town.book.state("Ann@example.com") is State.HEALTHY


@pytest.mark.parametrize("event", [AddressEvent.HARD_BOUNCE, AddressEvent.COMPLAINT])
def test_what_we_know_ourselves_stays_whatever_is_taken_off_there(event: AddressEvent) -> None:
    town = Town()
    town.happened(ANN, event)
    town.run()
    before = town.book.state(ANN)
    town.ses.delete(ANN)
    town.run()
    assert town.book.state(ANN) is before


def test_what_only_a_bounce_told_may_be_on_the_global_list_and_is_not_asked_for() -> None:
    town = Town()
    town.happened(ANN, AddressEvent.LISTED, Channel.SES_EVENT)
    assert town.run().unlisted == 0
    assert town.book.state(ANN) is State.LISTED


def test_what_a_bounce_told_first_heals_too_once_it_was_seen_on_the_list() -> None:
    town = Town()
    town.happened(ANN, AddressEvent.LISTED, Channel.SES_EVENT)
    town.listed(ANN)
    town.run()
    town.ses.delete(ANN)
    assert town.run().unlisted == 1


def test_the_turns_come_to_all_and_then_begin_again() -> None:
    town = Town()
    many = 2 * REQUESTS["checked"] + 10
    for number in range(many):  # imported together: at one moment
        town.listed(f"a{number}@example.com", at=NOW - timedelta(days=9))
    town.run()
    town.run()
    town.ses.entries.clear()
    assert sum(town.run().unlisted for _ in range(4)) == many


def test_requests_are_a_second_apart_and_a_run_ends_in_time() -> None:
    town = Town()
    for number in range(300):
        town.happened(f"a{number}@example.com", AddressEvent.HARD_BOUNCE)
        town.listed(f"b{number}@example.com")
    began = town.now + timedelta(hours=1)
    told = town.run().told
    assert 0 < told <= REQUESTS["told"]
    assert town.now - began <= LASTS + timedelta(seconds=3)
    assert min(town.pauses) >= 1.0
    assert len(town.exchange.owing) == 300 - told


def test_where_ses_gives_no_answer_the_next_run_goes_on_and_nothing_is_lost() -> None:
    town = Town()
    town.happened(ANN, AddressEvent.HARD_BOUNCE)
    town.ses.failure = Retryable("SES: TooManyRequestsException")
    assert town.run() == Exchanged(broke_off="SES: TooManyRequestsException")
    town.ses.failure = None
    assert town.run().told == 1


def test_an_address_that_ses_never_lists_keeps_no_other_from_its_turn() -> None:
    class Choosy(MemorySuppressionList):
        def put(self, address: str, reason: ListReason) -> None:
            if address == ANN:
                raise Poison(Reason.ADDRESS_NOT_SENDABLE, "SES lists no such address")
            self.entries[address] = Suppressed(address=address, reason=reason, since=iso(NOW))

    town = Town()
    town.ses = Choosy(clock=town.clock)
    town.happened(ANN, AddressEvent.HARD_BOUNCE)
    town.happened(BOB, AddressEvent.HARD_BOUNCE)
    assert town.run().told == 1
    assert (list(town.ses.entries), town.exchange.owing) == ([BOB], {})


def test_what_is_no_address_is_passed_over() -> None:
    town = Town()
    town.listed("nobody")
    town.listed(f"{'a' * 400}@example.com")
    town.run()
    assert town.book.noted == {}
