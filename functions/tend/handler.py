"""tend: what no mail moves. What nobody answers is closed, and what has a day to be looked at again is shown on it. The
breaker, once open, tries again when its time has come.

In: the schedule. Out: nothing but what stands in the tables, and one line in the log.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom.aws import clients
from postroom.aws.conversations import DynamoConversations
from postroom.clock import now
from postroom.errors import Retryable
from postroom.runtime import breaking, log, settings
from postroom.stages.breaking import Breaking
from postroom.stages.tend import Tend


@cache
def stage() -> tuple[Tend, Breaking]:
    ours = settings.read(settings.Tend)
    log.logger()  # before the first client: it quiets botocore, which tells of its credentials
    tend = Tend(
        conversations=DynamoConversations(client=clients.dynamodb(), table=ours.desk_table),
        desk=ours.desk_address.lower(),
        close_after=int(ours.close_after),
        clock=now,
    )
    return tend, breaking.breaking(ours.address_table, "tend")


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    tend, breaker = stage()
    breaking.gauge(breaker.judge())
    tended = tend()
    counts = {"followed_up": tended.followed_up, "closed": tended.closed, "busy": len(tended.busy)}
    log.logger().info("tended", extra=counts)
    if tended.busy:  # after all others have had their turn: the function fails, and its alarm tells
        raise Retryable(f"conversations that could not be changed: {len(tended.busy)}; the first: {tended.busy[0]}")
    return counts
