"""What the rules above leave to the rules below: a rule that can do nothing is a fault."""

from dataclasses import dataclass, field

import yaml

from postroom.rules.actions import LISTED
from postroom.rules.rule import ALWAYS, NEVER, Rule
from postroom.rules.sheet import Sheet, line_of, listed


@dataclass(slots=True, kw_only=True)
class Reach:
    """What the rules so far leave to the next ones: nothing after one that stops every mail, and of what one has set
    for every mail nothing either."""

    sheet: Sheet
    stopped_by: str = ""
    settled_by: dict[str, str] = field(default_factory=dict)

    def pass_by(self, rule: Rule, node: yaml.Node) -> None:
        if self.stopped_by:
            self.sheet.fault(
                node,
                f"it is never reached: {self.stopped_by} fits every mail and stops. Move it up, or give that a `when`.",
            )
            return
        if rule.when == NEVER:  # it has faults: what it would add is not known
            return
        wanted = rule.actions.settled
        adds = any(getattr(rule.actions, name) for name in LISTED) or rule.stop
        taken = next((self.settled_by[name] for name in sorted(wanted) if name in self.settled_by), "")
        if wanted and not adds and wanted <= self.settled_by.keys():
            self.sheet.fault(
                node, f"it has no effect: {taken} sets {listed(sorted(wanted))} for every mail before it. Move it up."
            )
        if rule.when == ALWAYS:
            place = f"the rule {rule.name!r} in line {line_of(node)}"
            self.settled_by |= {name: place for name in wanted if name not in self.settled_by}
            self.stopped_by = place if rule.stop else ""
