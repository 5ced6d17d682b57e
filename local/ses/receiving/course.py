"""One mail on its way through the rules that take it: checked once, changed by what rules add, and what was done."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.ses.cloud import Cloud
from local.ses.mail import Delivery, Place
from local.ses.receiving import receipt
from local.ses.receiving.actions.action import Action, Disposition, Playing
from local.ses.receiving.bounce import Bouncer
from local.ses.receiving.rules import Rule
from local.ses.values import Json, iso, readable
from local.ses.verdicts.findings import Checker, Findings


@dataclass(slots=True, kw_only=True)
class Course:
    """Of one mail, in one thread."""

    cloud: Cloud
    bouncer: Bouncer
    checker: Checker
    place: Place
    delivery: Delivery
    _started: float = field(default_factory=time.monotonic)
    _found: dict[bool, Findings] = field(default_factory=dict)  # by whether the rule scans: checked once for each
    _added: list[tuple[str, str]] = field(default_factory=list)
    _done: list[Json] = field(default_factory=list)

    def findings(self, scan: bool) -> Findings:
        if scan not in self._found:
            self._found[scan] = self.checker.check(self.delivery, scan)
        return self._found[scan]

    def stored(self, scan: bool) -> bytes:
        """The mail with SES's fields on top, and those that rules have added so far."""
        return receipt.stamped(self.delivery, self.findings(scan), self.place, self._added)

    def follow(self, rule: Rule, recipients: tuple[str, ...]) -> Disposition:
        """Does the rule's actions for these recipients, in order. Raises CloudError, Rejected."""
        for action in rule.actions:
            disposition = self._do(action, self._playing(rule, recipients))
            if disposition is not Disposition.CONTINUE:
                return disposition
        return Disposition.CONTINUE

    def _playing(self, rule: Rule, recipients: tuple[str, ...]) -> Playing:
        return Playing(
            cloud=self.cloud,
            bouncer=self.bouncer,
            place=self.place,
            rule=rule.name,
            delivery=self.delivery,
            recipients=recipients,
            stored=self.stored(rule.scan_enabled),
            findings=self.findings(rule.scan_enabled),
            milliseconds=int((time.monotonic() - self._started) * 1000),
        )

    def _do(self, action: Action, playing: Playing) -> Disposition:
        outcome = action.play(playing)
        if outcome.added is not None:
            self._added.append(outcome.added)
        notify(action, playing)
        told: Json = {
            "rule": playing.rule,
            "action": action.reported(self.delivery.ses_id)["type"],
            "recipients": [readable(one) for one in playing.recipients],
            "outcome": outcome.said,
        }
        self._done.append(told)
        return outcome.disposition

    def about(self, scan: bool) -> Mapping[str, Json]:
        """What there is to know of the mail, for those who look."""
        delivery = self.delivery
        return {
            "id": delivery.ses_id,
            "timestamp": iso(delivery.received_at),
            "source": readable(delivery.mail_from),
            "recipients": [readable(one) for one in delivery.rcpt_to],
            "bytes": len(delivery.raw),
            "client_ip": delivery.client_ip,
            "helo": readable(delivery.helo),
            "tls": delivery.tls,
            "verdicts": dict(self.findings(scan).statuses),
            "actions": list(self._done),
        }


def notify(action: Action, playing: Playing) -> None:
    """Tells the action's topic, where it has one. Raises CloudError."""
    if not action.topic_arn:
        return
    reported = action.reported(playing.delivery.ses_id)
    kind: Mapping[str, Json] = {"type": reported["type"], "topicArn": action.topic_arn, **reported}
    playing.cloud.publish(action.topic_arn, receipt.SUBJECT, json.dumps(playing.notification(kind)))
