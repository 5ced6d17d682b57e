"""Events on their way: to topics and buses, again where it failed, and in disorder where it is wanted."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.account import Account, ConfigurationSet, EventDestination
from local.ses.cloud import CloudError
from local.ses.feedback import publish
from local.ses.feedback.disorder import MAX_DUPLICATES, Disorder
from local.ses.feedback.events import Event
from local.ses.feedback.fates import Fate
from local.ses.feedback.publish import Message, Publisher, ToBus, ToTopic
from local.ses.feedback.reporter import Reporter
from local.ses.mail import Outgoing, Place, Sent
from local.ses.refused import Refused
from local.ses.values import Json
from tests.unit.local_ses.conftest import EVENTS, Running
from tests.unit.local_ses.feedback.desk import BUS, call, configured, kinds, send, told
from tests.unit.local_ses.memory_cloud import MemoryCloud

PLACE = Place(region="us-east-1", account="123456789012")


def _event(number: int = 0) -> Event:
    return Event(event_type="SEND", body={"eventType": "Send", "number": number})


def _to_topic(event: Event) -> list[Message]:
    return [ToTopic(topic_arn=EVENTS, message=json.dumps(event.body))]


class Stumbling(MemoryCloud):
    """SNS that fails so many times."""

    def __init__(self, failures: int) -> None:
        super().__init__(topics={EVENTS: []})
        self.failures = failures

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        if self.failures:
            self.failures -= 1
            raise CloudError("SNS is away")
        super().publish(topic_arn, subject, message)


def _published(cloud: MemoryCloud, publisher: Publisher, count: int) -> list[int]:
    """The numbers of the events as they came."""

    async def run() -> None:
        publisher.take([_event(number) for number in range(count)], _to_topic)
        await asyncio.gather(*publisher._tasks)

    asyncio.run(run())
    return [json.loads(message)["number"] for message in cloud.topics[EVENTS]]


def test_an_event_goes_to_every_destination_that_wants_its_type() -> None:
    def one(
        name: str, *, enabled: bool = True, types: tuple[str, ...] = ("SEND",), bus: str | None = None
    ) -> EventDestination:
        topic = EVENTS if bus is None else None
        return EventDestination(name=name, enabled=enabled, event_types=types, topic_arn=topic, bus_arn=bus)

    wanting = [one("a"), one("off", enabled=False), one("other", types=("BOUNCE",)), one("bus", bus=BUS)]
    through = ConfigurationSet(name="desk", destinations={destination.name: destination for destination in wanting})
    body = json.dumps(_event().body)
    resource = "arn:aws:ses:us-east-1:123456789012:configuration-set/desk"
    assert publish.messages(_event(), through, PLACE) == [
        ToTopic(topic_arn=EVENTS, message=body),
        ToBus(bus_arn=BUS, detail_type="Email Sent", resource=resource, detail=body),
    ]


def test_a_failed_call_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "RETRY_AFTER", (0.0, 0.0))
    cloud = Stumbling(2)
    publisher = Publisher(cloud=cloud)
    assert _published(cloud, publisher, 2) == [0, 1]
    assert publisher.counted == Counter(published=2, retried=2)


def test_what_fails_for_good_is_counted_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(publish, "RETRY_AFTER", (0.0,))
    cloud = Stumbling(2)
    publisher = Publisher(cloud=cloud)
    assert _published(cloud, publisher, 2) == [1]
    assert publisher.counted["lost"] == 1
    assert "SEND is lost: SNS is away" in caplog.text


def test_more_than_can_wait_is_lost_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "MAX_WAITING", 1)
    publisher = Publisher(cloud=MemoryCloud(topics={EVENTS: []}))

    async def run() -> None:
        publisher.take([_event()], _to_topic, after=60)
        publisher.take([_event(), _event()], _to_topic)
        await publisher.close()

    asyncio.run(run())
    assert publisher.counted == Counter(lost=2)


def test_a_journal_that_cannot_write_loses_no_event() -> None:
    def full(_body: Mapping[str, Json]) -> None:
        raise OSError("no space left on device")

    cloud = MemoryCloud(topics={EVENTS: []})
    assert _published(cloud, Publisher(cloud=cloud, told=full), 1) == [0]


@given(
    count=st.integers(0, 6), duplicates=st.integers(0, MAX_DUPLICATES), shuffled=st.booleans(), seed=st.integers(0, 99)
)
def test_no_disorder_loses_or_invents_an_event(count: int, duplicates: int, shuffled: bool, seed: int) -> None:
    events = [_event(number) for number in range(count)]
    found = Disorder(duplicates=duplicates, shuffled=shuffled).applied(events, random.Random(seed))  # noqa: S311 (a test)
    assert Counter(str(one.body) for one in found) == Counter({str(one.body): duplicates + 1 for one in events})
    if not shuffled:
        assert found[:: duplicates + 1] == events


def test_shuffled_events_change_places() -> None:
    cloud = MemoryCloud(topics={EVENTS: []})
    publisher = Publisher(cloud=cloud, disorder=Disorder(shuffled=True), chance=random.Random(1))  # noqa: S311 (a test)
    numbers = _published(cloud, publisher, 8)
    assert sorted(numbers) == list(range(8)) != numbers


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "a JSON object"),
        ({"duplicates": -1}, "duplicates is a whole number from 0 to 10"),
        ({"duplicates": 11}, "duplicates is a whole number"),
        ({"duplicates": True}, "duplicates is a whole number"),
        ({"shuffled": 1}, "shuffled is true or false"),
        ({"late_seconds": "2"}, "late_seconds is a number from 0 to 600"),
        ({"late_seconds": float("inf")}, "late_seconds is a number"),
        ({"late_seconds": float("nan")}, "late_seconds is a number"),
        ({"lost": 1}, "what is 'lost'?"),
    ],
)
def test_a_wrong_disorder_says_what_is_wrong(data: Json, said: str) -> None:
    with pytest.raises(Refused, match=said.replace("?", r"\?")):
        Disorder.of(data)


def test_the_account_is_told_what_to_count() -> None:
    account = Account()
    fated = [
        ("ann@example.org", Fate.DELIVERED),
        ("bounce@a.invalid", Fate.BOUNCED),
        ("complaint@a.invalid", Fate.COMPLAINED),
        ("bounce@simulator.amazonses.com", Fate.BOUNCED),
    ]

    async def run() -> None:
        publisher = Publisher(cloud=MemoryCloud())
        reporter = Reporter(publisher=publisher, account=account, place=PLACE)
        outgoing = Outgoing(source="desk@example.com", destination=tuple(one for one, _ in fated), raw=b"\r\n")
        reporter.sent(Sent(sent_id="0100-a", sent_at=datetime.now(UTC), outgoing=outgoing), fated)
        await reporter.close()

    asyncio.run(run())
    (counted,) = account.statistics.points()
    assert (counted.attempts, counted.bounces, counted.complaints, counted.rejects) == (3, 1, 1, 0)


# -- the running server ------------------------------------------------------------------------------------------------


def test_eventbridge_gets_the_same_event_under_its_own_name(ses: Running) -> None:
    configured(ses, to_bus=True)
    sent_id = send(ses, "bounce@nowhere.invalid")
    sent, bounced = told(ses, 2)
    assert [one for one, _, _ in ses.cloud.buses[BUS]] == ["Email Sent", "Email Bounced"]
    _, resource, detail = ses.cloud.buses[BUS][1]
    assert resource == "arn:aws:ses:us-east-1:000000000000:configuration-set/desk"
    assert json.loads(detail) == bounced
    assert sent["mail"]["messageId"] == json.loads(detail)["mail"]["messageId"] == sent_id


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("bounce.mailboxfull", ["Send", "Bounce"]),
        ("delay.spamdetected", ["Send", "DeliveryDelay", "Delivery"]),
        ("complaint.fraud", ["Send", "Delivery", "Complaint"]),
        ("reject", ["Send", "Reject"]),
        ("open", ["Send", "Delivery", "Open"]),
        ("click", ["Send", "Delivery", "Open", "Click"]),
        ("unsubscribe", ["Send", "Delivery", "Subscription"]),
    ],
)
def test_a_fault_address_brings_its_events(ses: Running, name: str, events: list[str]) -> None:
    configured(ses)
    send(ses, f"{name}@nowhere.invalid")
    assert kinds(told(ses, len(events))) == events


def test_a_throttled_call_raises_botos_own_error_and_sends_nothing(ses: Running) -> None:
    configured(ses)
    with pytest.raises(ses.v2.exceptions.TooManyRequestsException, match="Maximum sending rate exceeded"):
        send(ses, "throttle@nowhere.invalid")
    assert call(ses, "GET", "/_local/outbox") == (200, [])


def test_a_silent_mail_is_in_the_outbox_and_nowhere_else(ses: Running) -> None:
    configured(ses)
    sent_id = send(ses, "silent@nowhere.invalid")
    send(ses, "ann@example.org")
    assert {one["mail"]["messageId"] for one in told(ses, 2)}.isdisjoint({sent_id})
    assert len(call(ses, "GET", "/_local/outbox")[1]) == 2


def test_disorder_is_set_and_shown_over_http(ses: Running) -> None:
    configured(ses)
    wanted = {"duplicates": 1, "shuffled": True, "late_seconds": 0.1}
    status, shown = call(ses, "PUT", "/_local/events", json.dumps(wanted).encode())
    assert (status, shown) == (200, {**wanted, "published": 0, "retried": 0, "lost": 0})
    send(ses, "ann@example.org")
    assert sorted(kinds(told(ses, 4))) == ["Delivery", "Delivery", "Send", "Send"]
    assert call(ses, "PUT", "/_local/events", b"{}")[1]["duplicates"] == 0


@pytest.mark.parametrize(
    ("body", "said"), [(b"{", "not JSON"), (b'{"duplicates": "x"}', "whole number"), (b"[" * 9999, "not JSON")]
)
def test_a_wrong_request_changes_nothing(ses: Running, body: bytes, said: str) -> None:
    status, answer = call(ses, "PUT", "/_local/events", body)
    assert status == 400
    assert said in answer["error"]
    assert call(ses, "GET", "/_local/events")[1]["duplicates"] == 0
