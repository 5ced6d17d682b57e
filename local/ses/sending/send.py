"""Sending: a mail is taken, put into the outbox, and its events are published shortly after."""

import asyncio
from dataclasses import dataclass

from local.ses.account import Account
from local.ses.cloud import Cloud
from local.ses.feedback import fates
from local.ses.feedback.fates import Fate
from local.ses.feedback.reporter import Reporter
from local.ses.journal import Journal
from local.ses.mail import Outgoing, Place, Sent
from local.ses.refused import Refused
from local.ses.sending import outgoing
from local.ses.values import Json, SentIds, iso, message_id_domain, now
from local.ses.verdicts import asked


@dataclass(slots=True, kw_only=True)
class Sender:
    cloud: Cloud
    account: Account
    journal: Journal
    place: Place
    ids: SentIds
    reporter: Reporter

    async def send(self, mail: Outgoing) -> str:
        """Takes a mail and gives its id; raises Refused. Its events follow by themselves."""
        name = mail.configuration_set
        if name is not None and name not in self.account.configuration_sets:
            raise Refused("NotFoundException", f"Configuration set <{name}> does not exist.", 404)
        if not self.account.verified(mail.source):
            where = self.place.region.upper()
            text = f"The following identities failed the check in region {where}: {mail.source}"
            raise Refused("MessageRejected", f"Email address is not verified. {text}")
        self.reporter.refusals.check(mail.destination)
        moment = now()
        sent = Sent(sent_id=self.ids.next(moment), sent_at=moment, outgoing=mail)
        fated = self._fates(mail)
        await asyncio.to_thread(self._keep, sent, fated)
        self.account.sent += 1
        await self.reporter.sent(sent, fated)
        return sent.sent_id

    async def publish(self, topic_arn: str, subject: str, message: str) -> None:
        """Publishes to SNS; raises CloudError."""
        await asyncio.to_thread(self.cloud.publish, topic_arn, subject, message)

    def _fates(self, mail: Outgoing) -> list[tuple[str, Fate]]:
        if asked.has_virus(mail.raw):
            return [(one, Fate.REJECTED) for one in mail.destination]
        through = self.account.configuration_sets.get(mail.configuration_set or "")
        return fates.together(
            (one, Fate.SUPPRESSED if self.account.suppresses(one, through) else fates.fate(one))
            for one in mail.destination
        )

    def _keep(self, sent: Sent, fated: list[tuple[str, Fate]]) -> None:
        """Checks the mail, and writes it to the outbox unless it is held back from every recipient."""
        mail = outgoing.checked(sent.outgoing)
        if all(fate in fates.HELD_BACK for _, fate in fated):
            return
        raw = outgoing.as_sent(mail, sent.sent_id, message_id_domain(self.place.region), sent.sent_at)
        raw = self.reporter.marked(raw, sent)
        envelope: dict[str, Json] = {
            "id": sent.sent_id,
            "timestamp": iso(sent.sent_at),
            "source": mail.source,
            "destination": list(mail.destination),
            "fates": {address: fate.value for address, fate in fated},
            "tags": [{"Name": name, "Value": value} for name, value in mail.tags],
            "configuration_set": mail.configuration_set,
            "bytes": len(raw),
        }
        self.journal.sent(sent.sent_id, raw, envelope)
