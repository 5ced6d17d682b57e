"""What SES counts of a whole account, beside what we counted of our own mail (SES API v1, GetSendStatistics)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from cli.statistics.counted import Counted
from postroom.aws.failures import translated

if TYPE_CHECKING:
    from types_boto3_ses import SESClient
    from types_boto3_ses.type_defs import SendDataPointTypeDef

KEPT_DAYS = 15  # "the last two weeks of sending activity": the day on which they begin is not whole


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSes:
    """What SES counted on a day in UTC, of all that the account sent in the region."""

    attempts: int = 0
    bounces: int = 0
    complaints: int = 0
    rejects: int = 0

    def __add__(self, other: "OfSes") -> "OfSes":
        return OfSes(
            attempts=self.attempts + other.attempts,
            bounces=self.bounces + other.bounces,
            complaints=self.complaints + other.complaints,
            rejects=self.rejects + other.rejects,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A day by both."""

    day: str
    ses: OfSes
    ours: Counted

    @property
    def more(self) -> int:
        """How many mails SES counted that we didn't; below 0 the other way round."""
        return self.ses.attempts - self.ours.sent


def by_day(client: "SESClient") -> Mapping[str, OfSes]:
    """What SES has, by day. Retryable where it doesn't answer: it takes this call once a second."""
    with translated("ask SES for its statistics"):
        points = client.get_send_statistics().get("SendDataPoints", [])
    found: dict[str, OfSes] = {}
    for point in points:
        if moment := point.get("Timestamp"):
            day = moment.astimezone(UTC).date().isoformat()
            found[day] = found.get(day, OfSes()) + _of(point)
    return found


def compared(ses: Mapping[str, OfSes], ours: Mapping[str, Counted], days: Sequence[str]) -> list[Compared]:
    """The days of which either has something."""
    there = [day for day in days if day in ses or day in ours]
    return [Compared(day=day, ses=ses.get(day, OfSes()), ours=ours.get(day, Counted())) for day in there]


def explained(found: Sequence[Compared], ours: Mapping[str, Counted], today: str) -> Iterator[str]:
    """Why the two differ, as far as it can be seen from here; nothing where they agree."""
    first = min(ours, default=today)
    before = sum(each.ses.attempts for each in found if each.day < first)
    more = sum(each.more for each in found if each.day >= first and each.more > 0)
    fewer = -sum(each.more for each in found if each.more < 0)
    if before:
        yield f"{before:,} mails of SES's are from before {first}, when counting began here."
    if more:
        yield (
            f"{more:,} more at SES: it counts the whole account in this region, so what others send too, and what left"
            " without our configuration set; and a mail to several recipients may count for each."
        )
    if fewer:
        yield (
            f"{fewer:,} more here: SES leaves out its mailbox simulator, its points are of quarters of an hour and come"
            " late, and a mail near midnight may stand on the next day."
        )
    if any(each.ses.bounces != each.ours.bounced or each.ses.complaints != each.ours.complained for each in found):
        yield "Bounces and complaints differ for the same reasons, and count on the day on which they came."
    if any(each.day == today for each in found) and (before or more or fewer):
        yield "Today is not over: events are still on their way."


def _of(point: "SendDataPointTypeDef") -> OfSes:
    return OfSes(
        attempts=point.get("DeliveryAttempts", 0),
        bounces=point.get("Bounces", 0),
        complaints=point.get("Complaints", 0),
        rejects=point.get("Rejects", 0),
    )
