"""What every address book does."""

import boto3
import pytest

from postroom.address import AddressEvent, Incident, State
from postroom.aws.addresses import DynamoAddressBook
from postroom.breaker import Breaker
from postroom.feedback.table import next_state
from postroom.memory.outside import MemoryAddressBook
from postroom.ports import AddressBook, Standing
from tests.contracts.conftest import clock

AT = "2026-11-24T07:03:17.120Z"
ANN = "ann@example.com"


@pytest.fixture(params=["memory", "dynamodb"])
def book(request: pytest.FixtureRequest) -> AddressBook:
    if request.param == "memory":
        return MemoryAddressBook()
    request.getfixturevalue("dynamodb")
    return DynamoAddressBook(client=boto3.client("dynamodb"), table="addresses", clock=clock)


def test_an_unknown_address_is_healthy(book: AddressBook) -> None:
    assert book.state(ANN) == State.HEALTHY


@pytest.mark.parametrize("event", list(AddressEvent))
def test_an_event_moves_an_address_as_the_table_says(book: AddressBook, event: AddressEvent) -> None:
    expected = next_state(State.HEALTHY, event)
    assert book.move(ANN, Incident(event=event, id="e1", at=AT)) == (State.HEALTHY, expected)
    assert book.state(ANN) == expected
    assert book.move(ANN, Incident(event=event, id="e2", at=AT)) == (expected, next_state(expected, event))


def test_a_repeated_event_changes_nothing(book: AddressBook) -> None:
    event = AddressEvent.HARD_BOUNCE
    _, after = book.move(ANN, Incident(event=event, id="e1", at=AT))
    assert book.move(ANN, Incident(event=event, id="e1", at=AT)) == (after, after)
    assert book.state(ANN) == after


def test_a_late_repeat_does_not_undo_what_a_person_lifted(book: AddressBook) -> None:
    """`listed` changed nothing when it first came, and must change nothing when it comes again."""
    for event, event_id in ((AddressEvent.HARD_BOUNCE, "e1"), (AddressEvent.LISTED, "e2"), (AddressEvent.LIFTED, "e3")):
        book.move(ANN, Incident(event=event, id=event_id, at=AT))
    assert book.state(ANN) == State.HEALTHY
    book.move(ANN, Incident(event=AddressEvent.LISTED, id="e2", at=AT))
    assert book.state(ANN) == State.HEALTHY


def test_the_standing_of_an_address_is_its_state_and_the_breakers(book: AddressBook) -> None:
    assert book.standing(ANN) == Standing(address=State.HEALTHY, breaker=Breaker())
    book.move(ANN, Incident(event=AddressEvent.HARD_BOUNCE, id="e1", at=AT))
    assert book.standing(ANN).address is State.HARD
    assert book.standing("bob@example.com").address is State.HEALTHY


def test_the_same_event_id_may_move_two_addresses(book: AddressBook) -> None:
    for address in (ANN, "bob@example.com"):
        book.move(address, Incident(event=AddressEvent.HARD_BOUNCE, id="e1", at=AT))
        assert book.state(address) != State.HEALTHY
