"""How much a mail presses, where no rule has set its priority: reasons with points, which add up to one.

What is said, who says it and how long they have waited all count; each reason that held is a signal in the record.
"""

from dataclasses import dataclass

from postroom.rules.actions import Actions, Priority
from postroom.rules.conditions import Condition
from postroom.rules.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyReason:
    """`points` may be negative: less urgent."""

    name: str
    points: int
    when: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """From how many points on a mail is urgent or high, and down from how many it is low."""

    urgent: int = 80
    high: int = 30
    low: int = -20

    def priority(self, points: int) -> Priority:
        if points >= self.urgent:
            return Priority.URGENT
        if points >= self.high:
            return Priority.HIGH
        return Priority.LOW if points <= self.low else Priority.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """The priority, and why, the weightiest reason first: "urgency:outage+60"."""

    priority: Priority
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """The table. Every reason is asked, so their order doesn't matter."""

    levels: Levels = Levels()
    reasons: tuple[UrgencyReason, ...] = ()

    def of(self, facts: Facts, so_far: Actions) -> Pressing:
        held = [each for each in self.reasons if each.when.answer(facts, so_far).holds]
        weightiest = sorted(held, key=lambda each: -abs(each.points))
        return Pressing(
            priority=self.levels.priority(sum(each.points for each in held)),
            signals=tuple(f"urgency:{each.name}{each.points:+d}" for each in weightiest),
        )
