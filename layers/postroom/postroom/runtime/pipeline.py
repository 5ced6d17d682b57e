"""How a queue's message becomes a stage's event, and what is written when it is poison."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from postroom.clock import Clock, iso
from postroom.errors import Poison
from postroom.events import SOURCE, Event, MessageParsed, MessageQuarantined, decode
from postroom.ids import SesId
from postroom.inbound import Ignored, decoded, unwrapped
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Bus, Ledger
from postroom.reasons import Disposition, Reason
from postroom.runtime import log
from postroom.runtime.batch import Batch, BatchResponse

E = TypeVar("E", bound=Event)


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
    """One stage in its function. A decision becomes a record in the ledger, then an event, then the outcome line."""

    stage: Stage
    ledger: Ledger
    bus: Bus
    clock: Clock

    def batch(self, event: Mapping[str, Any], work: Callable[[str], Decision | Ignored]) -> BatchResponse:
        """`work` takes a message's body and gives the stage's decision, or why the message is nothing for us."""

        def one(body: str) -> None:
            started = time.perf_counter()
            decided = work(body)
            if isinstance(decided, Ignored):
                log.outcome(self.stage, Disposition.IGNORED, decided.reason, started, {})
            else:
                self._carry_out(decided, started)

        return Batch(work=one, quarantine=self._quarantine, name=lambda body: _mail_of(body)[0])(event)

    def events(self, batch: Mapping[str, Any], expected: type[E], work: Callable[[E], Decision]) -> BatchResponse:
        """A batch of pipeline events of one type; any other is acknowledged and left alone."""

        def one(body: str) -> Decision | Ignored:
            event = event_of(body)
            return work(event) if isinstance(event, expected) else Ignored(reason=Reason.NOT_FOR_THIS_STAGE)

        return self.batch(batch, one)

    def _carry_out(self, decided: Decision, started: float) -> None:
        record = decided.record
        if decided.ses_id:
            self.ledger.record(decided.ses_id, decided.received_at, record)
        if decided.event:
            self.bus.publish([decided.event])
        facts: dict[str, str | int] = {"ses_id": decided.ses_id, "event": decided.event.type if decided.event else ""}
        if isinstance(decided.event, MessageParsed):
            facts["bytes"] = decided.event.size
        log.outcome(self.stage, record.disposition, record.reason, started, facts)

    def _quarantine(self, body: str, poison: Poison) -> bool:
        """Records the mail as quarantined, if the message names one. The raw mail stays where it is."""
        ses_id, received_at = _mail_of(body)
        if not ses_id:
            return False
        record = StageRecord(
            stage=self.stage,
            at=iso(self.clock()),
            disposition=Disposition.QUARANTINED,
            reason=poison.reason,
            rule="poison",
            facts={"detail": str(poison)[:500]},
        )
        happened = MessageQuarantined(ses_id=ses_id, stage=self.stage, reason=poison.reason)
        decided = Decision(ses_id=ses_id, received_at=received_at or record.at, record=record, event=happened)
        self._carry_out(decided, time.perf_counter())
        return True


def _mail_of(body: str) -> tuple[SesId, str | None]:
    """The SES id, and the time of receipt, that a receipt notification or a pipeline event names; an empty id is none.

    An event of a mail that we sent names no received mail, though it has a `mail.messageId` too.
    """
    try:
        inner: Any = decoded(unwrapped(body))
        mail, detail = inner.get("mail", {}) if "receipt" in inner else {}, inner.get("detail", {})
        found = detail.get("ses_id") or mail.get("messageId")
        return (SesId(found), mail.get("timestamp")) if isinstance(found, str) else (SesId(""), None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return SesId(""), None
