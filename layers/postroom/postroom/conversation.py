"""A conversation: the mails that belong together, and the people who may take part in it."""

from dataclasses import dataclass

from postroom.ids import ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`participants` are folded addresses; `linked_to` is the conversation that a stranger quoted (a side one)."""

    id: ConversationId
    customer: str
    participants: tuple[str, ...]
    subject: str
    created_at: str
    linked_to: ConversationId | None = None
