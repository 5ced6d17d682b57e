"""What every address book does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import boto3
import pytest
from types_boto3_dynamodb import DynamoDBClient
from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

from postroom.address import FADES, AddressEvent, Channel, Incident, IncidentSort, Record, State
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.counters import DynamoStatistics
from postroom.breaker import Breaker
from postroom.clock import iso
from postroom.feedback.table import next_state
from postroom.memory.outside import MemoryAddressBook
from postroom.ports import AddressBook, Standing
from tests.contracts.conftest import NOW

E, S = AddressEvent, State
AT = "2026-11-24T07:03:17.120Z"
ANN = "ann@example.com"
BOB = "bob@example.com"
NOTHING: list[object] = []


@dataclass(slots=True)
class Hands:
    """A clock that is put forward by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(params=["memory", "dynamodb"])
def book(request: pytest.FixtureRequest, hands: Hands) -> AddressBook:
    if request.param == "memory":
        return MemoryAddressBook(clock=hands)
    request.getfixturevalue("dynamodb")
    return DynamoAddressBook(client=boto3.client("dynamodb"), table="addresses", clock=hands)


def ago(days: float = 0, seconds: float = 0) -> str:
    """So long before the clock's first moment."""
    return iso(NOW - timedelta(days=days, seconds=seconds))


def happened(event: AddressEvent, at: str = AT, id_: str = "") -> Incident:
    """An incident of its own for each event and moment, unless it is given an id."""
    return Incident(event=event, id=id_ or f"{event}/{at}", at=at)


def tell(book: AddressBook, *incidents: Incident, address: str = ANN) -> State:
    """Tells them in this order; gives the state after them."""
    for each in incidents:
        book.move(address, each)
    return book.state(address)


def test_an_unknown_address_is_healthy_and_nothing_is_known_of_it(book: AddressBook) -> None:
    assert (book.state(ANN), book.record(ANN), [*book.history(ANN)]) == (S.HEALTHY, Record(), NOTHING)


@pytest.mark.parametrize("event", list(AddressEvent))
def test_an_event_moves_an_address_as_the_table_says(book: AddressBook, event: AddressEvent) -> None:
    expected = next_state(S.HEALTHY, event)
    assert book.move(ANN, happened(event, id_="e1")) == (S.HEALTHY, expected)
    assert book.state(ANN) == expected
    assert book.move(ANN, happened(event, id_="e2")) == (expected, next_state(expected, event))


def test_a_repeated_event_changes_nothing(book: AddressBook) -> None:
    _, after = book.move(ANN, happened(E.HARD_BOUNCE))
    assert book.move(ANN, happened(E.HARD_BOUNCE)) == (after, after)
    assert book.state(ANN) == after
    assert len([*book.history(ANN)]) == 1


def test_the_standing_of_an_address_is_its_state_and_the_breakers(book: AddressBook) -> None:
    assert book.standing(ANN) == Standing(address=S.HEALTHY, breaker=Breaker())
    book.move(ANN, happened(E.HARD_BOUNCE))
    assert book.standing(ANN).address is S.HARD
    assert book.standing(BOB).address is S.HEALTHY


def test_the_same_event_id_may_move_two_addresses(book: AddressBook) -> None:
    for address in (ANN, BOB):
        assert tell(book, happened(E.HARD_BOUNCE), address=address) is S.HARD


# What does not change a state


@pytest.mark.parametrize("event", [E.DELAYED, E.BLAMED_ON_US, E.LIFTED])
def test_what_leaves_an_unknown_address_healthy_still_stands_in_its_history(
    book: AddressBook, event: AddressEvent
) -> None:
    assert tell(book, happened(event)) is S.HEALTHY
    assert [*book.history(ANN)] == [happened(event)]


def test_a_delivery_to_a_healthy_address_is_no_news(book: AddressBook) -> None:
    assert tell(book, happened(E.DELIVERED)) is S.HEALTHY
    assert [*book.history(ANN)] == NOTHING


# Dates


def test_what_is_dated_ahead_happened_now(book: AddressBook) -> None:
    """Nine thousand years on, a week later is no date at all; and nobody could lift what happens in five years."""
    assert tell(book, happened(E.MAILBOX_FULL, "9999-12-31T12:00:00.000Z")) is S.MAILBOX_FULL
    assert book.standing(ANN).address is S.MAILBOX_FULL
    assert book.record(ANN).since == iso(NOW)
    assert tell(book, happened(E.HARD_BOUNCE, "2031-01-01T00:00:00.000Z"), happened(E.LIFTED, iso(NOW))) is S.HEALTHY


