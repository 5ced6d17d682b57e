"""What a customer is told by itself on some occasion: at most once for each mail of theirs, or a named reason says in
the conversation why not. The occasions are one table."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.events import Event, NoticeDue, ReplySent, ReplyWithheld
from postroom.ids import SesId
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Conversations, NotFound, Objects
from postroom.reasons import Disposition, Reason
from postroom.replies import preflight
from postroom.replies.compose import Submitted
from postroom.replies.preflight import Situation, Withheld
from postroom.stages import documents
from postroom.stages.automatic import Automatic, Letter, Purpose, Sent
from postroom.stages.surveys import Surveys, allowance
from postroom.threads.patience import decided

_NOBODYS = SesId("")  # it changes nothing in the row of the mail, which has what became of its acknowledgement

#: What passes: tend asks again, where the occasion waits. Anything else that withholds the notice does so for good.
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
class Occasion:
    """One row: when it is still right to tell (`still`), and what the conversation is after that (`settled`, which is
    pure, and may be done again).

    `waits` is how a conversation says that it is looked at again, empty where nothing is; `never` that it isn't told.
    """

    sent: Reason
    waits: str
    never: str
    still: Callable[[NoticeDue, Conversation], bool]
    settled: Callable[[Conversation, NoticeDue, Sent | Withheld, str], Conversation]


def _closes(due: NoticeDue, conversation: Conversation) -> bool:
    """A merge, an answer, a note of a day: whatever changed it since puts an end to what was due."""
    waits = conversation.state is State.PENDING and not conversation.follow_up_on
    return waits and conversation.changed_at == due.since and not decided(conversation)


def _decided(conversation: Conversation, due: NoticeDue, _outcome: Sent | Withheld, at: str) -> Conversation:
    """Nothing else is changed by it, `updated_at` least of all: whose turn it is stays as it was."""
    if conversation.changed_at != due.since or decided(conversation):
        return conversation
    return replace(conversation, notice_at=at)


def _is_followed_up(due: NoticeDue, conversation: Conversation) -> bool:
    """tend hands it on before it changes the conversation, so either may be seen here."""
    if conversation.state is State.OPEN:
        return not conversation.follow_up_on and conversation.changed_at == due.at
    waits = conversation.state is State.PENDING and conversation.follow_up_on is not None
    return waits and conversation.changed_at == due.since


def _asked(conversation: Conversation, due: NoticeDue, outcome: Sent | Withheld, _at: str) -> Conversation:
    """It is the customer's turn again, once they were asked; else it stays the desk's."""
    if isinstance(outcome, Withheld) or not _is_followed_up(due, conversation):
        return conversation
    return replace(conversation, state=State.PENDING, follow_up_on=None, updated_at=due.at)


def _is_settled(due: NoticeDue, conversation: Conversation) -> bool:
    return conversation.state is State.SOLVED and conversation.changed_at == due.since and not decided(conversation)


OCCASIONS: Mapping[Purpose, Occasion] = {
    Purpose.CLOSING: Occasion(
        sent=Reason.TOLD_OF_CLOSING,
        waits="the notice before closing waits",
        never="the customer gets no notice before it closes",
        still=_closes,
        settled=_decided,
    ),
    Purpose.FOLLOW_UP: Occasion(
        sent=Reason.FOLLOWED_UP,
        waits="",  # the desk has it on its list meanwhile
        never="the customer is not asked for an answer",
        still=_is_followed_up,
        settled=_asked,
    ),
    Purpose.SURVEY: Occasion(
        sent=Reason.SURVEYED,
        waits="the survey waits",
        never="the customer is not asked how content they were",
        still=_is_settled,
        settled=_decided,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerNotice:
    """What is due by a NoticeDue. It may be done again: nothing goes out twice."""

    objects: Objects
    automatic: Automatic
    surveys: Surveys

    def __call__(self, due: NoticeDue) -> Decision:
        conversation = self.automatic.conversations.get(due.conversation)
        if conversation is None or not _occasion(due).still(due, conversation):
            return self._decision(due, Withheld(reason=Reason.NO_LONGER_DUE, detail="", checks=("still_due",)))
        outcome = self._outcome(due, conversation)
        note(self.automatic.conversations, due, outcome, iso(self.automatic.clock()))
        return self._decision(due, outcome)

    def _outcome(self, due: NoticeDue, conversation: Conversation) -> Sent | Withheld:
        parsed = documents.stored(self.objects, documents.parsed_key(due.ses_id))
        if parsed is None:
            return Withheld(reason=Reason.DOCUMENT_UNUSABLE, detail="", checks=("document",))
        letter = self._letter(due, parsed, conversation)
        if before := self.automatic.before(letter):
            return self._sent_before(due, letter, before)
        if letter.purpose is Purpose.SURVEY:
            if reason := self.surveys.refusal(conversation):
                return Withheld(reason=reason, detail="", checks=(reason.value,))
            letter = self._survey(letter, conversation)
        checked = preflight.decide(parsed, self._situation(due), preflight.FOR_NOTICES)
        return checked if isinstance(checked, Withheld) else self.automatic.send(letter, checked)

    def _letter(self, due: NoticeDue, parsed: Parsed, conversation: Conversation) -> Letter:
        return Letter(
            purpose=Purpose(due.purpose),
            template=due.purpose,
            about=parsed,
            conversation=conversation.id,
            language=conversation.language,
            submitted=Submitted.GENERATED,
            values={"last_notice": due.last},
        )

    def _survey(self, letter: Letter, conversation: Conversation) -> Letter:
        at = self.automatic.clock()
        return replace(
            letter,
            values=self.surveys.links(conversation.id, at),
            budgets=allowance(conversation.customer),
            unsubscribe=self.surveys.unsubscribe(conversation.id, at),
        )

    def _sent_before(self, due: NoticeDue, letter: Letter, before: Sent) -> Sent | Withheld:
        """By an earlier try; or on an earlier day, and nobody is asked twice for an answer to one mail."""
        begun = self.automatic.sends.state(letter.key)
        if letter.purpose is Purpose.FOLLOW_UP and begun and begun.since < due.at:
            return Withheld(reason=Reason.FOLLOWED_UP_BEFORE, detail="", checks=("followed_up",))
        return before

    def _situation(self, due: NoticeDue) -> Situation:
        return Situation(
            kind=Kind(due.kind), desk=self.automatic.desk, opened=False, age_hours=0.0, limits=self.automatic.limits
        )

    def _decision(self, due: NoticeDue, outcome: Sent | Withheld) -> Decision:
        happened: Event
        if isinstance(outcome, Sent):
            reason = _occasion(due).sent
            happened = ReplySent(
                ses_id=due.ses_id, conversation=due.conversation, template=due.purpose, sent_id=outcome.sent_id
            )
        else:
            reason = outcome.reason
            happened = ReplyWithheld(ses_id=due.ses_id, conversation=due.conversation, reason=reason)
        at = iso(self.automatic.clock())
        record = StageRecord(
            stage=Stage.REPLY, at=at, disposition=Disposition.ACCEPTED, reason=reason, signals=outcome.checks
        )
        return Decision(ses_id=_NOBODYS, received_at=at, record=record, event=happened)


def unaddressed(conversations: Conversations, due: NoticeDue, at: str) -> None:
    """There is no mail of the customer that it could answer."""
    note(conversations, due, Withheld(reason=Reason.NO_SENDER, detail="", checks=("customer",)), at)


def note(conversations: Conversations, due: NoticeDue, outcome: Sent | Withheld, at: str) -> None:
    """Puts into the conversation why nothing goes out (what goes out stands there already), and that it is decided. A
    run that ends before finds by the row around the send what was sent, and comes here again."""
    occasion = _occasion(due)
    waits = isinstance(outcome, Withheld) and bool(occasion.waits) and outcome.reason in PASSING
    with suppress(NotFound):  # it was forgotten meanwhile
        if isinstance(outcome, Withheld):
            said = f"{occasion.waits if waits else occasion.never}: {outcome.reason.text}"
            conversations.add(due.conversation, _entry(due, outcome, said))
        if not waits:
            conversations.change(due.conversation, lambda now: occasion.settled(now, due, outcome, at))


def _occasion(due: NoticeDue) -> Occasion:
    return OCCASIONS[Purpose(due.purpose)]


def _entry(due: NoticeDue, outcome: Withheld, said: str) -> Entry:
    return Entry(
        at=due.at,
        kind=EntryKind.CHANGE,
        id=f"{due.purpose}/{due.since}/{outcome.reason}",
        author="reply",
        text=said,
        facts={"reason": str(outcome.reason), "detail": outcome.detail, "rule": outcome.checks[-1]},
    )
