"""The JSON of every event, member by member, against the documented fields and AWS's own samples."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any  # what json.loads gives

import pytest

from local.ses.feedback import events
from local.ses.feedback.events import DETAIL_TYPES, Event
from local.ses.feedback.fates import Fate
from local.ses.feedback.notification import notification
from local.ses.feedback.steps import Bounced, Clicked, RenderingFailed, Unsubscribed
from local.ses.mail import Outgoing, Place, Sent

PLACE = Place(region="us-east-1", account="123456789012")
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
SAMPLES = Path(__file__).parents[5] / "shared" / "corpora"
RAW = b"From: Desk <desk@example.com>\r\nTo: ann@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello.\r\n"
MAIL = {
    "timestamp", "source", "sourceArn", "sendingAccountId", "messageId", "destination", "headersTruncated", "headers",
    "commonHeaders", "tags",
}  # fmt: skip


def _sent(*to: str, configured: str | None = "desk") -> Sent:
    outgoing = Outgoing(
        source="desk@example.com", destination=to, raw=RAW, configuration_set=configured, tags=(("stage", "reply"),)
    )
    return Sent(sent_id="0100-a", sent_at=MOMENT, outgoing=outgoing)


def _events(*fated: tuple[str, Fate]) -> list[Event]:
    return events.events(_sent(*(one for one, _ in fated)), fated, MOMENT, PLACE)


def _body(event: Event) -> Any:
    return json.loads(json.dumps(event.body))


def _only(fate: Fate, kind: str) -> Any:
    (found,) = (event for event in _events(("ann@example.org", fate)) if event.event_type == kind)
    return _body(found)


# "Contents of event data that Amazon SES publishes to Amazon SNS": eventType, the object's name, its members.
DOCUMENTED: list[tuple[Fate, str, str, str, set[str]]] = [
    (Fate.DELIVERED, "SEND", "Send", "send", set()),
    (
        Fate.DELIVERED, "DELIVERY", "Delivery", "delivery",
        {"timestamp", "processingTimeMillis", "recipients", "smtpResponse", "reportingMTA", "remoteMtaIp"},
    ),
    (
        Fate.BOUNCED, "BOUNCE", "Bounce", "bounce",
        {"bounceType", "bounceSubType", "bouncedRecipients", "timestamp", "feedbackId", "reportingMTA", "remoteMtaIp"},
    ),
    (
        Fate.OUT_OF_OFFICE, "BOUNCE", "Bounce", "bounce",
        {"bounceType", "bounceSubType", "bouncedRecipients", "timestamp", "feedbackId"},
    ),
    (
        Fate.COMPLAINED, "COMPLAINT", "Complaint", "complaint",
        {
            "complainedRecipients", "timestamp", "feedbackId", "complaintSubType", "userAgent",
            "complaintFeedbackType", "arrivalDate",
        },
    ),
    (Fate.REJECTED, "REJECT", "Reject", "reject", {"reason"}),
    (Fate.OPENED, "OPEN", "Open", "open", {"ipAddress", "timestamp", "userAgent"}),
    (Fate.CLICKED, "CLICK", "Click", "click", {"ipAddress", "timestamp", "userAgent", "link", "linkTags"}),
    (
        Fate.DELAYED, "DELIVERY_DELAY", "DeliveryDelay", "deliveryDelay",
        {"delayType", "delayedRecipients", "expirationTime", "reportingMTA", "timestamp"},
    ),
    (
        Fate.UNSUBSCRIBED, "SUBSCRIPTION", "Subscription", "subscription",
        {"contactList", "timestamp", "source", "newTopicPreferences", "oldTopicPreferences"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fate", "kind", "name", "member", "keys"), DOCUMENTED)
def test_an_event_has_the_documented_members(fate: Fate, kind: str, name: str, member: str, keys: set[str]) -> None:
    body = _only(fate, kind)
    assert body.keys() == {"eventType", "mail", member}
    assert (body["eventType"], body[member].keys(), body["mail"].keys()) == (name, keys, MAIL)
    for key, value in body[member].items():
        if key in ("timestamp", "expirationTime", "arrivalDate"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)


def test_a_rendering_failure_tells_no_headers() -> None:
    about = events.mail(_sent("ann@example.org"), PLACE)
    failed = RenderingFailed(template="hello", message="Attribute 'name' is not present in the rendering data.")
    body = _body(events.happened(about, failed, ["ann@example.org"], MOMENT))
    assert body["eventType"] == "Rendering Failure"
    assert body["failure"] == {"errorMessage": failed.message, "templateName": "hello"}
    assert body["mail"].keys() == MAIL - {"headers", "commonHeaders"}


def test_recipients_of_one_server_share_an_event() -> None:
    there = [("a@example.org", Fate.BOUNCED), ("b@EXAMPLE.org", Fate.BOUNCED), ("c@example.net", Fate.BOUNCED)]
    bounces = [_body(event)["bounce"] for event in _events(*there)[1:]]
    assert [[one["emailAddress"] for one in bounce["bouncedRecipients"]] for bounce in bounces] == [
        ["a@example.org", "b@EXAMPLE.org"],
        ["c@example.net"],
    ]
    assert bounces[0]["feedbackId"] != bounces[1]["feedbackId"]


def test_a_mail_is_rejected_once() -> None:
    both = [("a@example.org", Fate.REJECTED), ("b@example.net", Fate.REJECTED)]
    assert [event.event_type for event in _events(*both)] == ["SEND", "REJECT"]


def test_of_a_silent_mail_nothing_is_told() -> None:
    assert _events(("a@example.org", Fate.SILENT)) == []
    both = _events(("a@example.org", Fate.SILENT), ("b@example.org", Fate.DELIVERED))
    assert [_body(event).get("delivery", {}).get("recipients") for event in both] == [None, ["b@example.org"]]


def test_a_bounce_without_a_report_tells_no_status() -> None:
    bounce = _only(Fate.BOUNCED_NO_EMAIL, "BOUNCE")["bounce"]
    assert (bounce["bounceSubType"], bounce["bouncedRecipients"]) == ("NoEmail", [{"emailAddress": "ann@example.org"}])
    assert "reportingMTA" not in bounce


def test_a_suppressed_mail_met_no_server() -> None:
    bounce = _only(Fate.SUPPRESSED, "BOUNCE")["bounce"]
    assert bounce["bounceSubType"] == "OnAccountSuppressionList"
    assert "remoteMtaIp" not in bounce


def test_the_tags_tell_how_a_mail_was_sent() -> None:
    tags = _only(Fate.DELIVERED, "SEND")["mail"]["tags"]
    assert tags["ses:configuration-set"] == ["desk"]
    assert (tags["stage"], tags["ses:from-domain"]) == (["reply"], ["example.com"])
    assert "ses:outgoing-ip" not in tags
    assert "ses:outgoing-ip" in _only(Fate.DELIVERED, "DELIVERY")["mail"]["tags"]


def test_a_click_names_its_link_and_tags() -> None:
    about = events.mail(_sent("ann@example.org"), PLACE)
    clicked = Clicked(link="https://example.com/a", link_tags=(("place", "top"), ("place", "bottom")))
    click = _body(events.happened(about, clicked, [], MOMENT))["click"]
    assert (click["link"], click["linkTags"]) == ("https://example.com/a", {"place": ["top", "bottom"]})
    assert _only(Fate.CLICKED, "CLICK")["click"]["linkTags"] is None


def test_leaving_a_topic_is_not_leaving_the_list() -> None:
    about = events.mail(_sent("ann@example.org"), PLACE)
    left = _body(events.happened(about, Unsubscribed(contact_list="news", topic="weekly"), [], MOMENT))["subscription"]
    topic = {"topicName": "weekly", "subscriptionStatus": "OptOut"}
    assert left["newTopicPreferences"] == {"unsubscribeAll": False, "topicSubscriptionStatus": [topic]}
    assert left["oldTopicPreferences"]["topicSubscriptionStatus"][0]["subscriptionStatus"] == "OptIn"


def test_every_event_has_a_name_at_eventbridge() -> None:
    from local.ses.account import EVENT_TYPES

    assert DETAIL_TYPES.keys() == set(EVENT_TYPES)


# -- AWS's own samples -------------------------------------------------------------------------------------------------


def _sample(name: str) -> Any:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} isn't here: samples of AWS's documentation are not ours to ship")
    found = json.loads(path.read_text())
    return found.get("ses_event", found)


def _shape(value: Any) -> Any:
    """The types of a JSON value; of a list, of its first member."""
    if isinstance(value, Mapping):
        return {key: _shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value)


def _covers(ours: Any, theirs: Any) -> bool:
    """Whether we have every member of theirs, with its type."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and all(key in ours and _covers(ours[key], one) for key, one in theirs.items())
    if isinstance(theirs, list) and theirs:
        return isinstance(ours, list) and bool(ours) and _covers(ours[0], theirs[0])
    return bool(ours == theirs) or (isinstance(ours, list) and theirs == [])


