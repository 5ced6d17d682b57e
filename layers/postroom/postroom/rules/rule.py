"""One rule of a rules file, as values: what must hold, what follows, and whether the reading ends there."""

from dataclasses import dataclass, field

from postroom.rules.actions import Actions
from postroom.rules.conditions import AllOf, AnyOf, Condition

#: Holds of every mail.
ALWAYS = AllOf(of=())
#: Holds of none: no file can say it, and a rule that can't be read has it.
NEVER = AnyOf(of=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where `when` holds the actions follow; with `stop` no later rule is asked."""

    name: str
    when: Condition = ALWAYS
    actions: Actions = field(default_factory=Actions)
    stop: bool = False
