"""The desk's table in memory: the ledger, the conversations, the sends and their budgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from postroom.conversation import Conversation
from postroom.ids import ConversationId, MessageId, SentId, SesId, proof_of
from postroom.outcome import MailRow, StageRecord
from postroom.ports import SendState


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

    def rows_since(self, received_at: str) -> Iterator[MailRow]:
        newest_first = sorted(self.rows_by_id.values(), key=lambda row: (row.received_at, row.ses_id), reverse=True)
        return (row for row in newest_first if row.received_at >= received_at)


@dataclass(slots=True)
class MemoryConversations:
    """`postroom.ports.Conversations`."""

    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    proofs: dict[str, ConversationId] = field(default_factory=dict)
    mails: dict[ConversationId, dict[SesId, str]] = field(default_factory=dict)

    def by_proofs(self, ids: Sequence[MessageId]) -> Conversation | None:
        return next((self.conversations[self.proofs[p]] for p in map(proof_of, ids) if p in self.proofs), None)

    def get(self, id_: ConversationId) -> Conversation | None:
        return self.conversations.get(id_)

    def open(self, conversation: Conversation) -> Conversation:
        return self.conversations.setdefault(conversation.id, conversation)

    def add(self, conversation: ConversationId, ses_id: SesId, at: str) -> None:
        self.mails.setdefault(conversation, {}).setdefault(ses_id, at)

    def prove(self, conversation: ConversationId, ids: Sequence[MessageId]) -> None:
        for proof in map(proof_of, ids):
            self.proofs.setdefault(proof, conversation)


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

    def abandon(self, key: str) -> None:
        self.states.pop(key, None)

    def take(self, budget: str, limit: int, seconds: int, at: float) -> bool:
        window = (budget, int(at // seconds))
        taken = self.budgets.get(window, 0)
        if taken >= limit:
            return False
        self.budgets[window] = taken + 1
        return True
