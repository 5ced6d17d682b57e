"""Quiet hours: the part of each day in which a desk wants nothing sent by itself, by the clock on its wall."""

import re
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

PATTERN = r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d) ([A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2})"
_WRITTEN = re.compile(PATTERN)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `begin` until before `end`, over midnight where `end` is the earlier. A minute that comes twice, when the
    clock is put back, is quiet both times or neither; one that is skipped in spring is missed by nobody."""

    begin: time
    end: time
    zone: tzinfo

    def cover(self, moment: datetime) -> bool:
        """Whether this moment (aware) lies in them."""
        wall = moment.astimezone(self.zone).time().replace(tzinfo=None)
        if self.begin < self.end:
            return self.begin <= wall < self.end
        return wall >= self.begin or wall < self.end

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M} {self.zone}"


def quiet_hours(written: str) -> QuietHours | None:
    """Of `22:00-07:00 Europe/Berlin`; None of nothing. ValueError where it is neither, with what is wrong in it."""
    if not written:
        return None
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(f"{written!r} are no quiet hours: they are written as 22:00-07:00 Europe/Berlin")
    begin, end = (time(int(found[at]), int(found[at + 1])) for at in (1, 3))
    if begin == end:
        raise ValueError(f"{written!r} are no quiet hours: they end where they begin")
    return QuietHours(begin=begin, end=end, zone=_zone(found[5]))


def _zone(name: str) -> tzinfo:
    # Here: a desk without quiet hours needs no time zone database.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone of the IANA database, such as Europe/Berlin") from error
