"""What became of an account's mail, in points of 15 minutes over two weeks (API_GetSendStatistics)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias

MINUTES = 15
Statistic: TypeAlias = Literal["attempts", "bounces", "complaints", "rejects"]
_KEPT = 14 * 24 * 60 // MINUTES  # "data points ... representing the last two weeks of sending activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDataPoint:
    """`timestamp` is when its 15 minutes begin, in UTC."""

    timestamp: datetime
    attempts: int = 0
    bounces: int = 0
    complaints: int = 0
    rejects: int = 0


class Statistics:
    def __init__(self) -> None:
        self._points: dict[datetime, SendDataPoint] = {}

    def count(self, statistic: Statistic, number: int, moment: datetime) -> None:
        """Adds so many recipients to the point of this moment."""
        start = _start(moment)
        known = self._points.get(start, SendDataPoint(timestamp=start))
        self._points[start] = replace(known, **{statistic: getattr(known, statistic) + number})
        while len(self._points) > _KEPT:
            del self._points[min(self._points)]

    def points(self) -> list[SendDataPoint]:
        """Oldest first; quarters of an hour without mail have none."""
        return [self._points[start] for start in sorted(self._points)]


def _start(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % MINUTES, second=0, microsecond=0)
