"""When a desk works: opening hours of a week in its own time zone, and holidays. Pure; moments are aware datetimes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_DAY = 24 * 60  # minutes
_LOOK_AHEAD = 400  # days in which an answer has to fall due

#: From minute to minute of a day.
Span = tuple[int, int]
ALL_DAY: tuple[Span, ...] = ((0, _DAY),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """`week` has the open spans of Monday to Sunday, in order and apart; `holidays` are days of one year, `yearly` days
    of each as (month, day). Without any it is open round the clock."""

    zone: tzinfo = UTC
    week: tuple[tuple[Span, ...], ...] = (ALL_DAY,) * 7
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def is_holiday(self, moment: datetime) -> bool:
        return self._free(self.local(moment).date())

    def is_open(self, moment: datetime) -> bool:
        return any(start <= moment < end for start, end in self._opened(self.local(moment).date()))

    def after(self, moment: datetime, work: timedelta) -> datetime | None:
        """The moment at which so much working time has passed, in UTC; None where it hasn't in 400 days."""
        left, day = work, self.local(moment).date()
        for ahead in range(_LOOK_AHEAD):
            for start, end in self._opened(day + timedelta(days=ahead)):
                begin = max(start, moment)
                if begin < end and left <= end - begin:
                    return (begin + left).astimezone(UTC)
                left -= max(end - begin, timedelta())
        return None

    def _opened(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open spans of a local day in UTC, as long as they really are when the clock is put."""
        for start, end in () if self._free(day) else self.week[day.weekday()]:
            yield self._at(day, start), self._at(day, end)

    def _at(self, day: date, minute: int) -> datetime:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 (its zone comes next)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def _free(self, day: date) -> bool:
        return day in self.holidays or (day.month, day.day) in self.yearly


#: Round the clock, in UTC.
ALWAYS_OPEN = Hours()
