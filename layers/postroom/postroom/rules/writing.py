"""A rule book as the text of a rules file: what is read from it is the same book. Macros are written out."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import assert_never

import yaml

from postroom.rules import conditions as c
from postroom.rules.actions import Actions
from postroom.rules.hours import Hours, Span
from postroom.rules.reading import RuleBook
from postroom.rules.rule import ALWAYS, Rule
from postroom.rules.urgency import UrgencyReason

Plain = Mapping[str, "Plain"] | Sequence["Plain"] | str | int

_KNOWN = (
    c.AllOf | c.AnyOf | c.Not | c.Says | c.OneOf | c.Shares | c.Is | c.Within | c.AddressFits | c.HeaderSays
    | c.Attached | c.AtTime
)  # fmt: skip


def write(book: RuleBook) -> str:
    """The YAML text. Holidays and opening hours are in it, and the zone by its IANA name."""
    levels = book.urgency.levels
    plain = {
        **({"version": book.name} if book.name else {}),
        "hours": _hours(book.hours),
        "targets": {priority.value: _work(work) for priority, work in book.targets.items()},
        "urgency": {
            "levels": {"urgent": levels.urgent, "high": levels.high, "low": levels.low},
            **({"reasons": list(map(_reason, book.urgency.reasons))} if book.urgency.reasons else {}),
        },
        "rules": list(map(_rule, book.rules)),
    }
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)


def _rule(rule: Rule) -> Plain:
    when: dict[str, Plain] = {} if rule.when == ALWAYS else {"when": condition(rule.when)}
    return {"name": rule.name, **when, **_actions(rule.actions), **({"stop": "yes"} if rule.stop else {})}


def _reason(reason: UrgencyReason) -> Plain:
    return {"name": reason.name, "points": reason.points, "when": condition(reason.when)}


def _actions(actions: Actions) -> dict[str, Plain]:
    told: dict[str, str | None] = {
        "disposition": actions.disposition,
        "category": actions.category,
        "priority": actions.priority,
        "assign": actions.assign,
        "reply": actions.reply,
    }
    listed = {"tags": actions.tags, "notify": actions.notify}
    return {
        **{name: str(value) for name, value in told.items() if value is not None},
        **{name: list(values) for name, values in listed.items() if values},
    }


def condition(tree: c.Condition) -> Plain:
    """A condition as it stands under `when`."""
    if not isinstance(tree, _KNOWN):
        raise TypeError(f"{type(tree).__name__} is no condition of a rules file")
    match tree:
        case c.AllOf(of=of):
            return {"all": [condition(each) for each in of]}
        case c.AnyOf(of=of):
            return {"any": [condition(each) for each in of]}
        case c.Not(of=inner):
            return {"not": condition(inner)}
        case c.Says(place=place, phrases=phrases):
            return {place: [each.written for each in phrases]}
        case c.OneOf(fact=fact, values=values) | c.Shares(fact=fact, values=values):
            return {fact: [str(value) for value in sorted(values)]}
        case c.Is(fact=fact, wanted=wanted):
            return {fact: _yes_no(wanted)}
        case c.Within(fact=fact, range=range_):
            return {fact: str(range_)}
        case c.AddressFits(fact=fact, patterns=patterns):
            return {fact: [each.written for each in patterns]}
        case c.HeaderSays():
            return {"header": _header(tree)}
        case c.Attached():
            return {"attachments": _attached(tree)}
        case c.AtTime(start=start, end=end):
            return {"time": _span((start, end))}
        case _:
            assert_never(tree)


def _header(says: c.HeaderSays) -> Plain:
    return {
        "name": says.name,
        **({} if says.present is None else {"present": _yes_no(says.present)}),
        **({"contains": list(says.contains)} if says.contains else {}),
        **({"matches": [each.written for each in says.matches]} if says.matches else {}),
    }


def _attached(attached: c.Attached) -> Plain:
    return {
        "count": str(attached.count),
        **({"type": [each.written for each in attached.types]} if attached.types else {}),
        **({"extension": sorted(attached.extensions)} if attached.extensions else {}),
        **({"name": [each.written for each in attached.names]} if attached.names else {}),
        **({} if attached.size == c.Range() else {"size": str(attached.size)}),
    }


def _hours(hours: Hours) -> Plain:
    days = {day: [_span(span) for span in spans] for day, spans in zip(c.WEEKDAYS, hours.week, strict=True) if spans}
    free = (
        *(f"{day:%Y-%m-%d}" for day in sorted(hours.holidays)),
        *(f"{m:02}-{d:02}" for m, d in sorted(hours.yearly)),
    )
    return {"zone": str(hours.zone), "open": days, **({"holidays": list(free)} if free else {})}


def _span(span: Span) -> str:
    return f"{c.clock(span[0])}-{c.clock(span[1])}"


def _work(work: timedelta) -> str:
    return f"{work // timedelta(minutes=1)}m"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
