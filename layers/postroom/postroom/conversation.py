"""A conversation: the mails that belong together, the people who may take part, and where the desk stands with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from postroom.ids import ConversationId

MOST_PARTICIPANTS = 50  # a mail to thousands makes no thousands of participants: items stay small
MOST_TAGS = 30
LONGEST_TAG = 40  # characters
TAG = re.compile(rf"\w[\w.:/-]{{0,{LONGEST_TAG - 1}}}")
MOST_PARTS = 50  # conversations merged into one: they are joined in one transaction, and read in one go
MOST_RECENT = 8  # ids of mails and bounces that a conversation remembers; more would double what each change costs
LONGEST_TEXT = 10_000  # characters of a note; an item of DynamoDB has 400 KB, and a query reads many


class State(StrEnum):
    """Whose turn it is. How one follows from the other is `postroom.threads.life`."""

    NEW = "new"  # nobody has answered yet
    OPEN = "open"  # the desk's turn
    PENDING = "pending"  # the customer's turn
    SOLVED = "solved"
    CLOSED = "closed"  # and out of the way


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`customer` and `participants` are addresses (`as_person`), `desk` is the desk's. The customer is among the
    participants unless they are an agent, or what opened it was forged.

    Moments are ISO 8601 in UTC, `follow_up_on` is a day. `linked_to` is the conversation that a stranger spoke of (this
    is a side one), `merged_into` the one that this has become a part of, `split_from` the one out of which a person of
    the desk took it. `mails` counts what was received; `recent` are the ids of the last mails, of the last events by
    which a reply came back, and of what was split off, so that a repeat is known. `notice_at` is when it was decided
    whether the customer is told that it will close; it counts until the next change.
    """

    id: ConversationId
    customer: str
    participants: tuple[str, ...]
    subject: str
    created_at: str
    linked_to: ConversationId | None = None
    desk: str = ""
    state: State = State.NEW
    updated_at: str = ""
    mails: int = 0
    language: str | None = None
    category: str | None = None
    priority: str | None = None
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    follow_up_on: str | None = None
    merged_into: ConversationId | None = None
    split_from: ConversationId | None = None
    recent: tuple[str, ...] = ()
    notice_at: str | None = None

    @property
    def changed_at(self) -> str:
        return self.updated_at or self.created_at

    def recent_with(self, id_: str) -> tuple[str, ...]:
        """`recent` once this, too, has happened; what is long past falls out."""
        return (*self.recent, id_)[-MOST_RECENT:]


class EntryKind(StrEnum):
    """What can stand in a conversation. The value is stable."""

    MAIL = "mail"  # received; `id` is SES's id
    REPLY = "reply"  # sent, by us or by a person of the desk; `id` is the id that SES gave
    NOTE = "note"  # internal: the customer never sees it
    DELIVERY = "delivery"  # what became of a reply: delivered, delayed, bounced, complained of
    CHANGE = "change"  # somebody changed the conversation itself: its state, its tags, what it is merged with


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened in a conversation. `author` is an address (`as_person`), or a function of ours.

    The pair (`at`, `id`) names it: an entry that is added twice is there once.
    """

    at: str
    kind: EntryKind
    id: str
    author: str
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def absorb(into: Conversation, part: Conversation, at: str) -> Conversation:
    """What `into` is once `part` has become a part of it, at this moment. Who its customer is, and what it says of
    itself, stays; nothing that the desk still has to do gets lost."""
    days = [day for day in (into.follow_up_on, part.follow_up_on) if day]
    return replace(
        into,
        participants=_union(into.participants, part.participants)[:MOST_PARTICIPANTS],
        tags=_union(into.tags, part.tags)[:MOST_TAGS],
        mails=into.mails + part.mails,
        recent=_union(into.recent[-_HALF:], part.recent[-_HALF:]),  # what came last to either
        state=_more_urgent(into.state, part.state),
        follow_up_on=min(days, default=None),
        assignee=into.assignee or part.assignee,
        updated_at=max(into.updated_at, at),
    )


_HALF = MOST_RECENT // 2
_URGENCY = (State.OPEN, State.PENDING, State.SOLVED, State.CLOSED)


def _more_urgent(one: State, other: State) -> State:
    """The state of two that are one from now on. Where one is new, the other was answered, so it is no longer new."""
    if one is other:
        return one
    return State.OPEN if State.NEW in (one, other) else min(one, other, key=_URGENCY.index)


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
