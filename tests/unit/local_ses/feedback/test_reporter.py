"""Whom the reporter tells, and what it remembers: without a server, on a cloud in memory."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any  # what json.loads gives

import pytest

from local.ses.account import Account, ConfigurationSet, EventDestination, Identity
from local.ses.account.notifications import Notifications
from local.ses.feedback.fates import Fate, fate
from local.ses.feedback.publish import Publisher
from local.ses.feedback.recent import Recent
from local.ses.feedback.reporter import Reporter
from local.ses.mail import Outgoing, Place, Sent
from tests.unit.local_ses.conftest import EVENTS, TOPIC
from tests.unit.local_ses.feedback.desk import ALL, RAW, kinds
from tests.unit.local_ses.memory_cloud import MemoryCloud


def _sent(*to: str, sent_id: str = "0100-a", configured: str | None = "desk") -> Sent:
    outgoing = Outgoing(source="desk@example.com", destination=to, raw=RAW, configuration_set=configured)
    return Sent(sent_id=sent_id, sent_at=datetime.now(UTC), outgoing=outgoing)


def _reporter(suppressed: tuple[str, ...] | None = None) -> Reporter:
    cloud = MemoryCloud(topics={EVENTS: [], TOPIC: []})
    destination = EventDestination(name="feedback", enabled=True, event_types=ALL, topic_arn=EVENTS)
    through = ConfigurationSet(name="desk", suppressed_reasons=suppressed, destinations={"feedback": destination})
    account = Account(configuration_sets={"desk": through})
    place = Place(region="us-east-1", account="000000000000")
    return Reporter(publisher=Publisher(cloud=cloud), account=account, place=place, slow_after=0.2)


def _listen(reporter: Reporter, identity: str, kind: str, topic: str) -> None:
    reporter.account.identities.create(Identity(name=identity, notifications=Notifications(topics={kind: topic})))


def _after(reporter: Reporter, act: Callable[[], None], topic: str = EVENTS) -> list[Any]:
    """What a topic was told, once everything is told."""

    async def run() -> None:
        act()
        await asyncio.gather(*reporter.publisher._tasks)

    asyncio.run(run())
    cloud = reporter.publisher.cloud
    assert isinstance(cloud, MemoryCloud)
    return [json.loads(message) for message in cloud.topics[topic]]


def _told(reporter: Reporter, *to: str, topic: str = EVENTS, configured: str | None = "desk") -> list[Any]:
    fated = [(address, fate(address)) for address in to]
    return _after(reporter, lambda: reporter.sent(_sent(*to, configured=configured), fated), topic)


def test_a_slow_mail_is_told_of_after_the_others() -> None:
    told = _told(_reporter(), "slow@nowhere.invalid", "ann@example.org", "silent@nowhere.invalid")
    assert kinds(told) == ["Send", "Delivery", "Delivery"]
    assert [one["delivery"]["recipients"] for one in told[1:]] == [["ann@example.org"], ["slow@nowhere.invalid"]]


def test_a_slow_mail_that_has_a_silent_recipient_is_sent_all_the_same() -> None:
    assert kinds(_told(_reporter(), "silent@nowhere.invalid", "slow@nowhere.invalid")) == ["Send", "Delivery"]


def test_an_identity_with_a_topic_hears_without_any_configuration_set() -> None:
    reporter = _reporter()
    _listen(reporter, "example.com", "Bounce", TOPIC)
    (bounce,) = _told(reporter, "bounce@nowhere.invalid", "ann@example.org", topic=TOPIC, configured=None)
    assert bounce["notificationType"] == "Bounce"
    assert bounce["bounce"]["bouncedRecipients"][0]["emailAddress"] == "bounce@nowhere.invalid"


def test_both_ways_of_hearing_are_heard_under_their_own_ids() -> None:
    reporter = _reporter()
    _listen(reporter, "desk@example.com", "Complaint", EVENTS)
    told = _told(reporter, "complaint@nowhere.invalid")
    both = [one for one in told if "complaint" in one]
    assert [one.get("eventType") or one.get("notificationType") for one in both] == ["Complaint", "Complaint"]
    assert both[0]["complaint"]["feedbackId"] != both[1]["complaint"]["feedbackId"]


def test_a_template_that_failed_is_told_without_a_send() -> None:
    reporter = _reporter()
    text = "Attribute 'name' is not present in the rendering data."
    (failed,) = _after(reporter, lambda: reporter.rendering_failed(_sent("ann@example.org"), "hello", text))
    assert (failed["eventType"], failed["failure"]["templateName"]) == ("Rendering Failure", "hello")


@pytest.mark.parametrize(
    ("reasons", "listed"),
    [
        (None, ["bounce@nowhere.invalid", "complaint@nowhere.invalid"]),
        (("COMPLAINT",), ["complaint@nowhere.invalid"]),
        ((), []),
    ],
)
def test_only_for_reasons_that_count_is_an_address_suppressed(
    reasons: tuple[str, ...] | None, listed: list[str]
) -> None:
    reporter = _reporter(reasons)
    addresses = ["bounce@nowhere.invalid", "complaint@nowhere.invalid", "bounce@simulator.amazonses.com"]
    _told(reporter, *addresses)
    assert [one.address for one in reporter.account.suppression.all()] == listed


def test_only_so_many_mails_are_remembered_and_only_their_headers() -> None:
    recent = Recent(keep=2)
    for number in range(3):
        recent.put(_sent("ann@example.org", sent_id=f"0100-{number}"))
    assert recent.get("0100-0") is None
    kept = recent.get("0100-2")
    assert kept is not None
    assert b"Like this." not in kept.outgoing.raw
    assert kept.outgoing.raw.startswith(b"From:")


@pytest.mark.parametrize(("configured", "written"), [("desk", ["Send", "Delivery"]), (None, [])])
def test_what_is_published_is_written_down_once_and_nothing_else(configured: str | None, written: list[str]) -> None:
    seen: list[object] = []
    reporter = _reporter()
    reporter.publisher.told = lambda body: seen.append(body["eventType"])
    _told(reporter, "ann@example.org", configured=configured)
    assert seen == written


def test_a_fate_that_only_the_account_gives_has_no_address() -> None:
    assert fate("suppressed@nowhere.invalid") is Fate.BOUNCED
