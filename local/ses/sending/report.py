"""What is told of sent mail: the seam to what becomes of it, and the plainest thing that stands behind it."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from local.ses.account import Account, Suppressed
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback import events, fates
from local.ses.feedback.events import Event
from local.ses.feedback.fates import Fate
from local.ses.mail import Place, Sent
from local.ses.values import Json, now

log = logging.getLogger(__name__)

EVENTS_AFTER = 0.05  # seconds: a sender must be ready for an event that comes before it has kept the id


class Reporter(Protocol):
    """Whoever tells of sent mail. Neither raises; both may take their time."""

    async def sent(self, sent: Sent, fated: Sequence[tuple[str, Fate]]) -> None:
        """A mail was taken, and this becomes of it, recipient by recipient. It has its header section only."""
        ...

    async def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        """A mail was taken, and its template could not be filled in: it has no `raw`, and nobody gets it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReporter:
    """Publishes to the topics of the configuration set, suppresses who must be, and counts."""

    cloud: Cloud
    account: Account
    place: Place

    async def sent(self, sent: Sent, fated: Sequence[tuple[str, Fate]]) -> None:
        await asyncio.sleep(EVENTS_AFTER)
        moment = now()
        self._suppress(sent, fated, moment)
        self._count(fated, moment)
        for event in events.events(sent, fated, moment, self.place):
            await self._publish(sent, event)

    async def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        await asyncio.sleep(EVENTS_AFTER)
        about = events.mail(sent, self.place)
        failure: dict[str, Json] = {"errorMessage": message, "templateName": template}
        body: dict[str, Json] = {"eventType": "Rendering Failure", "mail": about, "failure": failure}
        await self._publish(sent, Event(event_type="RENDERING_FAILURE", body=body))

    async def _publish(self, sent: Sent, event: Event) -> None:
        through = self.account.configuration_sets.get(sent.outgoing.configuration_set or "")
        for topic in through.topics(event.event_type) if through else ():
            try:
                await asyncio.to_thread(self.cloud.publish, topic, events.SUBJECT, json.dumps(event.body))
            except CloudError as error:
                log.warning("%s of %s is lost: %s", event.event_type, sent.sent_id, error)

    def _suppress(self, sent: Sent, fated: Sequence[tuple[str, Fate]], moment: datetime) -> None:
        """Hard bounces and complaints go on the account's list, but never a simulator's address."""
        through = self.account.configuration_sets.get(sent.outgoing.configuration_set or "")
        reasons = {Fate.BOUNCED: "BOUNCE", Fate.COMPLAINED: "COMPLAINT"}
        for address, fate in fated:
            reason = reasons.get(fate)
            if reason in self.account.reasons(through) and not fates.is_simulator(address):
                self.account.suppression.put(Suppressed(address=address, reason=reason, since=moment))

    def _count(self, fated: Sequence[tuple[str, Fate]], moment: datetime) -> None:
        found = [fate for _, fate in fated]
        bounced = (Fate.BOUNCED, Fate.SUPPRESSED, Fate.GLOBALLY_SUPPRESSED)
        self.account.statistics.count(
            moment,
            attempts=len(found) - found.count(Fate.REJECTED),
            bounces=sum(fate in bounced for fate in found),
            complaints=found.count(Fate.COMPLAINED),
            rejects=found.count(Fate.REJECTED),
        )
