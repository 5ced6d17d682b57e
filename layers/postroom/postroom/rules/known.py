"""What a desk has beside its rules, and rules may name: the templates of its replies, and its agents."""

from collections.abc import Mapping
from dataclasses import dataclass

from postroom.desk import Desk
from postroom.rules.actions import NO_REPLY
from postroom.rules.sheet import like, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """None is "nobody knows": then any name is right. A desk without agents takes any address for one of them.

    `templates` are by name, each with the variables for which an answer to a new mail has no value.
    """

    templates: Mapping[str, frozenset[str]] | None = None
    desk: Desk | None = None

    def wrong_reply(self, name: str | None) -> str:
        """Why this template can't be sent; empty where it can."""
        if name is None or name == NO_REPLY or self.templates is None:
            return ""
        if lacking := self.templates.get(name, frozenset()):
            return (
                f"`reply: {name}` needs {', '.join(sorted(lacking))}, which an answer to a new mail has no value for."
            )
        if name in self.templates:
            return ""
        there = sorted(self.templates)
        return f"`reply: {name}` is no template: there are {listed(there)}.{like(name, there)}"

    def wrong_agent(self, address: str | None) -> str:
        """Why nobody of this address gets a conversation; empty where somebody does."""
        if not address or self.desk is None or not self.desk.agents or self.desk.employs(address):
            return ""
        return f"`assign: {address}` is none of the desk's agents: those are {listed(self.desk.agents)}."
