"""What DynamoDB asks for what is done to conversations, in request units: the figures that docs/data.md has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import pytest

from postroom.aws.conversations import DynamoConversations
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.ids import ConversationId, MessageId
from postroom.stages.tend import Tend
from postroom.threads.evidence import Evidence, asked_for, proofs_of
from postroom.threads.patience import Patience
from tests.contracts.units import counted, size_of

pytestmark = pytest.mark.journey

DESK = "support@desk.example"
MENTIONED = [MessageId(f"CAF{number}x7Lq9-bQ0_Yt@mail.example.com") for number in range(4)]


def moment(minute: int) -> str:
    return f"2026-11-24T{7 + minute // 60:02}:{minute % 60:02}:17.120Z"


def conversation(number: int) -> Conversation:
    """One as they mostly are."""
    return Conversation(
        id=ConversationId(f"{number:016}"),
        customer=f"ann.someone-{number}@mail.example.com",
        participants=(f"ann.someone-{number}@mail.example.com", "bob.somebody@mail.example.com"),
        subject="Re: The order that has not come yet, and the second one",
        created_at=moment(0),
        updated_at=moment(number),
        desk=DESK,
        mails=1,
        language="en",
        category="order",
        priority="normal",
        tags=("late",),
        recent=tuple(f"{mail:040}" for mail in range(3)),
    )


def mail(number: int) -> Entry:
    facts = {"subject": "Re: The order that has not come yet", "kind": "person", "parsed": f"parsed/{number:040}.json"}
    author = "ann.someone@mail.example.com"
    return Entry(at=moment(number), kind=EntryKind.MAIL, id=f"{number:040}", author=author, facts=facts)


def names(*ids: MessageId) -> Evidence:
    """What a mail shows that answers these."""
    return Evidence(tokens=(), ids=ids, own=MENTIONED[0])


def received(number: int) -> Callable[[Conversation], Conversation]:
    """What a mail changes."""

    def to(was: Conversation) -> Conversation:
        return replace(was, updated_at=moment(number), mails=was.mails + 1, state=State.OPEN, recent=(f"{number:040}",))

    return to


def test_a_mail_that_opens_a_conversation(on_ministack: DynamoConversations) -> None:
    made, shown = conversation(0), names()
    with counted(on_ministack) as units:
        on_ministack.known(asked_for(shown))  # its own id: has it come before, or its answer?
        on_ministack.open(made)  # with the mail in it
        on_ministack.add(made.id, mail(0))
        on_ministack.prove(made.id, proofs_of(shown))
        on_ministack.known(MENTIONED[:1])  # and is it still the only one?
    assert dict(units) == {"requests": 7, "read": 5, "write": 5}


def test_a_mail_that_joins_one(on_ministack: DynamoConversations) -> None:
    made, shown = on_ministack.open(conversation(0)), names(*MENTIONED[1:])
    on_ministack.prove(made.id, shown.ids)
    with counted(on_ministack) as units:
        on_ministack.known(asked_for(shown))
        on_ministack.add(made.id, mail(2))
        on_ministack.change(made.id, received(2))
        on_ministack.prove(made.id, proofs_of(shown))
    assert dict(units) == {"requests": 10, "read": 11, "write": 10}


def test_an_answer_that_is_automatic_and_names_a_day(on_ministack: DynamoConversations) -> None:
    """The index of days costs a unit for those that have one."""
    made = on_ministack.open(conversation(0))
    with counted(on_ministack) as units:
        on_ministack.change(made.id, lambda was: replace(was, updated_at=moment(1), follow_up_on="2026-12-01"))
    assert dict(units) == {"requests": 2, "read": 1, "write": 6}


def test_a_conversation_that_closes_by_itself(on_ministack: DynamoConversations) -> None:
    made = on_ministack.open(replace(conversation(0), state=State.PENDING))
    tend = Tend(
        conversations=on_ministack,
        desk=DESK,
        patience=Patience(days=14),
        clock=lambda: datetime(2027, 1, 1, tzinfo=UTC),
    )
    with counted(on_ministack) as units:
        assert tend().closed == 1
    assert units["write"] == 6
    assert units["requests"] == 7  # three lists, the entry, the change
    with counted(on_ministack) as units:
        assert tend().closed == 0
    assert dict(units) == {"requests": 3, "half reads": 3}
    assert on_ministack.get(made.id) is not None


def test_a_merge_of_two(on_ministack: DynamoConversations) -> None:
    one, other = (on_ministack.open(conversation(number)) for number in (1, 2))
    with counted(on_ministack) as units:
        on_ministack.merge([one.id], other.id, moment(3))
    assert dict(units) == {"requests": 4, "read": 4, "write": 10}


def test_a_list_of_fifty_needs_one_request(on_ministack: DynamoConversations) -> None:
    for number in range(55):
        on_ministack.open(conversation(number))
    with counted(on_ministack) as units:
        assert len(list(islice(on_ministack.in_state(DESK, State.NEW), 50))) == 50
    assert dict(units) == {"requests": 1, "half reads": 8}


def test_what_came_before_from_a_customer(on_ministack: DynamoConversations) -> None:
    """Asked where the rules want to know: half a unit for who is new, four for fifty conversations."""
    made = [replace(conversation(number), customer="ann@example.com") for number in range(55)]
    with counted(on_ministack) as units:
        assert not list(on_ministack.of_customer("ann@example.com"))
    assert dict(units) == {"requests": 1, "half reads": 1}
    for each in made:
        on_ministack.open(each)
    with counted(on_ministack) as units:
        assert len(list(islice(on_ministack.of_customer("ann@example.com"), 50))) == 50
    assert dict(units) == {"requests": 1, "half reads": 8}


def test_a_conversation_with_twenty_entries(on_ministack: DynamoConversations) -> None:
    made = on_ministack.open(conversation(1))
    for number in range(20):
        on_ministack.add(made.id, mail(number))
    with counted(on_ministack) as units:
        assert on_ministack.get(made.id) == made
        assert len(list(on_ministack.entries(made.id))) == 20
    assert dict(units) == {"requests": 3, "read": 2, "half reads": 4}


def test_a_conversation_as_they_mostly_are_fits_into_one_unit(on_ministack: DynamoConversations) -> None:
    """What has over 1 KB costs two, and as much again in each index."""
    made = on_ministack.open(conversation(1))
    item = on_ministack.client.scan(TableName=on_ministack.table)["Items"][0]
    assert size_of(item) < 900
    assert made.customer in str(item)
