"""Receipt rules: which rule takes a mail for which recipients, and what the rule set as a whole makes of it. Pure.

Source: "Creating receipt rules" and "API_ReceiptRule" (SES developer guide and API reference).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from local.ses.refused import Refused

MAX_RULE_SETS = 40
MAX_RULES = 200
MAX_ACTIONS = 10
MAX_RECIPIENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Action:
    bucket: str
    prefix: str = ""
    topic_arn: str | None = None
    kms_key_arn: str | None = None  # the mail is encrypted under it before it is stored


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAction:
    topic_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAction:
    """An action that is kept and described, and not played: Bounce, Lambda, SNS, AddHeader, WorkMail, Connect."""

    name: str
    settings: tuple[tuple[str, str], ...]


Action = S3Action | StopAction | OtherAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    enabled: bool = False  # SES's default: a rule that nobody enables does nothing
    recipients: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    scan_enabled: bool = False
    tls_policy: str = "Optional"

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
class Step:
    """One action to be done, for these recipients of the mail."""

    rule: Rule
    action: Action
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    name: str
    created_at: str  # ISO 8601 in UTC
    rules: tuple[Rule, ...] = ()

    def takes(self, address: str) -> bool:
        return any(rule.takes(address) for rule in self.rules)

    def steps(self, recipients: Iterable[str]) -> Iterator[Step]:
        """What is to be done with a mail for these recipients, in order, up to the first Stop and including it."""
        everyone = tuple(recipients)
        for rule in self.rules:
            taken = tuple(address for address in everyone if rule.takes(address))
            for action in rule.actions if taken else ():
                yield Step(rule=rule, action=action, recipients=taken)
                if isinstance(action, StopAction):
                    return

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
