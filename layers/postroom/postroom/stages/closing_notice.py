"""The notice before closing: a customer who is waited for is told, at most once for each mail of theirs, that the
conversation will close, or a named reason says in the conversation why not."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.events import Event, NoticeDue, ReplySent, ReplyWithheld
from postroom.ids import SesId
from postroom.kinds.kind import Kind
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Conversations, NotFound, Objects
from postroom.reasons import Disposition, Reason
from postroom.replies import preflight
from postroom.replies.compose import Submitted
from postroom.replies.preflight import Situation, Withheld
from postroom.stages import documents
from postroom.stages.automatic import Automatic, Letter, Purpose, Sent
from postroom.threads.patience import decided

TEMPLATE = "auto_close_notice"
_NOBODYS = SesId("")  # it changes nothing in the row of the mail, which has what became of its acknowledgement

#: What passes: tend asks again. Anything else that withholds the notice withholds it for good.
PASSING = frozenset(
    {
        Reason.QUIET_HOURS,
        Reason.BREAKER_OPEN,
        Reason.SENDING_PAUSED,
        Reason.UNDER_REVIEW,
        Reason.QUOTA_RESERVED,
        Reason.SENDER_BUDGET,
        Reason.DOMAIN_BUDGET,
        Reason.ACCOUNT_BUDGET,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingNotice:
    """What is due by a NoticeDue. It may be done again: nothing goes out twice."""

    objects: Objects
    automatic: Automatic

    def __call__(self, due: NoticeDue) -> Decision:
        conversation = self.automatic.conversations.get(due.conversation)
        if conversation is None or not _still(due, conversation):
            return self._decision(due, Withheld(reason=Reason.NO_LONGER_DUE, detail="", checks=("still_due",)))
        outcome = self._outcome(due, conversation)
        note(self.automatic.conversations, due, outcome, iso(self.automatic.clock()))
        return self._decision(due, outcome)

    def _outcome(self, due: NoticeDue, conversation: Conversation) -> Sent | Withheld:
        parsed = documents.stored(self.objects, documents.parsed_key(due.ses_id))
        if parsed is None:
            return Withheld(reason=Reason.DOCUMENT_UNUSABLE, detail="", checks=("document",))
        letter = Letter(
            purpose=Purpose.CLOSING,
            template=TEMPLATE,
            about=parsed,
            conversation=conversation.id,
            language=conversation.language,
            submitted=Submitted.GENERATED,
        )
        if before := self.automatic.before(letter):
            return before
        checked = preflight.decide(parsed, self._situation(due), preflight.FOR_NOTICES)
        return checked if isinstance(checked, Withheld) else self.automatic.send(letter, checked)

    def _situation(self, due: NoticeDue) -> Situation:
        return Situation(
            kind=Kind(due.kind), desk=self.automatic.desk, opened=False, age_hours=0.0, limits=self.automatic.limits
        )

    def _decision(self, due: NoticeDue, outcome: Sent | Withheld) -> Decision:
        happened: Event
        if isinstance(outcome, Sent):
            reason = Reason.TOLD_OF_CLOSING
            happened = ReplySent(
                ses_id=due.ses_id, conversation=due.conversation, template=TEMPLATE, sent_id=outcome.sent_id
            )
        else:
            reason = outcome.reason
            happened = ReplyWithheld(ses_id=due.ses_id, conversation=due.conversation, reason=reason)
        at = iso(self.automatic.clock())
        record = StageRecord(
            stage=Stage.REPLY, at=at, disposition=Disposition.ACCEPTED, reason=reason, signals=outcome.checks
        )
        return Decision(ses_id=_NOBODYS, received_at=at, record=record, event=happened)


def _still(due: NoticeDue, conversation: Conversation) -> bool:
    """A merge, an answer, a note of a day: whatever changed it since puts an end to what was due."""
    waits = conversation.state is State.PENDING and not conversation.follow_up_on
    return waits and conversation.changed_at == due.since and not decided(conversation)


def unaddressed(conversations: Conversations, due: NoticeDue, at: str) -> None:
    """There is no mail of the customer that it could answer."""
    note(conversations, due, Withheld(reason=Reason.NO_SENDER, detail="", checks=("customer",)), at)


def note(conversations: Conversations, due: NoticeDue, outcome: Sent | Withheld, at: str) -> None:
    """Puts into the conversation why nothing goes out (what goes out stands there already), and that it is decided. A
    run that ends before finds by the row around the send what was sent, and comes here again."""
    with suppress(NotFound):  # it was forgotten meanwhile
        if isinstance(outcome, Withheld):
            conversations.add(due.conversation, _entry(due, outcome))
        if isinstance(outcome, Sent) or outcome.reason not in PASSING:
            conversations.change(due.conversation, partial(_decided, since=due.since, at=at))


def _entry(due: NoticeDue, outcome: Withheld) -> Entry:
    waits = outcome.reason in PASSING
    said = "the notice before closing waits" if waits else "the customer gets no notice before it closes"
    return Entry(
        at=due.at,
        kind=EntryKind.CHANGE,
        id=f"{TEMPLATE}/{due.since}/{outcome.reason}",
        author="reply",
        text=f"{said}: {outcome.reason.text}",
        facts={"reason": str(outcome.reason), "detail": outcome.detail, "rule": outcome.checks[-1]},
    )


def _decided(conversation: Conversation, since: str, at: str) -> Conversation:
    """Nothing else is changed by it, `updated_at` least of all: whose turn it is stays as it was."""
    if conversation.changed_at != since or decided(conversation):
        return conversation
    return replace(conversation, notice_at=at)
