"""What every address book counts, and that it is exact: told twice, told at once, and met by somebody else's write."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from types_boto3_dynamodb import DynamoDBClient

from postroom.address import AddressEvent, Incident, State
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.counters import DynamoStatistics
from postroom.errors import Retryable
from postroom.memory.outside import MemoryAddressBook
from postroom.ports import AddressBook, Count, Statistics
from tests.contracts.conftest import clock, table_of_addresses

TODAY, YESTERDAY = "2026-11-24", "2026-11-23"
THREADS = 8


@dataclass(frozen=True)
class Both:
    book: AddressBook
    statistics: Statistics


def of(client: DynamoDBClient, table: str = "addresses") -> Both:
    book = DynamoAddressBook(client=client, table=table, clock=clock)
    return Both(book, DynamoStatistics(client=client, table=table))


@pytest.fixture(params=["memory", "dynamodb"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "memory":
        book = MemoryAddressBook(clock=clock)
        return Both(book, book)
    request.getfixturevalue("dynamodb")
    return of(boto3.client("dynamodb"))


def bounce(number: int, day: str = TODAY, domain: str = "example.com") -> Count:
    names = ("bounce", "bounce:mailbox_full")
    return Count(day=day, id=f"b{number}", names=names, domains={domain: ("mailbox_full",)}, exact=True)


def delivery(number: int, day: str = TODAY, domain: str = "example.com") -> Count:
    return Count(day=day, id=f"d{number}", names=("delivery",), domains={domain: ("delivered",)})


@pytest.mark.parametrize("kind", [bounce, delivery])
def test_what_is_told_again_counts_once_on_whichever_day_it_is_told(both: Both, kind: Callable[..., Count]) -> None:
    both.book.count(kind(1))
    both.book.count(kind(1))
    both.book.count(kind(1, day=YESTERDAY))
    assert both.statistics.days([TODAY, YESTERDAY]) == {TODAY: dict.fromkeys(kind(1).names, 1)}


def test_days_have_each_name_and_those_without_anything_are_left_out(both: Both) -> None:
    for number in range(20):  # over every shard
        both.book.count(bounce(number))
        both.book.count(delivery(number, YESTERDAY))
    assert both.statistics.days([TODAY, YESTERDAY, "2026-11-01"]) == {
        TODAY: {"bounce": 20, "bounce:mailbox_full": 20},
        YESTERDAY: {"delivery": 20},
    }
    assert both.statistics.days([]) == {}


def test_a_year_can_be_asked_for(both: Both) -> None:
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    some = days[::48]
    for number, day in enumerate(some):
        both.book.count(delivery(number, day))
    assert both.statistics.days(days) == {day: {"delivery": 1} for day in some}


def test_domains_have_what_became_of_their_recipients_on_these_days(both: Both) -> None:
    both.book.count(bounce(1))
    both.book.count(bounce(2, YESTERDAY))
    both.book.count(delivery(1, domain="example.org"))
    both.book.count(delivery(2, "2026-11-01"))
    assert both.statistics.domains([TODAY, YESTERDAY]) == {
        "example.com": {"mailbox_full": 2},
        "example.org": {"delivered": 1},
    }
    assert both.statistics.domains(["2026-11-02"]) == {}


def test_an_event_about_fifty_domains_is_counted_whole(both: Both) -> None:
    domains = {f"d{number}.example": ("hard_bounce",) for number in range(50)}
    both.book.count(Count(day=TODAY, id="many", names=("bounce",), domains=domains, exact=True))
    assert both.statistics.domains([TODAY]) == {domain: {"hard_bounce": 1} for domain in domains}


def test_an_event_without_a_name_counts_for_nothing(both: Both) -> None:
    both.book.count(Count(day=TODAY, id="none", names=()))
    assert both.statistics.days([TODAY]) == {}


# Met by somebody else's write


@dataclass
class Busy:
    """A client whose first writes of a kind meet a transaction of somebody else."""

    client: DynamoDBClient
    call: str
    times: int
    asked: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.client, name)

        def call(**parameters: Any) -> Any:
            self.asked[name] += 1
            if name == self.call and self.asked[name] <= self.times:
                raise ClientError(self._refusal(len(parameters.get("TransactItems", ()))), name)
            return real(**parameters)

        return call

    def _refusal(self, items: int) -> Any:
        if not items:
            return {"Error": {"Code": "TransactionConflictException", "Message": ""}}
        codes = ["None", *["TransactionConflict"] * (items - 1)]
        reasons = [{"Code": code} for code in codes]
        return {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}


@pytest.mark.parametrize(("kind", "call"), [(bounce, "transact_write_items"), (delivery, "update_item")])
def test_a_counter_that_somebody_else_writes_at_this_moment_is_tried_again(
    dynamodb: DynamoDBClient, kind: Callable[..., Count], call: str
) -> None:
    book = DynamoAddressBook(client=dynamodb, table="addresses", clock=clock)
    replace(book, client=Busy(dynamodb, call, times=2)).count(kind(1))  # type: ignore[arg-type]  # a client's methods
    assert of(dynamodb).statistics.days([TODAY]) == {TODAY: dict.fromkeys(kind(1).names, 1)}


def test_an_exact_one_that_never_gets_its_turn_is_counted_when_the_queue_gives_it_again(
    dynamodb: DynamoDBClient,
) -> None:
    book = DynamoAddressBook(client=dynamodb, table="addresses", clock=clock)
    busy = replace(book, client=Busy(dynamodb, "transact_write_items", times=99))  # type: ignore[arg-type]  # as above
    with pytest.raises(Retryable, match="TransactionConflict"):
        busy.count(bounce(1))
    assert of(dynamodb).statistics.days([TODAY]) == {}
    book.count(bounce(1))
    assert of(dynamodb).statistics.days([TODAY])[TODAY]["bounce"] == 1


# Many at once, on an engine that bears it


def at_once(acts: Iterable[Callable[[], object]]) -> None:
    """As the queue does it: what finds no room now comes again."""

    def persist(act: Callable[[], object]) -> None:
        for _ in range(50):
            try:
                act()
            except Retryable:
                continue
            return
        raise AssertionError("it never got its turn")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(persist, acts))


@pytest.mark.journey
def test_counters_are_exact_where_eight_tell_the_same_at_once(ministack: DynamoDBClient) -> None:
    both = of(ministack, table_of_addresses(ministack))
    counts = [kind(number) for _ in range(3) for number in range(30) for kind in (bounce, delivery)]
    at_once(partial(both.book.count, each) for each in counts)
    assert both.statistics.days([TODAY]) == {TODAY: {"bounce": 30, "bounce:mailbox_full": 30, "delivery": 30}}
    assert both.statistics.domains([TODAY]) == {"example.com": {"mailbox_full": 30, "delivered": 30}}


@pytest.mark.journey
def test_an_address_that_eight_speak_of_at_once_misses_nothing_and_takes_nothing_twice(
    ministack: DynamoDBClient,
) -> None:
    both = of(ministack, table_of_addresses(ministack))
    events = [AddressEvent.SOFT_BOUNCE] * 5 + [AddressEvent.HARD_BOUNCE, AddressEvent.DELAYED, AddressEvent.COMPLAINT]
    told = [Incident(event=event, id=str(number), at="2026-11-24T07:03:17.120Z") for number, event in enumerate(events)]
    at_once(partial(both.book.move, "ann@example.com", each) for _ in range(3) for each in told)
    assert both.book.state("ann@example.com") is State.COMPLAINED
    assert sorted(each.id for each in both.book.history("ann@example.com")) == [each.id for each in told]
