"""ledger: every raw mail has an outcome, or is sent round again, or a person is told which one has none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from postroom.clock import Clock, iso
from postroom.envelope import Received
from postroom.errors import Poison, Retryable
from postroom.events import MessageQuarantined
from postroom.ids import SesId
from postroom.inbound import SETUP_OBJECT
from postroom.mime import stored
from postroom.outcome import MailRow, Stage, StageRecord, waiting_for
from postroom.ports import Bus, Ledger, NotFound, ObjectInfo, Objects, RawMails, Requeue, Sends
from postroom.reasons import Disposition, Reason

RAW = "raw/"
_HEAD = 65_536  # bytes of a raw mail that hold what SES wrote on top of it
_TRIES = 3
_WINDOW_SECONDS = 30 * 86_400  # in which a mail has its tries: longer than it is looked at
_TOGETHER = 100  # mails whose rows are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one check found: mails looked at, sent round again, and without an outcome after every try.

    `unread` says of each mail that couldn't be read why; the next check tries it again.
    """

    looked_at: int
    again: tuple[SesId, ...]
    lost: tuple[MessageQuarantined, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCheck:
    """The scheduled check. It only ever adds a try or a record: running it twice at once does no harm.

    `unseen` is longer than the parse queue takes to give a mail up into its dead letters, `settle` longer than the
    slowest queue does: what is sent round again is in no queue any more. `window` is as long as a mail may wait in the
    dead letters. (A test holds all three to template.yaml.)
    """

    objects: Objects
    raw_mails: RawMails
    ledger: Ledger
    sends: Sends
    queue: Requeue
    bus: Bus
    bucket: str
    clock: Clock
    unseen: timedelta = timedelta(minutes=45)
    settle: timedelta = timedelta(hours=3)
    window: timedelta = timedelta(days=14)

    def __call__(self) -> Checked:
        looked_at, again, lost, unread = 0, list[SesId](), list[MessageQuarantined](), list[str]()
        for some in self._due():
            looked_at += len(some)
            for info, row in self._without_outcome(some):
                try:
                    mail = self._stored(info)
                except NotFound:  # it was erased since it was listed
                    continue
                except Retryable as error:  # one mail that can't be read now keeps no other from its turn
                    unread.append(str(error))
                    continue
                if self.sends.take(f"again/{mail.ses_id}", _TRIES, _WINDOW_SECONDS, self.clock().timestamp()):
                    self.queue.put(mail)
                    again.append(mail.ses_id)
                else:
                    lost.append(self._give_up(mail, row))
        return Checked(looked_at=looked_at, again=tuple(again), lost=tuple(lost), unread=tuple(unread))

    def _due(self) -> Iterator[Sequence[ObjectInfo]]:
        """Raw mails of the window, some at a time."""
        now = self.clock()
        newest, oldest = iso(now - self.unseen), iso(now - self.window)
        some: list[ObjectInfo] = []
        for info in self.objects.listing(RAW):
            if oldest <= info.modified_at <= newest and not info.key.endswith(SETUP_OBJECT):
                some.append(info)
            if len(some) == _TOGETHER:
                yield some
                some = []
        if some:
            yield some

    def _without_outcome(self, some: Sequence[ObjectInfo]) -> Iterator[tuple[ObjectInfo, MailRow | None]]:
        rows = self.ledger.rows([SesId(info.key.removeprefix(RAW)) for info in some])
        for info in some:
            ses_id = SesId(info.key.removeprefix(RAW))
            row = rows.get(ses_id)
            if row is None or (waiting_for(row) and info.modified_at <= iso(self.clock() - self.settle)):
                yield info, row

    def _stored(self, info: ObjectInfo) -> Received:
        """What SES knew of the mail. Of one that can never be read, nothing: parse will say so, and why."""
        try:
            with self.raw_mails.open(info.key) as raw:
                head = raw.read(0, _HEAD)
        except Poison:
            head = b""
        return stored.received(head, SesId(info.key.removeprefix(RAW)), self.bucket, info.key, info.modified_at)

    def _give_up(self, mail: Received, row: MailRow | None) -> MessageQuarantined:
        """Ends the waiting with a record, so that a person is told once and not every quarter of an hour.

        The stage's own record takes its place if it comes after all.
        """
        stage = min(waiting_for(row), key=list(Stage).index) if row else Stage.PARSE
        record = StageRecord(
            stage=stage,
            at=iso(self.clock()),
            disposition=Disposition.QUARANTINED,
            reason=Reason.WITHOUT_OUTCOME,
            rule="ledger",
            facts={"tries": str(_TRIES), "waited_since": mail.received_at},
        )
        told = MessageQuarantined(ses_id=mail.ses_id, stage=stage, reason=Reason.WITHOUT_OUTCOME)
        self.bus.publish([told])  # before the record, which ends the waiting: rather told twice than never
        self.ledger.record(mail.ses_id, mail.received_at, record)
        return told