@pytest.mark.parametrize(
    ("sample", "fate", "kind", "member"),
    [
        ("webhooks-send_event.json", Fate.DELIVERED, "SEND", "send"),
        ("webhooks-delivery_event.json", Fate.DELIVERED, "DELIVERY", "delivery"),
        ("webhooks-bounce_event.json", Fate.BOUNCED, "BOUNCE", "bounce"),
        ("webhooks-complaint_event.json", Fate.COMPLAINED, "COMPLAINT", "complaint"),
        ("webhooks-reject_event.json", Fate.REJECTED, "REJECT", "reject"),
        ("webhooks-open_event.json", Fate.OPENED, "OPEN", "open"),
        ("webhooks-click_event.json", Fate.CLICKED, "CLICK", "click"),
    ],
)
def test_our_events_have_all_that_aws_samples_have(sample: str, fate: Fate, kind: str, member: str) -> None:
    theirs = _sample(f"anymail_ses/{sample}")
    (event,) = (one for one in _events(("ann@example.org", fate)) if one.event_type == kind)
    as_identity = json.loads(json.dumps(notification(event, MOMENT, with_headers=True)))
    name, ours = ("eventType", _body(event)) if "eventType" in theirs else ("notificationType", as_identity)
    assert theirs[name] == ours[name]
    wanted = _shape(theirs[member])
    wanted.pop("linkTags", None)  # null where a link has none
    assert _covers(_shape(ours[member]), wanted)
    wanted_mail = {key: one for key, one in _shape(theirs["mail"]).items() if key != "tags"}
    wanted_mail.get("commonHeaders", {}).pop("date", None)  # this mail has no Date: SES gives what it got
    assert _covers(_shape(ours["mail"]), wanted_mail)


