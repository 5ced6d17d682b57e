"""The desk's table in memory: the ledger, the conversations, the sends and their budgets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from postroom.conversation import MOST_PARTS, Conversation, Entry, State, absorb
from postroom.events import MessageClassified
from postroom.ids import ConversationId, MessageId, SentId, SesId, proof_of
from postroom.outcome import MailRow, StageRecord
from postroom.ports import NotFound, SendState


@dataclass(slots=True)
class MemoryLedger:
    """`postroom.ports.Ledger`."""

    rows_by_id: dict[SesId, MailRow] = field(default_factory=dict)
    firsts: dict[str, SesId] = field(default_factory=dict)

    def record(self, ses_id: SesId, received_at: str, record: StageRecord) -> None:
        row = self.rows_by_id.get(ses_id) or MailRow(ses_id=ses_id, received_at=received_at)
        self.rows_by_id[ses_id] = replace(row, records={**row.records, record.stage: record})

    def first_of(self, fingerprint: str, ses_id: SesId) -> SesId:
        return self.firsts.setdefault(fingerprint, ses_id)

    def row(self, ses_id: SesId) -> MailRow | None:
        return self.rows_by_id.get(ses_id)

    def rows(self, ses_ids: Sequence[SesId]) -> Mapping[SesId, MailRow]:
        return {ses_id: self.rows_by_id[ses_id] for ses_id in ses_ids if ses_id in self.rows_by_id}

    def forget(self, ses_id: SesId) -> None:
        self.rows_by_id.pop(ses_id, None)

    def rows_since(self, received_at: str) -> Iterator[MailRow]:
        newest_first = sorted(self.rows_by_id.values(), key=lambda row: (row.received_at, row.ses_id), reverse=True)
        return (row for row in newest_first if row.received_at >= received_at)


@dataclass(slots=True)
class MemoryConversations:
    """`postroom.ports.Conversations`."""

    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    proofs: dict[str, ConversationId] = field(default_factory=dict)
    standing: dict[ConversationId, dict[tuple[str, str], Entry]] = field(default_factory=dict)

    def known(self, ids: Sequence[MessageId]) -> Mapping[MessageId, Conversation]:
        leads = {id_: self.proofs[proof_of(id_)] for id_ in ids if proof_of(id_) in self.proofs}
        return {id_: found for id_, lead in leads.items() if (found := self.get(lead))}

    def get(self, id_: ConversationId) -> Conversation | None:
        found = self.conversations.get(id_)
        return self.get(found.merged_into) if found and found.merged_into else found

    def open(self, conversation: Conversation) -> Conversation:
        self.conversations.setdefault(conversation.id, conversation)
        return self._one(conversation.id)

    def change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation:
        before = self._one(id_)
        self.conversations[before.id] = to(before)
        return self.conversations[before.id]

    def add(self, conversation: ConversationId, entry: Entry) -> bool:
        standing, place = self.standing.setdefault(self._one(conversation).id, {}), (entry.at, entry.id)
        if place in standing:
            return False
        standing[place] = entry
        return True

    def entries(self, conversation: ConversationId) -> Iterator[Entry]:
        found = self.get(conversation)
        standing = self.standing.get(found.id, {}) if found else {}
        return (entry for _, entry in sorted(standing.items(), key=lambda pair: pair[0]))

    def amend(self, conversation: ConversationId, entry: Entry, to: Entry | None) -> None:
        standing, place = self.standing.get(self._one(conversation).id, {}), (entry.at, entry.id)
        if to is None:
            standing.pop(place, None)
        elif place in standing:
            standing[place] = to

    def prove(self, conversation: ConversationId, ids: Sequence[MessageId]) -> None:
        for proof in map(proof_of, ids):
            self.proofs.setdefault(proof, conversation)

    def lead(self, ids: Sequence[MessageId], conversation: ConversationId, to: ConversationId | None) -> None:
        whole, there = self._one(conversation), self._one(to) if to else None
        for proof in map(proof_of, ids):
            lead = self.proofs.get(proof)
            if lead is None or self.get(lead) != whole:
                continue
            if there is None:
                del self.proofs[proof]
            else:
                self.proofs[proof] = there.id

    def in_state(self, desk: str, state: State, before: str | None = None) -> Iterator[Conversation]:
        there = self._listed(lambda each: (each.desk, each.state) == (desk, state))
        return (each for each in there if before is None or each.changed_at < before)

    def of_customer(self, customer: str) -> Iterator[Conversation]:
        return self._listed(lambda each: customer != "" and each.customer == customer)

    def due(self, desk: str, day: str) -> Iterator[Conversation]:
        there = self._listed(lambda each: desk != "" and each.desk == desk and _day(each) <= day)
        return iter(sorted(there, key=_day))

    def merge(self, ids: Sequence[ConversationId], into: ConversationId, at: str) -> Conversation:
        for id_ in (into, *ids):
            self._one(id_)
        for id_ in ids:
            self._join(self._one(into), self._one(id_), at)
        return self._one(into)

    def forget(self, id_: ConversationId) -> None:
        if found := self.get(id_):
            for gone in (found.id, *self._parts(found.id)):
                self.conversations.pop(gone)
                self.standing.pop(gone, None)

    def _join(self, root: Conversation, part: Conversation, at: str) -> None:
        parts = (part.id, *self._parts(part.id))
        if root.id == part.id or len(self._parts(root.id)) + len(parts) > MOST_PARTS:
            return
        self.conversations[root.id] = absorb(root, part, at)
        self.conversations |= {id_: replace(self.conversations[id_], merged_into=root.id) for id_ in parts}
        self.standing[root.id] = self.standing.pop(part.id, {}) | self.standing.get(root.id, {})

    def _one(self, id_: ConversationId) -> Conversation:
        if (found := self.get(id_)) is None:
            raise NotFound(f"conversation {id_} is not there")
        return found

    def _parts(self, id_: ConversationId) -> list[ConversationId]:
        return [each.id for each in self.conversations.values() if each.merged_into == id_]

    def _listed(self, wanted: Callable[[Conversation], bool]) -> Iterator[Conversation]:
        there = (each for each in self.conversations.values() if each.merged_into is None and wanted(each))
        return iter(sorted(there, key=attrgetter("changed_at"), reverse=True))


def _day(conversation: Conversation) -> str:
    return conversation.follow_up_on or "never"  # behind every day


@dataclass(slots=True)
class MemorySends:
    """`postroom.ports.Sends`."""

    states: dict[str, SendState] = field(default_factory=dict)
    recipients: dict[SentId, str] = field(default_factory=dict)
    budgets: dict[tuple[str, int], int] = field(default_factory=dict)

    def begin(self, key: str, at: str) -> SendState | None:
        if key in self.states:
            return self.states[key]
        self.states[key] = SendState(since=at)
        return None

    def finish(self, key: str, sent_id: SentId, recipient: str) -> None:
        self.recipients[sent_id] = recipient
        begun = self.states.get(key)
        self.states[key] = SendState(since=begun.since if begun else "", sent_id=sent_id)

    def state(self, key: str) -> SendState | None:
        return self.states.get(key)

    def recipient(self, sent_id: SentId) -> str | None:
        return self.recipients.get(sent_id)

    def give_back(self, budget: str, seconds: int, at: float) -> None:
        window = (budget, int(at // seconds))
        self.budgets[window] = max(self.budgets.get(window, 0) - 1, 0)

    def forget(self, key: str) -> None:
        if (state := self.states.pop(key, None)) and state.sent_id:
            self.recipients.pop(state.sent_id, None)

    def abandon(self, key: str) -> None:
        self.states.pop(key, None)

    def take(self, budget: str, limit: int, seconds: int, at: float) -> bool:
        window = (budget, int(at // seconds))
        taken = self.budgets.get(window, 0)
        if taken >= limit:
            return False
        self.budgets[window] = taken + 1
        return True


@dataclass(slots=True)
class MemoryPostponed:
    """`postroom.ports.Postponed`."""

    waiting: dict[SesId, MessageClassified] = field(default_factory=dict)

    def put(self, event: MessageClassified) -> None:
        self.waiting[event.ses_id] = event

    def all(self) -> Iterator[MessageClassified]:
        return iter(list(self.waiting.values()))

    def remove(self, ses_id: SesId) -> None:
        self.waiting.pop(ses_id, None)