@pytest.mark.parametrize(
    ("event", "state"),
    [(E.SOFT_BOUNCE, S.SOFT_ONCE), (E.MAILBOX_FULL, S.MAILBOX_FULL), (E.DOMAIN_ERROR, S.NO_DOMAIN)],
)
def test_what_fades_is_healthy_when_its_time_is_over_and_not_a_moment_before(
    book: AddressBook, hands: Hands, event: AddressEvent, state: State
) -> None:
    assert tell(book, happened(event, iso(NOW))) is state
    lasts, then = FADES[state]
    hands.now = NOW + lasts - timedelta(seconds=1)
    assert book.state(ANN) is book.standing(ANN).address is state
    hands.now = NOW + lasts
    assert book.state(ANN) is book.standing(ANN).address is then is S.HEALTHY


def test_three_soft_bounces_take_three_weeks_to_be_forgotten(book: AddressBook, hands: Hands) -> None:
    tell(book, *(happened(E.SOFT_BOUNCE, ago(seconds=number)) for number in range(3)))
    seen = []
    for week in range(4):
        hands.now = NOW + timedelta(weeks=week)
        seen.append(book.state(ANN))
    assert seen == [S.SOFT_OFTEN, S.SOFT_TWICE, S.SOFT_ONCE, S.HEALTHY]


# A person's word


def test_a_late_repeat_does_not_undo_what_a_person_lifted(book: AddressBook) -> None:
    """`listed` changed nothing when it first came, and must change nothing when it comes again."""
    assert tell(book, happened(E.HARD_BOUNCE), happened(E.LISTED), happened(E.LIFTED)) is S.HEALTHY
    assert tell(book, happened(E.LISTED)) is S.HEALTHY


@pytest.mark.parametrize("since_then", [(), (E.SOFT_BOUNCE,), (E.SOFT_BOUNCE, E.DELIVERED)])
def test_late_news_from_before_a_lift_changes_nothing(book: AddressBook, since_then: Sequence[AddressEvent]) -> None:
    tell(book, happened(E.HARD_BOUNCE, ago(9)), happened(E.LIFTED, ago(5)))
    after = tell(book, *(happened(event, ago(4 - number)) for number, event in enumerate(since_then)))
    assert tell(book, happened(E.HARD_BOUNCE, ago(8))) is after is not S.HARD


def test_a_bounce_after_the_lift_counts_anew(book: AddressBook) -> None:
    tell(book, happened(E.HARD_BOUNCE, ago(9)), happened(E.LIFTED, ago(5)))
    assert tell(book, happened(E.HARD_BOUNCE, ago(4))) is S.HARD


def test_who_lifts_a_bounce_has_not_heard_of_a_complaint(book: AddressBook) -> None:
    tell(book, happened(E.HARD_BOUNCE, ago(9)), happened(E.LIFTED, ago(5)))
    assert tell(book, happened(E.COMPLAINT, ago(6))) is S.COMPLAINED


def test_who_lifts_a_complaint_has_heard_of_those_before(book: AddressBook) -> None:
    tell(book, happened(E.COMPLAINT, ago(9)), happened(E.LIFTED, ago(5)))
    assert tell(book, happened(E.COMPLAINT, ago(6))) is S.HEALTHY
    assert tell(book, happened(E.COMPLAINT, ago(4))) is S.COMPLAINED


def test_a_lift_is_remembered_with_what_it_lifted(book: AddressBook) -> None:
    tell(book, happened(E.HARD_BOUNCE, ago(9)), happened(E.LIFTED, ago(5)), happened(E.SOFT_BOUNCE, ago(4)))
    record = book.record(ANN)
    assert (record.lifted_at, record.lifted_from) == (ago(5), S.HARD)
    assert record.because == happened(E.SOFT_BOUNCE, ago(4))


def test_what_heals_must_have_happened_after_the_state_came_about(book: AddressBook) -> None:
    assert tell(book, happened(E.MAILBOX_FULL, ago(2)), happened(E.DELIVERED, ago(3))) is S.MAILBOX_FULL
    assert tell(book, happened(E.DELIVERED, ago(1))) is S.HEALTHY


