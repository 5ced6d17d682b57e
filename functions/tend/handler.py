"""tend: what no mail moves. What nobody answers is closed, and what has a day to be looked at again is shown on it.

In: the schedule. Out: nothing but what stands in the conversations, and one line in the log.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom.aws import clients
from postroom.aws.conversations import DynamoConversations
from postroom.clock import now
from postroom.errors import Retryable
from postroom.runtime import log, settings
from postroom.stages.tend import Tend


@cache
def stage() -> Tend:
    ours = settings.read(settings.Tend)
    log.logger()  # before the first client: it quiets botocore, which tells of its credentials
    return Tend(
        conversations=DynamoConversations(client=clients.dynamodb(), table=ours.desk_table),
        desk=ours.desk_address.lower(),
        close_after=int(ours.close_after),
        clock=now,
    )


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    tended = stage()()
    counts = {"followed_up": tended.followed_up, "closed": tended.closed, "busy": len(tended.busy)}
    log.logger().info("tended", extra=counts)
    if tended.busy:  # after all others have had their turn: the function fails, and its alarm tells
        raise Retryable(f"conversations that could not be changed: {len(tended.busy)}; the first: {tended.busy[0]}")
    return counts
