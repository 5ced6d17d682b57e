"""Receipt rules: which rule takes a mail for which recipients, and what the rule set as a whole makes of it. Pure.

Source: "Creating receipt rules" and "API_ReceiptRule" (SES developer guide and API reference).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from local.ses.receiving.actions.action import Action
from local.ses.refused import Refused

MAX_RULE_SETS = 40
MAX_RULES = 200
MAX_ACTIONS = 10
MAX_RECIPIENTS = 100
TLS_POLICIES = ("Optional", "Require")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    enabled: bool = False  # SES's default: a rule that nobody enables does nothing
    recipients: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    scan_enabled: bool = False
    tls_policy: str = "Optional"  # one of TLS_POLICIES

    def takes(self, address: str) -> bool:
        """Whether an enabled rule has this recipient; without recipients it has them all."""
        return self.enabled and (not self.recipients or any(matches(pattern, address) for pattern in self.recipients))


def matches(pattern: str, address: str) -> bool:
    """Whether a recipient condition has this address.

    `user@example.com` has every label too (`user+label@`), `user+label@example.com` that label only, `example.com` all
    of the domain and none of its subdomains, `.example.com` its subdomains and not itself. No case is told apart.
    """
    pattern, address = pattern.lower(), address.lower()
    local, _, domain = address.rpartition("@")
    if pattern.startswith("."):
        return domain.endswith(pattern)
    if "@" not in pattern:
        return domain == pattern
    return pattern in (address, f"{local.partition('+')[0]}@{domain}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    name: str
    created_at: str  # ISO 8601 in UTC
    rules: tuple[Rule, ...] = ()

    def taking(self, address: str) -> tuple[Rule, ...]:
        """The rules that take this recipient; without any, the recipient is refused."""
        return tuple(rule for rule in self.rules if rule.takes(address))

    def matching(self, recipients: Iterable[str]) -> Iterator[tuple[Rule, tuple[str, ...]]]:
        """The rules that take a mail for these recipients, in order, each with the recipients that it takes."""
        everyone = tuple(recipients)
        for rule in self.rules:
            if taken := tuple(address for address in everyone if rule.takes(address)):
                yield rule, taken

    def rule(self, name: str) -> Rule:
        for rule in self.rules:
            if rule.name == name:
                return rule
        raise Refused("RuleDoesNotExist", f"Rule does not exist: {name}")

    def with_rule(self, rule: Rule, after: str | None) -> "RuleSet":
        """The set with one rule more: after the named one, or at the beginning."""
        if any(known.name == rule.name for known in self.rules):
            raise Refused("AlreadyExists", f"Rule already exists: {rule.name}")
        if len(self.rules) >= MAX_RULES:
            raise Refused("LimitExceeded", f"A rule set has at most {MAX_RULES} rules.")
        place = self.rules.index(self.rule(after)) + 1 if after else 0
        return replace(self, rules=(*self.rules[:place], rule, *self.rules[place:]))

    def with_updated(self, rule: Rule) -> "RuleSet":
        self.rule(rule.name)
        return replace(self, rules=tuple(rule if known.name == rule.name else known for known in self.rules))

    def with_position(self, name: str, after: str | None) -> "RuleSet":
        """The set with this rule moved: after the named one, or to the beginning."""
        moved = self.rule(name)
        if after == name:
            raise Refused("ValidationError", f"A rule can't stand after itself: {name}")
        return self.without_rule(name).with_rule(moved, after)

    def reordered(self, names: Sequence[str]) -> "RuleSet":
        """The set in this order; every rule must be named, and once (API_ReorderReceiptRuleSet)."""
        rules = tuple(self.rule(name) for name in names)
        if len(names) != len(self.rules) or len(set(names)) != len(names):
            raise Refused("ValidationError", f"All {len(self.rules)} rules of the set must be named, each once.")
        return replace(self, rules=rules)

    def without_rule(self, name: str) -> "RuleSet":
        """The set without this rule; one that isn't there is no error (API_DeleteReceiptRule)."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.name != name))


class RuleBook:
    """Every rule set of the account, and which of them is active."""

    def __init__(self) -> None:
        self._sets: dict[str, RuleSet] = {}
        self._active: str | None = None

    def active(self) -> RuleSet | None:
        return self._sets[self._active] if self._active is not None else None

    def all(self) -> tuple[RuleSet, ...]:
        return tuple(self._sets.values())

    def get(self, name: str) -> RuleSet:
        if name not in self._sets:
            raise Refused("RuleSetDoesNotExist", f"Rule set does not exist: {name}")
        return self._sets[name]

    def create(self, rule_set: RuleSet) -> None:
        if rule_set.name in self._sets:
            raise Refused("AlreadyExists", f"Rule set already exists: {rule_set.name}")
        if len(self._sets) >= MAX_RULE_SETS:
            raise Refused("LimitExceeded", f"An account has at most {MAX_RULE_SETS} rule sets.")
        self._sets[rule_set.name] = rule_set

    def put(self, rule_set: RuleSet) -> None:
        """Replaces a set that exists."""
        self.get(rule_set.name)
        self._sets[rule_set.name] = rule_set

    def delete(self, name: str) -> None:
        """Forgets a set; one that isn't there is no error (API_DeleteReceiptRuleSet)."""
        if name == self._active:
            raise Refused("CannotDelete", f"Cannot delete active rule set: {name}")
        self._sets.pop(name, None)

    def activate(self, name: str | None) -> None:
        """Makes this set the active one; None: no set is active, and no mail is taken."""
        if name is not None:
            self.get(name)
        self._active = name
