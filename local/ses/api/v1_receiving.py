"""The calls of SES's first API that make receipt rules.

Errors: RuleSetDoesNotExist, RuleDoesNotExist, AlreadyExists, CannotDelete, LimitExceeded, InvalidS3Configuration,
InvalidSnsTopic, ValidationError.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from local.ses.api import query
from local.ses.api.query import Call, Tree, required
from local.ses.cloud import CloudError
from local.ses.receiving.receive import Receiver
from local.ses.receiving.rules import (
    MAX_ACTIONS,
    MAX_RECIPIENTS,
    Action,
    OtherAction,
    Rule,
    RuleBook,
    RuleSet,
    S3Action,
    StopAction,
)
from local.ses.refused import Refused
from local.ses.values import Json, iso, now

log = logging.getLogger(__name__)

_SET_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?\Z")
_RULE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingCalls:
    rules: RuleBook
    receiver: Receiver

    def calls(self) -> Mapping[str, Call]:
        return {
            "CreateReceiptRuleSet": self._create_set,
            "DeleteReceiptRuleSet": self._delete_set,
            "SetActiveReceiptRuleSet": self._activate,
            "DescribeActiveReceiptRuleSet": self._describe_active,
            "DescribeReceiptRuleSet": self._describe_set,
            "ListReceiptRuleSets": self._list_sets,
            "CreateReceiptRule": self._create_rule,
            "UpdateReceiptRule": self._update_rule,
            "DeleteReceiptRule": self._delete_rule,
            "DescribeReceiptRule": self._describe_rule,
        }

    async def _create_set(self, call: Tree) -> Json:
        name = required(call, "RuleSetName")
        if not _SET_NAME.match(name):
            raise Refused("ValidationError", f"Not a name for a rule set: {name}")
        self.rules.create(RuleSet(name=name, created_at=iso(now())))
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
        await self._try_out(rule)
        # Asked for again: the set may have changed while the bucket was tried.
        self.rules.put(self.rules.get(name).with_rule(rule, after))
        return {}

    async def _update_rule(self, call: Tree) -> Json:
        name, rule = required(call, "RuleSetName"), _rule(query.child(call, "Rule"))
        self.rules.get(name).with_updated(rule)
        await self._try_out(rule)
        self.rules.put(self.rules.get(name).with_updated(rule))
        return {}

    async def _try_out(self, rule: Rule) -> None:
        for action in rule.actions:
            if isinstance(action, OtherAction):
                log.warning("rule %s: the action %s is kept, and not played here", rule.name, action.name)
        try:
            await asyncio.to_thread(self.receiver.set_up, rule)
        except CloudError as error:
            code = "InvalidSnsTopic" if "SNS" in str(error) else "InvalidS3Configuration"
            raise Refused(code, str(error)) from error

    async def _delete_rule(self, call: Tree) -> Json:
        name = required(call, "RuleSetName")
        self.rules.put(self.rules.get(name).without_rule(required(call, "RuleName")))
        return {}

    async def _describe_rule(self, call: Tree) -> Json:
        rule_set = self.rules.get(required(call, "RuleSetName"))
        return {"Rule": _rule_json(rule_set.rule(required(call, "RuleName")))}


def _rule(node: Tree) -> Rule:
    name = required(node, "Name")
    if not _RULE_NAME.match(name):
        raise Refused("ValidationError", f"Not a name for a rule: {name}")
    recipients = tuple(one for one in query.members(node, "Recipients") if isinstance(one, str))
    actions = tuple(_action(one) for one in query.members(node, "Actions") if isinstance(one, dict))
    if len(recipients) > MAX_RECIPIENTS or len(actions) > MAX_ACTIONS:
        raise Refused("LimitExceeded", f"A rule has at most {MAX_RECIPIENTS} recipients and {MAX_ACTIONS} actions.")
    return Rule(
        name=name,
        enabled=query.text(node, "Enabled") == "true",
        recipients=recipients,
        actions=actions,
        scan_enabled=query.text(node, "ScanEnabled") == "true",
        tls_policy=query.text(node, "TlsPolicy") or "Optional",
    )


def _action(node: Tree) -> Action:
    if "S3Action" in node:
        s3 = query.child(node, "S3Action")
        prefix, topic = query.text(s3, "ObjectKeyPrefix") or "", query.text(s3, "TopicArn")
        key_arn = query.text(s3, "KmsKeyArn")
        return S3Action(bucket=required(s3, "BucketName"), prefix=prefix, topic_arn=topic, kms_key_arn=key_arn)
    if "StopAction" in node:
        return StopAction(topic_arn=query.text(query.child(node, "StopAction"), "TopicArn"))
    for name in node:
        settings = ((key, value) for key, value in query.child(node, name).items() if isinstance(value, str))
        return OtherAction(name=name.removesuffix("Action"), settings=tuple(settings))
    raise Refused("ValidationError", "An action names nothing to do.")


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
        "Actions": [_action_json(action) for action in rule.actions],
        "ScanEnabled": rule.scan_enabled,
    }


def _action_json(action: Action) -> dict[str, Json]:
    match action:
        case S3Action(bucket=bucket, prefix=prefix, topic_arn=topic, kms_key_arn=key_arn):
            s3: dict[str, Json] = {"BucketName": bucket, "ObjectKeyPrefix": prefix or None, "TopicArn": topic}
            return {"S3Action": {**s3, "KmsKeyArn": key_arn}}
        case StopAction(topic_arn=topic):
            return {"StopAction": {"Scope": "RuleSet", "TopicArn": topic}}
        case OtherAction(name=name, settings=settings):
            return {f"{name}Action": dict(settings)}
