"""The breaker of a function: who looks at it, and how the log and the alarm hear of a move."""

from collections.abc import Mapping
from functools import partial

from postroom import breaker
from postroom.aws import clients
from postroom.aws.breakers import DynamoBreakers
from postroom.breaker import Breaker, Circuit, Fault, Tally
from postroom.clock import now
from postroom.feedback.report import BounceReason
from postroom.runtime import log
from postroom.stages.breaking import Breaking

OPENED = "breaker_open"  # the metric of the alarm
RATES: Mapping[Fault, str] = {Fault.BOUNCE: "bounce_rate", Fault.COMPLAINT: "complaint_rate"}
BLOCKED = "blocked"


def breaking(table: str, by: str) -> Breaking:
    """Over the address table of this name."""
    breakers = DynamoBreakers(client=clients.dynamodb(), table=table)
    return Breaking(breakers=breakers, clock=now, by=by, tell=_told, watch=partial(rates, table))


def gauge(stands: Breaker) -> None:
    """Tells the alarm how it stands."""
    log.count(OPENED, int(stands.circuit is Circuit.OPEN))


def blocked(table: str, reason: BounceReason, recipients: int) -> None:
    """Tells the alarm of refusals that are our own matter."""
    log.measured({BLOCKED: recipients}, "Count", addresses=table, reason=reason)


def rates(table: str, total: Tally) -> None:
    """Tells the alarms how much bounced and was complained of, in per cent."""
    told = {RATES[fault]: rate for fault, rate in breaker.told_rates(total).items()}
    log.measured(told, "Percent", addresses=table)


def _told(moved: Breaker) -> None:
    log.logger().warning("the breaker moved", extra={"breaker": moved.told})
    gauge(moved)
