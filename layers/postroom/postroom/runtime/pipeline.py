"""How a queue's message becomes a stage's event, and what is written when it is poison."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from postroom.clock import Clock, iso
from postroom.errors import Poison
from postroom.events import (
    SOURCE,
    AttachmentsStored,
    Event,
    FeedbackRecorded,
    MessageClassified,
    MessageParsed,
    MessageQuarantined,
    ReplySent,
    ReplyWithheld,
    decode,
)
from postroom.ids import SesId
from postroom.inbound import Ignored, decoded, unwrapped
from postroom.outcome import Stage, StageRecord
from postroom.ports import Bus, Ledger
from postroom.reasons import Disposition, Reason
from postroom.runtime import log
from postroom.runtime.batch import Batch, BatchResponse

E = TypeVar("E", bound=Event)

_SAYS: Mapping[type[Event], Reason] = {
    AttachmentsStored: Reason.STORED,
    ReplySent: Reason.ACKNOWLEDGED,
    FeedbackRecorded: Reason.RECORDED,
}


def event_of(body: str) -> Event:
    """The pipeline event in an EventBridge event; Poison(UNREADABLE_EVENT) where it is none."""
    try:
        envelope: Any = decoded(body)
        return decode(str(envelope["detail-type"]), envelope["detail"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Poison(Reason.UNREADABLE_EVENT, f"no EventBridge event: {type(error).__name__}: {error}") from error


def is_pipeline_event(body: str) -> bool:
    """Whether a queue's message is an event of our bus, and not one of SES's."""
    try:
        outer = decoded(body)
    except ValueError:
        return False
    return isinstance(outer, dict) and outer.get("source") == SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One stage in its function: reads a message, does the work, publishes what happened, writes the outcome line."""

    stage: Stage
    ledger: Ledger
    bus: Bus
    clock: Clock

    def batch(self, event: Mapping[str, Any], work: Callable[[str], Event | Ignored]) -> BatchResponse:
        """`work` gives the event to publish, or why the message is nothing for us."""

        def one(body: str) -> None:
            started = time.perf_counter()
            happened = work(body)
            if isinstance(happened, Event):
                self.bus.publish([happened])
            self._tell(happened, started)

        return Batch(work=one, quarantine=self._quarantine)(event)

    def events(self, batch: Mapping[str, Any], expected: type[E], work: Callable[[E], Event]) -> BatchResponse:
        """A batch of pipeline events of one type; any other is acknowledged and left alone."""

        def one(body: str) -> Event | Ignored:
            event = event_of(body)
            return work(event) if isinstance(event, expected) else Ignored(reason=Reason.NOT_FOR_THIS_STAGE)

        return self.batch(batch, one)

    def _tell(self, happened: Event | Ignored, started: float) -> None:
        """Writes the outcome line."""
        if isinstance(happened, Ignored):
            log.outcome(self.stage, Disposition.IGNORED, happened.reason, started, {})
            return
        quarantined = isinstance(happened, MessageQuarantined)
        disposition = Disposition.QUARANTINED if quarantined else Disposition.ACCEPTED
        facts: dict[str, str | int] = {"ses_id": happened.ses_id, "event": happened.type}
        if isinstance(happened, MessageParsed):
            facts["bytes"] = happened.size
        log.outcome(self.stage, disposition, _reason(happened), started, facts)

    def _quarantine(self, body: str, poison: Poison) -> bool:
        """Records the mail as quarantined, if the message names one. The raw mail stays where it is."""
        ses_id, received_at = _mail_of(body)
        if ses_id is None:
            return False
        record = StageRecord(
            stage=self.stage,
            at=iso(self.clock()),
            disposition=Disposition.QUARANTINED,
            reason=poison.reason,
            rule="poison",
            facts={"detail": str(poison)[:500]},
        )
        self.ledger.record(ses_id, received_at or record.at, record)
        happened = MessageQuarantined(ses_id=ses_id, stage=self.stage, reason=poison.reason)
        self.bus.publish([happened])
        self._tell(happened, time.perf_counter())
        return True


def _reason(event: Event) -> Reason:
    """The reason that the event names, or what its type says."""
    if isinstance(event, MessageClassified | ReplyWithheld | MessageQuarantined):
        return event.reason
    return _SAYS.get(type(event), Reason.ORDINARY)


def _mail_of(body: str) -> tuple[SesId | None, str | None]:
    """The SES id, and the time of receipt, that a receipt notification or a pipeline event names.

    An event of a mail that we sent names no received mail, though it has a `mail.messageId` too.
    """
    try:
        inner: Any = decoded(unwrapped(body))
        mail, detail = inner.get("mail", {}) if "receipt" in inner else {}, inner.get("detail", {})
        found = detail.get("ses_id") or mail.get("messageId")
        return (SesId(found), mail.get("timestamp")) if isinstance(found, str) and found else (None, None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, None