# A domain that is away


def fail(book: AddressBook, *when: tuple[str, str]) -> bool:
    """Domain errors of these addresses at these moments; whether somebody else there is held back then."""
    for address, at in when:
        book.move(address, happened(E.DOMAIN_ERROR, at))
    return book.standing("somebody@gone.example").domain_failing


ONE, OTHER = "one@gone.example", "other@gone.example"


def test_two_addresses_within_a_day_hold_their_domain_back_for_a_day(book: AddressBook, hands: Hands) -> None:
    assert not fail(book, (ONE, ago(0.5)))
    assert fail(book, (OTHER, ago(0.1)))
    assert book.standing("somebody@gone.example").address is S.HEALTHY
    assert not book.standing("somebody@there.example").domain_failing
    hands.now = NOW + timedelta(days=0.9)
    assert not book.standing("somebody@gone.example").domain_failing


def test_one_address_that_fails_twice_is_no_failing_domain(book: AddressBook) -> None:
    assert not fail(book, (ONE, ago(0.5)), (ONE, ago(0.1)))


def test_two_that_fail_ten_days_apart_are_no_failing_domain_in_whichever_order_it_is_told(book: AddressBook) -> None:
    assert not fail(book, (ONE, ago(0.1)), (OTHER, ago(10)))
    assert not fail(book, (ONE, ago(0.1)), (OTHER, ago(10)))


def test_two_within_a_day_told_out_of_order_hold_it_back_as_well(book: AddressBook) -> None:
    assert fail(book, (ONE, ago(0.1)), (OTHER, ago(0.5)))


def test_a_mail_that_got_through_between_two_failures_shows_that_the_domain_is_there(book: AddressBook) -> None:
    fail(book, (ONE, ago(0.5)))
    tell(book, happened(E.DELIVERED, ago(0.3)), address="third@gone.example")
    assert not fail(book, (OTHER, ago(0.1)))


def test_a_mail_that_gets_through_frees_the_domain_and_repeats_do_not_hold_it_again(book: AddressBook) -> None:
    failures = ((ONE, ago(0.5)), (OTHER, ago(0.4)))
    assert fail(book, *failures)
    tell(book, happened(E.DELIVERED, ago(0.1)), address="third@gone.example")
    assert not fail(book)
    assert not fail(book, *failures)
    assert not fail(book, ("fourth@gone.example", ago(0.2)), ("fifth@gone.example", ago(0.2)))


def test_a_mail_that_got_through_before_the_failures_does_not_free_it(book: AddressBook) -> None:
    assert fail(book, (ONE, ago(0.5)), (OTHER, ago(0.4)))
    tell(book, happened(E.DELIVERED, ago(0.6)), address="third@gone.example")
    assert fail(book)


# Lists


def test_history_has_the_newest_first_in_whichever_order_it_was_told(book: AddressBook) -> None:
    told = [happened(E.SOFT_BOUNCE, ago(days)) for days in (2, 4, 1, 3)]
    tell(book, *told)
    assert [each.at for each in book.history(ANN)] == [ago(days) for days in (1, 2, 3, 4)]


def test_history_keeps_all_that_was_told(book: AddressBook) -> None:
    whole = Incident(
        event=E.LIFTED,
        id="person/1",
        at=AT,
        channel=Channel.PERSON,
        reason="other",
        permanence="permanent",
        status="5.1.1",
        smtp_code="550",
        feedback_type="abuse",
        diagnostic="smtp; 550 5.1.1 kein Postfach für ann",
        sent_id="sent-1",
        by="jo@desk.example",
        why="they have told us that it works again",
    )
    tell(book, whole)
    assert [*book.history(ANN)] == [whole]
    assert book.record(ANN).because == whole


def test_addresses_in_a_state_are_those_that_were_moved_to_it_the_last_first(book: AddressBook) -> None:
    tell(book, happened(E.HARD_BOUNCE, ago(3)))
    tell(book, happened(E.HARD_BOUNCE, ago(1)), address=BOB)
    tell(book, happened(E.COMPLAINT, ago(2)), address="eve@example.com")
    assert [(address, each.state, each.since) for address, each in book.in_state(S.HARD)] == [
        (BOB, S.HARD, ago(1)),
        (ANN, S.HARD, ago(3)),
    ]
    assert [address for address, _ in book.in_state(S.COMPLAINED)] == ["eve@example.com"]


