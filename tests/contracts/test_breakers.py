"""What every place for the breaker does."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import boto3
import pytest
from types_boto3_dynamodb import DynamoDBClient

from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.breakers import DynamoBreakers
from postroom.breaker import DAYS, Breaker, Circuit, Mark, Tally, days
from postroom.memory.outside import MemoryAddressBook, MemoryBreakers
from postroom.ports import AddressBook, Breakers, Count
from tests.contracts.conftest import KEY_SCHEMA, NOW, clock

TODAY = "2026-11-24"
OPEN = Breaker(
    circuit=Circuit.OPEN,
    since="2026-11-24T07:30:00.000Z",
    why="bounces 3.40% (34 of 1000)",
    by="feedback",
    mark=Mark(day=TODAY, tally=Tally(sent=1_000, bounces=34, complaints=1)),
)
CLOSED = Breaker(since="2026-11-24T08:00:00.000Z", why="mended", by="ann@desk.example", mark=Mark(day=TODAY))


@dataclass(frozen=True)
class Both:
    book: AddressBook
    breakers: Breakers


@pytest.fixture(params=["memory", "dynamodb"])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "memory":
        book = MemoryAddressBook()
        return Both(book, MemoryBreakers(book=book))
    request.getfixturevalue("dynamodb")
    client = boto3.client("dynamodb")
    return Both(
        DynamoAddressBook(client=client, table="addresses", clock=clock),
        DynamoBreakers(client=client, table="addresses"),
    )


def test_what_nobody_moved_is_closed(both: Both) -> None:
    assert both.breakers.breaker() == Breaker()
    assert list(both.breakers.moves()) == []


def test_it_is_kept_as_it_was_moved_and_the_address_book_gives_it_with_a_state(both: Both) -> None:
    assert both.breakers.replace(Breaker(), OPEN)
    assert both.breakers.breaker() == OPEN
    assert both.book.standing("ann@example.com").breaker == OPEN


def test_who_looked_at_an_older_one_moves_nothing(both: Both) -> None:
    both.breakers.replace(Breaker(), OPEN)
    both.breakers.replace(OPEN, CLOSED)
    assert not both.breakers.replace(OPEN, OPEN)
    assert both.breakers.breaker() == CLOSED


def test_its_moves_are_kept_the_last_first(both: Both) -> None:
    both.breakers.replace(Breaker(), OPEN)
    both.breakers.replace(OPEN, CLOSED)
    assert list(both.breakers.moves()) == [CLOSED, OPEN]


def test_what_was_counted_is_given_by_day(both: Both) -> None:
    for number in range(3):
        both.book.count(Count(day=TODAY, id=f"s{number}", names=["send"]))
    both.book.count(Count(day=TODAY, id="b1", names=["hard_bounce"]))
    both.book.count(Count(day="2026-11-01", id="c1", names=["held_complaint"]))
    both.book.count(Count(day="2026-11-01", id="d1", names=["delivery"]))
    assert both.breakers.counted([TODAY, "2026-11-01", "2026-11-02"]) == {
        TODAY: Tally(sent=3, bounces=1),
        "2026-11-01": Tally(complaints=1),
    }


def test_all_the_days_that_may_count_are_read_at_once(both: Both) -> None:
    every = days(Breaker(), NOW)
    both.book.count(Count(day=every[-1], id="s1", names=["send"]))
    assert len(every) == DAYS + 1
    assert both.breakers.counted(every) == {every[-1]: Tally(sent=1)}


def test_of_many_who_move_it_at_once_one_does(ministack: DynamoDBClient) -> None:
    table = f"addresses-{time.monotonic_ns()}"
    ministack.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=KEY_SCHEMA,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    breakers = DynamoBreakers(client=ministack, table=table)
    with ThreadPoolExecutor(8) as workers:
        moved = list(workers.map(lambda _: breakers.replace(Breaker(), OPEN), range(32)))
    assert moved.count(True) == 1
    assert breakers.breaker() == OPEN
    assert len(list(breakers.moves())) == 1
