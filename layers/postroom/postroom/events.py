"""The pipeline's events: past tense, frozen, versioned. They carry references and routing facts, never bodies.

Each travels on the EventBridge bus with source `postroom`, its type as `detail-type`, and its fields beside `version`
as `detail`. A new field has a default, and readers ignore what they don't know; any other change is a new version,
which is read beside the old one for a release. `events/pipeline/` holds a sample of every version for ever.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from postroom.errors import Poison
from postroom.ids import ConversationId, SentId, SesId
from postroom.reasons import Held, Reason

SOURCE = "postroom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root of all events: the mail that it is about."""

    VERSION: ClassVar[int] = 1

    ses_id: SesId

    @property
    def type(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParsed(Event):
    """parse has written the parsed document. `attachments` is their number, `size` the raw mail's in bytes."""

    bucket: str
    raw_key: str
    parsed_key: str
    size: int
    attachments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsStored(Event):
    """attachments has decided about every attachment, and stored `count` under their hashes, open to links.

    The others are in quarantine or refused; `held` are the first of them, without their details.
    """

    count: int
    quarantined: int = 0
    refused: int = 0
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageClassified(Event):
    """classify has accepted the mail, and decided what it is and where it belongs.

    `reply` is the template that a rule wants, or "none"; `notify` are names that rules give for the desk's own rules on
    the bus; `due_at` is when the first answer is due (ISO 8601 in UTC), if the desk has a target for it.
    """

    bucket: str
    raw_key: str
    parsed_key: str
    kind: str
    category: str | None
    language: str | None
    conversation: ConversationId
    opened: bool  # the mail opened the conversation
    priority: str | None = None
    tags: tuple[str, ...] = ()
    reply: str | None = None
    notify: tuple[str, ...] = ()
    due_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySent(Event):
    """reply has sent a template to the author of the mail."""

    conversation: ConversationId
    template: str
    sent_id: SentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWithheld(Event):
    """reply has decided to send nothing, for this reason."""

    conversation: ConversationId
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDue(Event):
    """tend has found that a customer, whose last mail this is, has to be told something (`purpose`, of
    `postroom.stages.automatic`): since `at`, unless the conversation changed after `since`. `last`: it closes if no
    answer comes. It comes by the reply queue alone, never over the bus."""

    conversation: ConversationId
    kind: str
    since: str
    at: str
    purpose: str = "auto_close_notice"
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationAssigned(Event):
    """A person of the desk (`by`) has given the conversation to an agent at this moment. `ses_id` is empty: no mail
    came. It comes by the reply queue alone, never over the bus."""

    conversation: ConversationId
    assignee: str
    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQuarantined(Event):
    """A stage could not work on the mail, or would not. The raw mail stays and can be run again."""

    stage: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRecorded(Event):
    """feedback has recorded reports. `ses_id` is the mail that was answered (or, for a report that came as mail, the
    report itself), empty where that isn't known; `about` is SES's id of the mail of ours that is reported on."""

    about: SentId | None = None
    kind: str
    reports: int
    suppressed: int


EVENTS: dict[tuple[str, int], type[Event]] = {
    (cls.__name__, cls.VERSION): cls
    for cls in (
        MessageParsed,
        AttachmentsStored,
        MessageClassified,
        ReplySent,
        ReplyWithheld,
        NoticeDue,
        ConversationAssigned,
        MessageQuarantined,
        FeedbackRecorded,
    )
}


def encode(event: Event) -> dict[str, Any]:
    """The `detail` of the event on the bus."""
    return {"version": event.VERSION, **msgspec.to_builtins(event)}


def decode(type_: str, detail: dict[str, Any]) -> Event:
    """The event of this `detail-type` and `detail`; Poison where the type, the version or a field is unknown to us."""
    cls = EVENTS.get((type_, detail.get("version", 1)))
    if cls is None:
        raise Poison(Reason.UNREADABLE_EVENT, f"no reader for {type_} version {detail.get('version')!r}")
    try:
        return msgspec.convert(detail, cls)
    except msgspec.ValidationError as error:
        raise Poison(Reason.UNREADABLE_EVENT, f"{type_}: {error}") from error
