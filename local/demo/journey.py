"""Mails handed to a running stack, and their outcomes waited for."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cli.mailbox import Sample, Unread
from cli.running import Running
from cli.sending import Refused, deliver
from postroom.ids import SesId
from postroom.outcome import MailRow, Stage, outcome

_LOOK = 0.25  # seconds between two looks


@dataclass(slots=True)
class Journey:
    """What was sent: name to SES id, in order. `refused` is what SMTP did not take, with what it said."""

    stack: Running
    rcpt_to: str
    sent: dict[str, SesId] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    done: dict[SesId, MailRow] = field(default_factory=dict)

    def send(self, samples: Iterable[Sample | Unread]) -> None:
        if self.stack.smtp is None:
            raise ValueError("mail is sent to the local stack only")
        for sample in samples:
            if isinstance(sample, Unread):
                self.refused[sample.mail] = sample.why
                continue
            try:
                self.sent[sample.name] = SesId(deliver(self.stack.smtp, sample.raw, sample.mail_from, self.rcpt_to))
            except Refused as error:
                self.refused[sample.name] = str(error)

    def wait(self, seconds: float, tell: Callable[[int, int], None]) -> bool:
        """Waits until every mail has its outcome; False when `seconds` passed without any new one."""
        deadline = time.monotonic() + seconds
        while self.waiting():
            before = len(self.done)
            self._look()
            tell(len(self.done), len(self.sent))
            if len(self.done) > before:
                deadline = time.monotonic() + seconds
            elif time.monotonic() > deadline:
                return False
            else:
                time.sleep(_LOOK)
        return True

    def waiting(self) -> list[SesId]:
        return [ses_id for ses_id in self.sent.values() if ses_id not in self.done]

    def _look(self) -> None:
        for ses_id in self.waiting():
            row = self.stack.ledger.row(ses_id)
            if row and outcome(row):
                self.done[ses_id] = row

    def rows(self) -> list[MailRow]:
        """A row for every mail that was sent, in order; those without an outcome as far as they came."""
        return [self._row(ses_id) for ses_id in self.sent.values()]

    def _row(self, ses_id: SesId) -> MailRow:
        return self.done.get(ses_id) or self.stack.ledger.row(ses_id) or MailRow(ses_id=ses_id, received_at="")

    def replies(self) -> dict[str, str]:
        """Name of a mail to the SES id of the reply that it was answered with."""
        found = {name: self._row(ses_id).fact(Stage.REPLY, "sent_id") for name, ses_id in self.sent.items()}
        return {name: sent_id for name, sent_id in found.items() if sent_id}
