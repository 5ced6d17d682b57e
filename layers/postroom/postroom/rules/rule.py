"""One rule of a rules file, as values: what must hold, what follows, and whether the reading ends there."""

from dataclasses import dataclass, field

from postroom.rules.actions import Actions
from postroom.rules.conditions import AllOf, Condition

#: Holds of every mail.
ALWAYS = AllOf(of=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where `when` holds the actions follow; with `stop` no later rule is asked."""

    name: str
    when: Condition = ALWAYS
    actions: Actions = field(default_factory=Actions)
    stop: bool = False
