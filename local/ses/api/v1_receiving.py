"""The calls of SES's first API that make receipt rules.

Errors: RuleSetDoesNotExist, RuleDoesNotExist, AlreadyExists, CannotDelete, LimitExceeded, InvalidS3Configuration,
InvalidSnsTopic, InvalidLambdaFunction, ValidationError.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.ses.api import query, v1_receipt_actions
from local.ses.api.query import Call, Tree, required
from local.ses.receiving.receive import Receiver
from local.ses.receiving.rules import MAX_ACTIONS, MAX_RECIPIENTS, TLS_POLICIES, Rule, RuleBook, RuleSet
from local.ses.refused import Refused
from local.ses.values import Json, iso, now

_SET_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?\Z")
_MAX_CONDITION = 320  # characters of a recipient condition: an address has 64 + 1 + 255 (RFC 5321 section 4.5.3.1)
_RULE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingCalls:
    rules: RuleBook
    receiver: Receiver

    def calls(self) -> Mapping[str, Call]:
        return {
            "CreateReceiptRuleSet": self._create_set,
            "CloneReceiptRuleSet": self._clone_set,
            "ReorderReceiptRuleSet": self._reorder_set,
            "DeleteReceiptRuleSet": self._delete_set,
            "SetActiveReceiptRuleSet": self._activate,
            "DescribeActiveReceiptRuleSet": self._describe_active,
            "DescribeReceiptRuleSet": self._describe_set,
            "ListReceiptRuleSets": self._list_sets,
            "CreateReceiptRule": self._create_rule,
            "UpdateReceiptRule": self._update_rule,
            "SetReceiptRulePosition": self._position_rule,
            "DeleteReceiptRule": self._delete_rule,
            "DescribeReceiptRule": self._describe_rule,
        }

    async def _create_set(self, call: Tree) -> Json:
        self.rules.create(RuleSet(name=_set_name(call), created_at=iso(now())))
        return {}

    async def _clone_set(self, call: Tree) -> Json:
        original = self.rules.get(required(call, "OriginalRuleSetName"))
        self.rules.create(replace(original, name=_set_name(call), created_at=iso(now())))
        return {}

    async def _reorder_set(self, call: Tree) -> Json:
        names = query.texts(call, "RuleNames")
        self.rules.put(self.rules.get(required(call, "RuleSetName")).reordered(names))
        return {}

    async def _delete_set(self, call: Tree) -> Json:
        self.rules.delete(required(call, "RuleSetName"))
        return {}

    async def _activate(self, call: Tree) -> Json:
        self.rules.activate(query.text(call, "RuleSetName") or None)
        return {}

    async def _describe_active(self, _call: Tree) -> Json:
        active = self.rules.active()
        return _set_json(active) if active is not None else {}

    async def _describe_set(self, call: Tree) -> Json:
        return _set_json(self.rules.get(required(call, "RuleSetName")))

    async def _list_sets(self, _call: Tree) -> Json:
        return {"RuleSets": [_metadata(one) for one in self.rules.all()]}

    async def _create_rule(self, call: Tree) -> Json:
        name, rule, after = required(call, "RuleSetName"), _rule(query.child(call, "Rule")), query.text(call, "After")
        self.rules.get(name).with_rule(rule, after)
        await asyncio.to_thread(self.receiver.set_up, rule)
        # Asked for again: the set may have changed while the bucket was tried.
        self.rules.put(self.rules.get(name).with_rule(rule, after))
        return {}

    async def _update_rule(self, call: Tree) -> Json:
        name, rule = required(call, "RuleSetName"), _rule(query.child(call, "Rule"))
        self.rules.get(name).with_updated(rule)
        await asyncio.to_thread(self.receiver.set_up, rule)
        self.rules.put(self.rules.get(name).with_updated(rule))
        return {}

    async def _position_rule(self, call: Tree) -> Json:
        rule_set = self.rules.get(required(call, "RuleSetName"))
        after = query.text(call, "After") or None
        self.rules.put(rule_set.with_position(required(call, "RuleName"), after))
        return {}

    async def _delete_rule(self, call: Tree) -> Json:
        name = required(call, "RuleSetName")
        self.rules.put(self.rules.get(name).without_rule(required(call, "RuleName")))
        return {}

    async def _describe_rule(self, call: Tree) -> Json:
        rule_set = self.rules.get(required(call, "RuleSetName"))
        return {"Rule": _rule_json(rule_set.rule(required(call, "RuleName")))}


def _set_name(call: Tree) -> str:
    name = required(call, "RuleSetName")
    if not _SET_NAME.match(name):
        raise Refused("ValidationError", f"Not a name for a rule set: {name}")
    return name


def _rule(node: Tree) -> Rule:
    name, tls_policy = required(node, "Name"), query.text(node, "TlsPolicy") or "Optional"
    if not _RULE_NAME.match(name):
        raise Refused("ValidationError", f"Not a name for a rule: {name}")
    if tls_policy not in TLS_POLICIES:
        raise Refused("ValidationError", f"TlsPolicy is one of {', '.join(TLS_POLICIES)}, not {tls_policy!r}.")
    actions = query.nodes(node, "Actions")
    if len(actions) > MAX_ACTIONS:
        raise Refused("LimitExceeded", f"A rule has at most {MAX_ACTIONS} actions.")
    return Rule(
        name=name,
        enabled=query.flag(node, "Enabled"),
        recipients=_recipients(node),
        actions=tuple(v1_receipt_actions.read(one) for one in actions),
        scan_enabled=query.flag(node, "ScanEnabled"),
        tls_policy=tls_policy,
    )


def _recipients(node: Tree) -> tuple[str, ...]:
    recipients = tuple(query.texts(node, "Recipients"))
    if len(recipients) > MAX_RECIPIENTS:
        raise Refused("LimitExceeded", f"A rule has at most {MAX_RECIPIENTS} recipients.")
    for one in recipients:
        if not one or len(one) > _MAX_CONDITION or not one.isprintable() or " " in one:
            raise Refused("ValidationError", f"Neither an address nor a domain: {one[:_MAX_CONDITION]!r}")
    return recipients


def _set_json(rule_set: RuleSet) -> dict[str, Json]:
    return {"Metadata": _metadata(rule_set), "Rules": [_rule_json(rule) for rule in rule_set.rules]}


def _metadata(rule_set: RuleSet) -> dict[str, Json]:
    return {"Name": rule_set.name, "CreatedTimestamp": rule_set.created_at}


def _rule_json(rule: Rule) -> dict[str, Json]:
    return {
        "Name": rule.name,
        "Enabled": rule.enabled,
        "TlsPolicy": rule.tls_policy,
        "Recipients": list(rule.recipients),
        "Actions": [v1_receipt_actions.written(action) for action in rule.actions],
        "ScanEnabled": rule.scan_enabled,
    }
