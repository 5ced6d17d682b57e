"""ledger: every raw mail has an outcome, or is sent round again, or a person is told which one has none.

In: the schedule. Out: MessageQuarantined(without_outcome) for what stays without one; metrics for the alarm.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom.aws import clients
from postroom.aws.bus import SqsRequeue
from postroom.clock import now
from postroom.errors import Retryable
from postroom.runtime import log, settings
from postroom.runtime.wiring import Wiring
from postroom.stages.ledger import LedgerCheck


@cache
def stage() -> LedgerCheck:
    ours = settings.read(settings.Ledger)
    wiring = Wiring(ours)
    return LedgerCheck(
        objects=wiring.objects,
        raw_mails=wiring.raw_mails,
        ledger=wiring.ledger,
        sends=wiring.sends,
        queue=SqsRequeue(client=clients.sqs(), queue_url=ours.parse_queue),
        bus=wiring.bus,
        bucket=ours.bucket,
        clock=now,
    )


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    checked = stage()()
    counts = {"looked_at": checked.looked_at, "sent_again": len(checked.again), "without_outcome": len(checked.lost)}
    for name, value in counts.items():
        log.count(f"ledger_{name}", value)
    if checked.lost:
        log.logger().error("mails without an outcome", extra={"ses_ids": [mail.ses_id for mail in checked.lost]})
    if checked.unread:  # after all others have had their turn: the function fails, and its alarm tells
        raise Retryable(f"mails that could not be read: {len(checked.unread)}; the first: {checked.unread[0]}")
    return counts
