"""Publishing: events go to the SNS topics and EventBridge buses that want them, a few times if need be.

Source: "Set up an Amazon SNS event destination", "Set up an Amazon EventBridge destination" (developer guide).
"""

import asyncio
import json
import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from local.ses.account import ConfigurationSet
from local.ses.account.notifications import Notifications
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback.disorder import Disorder
from local.ses.feedback.events import DETAIL_TYPES, SUBJECT, Event
from local.ses.feedback.notification import TYPES, notification
from local.ses.mail import Place
from local.ses.values import Json

log = logging.getLogger(__name__)

MAX_WAITING = 10_000  # mails with events to come; those of one more are lost, and it is said
AT_ONCE = 8  # calls to SNS and EventBridge; the threads are for receiving, too
RETRY_AFTER = (0.1, 0.4, 1.6)  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTopic:
    """A message to SNS."""

    topic_arn: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToBus:
    """An event to EventBridge. `resource` is the ARN of the configuration set."""

    bus_arn: str
    detail_type: str
    resource: str
    detail: str


Message: TypeAlias = ToTopic | ToBus


def messages(event: Event, through: ConfigurationSet, place: Place) -> list[Message]:
    """What goes where for one event of a mail that was sent through this configuration set. Pure."""
    found: list[Message] = []
    resource = f"arn:aws:ses:{place.region}:{place.account}:configuration-set/{through.name}"
    for one in through.destinations.values():
        if not one.wants(event.event_type):
            continue
        body = json.dumps(event.body)
        if one.topic_arn is not None:
            found.append(ToTopic(topic_arn=one.topic_arn, message=body))
        if one.bus_arn is not None:
            detail_type = DETAIL_TYPES[event.event_type]
            found.append(ToBus(bus_arn=one.bus_arn, detail_type=detail_type, resource=resource, detail=body))
    return found


def notified(event: Event, wanting: Notifications, moment: datetime) -> list[Message]:
    """What an identity's own topic gets of this event. Pure."""
    kind = TYPES.get(event.event_type)
    if kind is None or kind not in wanting.topics:
        return []
    body = notification(event, moment, with_headers=kind in wanting.with_headers)
    return [ToTopic(topic_arn=wanting.topics[kind], message=json.dumps(body))]


Addressed: TypeAlias = Callable[[Event], Sequence[Message]]


@dataclass(slots=True, kw_only=True)
class Publisher:
    """Takes the events of a mail and sees them off, in their order unless disorder is wanted. For one event loop."""

    cloud: Cloud
    told: Callable[[Mapping[str, Json]], None] = lambda _body: None  # every event that somebody wants, once
    disorder: Disorder = field(default_factory=Disorder)
    counted: Counter[str] = field(default_factory=Counter)  # "published", "retried", "lost"
    chance: random.Random = field(default_factory=random.Random)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def take(self, events: Sequence[Event], addressed: Addressed, after: float = 0.0) -> None:
        """Publishes these events of one mail, `after` seconds from now and by itself."""
        if len(self._tasks) >= MAX_WAITING:
            self.counted["lost"] += len(events)
            log.warning("%d events are lost: those of %d mails are waiting already", len(events), MAX_WAITING)
            return
        task = asyncio.get_running_loop().create_task(self._publish(list(events), addressed, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, events: list[Event], addressed: Addressed, after: float) -> None:
        await asyncio.sleep(after + self.disorder.late_seconds)
        for event in events:
            if addressed(event):
                await asyncio.to_thread(self._tell, event)
        for event in self.disorder.applied(events, self.chance):
            for message in addressed(event):
                await self._deliver(message, event.event_type)

    def _tell(self, event: Event) -> None:
        try:
            self.told(event.body)
        except OSError as error:
            log.warning("%s could not be written down: %s", event.event_type, error)

    async def _deliver(self, message: Message, event_type: str) -> None:
        for wait in (*RETRY_AFTER, None):
            try:
                async with self._at_once:
                    await asyncio.to_thread(_handed, self.cloud, message)
                self.counted["published"] += 1
                return
            except CloudError as error:
                if wait is None:
                    self.counted["lost"] += 1
                    log.warning("%s is lost: %s", event_type, error)
                    return
                self.counted["retried"] += 1
                await asyncio.sleep(wait)

    async def close(self) -> None:
        """Ends what is still to be published."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _handed(cloud: Cloud, message: Message) -> None:
    match message:
        case ToTopic(topic_arn=topic_arn, message=text):
            cloud.publish(topic_arn, SUBJECT, text)
        case ToBus(bus_arn=bus_arn, detail_type=detail_type, resource=resource, detail=detail):
            cloud.put_event(bus_arn, detail_type, resource, detail)
