"""tend: what nobody answers is closed, and what has a day to be looked at again is shown on it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Retryable
from postroom.ids import ConversationId
from postroom.memory.desk import MemoryConversations
from postroom.stages.tend import CLOSING, Tend, Tended, followed_up, idle, tended
from postroom.threads.patience import Patience
from tests.contracts.conftest import NOW

DESK = "support@desk.example"
A, B = ConversationId("a"), ConversationId("b")
TODAY = iso(NOW)[:10]


def ago(days: float) -> str:
    return iso(NOW - timedelta(days=days))


def conversation(
    id_: ConversationId = A, state: State = State.PENDING, days: float = 20, day: str = ""
) -> Conversation:
    return Conversation(
        id=id_,
        customer="ann@example.com",
        participants=("ann@example.com",),
        subject="A question",
        created_at=ago(days + 1),
        updated_at=ago(days),
        desk=DESK,
        state=state,
        follow_up_on=day or None,
    )


def having(*there: Conversation) -> MemoryConversations:
    found = MemoryConversations()
    for each in there:
        found.open(each)
    return found


def run(conversations: MemoryConversations, close_after: int = 14, most: int = 1_000, later: float = 0) -> Tended:
    def clock() -> datetime:
        return NOW + timedelta(days=later)

    return Tend(conversations=conversations, desk=DESK, patience=Patience(days=close_after), clock=clock, most=most)()


def seen(conversations: MemoryConversations, id_: ConversationId = A) -> Conversation:
    found = conversations.get(id_)
    assert found is not None
    return found


# What closes by itself


@pytest.mark.parametrize("state", State)
def test_what_waits_for_its_customer_closes_when_it_is_idle_and_what_waits_for_the_desk_never(state: State) -> None:
    conversations = having(conversation(state=state))
    closes = state in (State.PENDING, State.SOLVED)
    assert run(conversations) == Tended(followed_up=0, closed=int(closes), busy=())
    assert seen(conversations).state is (State.CLOSED if closes else state)
    entries = list(conversations.entries(A))
    assert [(one.kind, one.author, one.at, one.text) for one in entries] == (
        [(EntryKind.CHANGE, "tend", ago(6), "nothing has happened for 14 days")] if closes else []
    )


def test_it_closes_on_the_day_and_not_before() -> None:
    conversations = having(conversation(days=13.9), conversation(B, days=14.1))
    assert run(conversations).closed == 1
    assert [seen(conversations, id_).state for id_ in (A, B)] == [State.PENDING, State.CLOSED]
    assert run(conversations, later=0.2).closed == 1


def test_with_zero_days_nothing_closes() -> None:
    conversations = having(conversation(days=4_000))
    assert run(conversations, close_after=0).closed == 0
    assert seen(conversations).state is State.PENDING


def test_what_waits_for_a_day_that_is_still_to_come_stays() -> None:
    conversations = having(conversation(day="2026-12-24"))
    assert run(conversations).closed == 0
    assert run(conversations, later=31) == Tended(followed_up=1, closed=0, busy=())
    assert seen(conversations).state is State.OPEN


def test_another_desk_is_left_alone() -> None:
    conversations = having(replace(conversation(), desk="sales@desk.example", follow_up_on=None))
    assert run(conversations).closed == 0


# What is followed up


@pytest.mark.parametrize("state", State)
def test_on_its_day_a_pending_one_is_the_desks_turn_and_the_day_is_over_for_all(state: State) -> None:
    conversations = having(conversation(state=state, day=TODAY, days=2))
    assert run(conversations) == Tended(followed_up=1, closed=0, busy=())
    after = seen(conversations)
    assert after.state is (State.OPEN if state is State.PENDING else state)
    assert (after.follow_up_on, after.updated_at) == (None, f"{TODAY}T00:00:00.000Z")
    (entry,) = conversations.entries(A)
    assert (entry.text, entry.facts) == ("the day has come to look at it again", {"happening": "follow_up"})


def test_before_its_day_nothing_happens() -> None:
    before = conversation(day="2026-11-25", days=2)
    conversations = having(before)
    assert run(conversations) == Tended(followed_up=0, closed=0, busy=())
    assert seen(conversations) == before


def test_a_day_that_was_over_when_it_was_set_counts_from_then() -> None:
    conversations = having(conversation(day="2025-01-01", days=2))
    run(conversations)
    (entry,) = conversations.entries(A)
    assert entry.at == seen(conversations).updated_at == ago(2)


# Again, at once, and in parts


def test_a_second_run_finds_nothing_to_do() -> None:
    conversations = having(conversation(), conversation(B, day=TODAY))
    run(conversations)
    before = (dict(conversations.conversations), {id_: list(conversations.entries(id_)) for id_ in (A, B)})
    assert run(conversations) == Tended(followed_up=0, closed=0, busy=())
    assert before == (conversations.conversations, {id_: list(conversations.entries(id_)) for id_ in (A, B)})


def test_a_run_does_so_many_and_the_next_goes_on() -> None:
    ids = [ConversationId(f"c{number}") for number in range(25)]
    conversations = having(*(conversation(id_, days=20 + number) for number, id_ in enumerate(ids)))
    assert [run(conversations, most=10).closed for _ in range(4)] == [10, 10, 5, 0]
    assert all(seen(conversations, id_).state is State.CLOSED for id_ in ids)


class Interfered(MemoryConversations):
    """Somebody does something at the worst moment: between what was listed and the change."""

    interfere: Callable[[], None] = staticmethod(lambda: None)

    def add(self, conversation: ConversationId, entry: Entry) -> bool:
        self.interfere()
        return MemoryConversations.add(self, conversation, entry)


def test_a_customer_who_writes_at_that_very_moment_is_not_closed_away() -> None:
    conversations = Interfered()
    conversations.open(conversation())
    wrote = replace(conversation(), state=State.OPEN, updated_at=iso(NOW))
    conversations.interfere = lambda: conversations.conversations.update({A: wrote})
    run(conversations)
    assert seen(conversations) == wrote


def test_one_that_is_forgotten_or_busy_keeps_no_other_from_its_turn() -> None:
    class Busy(MemoryConversations):
        def change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation:
            if id_ == "busy":
                raise Retryable("others were quicker")
            return MemoryConversations.change(self, id_, to)

        def in_state(self, desk: str, state: State, before: str | None = None) -> Iterator[Conversation]:
            yield conversation(ConversationId("forgotten"))
            yield from MemoryConversations.in_state(self, desk, state, before)

    conversations = Busy()
    for id_ in ("busy", "a"):
        conversations.open(conversation(ConversationId(id_)))
    assert run(conversations) == Tended(followed_up=0, closed=1, busy=(ConversationId("busy"),))
    assert seen(conversations).state is State.CLOSED
    again = having(seen(conversations, ConversationId("busy")))
    again.standing = conversations.standing  # the entry is there already, the change is not
    assert run(again).closed == 1
    assert len(list(again.entries(ConversationId("busy")))) == 1


@given(st.sampled_from(State), st.integers(0, 60), st.none() | st.integers(-40, 40), st.integers(1, 30))
def test_what_is_due_is_due_once(state: State, days: int, day: int | None, after: int) -> None:
    """Whatever the conversation, after a run nothing is due in it any more, and its last change lies in the past."""
    follow_up_on = iso(NOW + timedelta(days=day))[:10] if day is not None else ""
    made = conversation(state=state, days=days, day=follow_up_on)
    for judge in (lambda one: followed_up(one, TODAY), lambda one: idle(one, Patience(days=after), iso(NOW))):
        once = tended(made, judge)
        assert tended(once, judge) == once
        assert made.updated_at <= once.updated_at <= iso(NOW)
        assert once.state is made.state or made.state in CLOSING
