"""Receiving: the rules that take a mail do their actions in order, or the client is told to come again.

SES accepts a mail first, and tries an action that fails again for about four hours; then the mail is gone for that
action (metrics PublishFailure and PublishExpired). It can: its queue outlives its machines. Nothing here does.

So a mail is accepted when every action is done, and an action that fails is answered with 451: the client keeps the
mail and comes again, whatever becomes of this process. It then has a new SES id, and what was done is done again (SES,
too, delivers at least once).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from local.ses.cloud import Cloud, CloudError
from local.ses.journal import Journal
from local.ses.mail import Delivery, Place
from local.ses.receiving import dsn, receipt
from local.ses.receiving.actions.action import Action, Disposition, Playing, Rejected
from local.ses.receiving.actions.sns import SnsAction
from local.ses.receiving.bounce import Bouncer
from local.ses.receiving.course import Course, notify
from local.ses.receiving.filters import FilterBook
from local.ses.receiving.originals import Originals
from local.ses.receiving.rules import Rule, RuleBook
from local.ses.refused import Refused
from local.ses.values import now
from local.ses.verdicts.findings import CHECKS, Checker, Findings

_UNCHECKED = Findings(statuses=dict.fromkeys(CHECKS, "DISABLED"))


class ComesBack(Protocol):
    """Addresses that aren't the account's but SES's own: bounces come there, and no rule is asked."""

    def takes(self, address: str) -> bool: ...

    def deliver(self, delivery: Delivery) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Applies the active rule set. `deliver` and `set_up` block, and are safe to call from many threads."""

    cloud: Cloud
    rules: RuleBook
    place: Place
    checker: Checker
    journal: Journal
    bouncer: Bouncer
    returned: ComesBack | None = None
    filters: FilterBook = field(default_factory=FilterBook)
    originals: Originals = field(default_factory=Originals)

    def taking(self, address: str) -> tuple[Rule, ...]:
        """The active rules that take this recipient."""
        active = self.rules.active()
        return active.taking(address) if active is not None else ()

    def comes_back(self, address: str) -> bool:
        return self.returned is not None and self.returned.takes(address)

    def deliver(self, delivery: Delivery) -> None:
        """What came back goes to who waits for it, the rest by the rules.

        Raises Rejected where SES doesn't take it after all, CloudError at the first action that fails: then the mail
        counts as not received.
        """
        if self.returned is not None:
            self.returned.deliver(delivery)
        others = tuple(one for one in delivery.rcpt_to if not self.comes_back(one))
        if others:
            self._by_rules(replace(delivery, rcpt_to=others))

    def _by_rules(self, delivery: Delivery) -> None:
        """Does every action of the rules that take this mail."""
        active = self.rules.active()
        matching = tuple(active.matching(delivery.rcpt_to)) if active is not None else ()
        if {one for _, recipients in matching for one in recipients} != set(delivery.rcpt_to):
            raise Rejected("451 4.3.0 The receipt rules have changed meanwhile, please try again")
        rules = [rule for rule, _ in matching]
        _refuse(rules, delivery)
        course = Course(
            cloud=self.cloud, bouncer=self.bouncer, checker=self.checker, place=self.place, delivery=delivery
        )
        scan = any(rule.scan_enabled for rule in rules)
        self.originals.keep(dsn.of(delivery, course.stored(scan)))  # before a function may want to bounce it
        for rule, recipients in matching:
            if course.follow(rule, recipients) is Disposition.STOP_RULE_SET:
                break
        self.journal.received(course.about(scan), course.stored(scan))

    def set_up(self, rule: Rule) -> None:
        """Tries out the actions of a new rule, as SES does when it is made. Raises Refused."""
        delivery = receipt.setup(self.place, now())
        playing = Playing(
            cloud=self.cloud,
            bouncer=self.bouncer,
            place=self.place,
            rule=rule.name,
            delivery=delivery,
            recipients=delivery.rcpt_to,
            stored=delivery.raw,
            findings=_UNCHECKED,
        )
        for action in rule.actions:
            _try_out(action, playing)


def _refuse(rules: Iterable[Rule], delivery: Delivery) -> None:
    """Raises Rejected for a mail that an action could never take, before any action is done."""
    for action in (action for rule in rules for action in rule.actions):
        if isinstance(action, SnsAction):
            action.refuse(delivery.raw)


def _try_out(action: Action, playing: Playing) -> None:
    try:
        action.try_out(playing)
    except CloudError as error:
        raise Refused(action.invalid, str(error)) from error
    try:
        notify(action, playing)
    except CloudError as error:
        raise Refused("InvalidSnsTopic", str(error)) from error
