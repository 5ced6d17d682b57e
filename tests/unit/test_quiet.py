"""Quiet hours go by the clock on the wall, whatever is done to it twice a year."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.errors import Misconfigured
from postroom.quiet import QuietHours, quiet_hours
from postroom.runtime import quiet

BERLIN = ZoneInfo("Europe/Berlin")
#: Whole hours, half hours, half an hour of summer time, midnight that is skipped, and none.
ZONES = ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana", "UTC"]

times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
moments = st.integers(0, 15 * 366 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
hours = st.builds(
    lambda begin, end, zone: QuietHours(begin=begin, end=end, zone=ZoneInfo(zone)),
    times,
    times,
    st.sampled_from(ZONES),
).filter(lambda made: made.begin != made.end)


def at(hour: int, minute: int = 0, day: int = 24, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


NIGHT = QuietHours(begin=time(22), end=time(7), zone=BERLIN)


def test_they_go_over_midnight_and_end_on_the_minute() -> None:
    found = [NIGHT.cover(moment) for moment in (at(21, 59), at(22), at(0), at(6, 59), at(7), at(12))]
    assert found == [False, True, True, True, False, False]


def test_by_day_they_begin_before_they_end() -> None:
    noon = QuietHours(begin=time(12), end=time(14), zone=BERLIN)
    assert [noon.cover(at(hour)) for hour in (11, 12, 13, 14, 23)] == [False, True, True, False, False]


def test_seven_in_berlin_is_an_hour_earlier_in_summer() -> None:
    assert NIGHT.cover(datetime(2026, 1, 10, 5, 30, tzinfo=UTC))
    assert not NIGHT.cover(datetime(2026, 7, 10, 5, 30, tzinfo=UTC))


@given(hours, moments)
def test_what_they_cover_is_what_the_wall_says(quiet: QuietHours, moment: datetime) -> None:
    wall = moment.astimezone(quiet.zone)
    minutes = wall.hour * 60 + wall.minute
    begin, end = (each.hour * 60 + each.minute for each in (quiet.begin, quiet.end))
    assert quiet.cover(moment) == ((minutes - begin) % 1440 < (end - begin) % 1440)


@given(hours, moments)
def test_every_moment_is_in_them_or_in_their_opposite(quiet: QuietHours, moment: datetime) -> None:
    loud = QuietHours(begin=quiet.end, end=quiet.begin, zone=quiet.zone)
    assert quiet.cover(moment) != loud.cover(moment)


@given(hours, moments)
def test_they_end_within_a_day_so_that_nothing_waits_for_ever(quiet: QuietHours, moment: datetime) -> None:
    """Also where the clock is put back in them: so whoever looks every hour finds their end."""
    minutes = (moment + timedelta(minutes=number) for number in range(26 * 60))
    assert not all(map(quiet.cover, minutes))


@given(hours, moments, st.sampled_from(ZONES))
def test_a_moment_is_the_same_however_it_is_written(quiet: QuietHours, moment: datetime, zone: str) -> None:
    assert quiet.cover(moment) == quiet.cover(moment.astimezone(ZoneInfo(zone)))


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)])
def test_a_night_in_which_the_clock_is_changed_begins_once_and_ends_once(day: datetime) -> None:
    covered = [NIGHT.cover(day + timedelta(minutes=number)) for number in range(24 * 60)]
    assert sum(before != after for before, after in pairwise(covered)) == 2


@pytest.mark.parametrize("written", ["22:00-07:00 Europe/Berlin", "00:00-23:59 UTC", "12:30-13:15 Asia/Kolkata"])
def test_they_are_read_as_they_are_written(written: str) -> None:
    assert str(quiet.of(written)) == written


def test_nothing_written_is_no_quiet_hours() -> None:
    assert quiet_hours("") is None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("22-7 Europe/Berlin", "they are written as"),
        ("22:00-07:00", "they are written as"),
        ("24:00-07:00 UTC", "they are written as"),
        ("22:00-22:00 UTC", "end where they begin"),
        ("22:00-07:00 Europe/Berln", "'Europe/Berln' is no time zone"),
        ("22:00-07:00 ../../etc/passwd", "they are written as"),
    ],
)
def test_what_is_wrong_with_them_is_told_when_the_function_starts(written: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        quiet.of(written)
