"""DynamoDB's conversations when somebody comes between, or the process ends in the middle. What many do at once is in
test_conversations_at_once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_dynamodb import DynamoDBClient

from postroom.aws.conversations import DynamoConversations
from postroom.conversation import MOST_PARTS, Conversation, Entry, EntryKind, State
from postroom.errors import Retryable
from postroom.ids import ConversationId, MessageId
from postroom.ports import NotFound

AT = "2026-11-24T07:03:17.120Z"
A, B, C = (ConversationId(name) for name in "abc")
MAIL = Entry(at=AT, kind=EntryKind.MAIL, id="mail-1", author="ann@example.com")
WRITES = ("PutItem", "TransactWriteItems", "BatchWriteItem")


class EndOfProcess(Exception):
    """Nobody catches it."""


@dataclass
class Desk:
    """Conversations in a table of which every request can be counted, met or cut off. `waited` has every pause."""

    client: DynamoDBClient
    waited: list[int] = field(default_factory=list)

    @property
    def store(self) -> DynamoConversations:
        return DynamoConversations(client=self.client, table="desk", pause=self.waited.append)

    def opened(self, *ids: ConversationId) -> None:
        for id_ in ids:
            self.store.open(
                Conversation(id=id_, customer="ann@example.com", participants=(), subject="", created_at=AT, mails=1)
            )

    def seen(self, id_: ConversationId) -> Conversation:
        found = self.store.get(id_)
        assert found is not None
        return found

    def on(self, moment: str, operation: str, do: Callable[..., None]) -> None:
        """At "before-call" or "after-call" of an operation."""
        self.client.meta.events.register(f"{moment}.dynamodb.{operation}", do)

    def off(self, moment: str, operation: str, do: Callable[..., None]) -> None:
        self.client.meta.events.unregister(f"{moment}.dynamodb.{operation}", do)

    def before_the_first(self, operation: str, do: Callable[[], object]) -> None:
        """Lets somebody else come between reading and writing."""

        def once(**_: object) -> None:
            self.off("before-call", operation, once)
            do()

        self.on("before-call", operation, once)

    def ends(self, moment: str, after: int, act: Callable[[], object]) -> bool:
        """Whether the process ended: it does at the write after so many."""
        left = iter(range(after))

        def count(**_: object) -> None:
            if next(left, None) is None:
                raise EndOfProcess

        for operation in WRITES:
            self.on(moment, operation, count)
        try:
            act()
        except EndOfProcess:
            return True
        finally:
            for operation in WRITES:
                self.off(moment, operation, count)
        return False

    def left(self) -> list[dict[str, Any]]:
        """Every item of the table but the proofs."""
        items = self.client.scan(TableName="desk")["Items"]
        return [item for item in items if item["sk"] != {"S": "proof"}]


@pytest.fixture
def desk(dynamodb: DynamoDBClient) -> Desk:
    return Desk(client=dynamodb)


# Somebody comes between


def test_a_change_is_made_again_on_what_somebody_else_has_made(desk: Desk) -> None:
    desk.opened(A)
    desk.before_the_first("PutItem", lambda: _change(desk, tags=("theirs",)))
    assert _change(desk, assignee="eve@desk.example") == desk.seen(A)
    assert (desk.seen(A).tags, desk.seen(A).assignee) == (("theirs",), "eve@desk.example")
    assert desk.waited == [0]


def test_a_change_that_is_none_is_not_written(desk: Desk) -> None:
    desk.opened(A)
    assert not desk.ends("before-call", 0, lambda: _change(desk))


def test_who_always_comes_too_late_is_told_to_try_again_later(desk: Desk) -> None:
    desk.opened(A)
    numbers = iter(range(100))

    def theirs(**_: object) -> None:
        desk.off("before-call", "PutItem", theirs)
        _change(desk, tags=(str(next(numbers)),))
        desk.on("before-call", "PutItem", theirs)

    desk.on("before-call", "PutItem", theirs)
    with pytest.raises(Retryable, match="change conversation a: others were quicker 12 times"):
        _change(desk, assignee="eve@desk.example")
    assert desk.waited == list(range(12))
    assert desk.seen(A).tags == ("11",)


def test_a_change_goes_to_where_the_conversation_was_merged_meanwhile(desk: Desk) -> None:
    desk.opened(A, B)
    desk.before_the_first("PutItem", lambda: _merge(desk, A, into=B))
    assert _change(desk, assignee="eve@desk.example").id == "b"
    assert desk.seen(A).assignee == "eve@desk.example"
    assert desk.seen(A).mails == 2


def test_what_is_forgotten_meanwhile_is_not_brought_back(desk: Desk) -> None:
    desk.opened(A)
    desk.before_the_first("PutItem", lambda: desk.store.forget(A))
    with pytest.raises(NotFound):
        _change(desk, assignee="eve@desk.example")
    assert desk.left() == []


@pytest.mark.parametrize("theirs", [(B, A), (A, B), (A, C), (B, C), (C, A), (C, B)])
def test_two_merges_that_meet_end_in_one_conversation(
    desk: Desk, theirs: tuple[ConversationId, ConversationId]
) -> None:
    desk.opened(A, B, C)
    desk.before_the_first("TransactWriteItems", lambda: _merge(desk, theirs[0], into=theirs[1]))
    _merge(desk, A, into=B)
    assert desk.seen(A) == desk.seen(B)
    assert desk.seen(A).mails == len([id_ for id_ in (A, B, C) if desk.seen(id_) == desk.seen(A)])
    assert desk.seen(theirs[0]) == desk.seen(theirs[1])


def test_one_that_becomes_a_part_while_it_is_read_is_read_again(desk: Desk) -> None:
    """DynamoDB refuses a transaction that has one item twice."""
    desk.opened(A, B)

    def theirs(**_: object) -> None:
        desk.off("after-call", "BatchGetItem", seen_twice)
        _merge(desk, B, into=A)

    answers = iter([lambda **_: None, theirs])  # of the look before the merge, and of the one that reads the whole

    def seen_twice(**_: object) -> None:
        next(answers)()

    desk.on("after-call", "BatchGetItem", seen_twice)
    assert _merge(desk, A, into=B).id == "a"
    assert (desk.seen(B).id, desk.seen(B).mails, desk.waited) == ("a", 2, [0])


def test_a_change_that_comes_between_a_merge_is_not_lost(desk: Desk) -> None:
    desk.opened(A, B)
    desk.before_the_first("TransactWriteItems", lambda: _change(desk, mails=7))
    assert _merge(desk, A, into=B).mails == 8


def test_an_entry_that_is_added_during_a_merge_stands_in_the_whole(desk: Desk) -> None:
    desk.opened(A, B)
    desk.before_the_first("PutItem", lambda: _merge(desk, A, into=B))
    assert desk.store.add(A, MAIL)
    assert list(desk.store.entries(B)) == [MAIL]
    assert not desk.store.add(B, MAIL)


def test_an_entry_that_came_while_all_was_forgotten_goes_when_it_is_forgotten_again(desk: Desk) -> None:
    desk.opened(A)
    desk.before_the_first("PutItem", lambda: desk.store.forget(A))
    assert desk.store.add(A, MAIL)
    assert list(desk.store.entries(A)) == []
    desk.store.forget(A)
    assert desk.left() == []


# The process ends


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_a_merge_that_was_cut_off_is_finished_by_a_repeat_and_counts_once(desk: Desk, moment: str) -> None:
    names = [ConversationId(f"c{number}") for number in range(6)]
    desk.opened(*names)
    _merge(desk, names[1], into=names[0])
    _merge(desk, names[3], into=names[2])

    def merge() -> None:
        desk.store.merge([names[0], names[2], names[4]], names[5], AT)

    ended = 0
    while desk.ends(moment, 0 if moment == "after-call" else ended, merge):
        ended += 1
    assert ended == {"before-call": 2, "after-call": 3}[moment]
    assert {desk.seen(id_).id for id_ in names} == {names[5]}
    assert desk.seen(names[1]).mails == 6


@pytest.mark.parametrize(
    ("moment", "after"), [*(("before-call", number) for number in range(7)), ("after-call", 0), ("after-call", 3)]
)
def test_forgetting_that_was_cut_off_is_finished_by_a_repeat(desk: Desk, moment: str, after: int) -> None:
    desk.opened(A, B, C)
    for id_, entries in ((A, 26), (B, 1)):  # more than one request removes
        desk.store.prove(id_, [MessageId(f"{id_}@x")])
        for number in range(entries):
            desk.store.add(id_, replace(MAIL, id=f"{id_}-{number}"))
    _merge(desk, A, into=B)
    assert desk.ends(moment, after, lambda: desk.store.forget(B)) == (after < 6)
    assert (desk.store.get(B) is None) == (after > 0 or moment == "after-call")
    desk.store.forget(B)
    assert {item["pk"]["S"] for item in desk.left()} == {"conversation#c"}
    assert desk.store.known([MessageId("a@x"), MessageId("b@x")]) == {}


def test_what_is_being_forgotten_is_not_opened_again_until_that_has_ended(desk: Desk) -> None:
    desk.opened(A)
    assert desk.ends("before-call", 1, lambda: desk.store.forget(A))
    with pytest.raises(Retryable, match="forget it again"):
        desk.opened(A)
    assert list(desk.store.in_state("", State.NEW)) == list(desk.store.of_customer("ann@example.com")) == []
    desk.store.forget(A)
    desk.opened(A)
    assert desk.seen(A).mails == 1


# What DynamoDB says


def test_no_item_and_no_transaction_grows_over_dynamodbs_limits(desk: Desk) -> None:
    """A transaction has 100 actions at most (DynamoDB developer guide, "Quotas")."""
    names = [ConversationId(f"{number:016}") for number in range(MOST_PARTS + 1)]
    desk.opened(*names)
    desk.store.merge(names[2:], names[1], AT)
    actions: list[int] = []
    desk.on("before-parameter-build", "TransactWriteItems", lambda params, **_: actions.append(_actions(params)))
    assert desk.store.merge([names[1]], names[0], AT).mails == MOST_PARTS + 1
    assert actions == [MOST_PARTS + 1]
    assert actions[0] <= 100


def test_what_was_just_written_is_what_is_read(desk: Desk) -> None:
    """The engines of the tests can't be behind; DynamoDB can, unless a read asks for what is there now."""
    consistent: list[bool] = []

    def of_keys(params: dict[str, Any], **_: object) -> None:
        consistent.append(params["RequestItems"]["desk"]["ConsistentRead"])

    desk.opened(A, B)
    desk.on("before-parameter-build", "BatchGetItem", of_keys)
    desk.on("before-parameter-build", "Query", lambda params, **_: consistent.append(params["ConsistentRead"]))
    desk.store.known([MessageId("a@x")])
    desk.store.add(A, MAIL)
    _merge(desk, A, into=B)
    assert list(desk.store.entries(B)) == [MAIL]
    assert len(consistent) > 6
    assert all(consistent)


