"""feedback: what came back (SES events, DSNs, ARF reports) changes the state of addresses, is told in the conversation
that it is about, and is counted."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from postroom.address import AddressEvent, fold
from postroom.clock import Clock, from_iso, iso
from postroom.events import FeedbackRecorded, MessageClassified
from postroom.feedback import counting, faults, incidents, returned, table
from postroom.feedback.read import from_mail
from postroom.feedback.report import BounceReason, Feedback, FeedbackKind, Report, Source
from postroom.ids import SesId
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import AddressBook, Exchange, Objects, RawMails
from postroom.reasons import Disposition, Reason
from postroom.stages import documents
from postroom.stages.breaking import Breaking
from postroom.stages.proving import Proving
from postroom.stages.telling import Telling

NOBODYS = SesId("")  # an event of a mail of ours that answered none, or was sent by somebody else's code

_ORDINARY = frozenset({FeedbackKind.NONE, FeedbackKind.DELIVERED})

#: What came as mail, SES doesn't know; of the rest it has listed what it lists.
_UNKNOWN_TO_SES = frozenset({AddressEvent.HARD_BOUNCE, AddressEvent.COMPLAINT})


def _untold(reason: BounceReason, recipients: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackStage:
    """The feedback stage. Events come twice and out of order: every change is made once per event id."""

    objects: Objects
    raw_mails: RawMails
    proving: Proving
    addresses: AddressBook
    exchange: Exchange
    breaking: Breaking
    telling: Telling
    clock: Clock
    blocked: Callable[[BounceReason, int], None] = _untold  # hears of refusals that are our own matter

    def of_event(self, feedback: Feedback) -> Decision:
        """An event of our own configuration set: it speaks of mail that we sent, so it is believed.

        That a mail was sent, delivered or opened is no event of ours: there are two of these for each reply.
        What went wrong stands in the row of the mail that was answered.
        """
        at = feedback.at or iso(self.clock())
        suppressed = self._apply(feedback, at)
        self.telling.tell(feedback, at)
        self.addresses.count(counting.counted(feedback, min(at, iso(self.clock()))[:10]))
        if faults.fault_of(feedback):  # only what SES counts can open the breaker, so only then is it looked at
            self.breaking.judge()
        if feedback.kind in _ORDINARY:
            return Decision(ses_id=NOBODYS, received_at=at, record=self._record(feedback, Reason.COUNTED), event=None)
        answered = feedback.answers or NOBODYS
        return Decision(
            ses_id=answered,
            received_at=at,
            record=self._record(feedback, Reason.RECORDED),
            event=_recorded(answered, feedback, suppressed),
        )

    def of_mail(self, event: MessageClassified) -> Decision:
        """A report that came as mail. Anybody can forge one: only what is proved changes an address. The others are
        counted: so many at once are somebody who sends in our name."""
        parsed = documents.load(self.objects, event.parsed_key)
        with self.raw_mails.open(event.raw_key) as mail:
            raw = mail.read(0, mail.size)
        feedback, received_at = from_mail(raw), parsed.received.received_at
        proved = self.proving.proved(feedback, lambda: returned.marks(raw), from_iso(received_at).date())
        suppressed = self._apply(proved, received_at)  # whatever its Date says, which a stranger chose
        self.telling.tell(proved, received_at)
        record = self._record(feedback, _reason(feedback, proved))
        if record.reason is Reason.NOT_OURS:
            self.addresses.count(counting.backscatter(feedback, received_at[:10]))
        elif unproved := len(feedback.reports) - len(proved.reports):
            record = replace(record, facts={**record.facts, "unproved": str(unproved)})
        return Decision(
            ses_id=event.ses_id,
            received_at=received_at,
            record=record,
            event=_recorded(event.ses_id, feedback, suppressed),
        )

    def _apply(self, feedback: Feedback, at: str) -> int:
        """Moves every reported address; gives how many became suppressed by it. Nothing happens to one after now."""
        for reason, recipients in faults.blocks_of(feedback).items():
            self.blocked(reason, recipients)
        moment = min(at, iso(self.clock()))
        return sum(self._move(feedback, index, report, moment) for index, report in enumerate(feedback.reports))

    def _move(self, feedback: Feedback, index: int, report: Report, at: str) -> bool:
        happened = table.event_of(report)
        if happened is None or not report.recipient:
            return False
        if feedback.source is Source.MAIL and happened in _UNKNOWN_TO_SES:
            self.exchange.owe(fold(report.recipient))
        incident = incidents.incident(feedback, index, happened, at)
        before, after = self.addresses.move(fold(report.recipient), incident)
        return after.suppressed and not before.suppressed

    def _record(self, feedback: Feedback, reason: Reason) -> StageRecord:
        return StageRecord(
            stage=Stage.FEEDBACK,
            at=iso(self.clock()),
            disposition=Disposition.ACCEPTED,
            reason=reason,
            signals=tuple(str(r.reason) for r in feedback.reports[:20]),
            facts={
                "feedback": feedback.kind,
                "reports": str(len(feedback.reports)),
                "recipients": ", ".join(r.recipient for r in feedback.reports[:5] if r.recipient)[:500],
            },
        )


def _reason(feedback: Feedback, proved: Feedback) -> Reason:
    if not feedback.reports:
        return Reason.NOTHING_REPORTED
    return Reason.RECORDED if proved.reports else Reason.NOT_OURS


def _recorded(ses_id: SesId, feedback: Feedback, suppressed: int) -> FeedbackRecorded:
    return FeedbackRecorded(
        ses_id=ses_id,
        about=feedback.about,
        kind=feedback.kind,
        reports=len(feedback.reports),
        suppressed=suppressed,
    )
