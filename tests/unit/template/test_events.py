"""Every sample event is read by the stage that it is for, and stands in events/README.md."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from postroom import inbound
from postroom.envelope import Received
from postroom.errors import Poison
from postroom.events import EVENTS, Event, MessageClassified, MessageParsed, decode
from postroom.feedback import ses_events
from postroom.inbound import Ignored
from postroom.outcome import REPORTING_KINDS
from postroom.reasons import Reason
from postroom.runtime.pipeline import event_of, is_pipeline_event

ROOT = Path(__file__).parents[3] / "events"
FILES = sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if p.is_file() and p.name != "README.md")


def load(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((ROOT / name).read_text(encoding="utf-8"))
    return value


def bodies(name: str) -> list[str]:
    return [record["body"] for record in load(name)["Records"]]


def in_folder(*folders: str) -> list[str]:
    return [name for name in FILES if name.split("/")[0] in folders and name.endswith(".json")]


def test_the_readme_lists_what_is_there() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == FILES


@pytest.mark.parametrize("name", FILES)
def test_nobody_real_is_in_a_sample(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    domains = {d.lower() for d in re.findall(r"@([A-Za-z0-9.-]+[A-Za-z])", text)}
    assert all(re.search(r"(^|\.)(example(\.com|\.org|\.net)?|test|amazon\.com)$", domain) for domain in domains)


@pytest.mark.parametrize("name", in_folder("pipeline"))
def test_every_version_of_our_events_is_read(name: str) -> None:
    sample = load(name)
    assert name == f"pipeline/{sample['type']}.v{sample['version']}.json"
    event = decode(sample["type"], {"version": sample["version"], **sample["detail"]})
    assert event.type == sample["type"]


def test_every_version_of_our_events_has_a_sample() -> None:
    assert {f"pipeline/{type_}.v{version}.json" for type_, version in EVENTS} <= set(FILES)


@pytest.mark.parametrize("name", ["parse/received.json", "parse/received-in-sns-envelope.json"])
def test_a_receipt_is_read(name: str) -> None:
    (body,) = bodies(name)
    received = inbound.read(body)
    assert isinstance(received, Received)
    assert received.key == f"raw/{received.ses_id}"
    assert received.envelope.rcpt_to == ("support@example.com",)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("parse/setup-notification.json", Reason.SETUP_NOTIFICATION),
        ("parse/topic-validation.json", Reason.TOPIC_VALIDATION),
    ],
)
def test_what_is_no_mail_is_ignored(name: str, reason: Reason) -> None:
    assert [inbound.read(body) for body in bodies(name)] == [Ignored(reason=reason)]


def test_an_unreadable_notification_stands_before_a_good_one() -> None:
    bad, good = bodies("parse/unreadable.json")
    with pytest.raises(Poison):
        inbound.read(bad)
    assert isinstance(inbound.read(good), Received)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("attachments/parsed.json", MessageParsed),
        ("classify/parsed.json", MessageParsed),
        ("reply/classified.json", MessageClassified),
        ("reply/classified-bounce.json", MessageClassified),
        ("feedback/dsn-mail.json", MessageClassified),
    ],
)
def test_an_event_of_the_bus_is_read(name: str, expected: type[Event]) -> None:
    (body,) = bodies(name)
    assert is_pipeline_event(body)
    assert isinstance(event_of(body), expected)


def test_the_report_that_came_as_mail_is_of_a_reporting_kind() -> None:
    (body,) = bodies("feedback/dsn-mail.json")
    event = event_of(body)
    assert isinstance(event, MessageClassified)
    assert event.kind in REPORTING_KINDS


@pytest.mark.parametrize("name", [n for n in in_folder("feedback") if n != "feedback/dsn-mail.json"])
def test_a_report_of_ses_is_read(name: str) -> None:
    (body,) = bodies(name)
    assert not is_pipeline_event(body)
    found = ses_events.of_body(body)
    assert isinstance(found, Ignored) == (name == "feedback/topic-validation.json")


@pytest.mark.parametrize("name", [n for n in in_folder("ses") if "/receipt" not in n])
def test_every_event_type_of_ses_is_read(name: str) -> None:
    event = load(name)
    found = ses_events.of_body(json.dumps(event))
    assert not isinstance(found, Ignored)
    assert found.event_type == event.get("eventType", event.get("notificationType"))


def test_the_samples_of_ses_are_of_every_type_that_it_publishes() -> None:
    types = {load(name).get("eventType") for name in in_folder("ses")} - {None}
    assert types == {
        "Send",
        "Reject",
        "Delivery",
        "DeliveryDelay",
        "Bounce",
        "Complaint",
        "Open",
        "Click",
        "Rendering Failure",
        "Subscription",
    }


TWINS = {
    "parse/received.json": "ses/receipt-s3.json",
    "parse/setup-notification.json": "ses/receipt-setup.json",
    **{f"feedback/{kind}.json": f"ses/{kind}.json" for kind in ("send", "delivery", "delivery-delay", "bounce")},
    **{f"feedback/{kind}.json": f"ses/{kind}.json" for kind in ("complaint", "reject", "rendering-failure")},
}


@pytest.mark.parametrize(("queued", "bare"), TWINS.items())
def test_what_is_written_twice_is_the_same(queued: str, bare: str) -> None:
    assert [json.loads(body) for body in bodies(queued)] == [load(bare)]
