"""What becomes of a mail that was taken, told to whom it concerns: event destinations, topics of identities, the
suppression list, the statistics."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from local.ses import headers
from local.ses.account import Account, Suppressed
from local.ses.feedback import events, fates, publish
from local.ses.feedback.events import Event
from local.ses.feedback.fates import Fate
from local.ses.feedback.identities import TYPES, IdentityNotifications
from local.ses.feedback.publish import Message, Publisher
from local.ses.feedback.recent import Recent, light
from local.ses.feedback.refusals import Refusals
from local.ses.feedback.steps import Bounced, Complained, Rejected, RenderingFailed, Step
from local.ses.feedback.tracking import LIST_FIELD, ListOptions, Tracker, first_link
from local.ses.mail import Place, Sent
from local.ses.values import now

log = logging.getLogger(__name__)

EVENTS_AFTER = 0.05  # seconds: a sender must be ready for an event that comes before it has kept the id
SLOW_AFTER = 3.0  # seconds: slow@
MAX_LOOKED_INTO = 1024 * 1024  # bytes of a mail in which the link for click@ is looked for

Fated: TypeAlias = Sequence[tuple[str, Fate]]
Statistic: TypeAlias = Literal["attempts", "bounces", "complaints", "rejects"]  # of GetSendStatistics
Count: TypeAlias = Callable[[Statistic, int, datetime], None]


@dataclass(slots=True, kw_only=True)
class Reporter:
    """For one event loop. `count` is told how many recipients of what kind there were (the simulator's are not)."""

    publisher: Publisher
    account: Account
    place: Place
    count: Count = lambda _statistic, _number, _moment: None
    identities: IdentityNotifications = field(default_factory=IdentityNotifications)
    recent: Recent = field(default_factory=Recent)
    refusals: Refusals = field(default_factory=Refusals)
    slow_after: float = SLOW_AFTER
    tracker: Tracker | None = None

    def marked(self, sent: Sent, raw: bytes) -> bytes:
        """The mail as it goes out, with what lets it be heard of again: links that are tracked where a destination of
        its configuration set wants to know, and a way to unsubscribe where it belongs to a list. Blocks, any thread."""
        through = self.account.configuration_sets.get(sent.outgoing.configuration_set or "")
        if self.tracker is None:
            return raw
        if through is not None and (through.wants("OPEN") or through.wants("CLICK")):
            wants = {"opens": through.wants("OPEN"), "clicks": through.wants("CLICK")}
            raw = self.tracker.tracked(raw, sent.sent_id, **wants)
        fields, _ = headers.split(sent.outgoing.raw)
        options = ListOptions.of(headers.first(fields, LIST_FIELD) or "")
        return raw if options is None else self.tracker.unsubscribable(raw, sent.sent_id, options)

    def sent(self, sent: Sent, fated: Fated) -> None:
        """A mail was taken: its events follow by themselves."""
        self.recent.put(sent)
        moment = now()
        self._count(fated, moment)
        self._suppress(fated, moment)
        slow = [(address, fate) for address, fate in fated if fate is Fate.SLOW]
        others = (Fate.SLOW, Fate.SILENT) if slow else ()
        quick = [(address, fate) for address, fate in fated if fate not in others]
        clicked = any(fate is Fate.CLICKED and len(sent.outgoing.raw) <= MAX_LOOKED_INTO for _, fate in fated)
        link = first_link(sent.outgoing.raw) if clicked else None
        self._publish(sent, events.events(light(sent), quick, moment, self.place, link), EVENTS_AFTER)
        about = events.mail(sent, self.place)
        self._publish(sent, events.of_recipients(about, slow, moment), self.slow_after)

    def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        """A template could not be filled in: the call was accepted, and nothing is sent."""
        self.happened(sent, RenderingFailed(template=template, message=message), sent.outgoing.destination)

    def happened(self, sent: Sent, step: Step, recipients: Sequence[str]) -> None:
        """Something came of a mail later: it was opened, or came back."""
        moment = now()
        self._suppress_step(step, recipients, moment)
        about = events.mail(sent, self.place)
        self._publish(sent, [events.happened(about, step, recipients, moment)], EVENTS_AFTER)

    def _publish(self, sent: Sent, told: Sequence[Event], after: float) -> None:
        name, source = sent.outgoing.configuration_set, sent.outgoing.source

        def addressed(event: Event) -> list[Message]:
            through = self.account.configuration_sets.get(name or "")
            destinations = through.destinations.values() if through is not None else ()
            wanting = self.identities.wanting(source, TYPES.get(event.event_type, ""))
            to_set = publish.messages(event, destinations, name or "", self.place)
            return [*to_set, *publish.notified(event, wanting, now())]

        if told:
            self.publisher.take(told, addressed, after)

    def _count(self, fated: Fated, moment: datetime) -> None:
        real = [fate for address, fate in fated if not fates.is_simulator(address)]
        self.count("attempts", len(real), moment)
        kinds: dict[Statistic, type[Step]] = {"bounces": Bounced, "complaints": Complained, "rejects": Rejected}
        for statistic, kind in kinds.items():
            number = sum(any(isinstance(step, kind) for step in fate.steps) for fate in real)
            if number:
                self.count(statistic, number, moment)

    def _suppress(self, fated: Fated, moment: datetime) -> None:
        for address, fate in fated:
            for step in fate.steps:
                self._suppress_step(step, [address], moment)

    def _suppress_step(self, step: Step, recipients: Sequence[str], moment: datetime) -> None:
        """Hard bounces and complaints go on the account's list, but never a simulator's address."""
        reason = fates.reason(step)
        for address in recipients if reason is not None else ():
            if reason is not None and not fates.is_simulator(address):
                self.account.suppression.put(Suppressed(address=address, reason=reason, since=moment))

    async def close(self) -> None:
        await self.publisher.close()