def test_a_throttled_write_is_tried_again_later_by_the_queue(desk: Desk) -> None:
    def throttled(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "PutItem")

    desk.opened(A)
    desk.on("before-call", "PutItem", throttled)
    with pytest.raises(Retryable, match="ThrottlingException"):
        _change(desk, tags=("x",))
    assert desk.waited == []


@pytest.mark.parametrize(("code", "tries"), [("TransactionConflict", 1), ("ConditionalCheckFailed", 1)])
def test_a_cancelled_transaction_is_tried_again_where_it_only_met_another(desk: Desk, code: str, tries: int) -> None:
    desk.opened(A, B)
    desk.before_the_first("TransactWriteItems", lambda: _cancelled(code))
    _merge(desk, A, into=B)
    assert len(desk.waited) == tries
    assert desk.seen(A).id == "b"


def test_a_transaction_that_is_throttled_is_left_to_the_queue(desk: Desk) -> None:
    desk.opened(A, B)
    desk.before_the_first("TransactWriteItems", lambda: _cancelled("ThrottlingError"))
    with pytest.raises(Retryable, match="ThrottlingError"):
        _merge(desk, A, into=B)


def _cancelled(code: str) -> None:
    said: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": "None"}, {"Code": code}],
    }
    raise ClientError(said, "TransactWriteItems")


def _actions(params: dict[str, Any]) -> int:
    return len(params["TransactItems"])


def _change(desk: Desk, **fields: Any) -> Conversation:
    return desk.store.change(A, lambda was: replace(was, **fields))


def _merge(desk: Desk, id_: ConversationId, *, into: ConversationId) -> Conversation:
    return desk.store.merge([id_], into, AT)
