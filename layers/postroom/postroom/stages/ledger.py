"""ledger: every raw mail has an outcome, or is sent round again, or a person is told which one has none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from postroom.clock import Clock, iso
from postroom.envelope import Received
from postroom.events import MessageQuarantined
from postroom.ids import SesId
from postroom.inbound import SETUP_OBJECT
from postroom.mime import stored
from postroom.outcome import Stage, StageRecord, waiting_for
from postroom.ports import Ledger, ObjectInfo, Objects, Requeue, Sends
from postroom.reasons import Disposition, Reason

RAW = "raw/"
_HEAD = 65_536  # bytes of a raw mail that hold what SES wrote on top of it
_TRIES = 3
_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one check found: mails looked at, sent round again, and without an outcome after every try."""

    looked_at: int
    again: tuple[SesId, ...]
    lost: tuple[MessageQuarantined, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCheck:
    """The scheduled check. It only ever adds a try or a record: running it twice at once does no harm."""

    objects: Objects
    ledger: Ledger
    sends: Sends
    queue: Requeue
    bucket: str
    clock: Clock
    settle: timedelta = timedelta(minutes=15)  # the pipeline's own time, retries included, before anybody worries
    window: timedelta = timedelta(days=4)  # longer than a mail may wait in the queues

    def __call__(self) -> Checked:
        looked_at, again, lost = 0, [], []
        for info in self._due():
            looked_at += 1
            mail = self._without_outcome(info)
            if mail is None:
                continue
            if self.sends.take(f"again/{mail.ses_id}", _TRIES, _WEEK, self.clock().timestamp()):
                self.queue.put(mail)
                again.append(mail.ses_id)
            else:
                lost.append(self._give_up(mail))
        return Checked(looked_at=looked_at, again=tuple(again), lost=tuple(lost))

    def _due(self) -> Iterator[ObjectInfo]:
        now = self.clock()
        newest, oldest = iso(now - self.settle), iso(now - self.window)
        for info in self.objects.listing(RAW):
            if oldest <= info.modified_at <= newest and not info.key.endswith(SETUP_OBJECT):
                yield info

    def _without_outcome(self, info: ObjectInfo) -> Received | None:
        ses_id = SesId(info.key.removeprefix(RAW))
        row = self.ledger.row(ses_id)
        if row is not None and not waiting_for(row):
            return None
        head = self.objects.read(info.key, 0, min(_HEAD, max(info.size, 1))) if info.size else b""
        return stored.received(head, ses_id, self.bucket, info.key, info.modified_at)

    def _give_up(self, received: Received) -> MessageQuarantined:
        """Ends the waiting with a record, so that a person is told once and not every quarter of an hour."""
        row = self.ledger.row(received.ses_id)
        stage = min(waiting_for(row), key=list(Stage).index) if row else Stage.PARSE
        record = StageRecord(
            stage=stage,
            at=iso(self.clock()),
            disposition=Disposition.QUARANTINED,
            reason=Reason.WITHOUT_OUTCOME,
            rule="ledger",
            facts={"tries": str(_TRIES), "waited_since": received.received_at},
        )
        self.ledger.record(received.ses_id, received.received_at, record)
        return MessageQuarantined(ses_id=received.ses_id, stage=stage, reason=Reason.WITHOUT_OUTCOME)
