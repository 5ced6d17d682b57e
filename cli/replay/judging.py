"""One mail under one side's rules and model: what classify and reply would decide of it, as names and values.

The fields are those of what `postroom.stages.classify.decide` gives, whichever they are: a field that is new there is
compared here from then on.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from math import ceil

from cli.replay.sides import Side, asked, loaded
from postroom.clock import from_iso, iso
from postroom.desk import Desk
from postroom.message import Parsed
from postroom.reasons import Disposition
from postroom.replies import preflight
from postroom.replies.preflight import Clear, Limits, Situation
from postroom.stages.classify import Decided, decide

_MOMENT = re.compile(r"[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z")
_HOURS = 48  # beyond them a moment is told in days

#: Fields that say why something was decided, and not what: told beside a change, and none themselves.
WHY = frozenset({"confidence", "left_out", "rule", "rules", "signals", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was decided, by name ("" is none), and why, a line for each part that has reasons."""

    facts: Mapping[str, str]
    because: tuple[str, ...]


def judge(parsed: Parsed, side: Side, desk: Desk, *, opened: bool) -> Judgement:
    """What would be decided now. `opened`: the mail was the first of its conversation.

    What only shows at the sending (budgets, suppressed addresses, how long the mail waited) is left out.
    """
    decided = decide(parsed, loaded(side.rules), owns=desk.owns, categorising=asked(side.model))
    came = from_iso(parsed.received.received_at)
    facts = {name: relative(value, came) for name, value in named(decided)}
    facts["acknowledgement"] = _acknowledgement(parsed, decided, desk, opened=opened)
    return Judgement(facts=facts, because=tuple(reasons(decided, "decision")))


def _acknowledgement(parsed: Parsed, decided: Decided, desk: Desk, *, opened: bool) -> str:
    if decided.disposition is not Disposition.ACCEPTED:
        return ""
    situation = Situation(kind=decided.reading.finding.kind, desk=desk, opened=opened, age_hours=0, limits=Limits())
    checked = preflight.decide(parsed, situation)
    return "sent" if isinstance(checked, Clear) else f"withheld: {checked.reason}"


def named(decided: object) -> Iterator[tuple[str, str]]:
    """Every field that is no reason, those of inner values by their own names; a name that is taken gets its holder's
    before it."""
    taken: set[str] = set()
    for holder, name, value in _leaves(decided, ""):
        if name not in WHY:
            free = name if name not in taken else f"{holder} {name}"
            taken.add(free)
            yield free, told(value)


def reasons(value: object, name: str) -> Iterator[str]:
    """A line for each value that has reasons among its fields."""
    inner = list(_fields(value))
    given = sorted((field, told(each)) for field, each in inner if field in WHY)
    said = [f"{field} {reason}" for field, reason in given if reason not in ("", "0")]
    if said:
        yield f"{name}: {'; '.join(said)}"
    for field, each in inner:
        if _is_value(each):
            yield from reasons(each, field)


def _leaves(value: object, holder: str) -> Iterator[tuple[str, str, object]]:
    for name, inner in _fields(value):
        if _is_value(inner):
            yield from _leaves(inner, name)
        else:
            yield holder, name, inner


def relative(value: str, came: datetime) -> str:
    """A moment as how long it is after the mail came, so that the same target is the same for every mail; any other
    value as it is."""
    try:
        moment = from_iso(value) if _MOMENT.fullmatch(value) else None
    except ValueError:  # the 31st of February
        moment = None
    if moment is None:
        return value
    hours = ceil((moment - came).total_seconds() / 3_600)
    return f"within {hours} h" if hours <= _HOURS else f"within {ceil(hours / 24)} days"


def _fields(value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value):
        for field in fields(value):
            inner: object = getattr(value, field.name)
            yield field.name, inner


def _is_value(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def told(value: object) -> str:
    """A field's value in one line; nothing for None and for what is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{told(key)}: {told(inner)}" for key, inner in sorted(value.items(), key=str))
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        shown = [told(inner) for inner in value]
        return ", ".join(sorted(shown) if isinstance(value, AbstractSet) else shown)
    return str(value)
