"""Mail that comes back to the bounce address of a mail that was relayed: it becomes events of that mail.

"Bounce object" (developer guide): SES reads notifications for the sender; what is none, such as an out-of-office reply,
is a bounce of type Transient, General, without a status.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.ses.feedback.recent import Recent
from local.ses.feedback.relay import BOUNCES
from local.ses.feedback.reports import Report, reports
from local.ses.feedback.steps import Bounced, Step
from local.ses.mail import Delivery, Sent

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Safe to call from many threads; `told` is called in the event loop."""

    recent: Recent
    told: Callable[[Sent, Step, Sequence[str]], None]
    loop: asyncio.AbstractEventLoop

    def takes(self, address: str) -> bool:
        return self._sent(address) is not None

    def deliver(self, delivery: Delivery) -> None:
        """Turns a mail that came back into events. What tells of nothing amiss is dropped, and it is said."""
        for address in delivery.rcpt_to:
            sent = self._sent(address)
            if sent is not None:
                for recipients, step in meant(reports(delivery.raw), sent.outgoing.destination):
                    self.loop.call_soon_threadsafe(self.told, sent, step, recipients)
                log.info("%s came back for %s", delivery.ses_id, sent.sent_id)

    def _sent(self, address: str) -> Sent | None:
        name, _, domain = address.rpartition("@")
        return self.recent.get(name) if domain.lower() == BOUNCES else None


def meant(found: Sequence[Report], destination: Sequence[str]) -> list[tuple[list[str], Step]]:
    """What happened to whom. Recipients are named as in the mail; one that it never had is named as in the report."""
    if not found:
        return [(list(destination), Bounced(bounce_type="Transient", subtype="General"))]
    own = {address.lower(): address for address in destination}
    groups: dict[Step, list[str]] = {}
    for report in found:
        if report.step is not None:
            groups.setdefault(report.step, []).append(own.get(report.recipient.lower(), report.recipient))
    return [(recipients, step) for step, recipients in groups.items()]
