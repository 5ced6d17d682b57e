"""What is told of sent mail: the seam to what becomes of it, and the plainest thing that stands behind it."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeAlias

from local.ses import headers
from local.ses.account import Account, Suppressed
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback import events, fates
from local.ses.feedback.events import Event
from local.ses.feedback.fates import Fate
from local.ses.mail import Place, Sent
from local.ses.values import Json, now

log = logging.getLogger(__name__)

Fated: TypeAlias = Sequence[tuple[str, Fate]]
EVENTS_AFTER = 0.05  # seconds: a sender must be ready for an event that comes before it has kept the id


class Reporter(Protocol):
    """Whoever tells of sent mail. `sent` and `rendering_failed` are called in the event loop, and never raise; what
    they tell follows by itself.
    """

    def marked(self, sent: Sent, raw: bytes) -> bytes:
        """The mail as it goes out, with what lets it be heard of again. Blocks, any thread; signing comes after it."""
        ...

    def sent(self, sent: Sent, fated: Fated) -> None:
        """A mail was taken, and this becomes of it, recipient by recipient."""
        ...

    def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        """A mail was taken, and its template could not be filled in: it has no `raw`, and nobody gets it."""
        ...

    async def close(self) -> None:
        """Ends what is still to be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReporter:
    """Publishes to the topics of the configuration set, suppresses who must be, and counts."""

    cloud: Cloud
    account: Account
    place: Place
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def marked(self, sent: Sent, raw: bytes) -> bytes:  # noqa: ARG002 (nothing is tracked)
        return raw

    def sent(self, sent: Sent, fated: Fated) -> None:
        moment = now()
        self._suppress(sent, fated, moment)
        self._count(fated, moment)
        self._later(_light(sent), events.events(_light(sent), fated, moment, self.place))

    def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        failure: dict[str, Json] = {"errorMessage": message, "templateName": template}
        about = events.mail(sent, self.place)
        body: dict[str, Json] = {"eventType": "Rendering Failure", "mail": about, "failure": failure}
        self._later(sent, [Event(event_type="RENDERING_FAILURE", body=body)])

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _later(self, sent: Sent, told: Sequence[Event]) -> None:
        task = asyncio.create_task(self._publish(sent, told))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, sent: Sent, told: Sequence[Event]) -> None:
        await asyncio.sleep(EVENTS_AFTER)
        through = self.account.configuration_sets.get(sent.outgoing.configuration_set or "")
        for event in told if through else ():
            for topic in through.topics(event.event_type) if through else ():
                try:
                    await asyncio.to_thread(self.cloud.publish, topic, events.SUBJECT, json.dumps(event.body))
                except CloudError as error:
                    log.warning("%s of %s is lost: %s", event.event_type, sent.sent_id, error)

    def _suppress(self, sent: Sent, fated: Fated, moment: datetime) -> None:
        """Hard bounces and complaints go on the account's list, but never a simulator's address."""
        through = self.account.configuration_sets.get(sent.outgoing.configuration_set or "")
        reasons = {Fate.BOUNCED: "BOUNCE", Fate.COMPLAINED: "COMPLAINT"}
        for address, fate in fated:
            reason = reasons.get(fate)
            if reason in self.account.reasons(through) and not fates.is_simulator(address):
                self.account.suppression.put(Suppressed(address=address, reason=reason, since=moment))

    def _count(self, fated: Fated, moment: datetime) -> None:
        found = [fate for _, fate in fated]
        count = self.account.statistics.count
        count("attempts", len(found), moment)
        count("bounces", found.count(Fate.BOUNCED), moment)
        count("complaints", found.count(Fate.COMPLAINED), moment)
        count("rejects", found.count(Fate.REJECTED), moment)


def _light(sent: Sent) -> Sent:
    """The same without the body, which waits for nothing any more: events tell of the header section only."""
    _, end = headers.split(sent.outgoing.raw)
    return replace(sent, outgoing=replace(sent.outgoing, raw=sent.outgoing.raw[:end]))
