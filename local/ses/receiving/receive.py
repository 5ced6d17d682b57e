"""Receiving: a mail that a rule takes is stored in S3 and announced over SNS, or the client is told to come again."""

import json
import logging
import time
from dataclasses import dataclass

from local.ses.cloud import Cloud
from local.ses.journal import Journal
from local.ses.mail import Delivery, Place
from local.ses.receiving import receipt, sealing
from local.ses.receiving.rules import OtherAction, Rule, RuleBook, S3Action, Step, StopAction
from local.ses.values import iso, now, readable
from local.ses.verdicts.findings import Checker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Applies the active rule set. `deliver` and `set_up` block, and are safe to call from many threads."""

    cloud: Cloud
    rules: RuleBook
    place: Place
    checker: Checker
    journal: Journal

    def takes(self, address: str) -> bool:
        active = self.rules.active()
        return active is not None and active.takes(address)

    def deliver(self, delivery: Delivery) -> None:
        """Does every action of the rules that take this mail. Raises CloudError at the first that fails: then the mail
        counts as not received, and actions done before it will be done again (SES, too, delivers at least once)."""
        started = time.monotonic()
        active = self.rules.active()
        for step in active.steps(delivery.rcpt_to) if active else ():
            self._do(step, delivery, started)
        found = self.checker.check(delivery, scan_enabled=True)
        self.journal.received(
            {
                "id": delivery.ses_id,
                "timestamp": iso(delivery.received_at),
                "source": readable(delivery.mail_from),
                "recipients": [readable(one) for one in delivery.rcpt_to],
                "bytes": len(delivery.raw),
                "verdicts": dict(found.statuses),
            },
            receipt.stamped(delivery, found, self.place),
        )

    def _do(self, step: Step, delivery: Delivery, started: float) -> None:
        match step.action:
            case OtherAction(name=name):
                log.warning("rule %s: the action %s is not played here; mail %s", step.rule.name, name, delivery.ses_id)
                return
            case S3Action() | StopAction():
                pass
        found = self.checker.check(delivery, step.rule.scan_enabled)
        stored = receipt.stamped(delivery, found, self.place)
        if isinstance(step.action, S3Action):
            self._store(step.action, step.rule.name, delivery.ses_id, stored)
        if step.action.topic_arn:
            took = int((time.monotonic() - started) * 1000)
            message = receipt.notification(delivery, stored, step, found, took)
            self.cloud.publish(step.action.topic_arn, receipt.SUBJECT, json.dumps(message))

    def _store(self, action: S3Action, rule: str, ses_id: str, body: bytes) -> None:
        metadata: dict[str, str] = {}
        if action.kms_key_arn:
            said = sealing.context(self.place.account, rule, ses_id)
            body, metadata = sealing.sealed(body, self.cloud.data_key(action.kms_key_arn, said), said)
        self.cloud.store(action.bucket, action.prefix + ses_id, body, metadata)

    def set_up(self, rule: Rule) -> None:
        """Tries out the S3 actions of a new rule, as SES does when it is made. Raises CloudError."""
        for action in rule.actions:
            if isinstance(action, S3Action):
                body, message = receipt.setup(action, self.place, now())
                self._store(action, rule.name, receipt.SETUP_ID, body)
                if action.topic_arn:
                    self.cloud.publish(action.topic_arn, receipt.SUBJECT, json.dumps(message))
