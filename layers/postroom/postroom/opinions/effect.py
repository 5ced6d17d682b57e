"""What an opinion may change, as two total tables; what is in neither, it can't touch.

It names a category where neither the rules nor the desk's own model did, and it raises a priority. It never lowers one,
and no disposition, kind, reply or conversation hangs on it: what comes out here is a category and a priority.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from postroom.opinion import Confidence, NoOpinion, Opinion
from postroom.opinions.prompt import NOTHING_FITS
from postroom.rules.actions import Priority
from postroom.rules.rules import CategoryFinding

OPINION = "opinion"  # stands where the name of a rule does


class Category(StrEnum):
    """What the rules and the desk's model have made of the category."""

    OPEN = "open"
    DECIDED = "decided"


class Against(StrEnum):
    """An opinion's priority against the one that stands. None counts as normal: by silence nothing is lowered."""

    FILLS = "fills"
    RAISES = "raises"
    AGREES = "agrees"
    LOWERS = "lowers"


_LOW, _MEDIUM, _HIGH = Confidence

#: Whether the opinion's category is taken. Total.
TAKES_CATEGORY: Mapping[tuple[Category, Confidence], bool] = {
    (Category.OPEN, _LOW): False,
    (Category.OPEN, _MEDIUM): True,
    (Category.OPEN, _HIGH): True,
    (Category.DECIDED, _LOW): False,
    (Category.DECIDED, _MEDIUM): False,
    (Category.DECIDED, _HIGH): False,
}

#: Whether the opinion's priority is taken. Total.
TAKES_PRIORITY: Mapping[tuple[Against, Confidence], bool] = {
    (Against.FILLS, _LOW): False,
    (Against.FILLS, _MEDIUM): True,
    (Against.FILLS, _HIGH): True,
    (Against.RAISES, _LOW): False,
    (Against.RAISES, _MEDIUM): False,  # writers call much urgent, and models believe them
    (Against.RAISES, _HIGH): True,
    (Against.AGREES, _LOW): False,
    (Against.AGREES, _MEDIUM): False,
    (Against.AGREES, _HIGH): False,
    (Against.LOWERS, _LOW): False,
    (Against.LOWERS, _MEDIUM): False,
    (Against.LOWERS, _HIGH): False,
}

#: How sure a finding is that rests on an opinion alone: less than one that rests on a rule.
_SURE: Mapping[Confidence, int] = {_LOW: 0, _MEDIUM: 30, _HIGH: 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The category and priority once an opinion was heard, and what the record tells of it."""

    finding: CategoryFinding
    facts: Mapping[str, str] = field(default_factory=dict)


def is_open(finding: CategoryFinding) -> bool:
    """Whether there is anything that an opinion could fill in."""
    return _category(finding) is Category.OPEN or finding.priority is None


def weighed(finding: CategoryFinding, said: Opinion | NoOpinion) -> Weighed:
    """The finding with what the tables let an opinion change."""
    if isinstance(said, NoOpinion):
        detail = f" ({said.detail})" if said.detail else ""
        return Weighed(finding=finding, facts={"opinion": f"none: {said.reason}{detail}"})
    by_category, by_priority = _takes_category(finding, said), _takes_priority(finding, said)
    taken = [name for name, on in (("category", by_category), ("priority", by_priority)) if on]
    facts = {"opinion": written(said), "opinion_taken": ", ".join(taken) or "nothing"}
    return Weighed(finding=_changed(finding, said, taken), facts=facts)


def written(said: Opinion) -> str:
    """An opinion as one line of the record: category, priority, confidence."""
    return f"{said.category or NOTHING_FITS} {said.priority} {said.confidence}"


def _changed(finding: CategoryFinding, said: Opinion, taken: list[str]) -> CategoryFinding:
    if "priority" in taken:
        finding = replace(finding, priority=Priority(said.priority))
    if "category" in taken:
        finding = replace(finding, category=said.category, rule=OPINION, confidence=_SURE[said.confidence])
    return replace(finding, signals=(*finding.signals, *(f"{OPINION}:{name}" for name in taken)))


def _takes_category(finding: CategoryFinding, said: Opinion) -> bool:
    return said.category is not None and TAKES_CATEGORY[_category(finding), said.confidence]


def _takes_priority(finding: CategoryFinding, said: Opinion) -> bool:
    return TAKES_PRIORITY[_against(finding.priority, Priority(said.priority)), said.confidence]


def _category(finding: CategoryFinding) -> Category:
    return Category.OPEN if finding.is_open else Category.DECIDED


def _against(stands: Priority | None, said: Priority) -> Against:
    order = list(Priority)
    step = order.index(said) - order.index(stands or Priority.NORMAL)
    if step:
        return Against.RAISES if step > 0 else Against.LOWERS
    return Against.AGREES if stands else Against.FILLS