@pytest.mark.parametrize("healing", [E.DELIVERED, E.LIFTED])
def test_an_address_that_is_healthy_again_is_in_no_list(book: AddressBook, healing: AddressEvent) -> None:
    tell(book, happened(E.SOFT_BOUNCE, ago(1)), happened(healing, ago(0.5)))
    assert [address for state in State for address, _ in book.in_state(state)] == NOTHING


def test_incidents_of_a_day_are_listed_by_their_sort_the_last_first(book: AddressBook) -> None:
    yesterday = ago(1)[:10]
    tell(book, happened(E.DELAYED, ago(1)), happened(E.SOFT_BOUNCE, ago(1, 60)), happened(E.DELIVERED, ago(1)))
    tell(book, happened(E.BLAMED_ON_US, ago(1)), happened(E.COMPLAINT, ago(1)), address=BOB)
    tell(book, happened(E.HARD_BOUNCE, ago(0)), address="eve@example.com")
    bounces = [(address, each.event) for address, each in book.incidents(IncidentSort.BOUNCE, yesterday)]
    assert bounces == [(BOB, E.BLAMED_ON_US), (ANN, E.SOFT_BOUNCE)]
    assert [address for address, _ in book.incidents(IncidentSort.COMPLAINT, yesterday)] == [BOB]
    assert [address for address, _ in book.incidents(IncidentSort.DELAY, yesterday)] == [ANN]
    assert [*book.incidents(IncidentSort.DELAY, ago(0)[:10])] == NOTHING


def test_what_is_learnt_of_sess_list_is_no_bounce_of_that_day(book: AddressBook) -> None:
    listed = Incident(event=E.LISTED, id="list/1", at=AT, channel=Channel.SES_LIST)
    assert tell(book, listed) is S.LISTED
    assert [*book.incidents(IncidentSort.BOUNCE, AT[:10])] == NOTHING
    assert [*book.history(ANN)] == [listed]


def test_forgetting_takes_all_that_is_known_and_nothing_of_anybody_else(book: AddressBook) -> None:
    for address in (ANN, BOB):
        tell(book, happened(E.SOFT_BOUNCE), happened(E.HARD_BOUNCE), happened(E.DELAYED), address=address)
    book.forget(ANN)
    assert (book.state(ANN), book.record(ANN), [*book.history(ANN)]) == (S.HEALTHY, Record(), NOTHING)
    assert [address for state in State for address, _ in book.in_state(state)] == [BOB]
    listed = [address for sort in IncidentSort for address, _ in book.incidents(sort, AT[:10])]
    assert set(listed) == {BOB}
    assert len([*book.history(BOB)]) == 3
    book.forget(ANN)  # of whom nothing is known


# A table from before incidents had an id, a sort and a reason


def test_what_was_written_before_an_upgrade_is_read_as_it_is(dynamodb: DynamoDBClient, hands: Hands) -> None:
    """But the days that were counted then: the breaker counts anew."""

    def put(pk: str, sk: str, **texts: str) -> None:
        item: dict[str, AttributeValueTypeDef] = {name: {"S": text} for name, text in texts.items()}
        dynamodb.put_item(TableName="addresses", Item={"pk": {"S": pk}, "sk": {"S": sk}, **item})

    put(f"address#{ANN}", "event#old", event="hard_bounce", at=ago(3))
    put(f"address#{ANN}", "state", address_state="hard", at=ago(3))
    put(f"day#{AT[:10]}", "send")
    book = DynamoAddressBook(client=dynamodb, table="addresses", clock=hands)
    assert book.record(ANN) == Record(state=S.HARD, since=ago(3))
    assert [*book.history(ANN)] == [Incident(event=E.HARD_BOUNCE, id="old", at=ago(3))]
    assert [*book.in_state(S.HARD)] == NOTHING
    assert DynamoStatistics(client=dynamodb, table="addresses").days([AT[:10]]) == {}
    assert tell(book, happened(E.COMPLAINT, ago(1))) is S.COMPLAINED
    assert [address for address, _ in book.in_state(S.COMPLAINED)] == [ANN]
    book.forget(ANN)
    assert [*book.history(ANN)] == NOTHING
