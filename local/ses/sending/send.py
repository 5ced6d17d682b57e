"""Sending: a mail is taken, put into the outbox, and its events are published shortly after."""

import asyncio
import json
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from local.ses import headers
from local.ses.account import Account, Suppressed
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback import events, fates
from local.ses.feedback.fates import Fate
from local.ses.journal import Journal
from local.ses.mail import Outgoing, Place, Sent
from local.ses.refused import Refused
from local.ses.sending import outgoing
from local.ses.values import Json, SentIds, iso, message_id_domain, now
from local.ses.verdicts import asked

log = logging.getLogger(__name__)

EVENTS_AFTER = 0.05  # seconds: a sender must be ready for an event that comes before it has kept the id


@dataclass(slots=True, kw_only=True)
class Sender:
    cloud: Cloud
    account: Account
    journal: Journal
    place: Place
    ids: SentIds
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self, mail: Outgoing) -> str:
        """Takes a mail and gives its id; raises Refused. Its events follow by themselves."""
        name = mail.configuration_set
        if name is not None and name not in self.account.configuration_sets:
            raise Refused("NotFoundException", f"Configuration set <{name}> does not exist.", 404)
        if not self.account.verified(mail.source):
            where = self.place.region.upper()
            text = f"The following identities failed the check in region {where}: {mail.source}"
            raise Refused("MessageRejected", f"Email address is not verified. {text}")
        moment = now()
        sent = Sent(sent_id=self.ids.next(moment), sent_at=moment, outgoing=mail)
        fated = self._fates(mail)
        await asyncio.to_thread(self._keep, sent, fated)
        self.account.sent += 1
        task = asyncio.create_task(self._report(_light(sent), fated))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return sent.sent_id

    async def publish(self, topic_arn: str, subject: str, message: str) -> None:
        """Publishes to SNS; raises CloudError."""
        await asyncio.to_thread(self.cloud.publish, topic_arn, subject, message)

    def _fates(self, mail: Outgoing) -> list[tuple[str, Fate]]:
        if asked.has_virus(mail.raw):
            return [(one, Fate.REJECTED) for one in mail.destination]
        through = self.account.configuration_sets.get(mail.configuration_set or "")
        return [
            (one, Fate.SUPPRESSED if self.account.suppresses(one, through) else fates.fate(one))
            for one in mail.destination
        ]

    def _keep(self, sent: Sent, fated: list[tuple[str, Fate]]) -> None:
        """Checks the mail, and writes it to the outbox unless it is held back from every recipient."""
        mail = outgoing.checked(sent.outgoing)
        if all(fate in fates.HELD_BACK for _, fate in fated):
            return
        raw = outgoing.as_sent(mail, sent.sent_id, message_id_domain(self.place.region), sent.sent_at)
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

    async def _report(self, sent: Sent, fated: list[tuple[str, Fate]]) -> None:
        await asyncio.sleep(EVENTS_AFTER)
        moment = now()
        self._suppress(fated, moment)
        through = self.account.configuration_sets.get(sent.outgoing.configuration_set or "")
        if through is None:
            return
        for event in events.events(sent, fated, moment, self.place):
            if through.topics(event.event_type):
                await asyncio.to_thread(self.journal.event, event.body)
            for topic in through.topics(event.event_type):
                try:
                    await self.publish(topic, events.SUBJECT, json.dumps(event.body))
                except CloudError as error:
                    log.warning("%s of %s is lost: %s", event.event_type, sent.sent_id, error)

    def _suppress(self, fated: list[tuple[str, Fate]], moment: datetime) -> None:
        """Hard bounces and complaints go on the account's list, but never a simulator's address."""
        reasons = {Fate.BOUNCED: "BOUNCE", Fate.COMPLAINED: "COMPLAINT"}
        for address, fate in fated:
            if fate in reasons and not fates.is_simulator(address):
                self.account.suppression.put(Suppressed(address=address, reason=reasons[fate], since=moment))

    async def close(self) -> None:
        """Ends what is still to be reported."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _light(sent: Sent) -> Sent:
    """The same without the body, which waits for nothing any more: events tell of the header section only."""
    _, end = headers.split(sent.outgoing.raw)
    return replace(sent, outgoing=replace(sent.outgoing, raw=sent.outgoing.raw[:end]))
