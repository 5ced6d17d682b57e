"""A mail on its way through several rules: how often it is checked, and what is kept of it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.ses.journal import Journal
from local.ses.mail import Delivery, Outgoing, Place
from local.ses.receiving import originals
from local.ses.receiving.actions.action import Action, Rejected
from local.ses.receiving.actions.s3 import S3Action
from local.ses.receiving.dsn import Original
from local.ses.receiving.originals import Originals
from local.ses.receiving.receive import Receiver
from local.ses.receiving.rules import Rule, RuleBook, RuleSet
from local.ses.verdicts.check import Asked
from local.ses.verdicts.findings import Findings
from tests.unit.local_ses.memory_cloud import MemoryCloud


@dataclass
class _Counting:
    asked: list[bool] = field(default_factory=list)

    def check(self, delivery: Delivery, scan_enabled: bool) -> Findings:
        self.asked.append(scan_enabled)
        return Asked().check(delivery, scan_enabled)


class _Nobody:
    def bounce(self, mail: Outgoing) -> str:
        raise AssertionError(mail)


def _receiver(folder: Path, checker: _Counting, *rules: Rule) -> Receiver:
    book = RuleBook()
    book.create(RuleSet(name="desk", created_at="2026-01-01T00:00:00.000Z", rules=rules))
    book.activate("desk")
    place = Place(region="us-east-1", account="000000000000")
    return Receiver(
        cloud=MemoryCloud(buckets={"mail": {}}),
        rules=book,
        place=place,
        checker=checker,
        journal=Journal(folder, 5),
        bouncer=_Nobody(),
    )


def _delivery() -> Delivery:
    return Delivery(
        ses_id="a" * 40,
        received_at=datetime.now(UTC),
        client_ip="192.0.2.1",
        helo="mail.example.org",
        mail_from="ann@example.org",
        rcpt_to=("help@example.com",),
        raw=b"Subject: hello\r\n\r\n",
    )


def _rule(name: str, scan: bool, *actions: Action) -> Rule:
    return Rule(name=name, enabled=True, scan_enabled=scan, actions=actions)


def test_a_mail_is_checked_once_with_a_scan_and_once_without_however_many_actions(tmp_path: Path) -> None:
    checker, store = _Counting(), S3Action(bucket="mail")
    receiver = _receiver(
        tmp_path, checker, _rule("a", False, store, store), _rule("b", True, store, store), _rule("c", False, store)
    )
    receiver.deliver(_delivery())
    assert sorted(checker.asked) == [False, True]


def test_a_mail_for_rules_without_scans_is_never_scanned(tmp_path: Path) -> None:
    checker = _Counting()
    _receiver(tmp_path, checker, _rule("a", False, S3Action(bucket="mail"))).deliver(_delivery())
    assert checker.asked == [False]


def test_a_recipient_that_no_rule_takes_any_more_does_not_vanish(tmp_path: Path) -> None:
    receiver = _receiver(tmp_path, _Counting(), replace(_rule("a", False), recipients=("help@example.com",)))
    with pytest.raises(Rejected, match=r"451 4\.3\.0"):
        receiver.deliver(replace(_delivery(), rcpt_to=("help@example.com", "gone@example.com")))


@dataclass
class _Returned:
    came: list[Delivery] = field(default_factory=list)

    def takes(self, address: str) -> bool:
        return address.endswith("@amazonses.test")

    def deliver(self, delivery: Delivery) -> None:
        self.came.append(delivery)


def test_what_comes_back_to_ses_itself_asks_no_rule(tmp_path: Path) -> None:
    returned, cloud = _Returned(), MemoryCloud(buckets={"mail": {}})
    rule = replace(_rule("a", False, S3Action(bucket="mail")), recipients=("example.com",))
    receiver = replace(_receiver(tmp_path, _Counting(), rule), returned=returned, cloud=cloud)
    receiver.deliver(replace(_delivery(), rcpt_to=("id@amazonses.test",)))
    assert (len(returned.came), len(cloud.buckets["mail"])) == (1, 0)
    receiver.deliver(replace(_delivery(), rcpt_to=("id@amazonses.test", "help@example.com")))
    assert (len(returned.came), len(cloud.buckets["mail"])) == (2, 1)


def _original(ses_id: str, age: timedelta = timedelta()) -> Original:
    moment = datetime.now(UTC) - age
    return Original(ses_id=ses_id, received_at=moment, mail_from="a@example.org", rcpt_to=("b@example.com",), head=b"")


def test_what_can_be_bounced_is_at_most_a_day_old_and_among_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "KEPT", 2)
    kept = Originals()
    kept.keep(_original("old", timedelta(hours=24, seconds=1)))
    kept.keep(_original("young", timedelta(hours=23)))
    assert (kept.get("old"), kept.get("young") is not None, kept.get("never")) == (None, True, None)
    kept.keep(_original("second"))
    kept.keep(_original("third"))
    assert [kept.get(name) is not None for name in ("young", "second", "third")] == [False, True, True]
