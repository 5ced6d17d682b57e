"""What becomes of a mail that was taken, told to whom it concerns: event destinations, topics of identities, the
suppression list, the statistics."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from local.ses import headers
from local.ses.account import Account, ConfigurationSet, Suppressed, is_simulator
from local.ses.feedback import events, fates, publish
from local.ses.feedback.events import Event
from local.ses.feedback.fates import Fate, Fated
from local.ses.feedback.publish import Message, Publisher
from local.ses.feedback.recent import Recent, light
from local.ses.feedback.refusals import Refusals
from local.ses.feedback.relay import Relay
from local.ses.feedback.steps import Bounced, Complained, Rejected, RenderingFailed, Step
from local.ses.feedback.tracking import LIST_FIELD, ListOptions, Tracker, first_link
from local.ses.mail import Place, Sent
from local.ses.values import now

EVENTS_AFTER = 0.05  # seconds: a sender must be ready for an event that comes before it has kept the id
SLOW_AFTER = 3.0  # seconds: slow@
MAX_LOOKED_INTO = 1024 * 1024  # bytes of a mail in which the link for click@ is looked for
MAX_LINKS = 1000  # mails whose first link is remembered until their events are told

_TRACKED = ("OPEN", "CLICK")


@dataclass(slots=True, kw_only=True)
class Reporter:
    """For one event loop; `marked` alone may be called from any thread. Nothing here raises, but `refuse`."""

    publisher: Publisher
    account: Account
    place: Place
    recent: Recent = field(default_factory=Recent)
    refusals: Refusals = field(default_factory=Refusals)
    slow_after: float = SLOW_AFTER
    tracker: Tracker | None = None
    relay: Relay | None = None
    _links: OrderedDict[str, str | None] = field(default_factory=OrderedDict)

    def refuse(self, recipients: Sequence[str]) -> None:
        """Raises Refused where a call for these recipients is to fail: throttle@ and the like."""
        self.refusals.check(recipients)

    def marked(self, sent: Sent, raw: bytes) -> bytes:
        """The mail as it goes out, with what lets it be heard of again: links that are tracked where a destination of
        its configuration set wants to know, and a way to unsubscribe where it belongs to a list. Blocks."""
        if any(fates.fate(one) is Fate.CLICKED for one in sent.outgoing.destination):
            self._links[sent.sent_id] = first_link(raw[:MAX_LOOKED_INTO])
            while len(self._links) > MAX_LINKS:
                self._links.popitem(last=False)
        if self.tracker is None:
            return raw
        through = self._through(sent)
        opens, clicks = (through is not None and through.wants(one) for one in _TRACKED)
        if opens or clicks:
            raw = self.tracker.tracked(raw, sent.sent_id, opens=opens, clicks=clicks)
        fields, _ = headers.split(sent.outgoing.raw)
        options = ListOptions.of(headers.first(fields, LIST_FIELD) or "")
        return raw if options is None else self.tracker.unsubscribable(raw, sent.sent_id, options)

    def sent(self, sent: Sent, fated: Fated) -> None:
        """A mail was taken: its events follow by themselves."""
        self.recent.put(sent)
        sent, moment = light(sent), now()
        attempts = [address for address, fate in fated if fate is not Fate.REJECTED and not is_simulator(address)]
        self.account.statistics.count("attempts", len(attempts), moment)
        for address, fate in fated:
            for step in fate.steps:
                self._note(sent, step, [address], moment)
        self._tell(sent, fated, moment)

    def _tell(self, sent: Sent, fated: Fated, moment: datetime) -> None:
        relayed = [address for address, fate in fated if fate is Fate.DELIVERED] if self.relay is not None else []
        slow = [(address, fate) for address, fate in fated if fate is Fate.SLOW]
        others = [(address, fate) for address, fate in fated if fate is not Fate.SLOW and address not in relayed]
        if slow or relayed:  # then there is a Send to tell of, whatever the others are
            others = [(address, fate) for address, fate in others if fate is not Fate.SILENT]
        link = self._links.pop(sent.sent_id, None)
        self._publish(sent, events.events(sent, others, moment, self.place, link), EVENTS_AFTER)
        if slow:
            late = events.of_recipients(events.mail(sent, self.place), slow, moment)
            self._publish(sent, late, self.slow_after)
        if self.relay is not None and relayed:
            self.relay.take(sent, relayed)

    def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        """A template could not be filled in: the call was accepted, and nothing is sent."""
        self.happened(sent, RenderingFailed(template=template, message=message), sent.outgoing.destination)

    def happened(self, sent: Sent, step: Step, recipients: Sequence[str]) -> None:
        """Something came of a mail later: it was opened, a server answered, it came back."""
        moment = now()
        self._note(sent, step, recipients, moment)
        about = events.mail(sent, self.place)
        self._publish(sent, [events.happened(about, step, recipients, moment)], EVENTS_AFTER)

    def _through(self, sent: Sent) -> ConfigurationSet | None:
        return self.account.configuration_sets.get(sent.outgoing.configuration_set or "")

    def _publish(self, sent: Sent, told: Sequence[Event], after: float) -> None:
        def addressed(event: Event) -> list[Message]:
            through = self._through(sent)
            wanting = self.account.identities.notifications(sent.outgoing.source)
            own = publish.messages(event, through, self.place) if through else []
            return [*own, *publish.notified(event, wanting, now())]

        if told:
            self.publisher.take(told, addressed, after)

    def _note(self, sent: Sent, step: Step, recipients: Sequence[str], moment: datetime) -> None:
        """The account's list and its statistics, both without the simulator's addresses. "Using the account-level
        suppression list": what is held back because of that list is no bounce in the statistics."""
        count = self.account.statistics.count  # the simulator's recipients are not counted
        real = [address for address in recipients if not is_simulator(address)]
        reason = fates.reason(step)
        if reason is not None and reason in self.account.reasons(self._through(sent)):
            own = {address.lower() for address in sent.outgoing.destination}
            # A notification comes from outside, and may name anybody: only a recipient of the mail is put on the list.
            for address in (one for one in real if one.lower() in own):
                self.account.suppression.put(Suppressed(address=address, reason=reason, since=moment))
        match step:
            case Bounced(subtype=subtype) if subtype != "OnAccountSuppressionList":
                count("bounces", len(real), moment)
            case Complained():
                count("complaints", len(real), moment)
            case Rejected():
                count("rejects", len(real), moment)
            case _:
                pass

    async def close(self) -> None:
        """Ends what is still to be told, or to be relayed."""
        if self.relay is not None:
            await self.relay.close()
        await self.publisher.close()
