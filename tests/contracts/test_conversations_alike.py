"""Whatever is done to them, and in whatever order: the two stores of conversations give the same answers."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from unittest import mock

import boto3
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from postroom.aws.conversations import DynamoConversations
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.ids import ConversationId, MessageId
from postroom.memory.desk import MemoryConversations
from postroom.ports import Conversations, NotFound
from tests.contracts.conftest import create_desk, mocked

DESK = "support@desk.example"
IDS = [ConversationId(name) for name in "abcde"]
PEOPLE = ["", "ann@example.com", "bob@example.com"]
MESSAGES = [MessageId(f"{name}@x") for name in "pqrs"]

ids, people = st.sampled_from(IDS), st.sampled_from(PEOPLE)
moments = st.integers(0, 5).map(lambda minute: f"2026-11-24T07:{minute:02}:00.000Z")
states = st.sampled_from(State)
entries = st.builds(
    Entry, at=moments, kind=st.sampled_from(EntryKind), id=st.sampled_from(["m1", "m2"]), author=people, text=people
)


class BothStores(RuleBasedStateMachine):
    """Does everything to both, and compares what they answer: at once, and at the end all that can be asked."""

    @initialize()
    def begin(self) -> None:
        self.around = ExitStack()
        keys = {f"AWS_{name}": "test" for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
        self.around.enter_context(mock.patch.dict(os.environ, keys))
        self.around.enter_context(mocked())
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_desk(client, "desk")
        self.stores: tuple[Conversations, Conversations] = (
            MemoryConversations(),
            DynamoConversations(client=client, table="desk"),
        )

    def teardown(self) -> None:
        if not hasattr(self, "stores"):
            return
        self.both(_everything)
        self.around.close()

    def both(self, ask: Callable[[Conversations], object]) -> None:
        memory, dynamodb = (_answer(ask, store) for store in self.stores)
        assert memory == dynamodb

    @rule(id_=ids, customer=people, state=states, at=moments)
    def open(self, id_: ConversationId, customer: str, state: State, at: str) -> None:
        people = (customer, "carl@example.com")
        made = Conversation(
            id=id_, customer=customer, participants=people, subject="", created_at=at, desk=DESK, state=state, mails=1
        )
        self.both(lambda store: store.open(made))

    @rule(id_=ids, state=states, at=moments, who=people)
    def change(self, id_: ConversationId, state: State, at: str, who: str) -> None:
        def to(was: Conversation) -> Conversation:
            people = tuple(dict.fromkeys((*was.participants, who)))
            return replace(was, state=state, updated_at=at, mails=was.mails + 1, participants=people)

        self.both(lambda store: store.change(id_, to))

    @rule(id_=ids, entry=entries)
    def add(self, id_: ConversationId, entry: Entry) -> None:
        self.both(lambda store: store.add(id_, entry))

    @rule(id_=ids, messages=st.lists(st.sampled_from(MESSAGES), max_size=3))
    def prove(self, id_: ConversationId, messages: list[MessageId]) -> None:
        self.both(lambda store: store.prove(id_, messages))

    @rule(id_=ids, entry=entries, away=st.booleans())
    def amend(self, id_: ConversationId, entry: Entry, away: bool) -> None:
        to = None if away else replace(entry, text="amended")
        self.both(lambda store: store.amend(id_, entry, to))

    @rule(id_=ids, messages=st.lists(st.sampled_from(MESSAGES), max_size=3, unique=True), to=st.none() | ids)
    def lead(self, id_: ConversationId, messages: list[MessageId], to: ConversationId | None) -> None:
        self.both(lambda store: store.lead(messages, id_, to))

    @rule(some=st.lists(ids, max_size=3), into=ids, at=moments)
    def merge(self, some: list[ConversationId], into: ConversationId, at: str) -> None:
        self.both(lambda store: store.merge(some, into, at))

    @rule(id_=ids)
    def forget(self, id_: ConversationId) -> None:
        self.both(lambda store: store.forget(id_))


def _answer(ask: Callable[[Conversations], object], store: Conversations) -> object:
    try:
        return ask(store)
    except NotFound:
        return NotFound


def _everything(store: Conversations) -> object:
    return [
        [store.get(id_) for id_ in IDS],
        [list(store.entries(id_)) for id_ in IDS],
        store.known(MESSAGES),
        [_listed(store.in_state(DESK, state)) for state in State],
        [_listed(store.in_state(DESK, state, before="2026-11-24T07:03:00.000Z")) for state in State],
        [_listed(store.of_customer(customer)) for customer in PEOPLE],
    ]


def _listed(found: Iterator[Conversation]) -> list[Conversation]:
    """By id, once they came in the order of their moments: who comes first of one moment is not said."""
    every = list(found)
    moments = [each.updated_at or each.created_at for each in every]
    assert moments == sorted(moments, reverse=True)
    return sorted(every, key=lambda each: each.id)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(max_examples=25, stateful_step_count=15)