@pytest.mark.parametrize(
    ("number", "fate", "kind"),
    [
        (0, Fate.BOUNCED, "BOUNCE"),
        (2, Fate.COMPLAINED, "COMPLAINT"),
        (4, Fate.DELIVERED, "DELIVERY"),
    ],
)
def test_our_notifications_have_all_that_the_documentation_shows(number: int, fate: Fate, kind: str) -> None:
    theirs = _shape(_sample(f"ses_docs/notification-examples-{number:02d}.json"))
    (event,) = (one for one in _events(("ann@example.org", fate)) if one.event_type == kind)
    ours = _shape(json.loads(json.dumps(notification(event, MOMENT, with_headers=True))))
    theirs["mail"]["commonHeaders"].pop("date")
    assert ours.keys() == theirs.keys()
    assert _covers(ours, theirs)


# -- identities --------------------------------------------------------------------------------------------------------

TOPIC = "arn:aws:sns:us-east-1:123456789012:bounces"


def test_an_identity_is_told_without_tags_and_with_headers_only_if_asked() -> None:
    (_, event) = _events(("ann@example.org", Fate.BOUNCED))
    plain = notification(event, MOMENT, with_headers=False)
    assert plain is not None
    assert plain.keys() == {"notificationType", "bounce", "mail"}
    mail = plain["mail"]
    assert isinstance(mail, Mapping)
    assert mail.keys() == MAIL - {"tags", "headers", "headersTruncated", "commonHeaders"} | {
        "sourceIp",
        "callerIdentity",
    }
    assert _body(event)["bounce"]["feedbackId"] != json.loads(json.dumps(plain))["bounce"]["feedbackId"]


def test_an_identity_is_not_told_of_sends() -> None:
    (event,) = _events(("ann@example.org", Fate.DELIVERED))[:1]
    assert notification(event, MOMENT, with_headers=True) is None


def test_a_bounce_may_name_the_server_that_reported_it() -> None:
    about = events.mail(_sent("ann@example.org"), PLACE)
    step = Bounced(
        status="5.7.1", diagnostic="smtp; 554 5.7.1 no", reporting_mta="mx.example.org", remote_ip="192.0.2.9"
    )
    bounce = _body(events.happened(about, step, ["ann@example.org"], MOMENT))["bounce"]
    assert (bounce["reportingMTA"], bounce["remoteMtaIp"]) == ("dns; mx.example.org", "192.0.2.9")
