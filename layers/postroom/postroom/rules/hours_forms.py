"""Opening hours, holidays and response targets, as a rules file writes them."""

import re
from collections.abc import Mapping
from datetime import UTC, date, timedelta, tzinfo
from itertools import pairwise

import yaml

from postroom.rules.actions import Priority
from postroom.rules.condition_forms import days_of, minutes_of
from postroom.rules.conditions import WEEKDAYS
from postroom.rules.hours import ALL_DAY, Hours, Span
from postroom.rules.sheet import Sheet, like

_TARGET = re.compile(r"(\d{1,5}) ?(m|h)")
_DATE, _YEARLY = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d\d-\d\d")
_MOST_WORK = timedelta(hours=1000)


def targets(sheet: Sheet, node: yaml.Node | None) -> Mapping[Priority, timedelta]:
    keys = sheet.mapping(node, tuple(Priority), "`targets`")
    return {Priority(key): found for key, value in keys.items() if (found := _target(sheet, value, key))}


def _target(sheet: Sheet, node: yaml.Node, key: str) -> timedelta | None:
    written = sheet.formed(node, key, _TARGET, "working time such as 4h or 30m")
    if not (found := _TARGET.fullmatch(written)):
        return None
    work = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(minutes=int(found[1]))
    if not timedelta() < work <= _MOST_WORK:
        sheet.fault(node, f"`{key}: {written}` must be from 1m to {_MOST_WORK.total_seconds() / 3600:.0f}h.")
    return work


def hours(sheet: Sheet, node: yaml.Node | None) -> Hours:
    keys = sheet.mapping(node, ("zone", "open", "holidays"), "`hours`")
    holidays = sheet.words(keys.get("holidays"), "holidays")
    days = {day for each, written in holidays if (day := _holiday(sheet, each, written))}
    week = _week(sheet, keys["open"]) if "open" in keys else (ALL_DAY,) * 7
    return Hours(
        zone=_zone(sheet, keys["zone"]) if "zone" in keys else UTC,
        week=week,
        holidays=frozenset(day for day in days if isinstance(day, date)),
        yearly=frozenset(day for day in days if not isinstance(day, date)),
    )


def _zone(sheet: Sheet, node: yaml.Node) -> tzinfo:
    written = sheet.word(node, "`zone`")
    if written in ("", "UTC"):
        return UTC
    # Here: UTC needs no time zone database, and most of the time goes into finding it.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        return ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = like(written, available_timezones())
        sheet.fault(node, f"`zone: {written}` is no time zone of the IANA database, such as Europe/Berlin.{close}")
        return UTC


def _week(sheet: Sheet, node: yaml.Node) -> tuple[tuple[Span, ...], ...]:
    week: dict[str, tuple[Span, ...]] = {}
    for key, value in sheet.pairs(node, "`open` must be written as `mon-fri: 09:00-17:30`."):
        written = sheet.word(key, "a day of `open`")
        spans = _spans(sheet, value, written)
        for day in days_of(sheet, key, "open", written) if written else ():
            if day in week:
                sheet.fault(key, f"`open` has {day} twice: keep one.")
            week[day] = spans
    return tuple(week.get(day, ()) for day in WEEKDAYS)


def _spans(sheet: Sheet, node: yaml.Node, key: str) -> tuple[Span, ...]:
    found = [(each, minutes_of(sheet, each, key)) for each in sheet.nodes(node, key)]
    spans = sorted((span[0], span[1]) for _, span in found if span)
    if any(start > end for start, end in spans) or any(a[1] > b[0] for a, b in pairwise(spans)):
        rule = "opening hours must not overlap, nor go over midnight: write 24:00, and go on the next day."
        sheet.fault(node, f"`{key}`: {rule}")
    return tuple(spans)


def _holiday(sheet: Sheet, node: yaml.Node, written: str) -> date | tuple[int, int] | None:
    try:
        if _DATE.fullmatch(written):
            return date.fromisoformat(written)
        if _YEARLY.fullmatch(written):
            day = date.fromisoformat(f"2024-{written}")  # a leap year: 02-29 is a day
            return day.month, day.day
    except ValueError:
        pass
    sheet.fault(node, f"`holidays: {written}` must be a day such as 2026-12-25, or 12-25 for every year.")
    return None
