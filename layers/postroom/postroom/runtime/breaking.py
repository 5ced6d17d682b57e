"""The breaker of a function: who looks at it, and how the log and the alarm hear of a move."""

from postroom.aws import clients
from postroom.aws.breakers import DynamoBreakers
from postroom.breaker import Breaker, Circuit
from postroom.clock import now
from postroom.runtime import log
from postroom.stages.breaking import Breaking

OPENED = "breaker_open"  # the metric of the alarm


def breaking(table: str, by: str) -> Breaking:
    """Over the address table of this name."""
    breakers = DynamoBreakers(client=clients.dynamodb(), table=table)
    return Breaking(breakers=breakers, clock=now, by=by, tell=_told)


def gauge(breaker: Breaker) -> None:
    """Tells the alarm how it stands."""
    log.count(OPENED, int(breaker.circuit is Circuit.OPEN))


def _told(moved: Breaker) -> None:
    log.logger().warning("the breaker moved", extra={"breaker": moved.told})
    gauge(moved)
