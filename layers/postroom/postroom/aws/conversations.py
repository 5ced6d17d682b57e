"""Conversations in the desk's table. Keys, access patterns and what they cost: docs/data.md."""

import heapq
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from postroom.aws import conversation_items as items
from postroom.aws.conversation_items import Stored
from postroom.aws.conversation_table import ConversationTable
from postroom.aws.items import BATCH
from postroom.conversation import MOST_PARTS, Conversation, Entry, State, absorb
from postroom.errors import Retryable
from postroom.ids import ConversationId, MessageId
from postroom.ports import NotFound

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

_TRIES = 12  # of an optimistic change; the pauses between them come to 3 seconds, mostly
_LONGEST_PAUSE = 0.8  # seconds


def jitter(attempt: int) -> None:
    """Waits up to twice as long each time ("full jitter": AWS architecture blog, "Exponential Backoff And Jitter")."""
    time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.02 * 2**attempt)))  # noqa: S311 (no secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoConversations:
    """`postroom.ports.Conversations`. `pause` waits before another try; it is told how many there were before."""

    client: "DynamoDBClient"
    table: str
    pause: Callable[[int], None] = jitter

    def known(self, ids: Sequence[MessageId]) -> Mapping[MessageId, Conversation]:
        proved = self._table.proved(ids[:BATCH])
        found = self._table.living(proved.values())
        return {id_: found[lead].value for id_, lead in proved.items() if lead in found}

    def get(self, id_: ConversationId) -> Conversation | None:
        found = self._table.living([id_])
        return found[id_].value if found else None

    def open(self, conversation: Conversation) -> Conversation:
        if self._table.put_conversation(conversation):
            return conversation
        if (stored := self.get(conversation.id)) is None:
            raise Retryable(f"conversation {conversation.id} is being forgotten: forget it again, to end that")
        return stored

    def change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation:
        return self._until_won(partial(self._change, id_, to), f"change conversation {id_}")

    def add(self, conversation: ConversationId, entry: Entry) -> bool:
        root = self._table.one(conversation)
        return not self._table.has(root.parts, entry) and self._table.put_entry(root.id, entry)

    def amend(self, conversation: ConversationId, entry: Entry, to: Entry | None) -> None:
        root = self._table.one(conversation)
        for part in (root.id, *root.parts):
            self._table.amend(part, entry, to)

    def entries(self, conversation: ConversationId) -> Iterator[Entry]:
        """One query for each part, held a page at a time. What two parts have both is given once."""
        for root in self._table.living([conversation]).values():
            parts = map(self._table.entries, (root.id, *root.parts))
            standing = heapq.merge(*parts, key=items.place)
            yield from (next(same) for _, same in groupby(standing, key=items.place))

    def prove(self, conversation: ConversationId, ids: Sequence[MessageId]) -> None:
        for id_ in ids:
            self._table.put_proof(id_, conversation)

    def lead(self, ids: Sequence[MessageId], conversation: ConversationId, to: ConversationId | None) -> None:
        whole, there = self._table.one(conversation), self._table.one(to) if to else None
        proved = self._table.proved(ids[:BATCH])
        found = self._table.living(proved.values())
        for id_, was in proved.items():
            if was in found and found[was].id == whole.id:
                self._table.lead(id_, was, there.id if there else None)

    def in_state(self, desk: str, state: State, before: str | None = None) -> Iterator[Conversation]:
        return self._table.listed(items.BY_STATE, "desk_state", items.desk_state(desk, state), before)

    def of_customer(self, customer: str) -> Iterator[Conversation]:
        if not customer:
            return iter(())
        return self._table.listed(items.BY_CUSTOMER, "customer", items.bounded(customer), None)

    def due(self, desk: str, day: str) -> Iterator[Conversation]:
        return self._table.due(items.bounded(desk), day) if desk else iter(())

    def merge(self, ids: Sequence[ConversationId], into: ConversationId, at: str) -> Conversation:
        found = self._table.living([into, *ids])
        if missing := [id_ for id_ in (into, *ids) if id_ not in found]:
            raise NotFound(f"conversation {missing[0]} is not there: nothing was merged")
        merged = found[into].value
        for id_ in ids:
            merged = self._until_won(partial(self._join, id_, into, at), f"merge {id_} into {into}")
        return merged

    def forget(self, id_: ConversationId) -> None:
        """Takes it out of sight in one write, then removes what stands in it and its parts; itself last, since the rest
        is found by it."""
        root = self._until_won(partial(self._bury, id_), f"forget conversation {id_}")
        for each in (root.id, *root.parts):
            self._table.remove_entries(each)
        self._table.remove(root.parts)
        self._table.remove([root.id])

    # One try each: None where somebody else was quicker

    def _change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation | None:
        before = self._table.one(id_)
        after = to(before.value)
        unchanged = after == before.value
        return after if unchanged or self._table.replace(before, replace(before, value=after)) else None

    def _join(self, id_: ConversationId, into: ConversationId, at: str) -> Conversation | None:
        """All of it in one transaction, the parts of the part too: so one that was merged always names the one that it
        stands in now, and no two can become part of each other."""
        root, part = self._table.one(into), self._table.one(id_)
        if root.id in part.parts:  # it became one after it was read
            return None
        if root.id == part.id or len(root.parts) + len(part.parts) >= MOST_PARTS:
            return root.value
        parts = (*root.parts, part.id, *part.parts)
        whole = replace(root, value=absorb(root.value, part.value, at), parts=parts)
        left = replace(part, value=replace(part.value, merged_into=root.id), parts=())
        writes = [self._table.replacing(root, whole), self._table.replacing(part, left)]
        moved = [self._table.leading(each, part.id, root.id) for each in part.parts]
        return whole.value if self._table.write([*writes, *moved]) else None

    def _bury(self, id_: ConversationId) -> Stored | None:
        stored = self._table.followed([id_]).get(id_)
        if stored is None:  # but a mail that came at the same moment may have left an entry
            return items.nothing(id_)
        if stored.forgotten:
            return stored
        return stored if self._table.replace(stored, items.buried(stored)) else None

    def _until_won(self, once: Callable[[], T | None], what: str) -> T:
        for attempt in range(_TRIES):
            if (done := once()) is not None:
                return done
            self.pause(attempt)
        raise Retryable(f"{what}: others were quicker {_TRIES} times")

    @property
    def _table(self) -> ConversationTable:
        return ConversationTable(client=self.client, name=self.table, pause=self.pause)
