"""Many who write into the same conversations at once, on an engine that bears it: nothing is lost, none goes round."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations
from threading import Barrier
from typing import TypeVar

import pytest

from postroom.aws.conversations import DynamoConversations
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Retryable
from postroom.ids import ConversationId, MessageId
from postroom.ports import NotFound

pytestmark = pytest.mark.journey

AT = "2026-11-24T07:03:17.120Z"
A, B = ConversationId("a"), ConversationId("b")
T = TypeVar("T")


def new(id_: ConversationId) -> Conversation:
    return Conversation(id=id_, customer="ann@example.com", participants=(), subject="", created_at=AT)


def at_once(do: Callable[[T], None], each: Iterable[T]) -> None:
    """Does it for each in a thread of its own, all starting together; raises what one of them raises."""
    every = list(each)
    start = Barrier(len(every), timeout=30)

    def begin(one: T) -> None:
        start.wait()
        do(one)

    with ThreadPoolExecutor(len(every)) as pool:
        list(pool.map(begin, every))


def again(act: Callable[[], object]) -> None:
    """As the queue does: what could not be done now is done later."""
    for _ in range(20):
        try:
            act()
        except Retryable:
            continue
        return
    raise AssertionError("it never got its turn")


def mail(number: int) -> Entry:
    return Entry(at=AT, kind=EntryKind.MAIL, id=f"mail-{number:03}", author="ann@example.com")


def counted(who: str) -> Callable[[Conversation], Conversation]:
    def to(was: Conversation) -> Conversation:
        people = tuple(sorted({*was.participants, who}))
        return replace(was, mails=was.mails + 1, participants=people, state=State.OPEN)

    return to


def receive(store: DynamoConversations, into: ConversationId, number: int) -> None:
    """What classify does with a mail: once, however often it is tried."""
    if store.add(into, mail(number)):
        again(lambda: store.change(into, counted(f"{number:03}@example.com")))


def test_sixteen_writers_of_one_conversation_lose_nothing(on_ministack: DynamoConversations) -> None:
    store = on_ministack

    def write(writer: int) -> None:
        store.open(new(A))
        for number in range(writer * 3, writer * 3 + 3):
            store.prove(A, [MessageId(f"{number}@x")])
            receive(store, A, number)
            receive(store, A, number)

    at_once(write, range(16))
    found = store.get(A)
    assert found is not None
    assert found.mails == 48
    assert found.participants == tuple(f"{number:03}@example.com" for number in range(48))
    assert [entry.id for entry in store.entries(A)] == [f"mail-{number:03}" for number in range(48)]
    assert [each.id for each in store.in_state("", State.OPEN)] == ["a"]
    assert len(store.known([MessageId(f"{number}@x") for number in range(48)])) == 48


def test_mails_that_come_while_their_conversations_are_merged_are_all_in_the_whole(
    on_ministack: DynamoConversations,
) -> None:
    store = on_ministack
    names = [ConversationId(name) for name in "abcdefgh"]
    for id_ in names:
        store.open(new(id_))

    def write(writer: int) -> None:
        if writer < 8:
            for number in range(4):
                receive(store, names[writer], writer * 4 + number)
        else:
            again(lambda: store.merge([names[writer - 8]], names[(writer - 7) % 8], AT))

    at_once(write, range(16))
    roots = {found.id for id_ in names if (found := store.get(id_))}
    assert len(roots) == 1
    found = store.get(A)
    assert found is not None
    assert found.mails == 32
    assert sorted(found.participants) == [f"{number:03}@example.com" for number in range(32)]
    assert len(list(store.entries(A))) == 32


def test_merging_crosswise_ends_in_one_conversation(on_ministack: DynamoConversations) -> None:
    store = on_ministack
    names = [ConversationId(name) for name in "abcd"]
    for id_ in names:
        store.open(replace(new(id_), mails=1, participants=(f"{id_}@example.com",)))
        store.add(id_, replace(mail(0), id=id_))
    pairs = list(permutations(names, 2))
    at_once(lambda pair: again(lambda: store.merge([pair[0]], pair[1], AT)), [*pairs[:6], pairs[-1], pairs[-2]])
    for one, other in pairs:
        store.merge([one], other, AT)
    whole = {found for id_ in names if (found := store.get(id_))}
    assert len(whole) == 1
    assert [(each.mails, sorted(each.participants)) for each in whole] == [(4, [f"{n}@example.com" for n in names])]
    assert [entry.id for entry in store.entries(A)] == names
    assert [each.id for each in store.of_customer("ann@example.com")] == [each.id for each in whole]


def test_a_conversation_that_is_forgotten_under_its_writers_leaves_nothing(on_ministack: DynamoConversations) -> None:
    store = on_ministack
    store.open(new(A))
    store.open(new(B))
    store.merge([B], A, AT)

    def write(writer: int) -> None:
        if writer == 0:
            again(lambda: store.forget(B))
        else:
            try:
                receive(store, A, writer)
            except NotFound:
                return

    at_once(write, range(8))
    store.forget(A)  # for what was added in the moment of forgetting
    assert store.client.scan(TableName=store.table)["Items"] == []
