"""tend: what no mail moves. What nobody answers is closed, and what has a day to be looked at again is shown on it. The
breaker, once open, tries again when its time has come. SES's suppression list and our address book are kept alike.

In: the schedule. Out: what stands in the tables, one line in the log; and in the reply queue what is due to be sent:
what customers are to be told (NoticeDue), and what quiet hours held back (MessageClassified).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom.aws import clients
from postroom.aws.bus import SqsOutgoing
from postroom.aws.conversations import DynamoConversations
from postroom.aws.postponed import DynamoPostponed
from postroom.clock import now
from postroom.errors import Retryable
from postroom.runtime import breaking, log, quiet, settings
from postroom.stages.announcing import Announcing, HandingOn, Reminding, Resuming, Surveying
from postroom.stages.breaking import Breaking
from postroom.stages.listing import Exchanged
from postroom.stages.tend import Tend, as_they_are, nothing
from postroom.threads.patience import Patience


@cache
def stage() -> tuple[Tend, Breaking]:
    ours = settings.read(settings.Tend)
    log.logger()  # before the first client: it quiets botocore, which tells of its credentials
    conversations = DynamoConversations(client=clients.dynamodb(), table=ours.desk_table)
    outgoing = SqsOutgoing(client=clients.sqs(), queue_url=ours.reply_queue)
    # A desk that sends nothing by itself keeps nobody waiting for a notice either.
    patience = Patience(days=int(ours.close_after), notice=int(ours.notice) if ours.replies == "on" else 0)
    desk, hours = ours.desk_address.lower(), quiet.of(ours.quiet)
    hand_on = HandingOn(conversations=conversations, outgoing=outgoing, clock=now)
    remind = Reminding(hand_on=hand_on, closes=patience.days > 0, quiet=hours, clock=now)
    tend = Tend(
        conversations=conversations,
        desk=desk,
        patience=patience,
        clock=now,
        announce=Announcing(hand_on=hand_on, desk=desk, patience=patience, clock=now),
        survey=Surveying(hand_on=hand_on, desk=desk, clock=now) if ours.survey and ours.replies == "on" else nothing,
        resume=Resuming(
            postponed=DynamoPostponed(client=clients.dynamodb(), table=ours.desk_table),
            outgoing=outgoing,
            quiet=hours,
            clock=now,
        ),
        remind=remind if ours.follow_ups == "customer" and ours.replies == "on" else as_they_are,
    )
    return tend, breaking.breaking(ours.address_table, "tend")


def exchanged() -> Exchanged:
    """What the exchange with SES's list did; nothing where it is switched off."""
    ours = settings.read(settings.Tend)
    if ours.suppression_sync == "off":
        return Exchanged()
    from postroom.runtime.listing import listing

    done = listing(ours.address_table)()
    counts = {"listed": done.read, "told_ses": done.told, "unlisted": done.unlisted}
    log.logger().info("exchanged", extra={**counts, "broke_off": done.broke_off})
    return done


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    tend, breaker = stage()
    breaking.gauge(breaker.judge())
    tended = tend()
    counts = {"followed_up": tended.followed_up, "closed": tended.closed, "busy": len(tended.busy)}
    counts |= {"announced": tended.announced, "surveyed": tended.surveyed, "resumed": tended.resumed}
    log.logger().info("tended", extra=counts)
    exchanged()  # the last: it takes minutes, and a permission that SES denies fails nothing else
    if tended.busy:  # after all others have had their turn: the function fails, and its alarm tells
        raise Retryable(f"conversations that could not be changed: {len(tended.busy)}; the first: {tended.busy[0]}")
    return counts
