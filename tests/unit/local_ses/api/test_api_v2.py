"""Sending by boto3's `sesv2`, and what is heard of it afterwards."""

import email
import email.policy
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any  # what json.loads gives

import pytest
from botocore.exceptions import ClientError
from types_boto3_sesv2.literals import EventTypeType

from local.ses.journal import Shelf
from tests.unit.local_ses.conftest import EVENTS, Running
from tests.unit.local_ses.feedback.desk import configured, told

ALL: tuple[EventTypeType, ...] = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT")
RAW = (
    b"From: Desk <desk@example.com>\r\nTo: Ann <ann@example.org>\r\nBcc: boss@example.org\r\nSubject: Re: hello\r\n"
    b"Message-ID: <mine@example.com>\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\nLike this.\r\n"
)


def _send(ses: Running, raw: bytes = RAW, to: list[str] | None = None, configured: str | None = None) -> str:
    if configured is None:
        sent = ses.v2.send_email(Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": to or ["ann@example.org"]})
    else:
        sent = ses.v2.send_email(
            Content={"Raw": {"Data": raw}},
            Destination={"ToAddresses": to or ["ann@example.org"]},
            ConfigurationSetName=configured,
            EmailTags=[{"Name": "stage", "Value": "reply"}],
        )
    return sent["MessageId"]


def _get(ses: Running, path: str) -> bytes:
    with urllib.request.urlopen(ses.url + path) as answer:  # noqa: S310 (our own server)
        body: bytes = answer.read()
    return body


def test_a_sent_mail_is_in_the_outbox_with_its_envelope(ses: Running) -> None:
    sent_id = _send(ses, to=["Ann <ann@example.org>", "boss@example.org"])
    (envelope,) = json.loads(_get(ses, "/_local/outbox"))
    assert envelope["id"] == sent_id
    assert envelope["source"] == "desk@example.com"
    assert envelope["destination"] == ["ann@example.org", "boss@example.org"]
    message = email.message_from_bytes(_get(ses, f"/_local/outbox/{sent_id}"), policy=email.policy.default)
    assert message["Message-ID"] == f"<{sent_id}@email.amazonses.com>"
    assert message["Date"] != "Thu, 1 Jan 2026 00:00:00 +0000"
    assert message["Bcc"] is None
    assert message.get_content() == "Like this.\r\n"


def test_without_a_destination_the_fields_say_who_gets_it(ses: Running) -> None:
    ses.v2.send_email(Content={"Raw": {"Data": RAW}})
    (envelope,) = json.loads(_get(ses, "/_local/outbox"))
    assert envelope["destination"] == ["ann@example.org", "boss@example.org"]


def test_a_simple_mail_is_composed(ses: Running) -> None:
    sent = ses.v2.send_email(
        FromEmailAddress="Désk <desk@example.com>",
        Destination={"ToAddresses": ["ann@example.org"]},
        Content={
            "Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "ja"}, "Html": {"Data": "<p>ja</p>"}}}
        },
    )
    message = email.message_from_bytes(_get(ses, f"/_local/outbox/{sent['MessageId']}"), policy=email.policy.default)
    assert message["Subject"] == "Grüße"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_outbox_keeps_the_newest(ses: Running) -> None:
    ids = [_send(ses) for _ in range(8)]
    assert [one["id"] for one in json.loads(_get(ses, "/_local/outbox"))] == ids[:-6:-1]
    assert [one["id"] for one in json.loads(_get(ses, "/_local/outbox?limit=2"))] == ids[:-3:-1]
    assert len(list((ses.state / "outbox").iterdir())) == 10


def test_the_outbox_gives_nothing_but_mail(ses: Running) -> None:
    (ses.state / "secret.eml").write_text("no")
    for path in ("..%2Fsecret", "unknown", "%00"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            _get(ses, f"/_local/outbox/{path}")
        assert refused.value.code == 404


@pytest.mark.parametrize(
    ("raw", "to", "why"),
    [
        (RAW, [f"a{n}@example.org" for n in range(51)], "50"),
        (b"From: desk@example.com\r\n\r\n" + b"x" * (40 * 1024 * 1024), None, "41943040"),
        (b"From: desk@example.com\r\nSubject: a\r\nSubject: b\r\n\r\nx", None, "Duplicate header 'Subject'"),
        (b"From: desk@example.com\r\n\r\n" + b"x" * 999, None, "998"),
        (b"Subject: from nobody\r\n\r\nx", None, "Missing final"),
        (RAW, ["nobody"], "Missing final"),
        (RAW, ["a@example.org\r\nX: y"], "Illegal address"),
    ],
    ids=["recipients", "size", "duplicate", "line", "no sender", "no domain", "line end"],
)
def test_what_ses_refuses_is_refused_and_not_sent(ses: Running, raw: bytes, to: list[str] | None, why: str) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException, match=why):
        _send(ses, raw, to)
    assert json.loads(_get(ses, "/_local/outbox")) == []


def test_a_call_that_is_not_played_says_so(ses: Running) -> None:
    with pytest.raises(ClientError, match=r"POST /v2/email/contact-lists is not played here\.") as refused:
        ses.v2.create_contact_list(ContactListName="customers")
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"


def test_an_unknown_configuration_set_is_not_found(ses: Running) -> None:
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        _send(ses, configured="missing")


def test_an_account_with_identities_sends_as_these_only(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    assert ses.v2.get_email_identity(EmailIdentity="example.com")["VerifiedForSendingStatus"] is True
    _send(ses)
    with pytest.raises(ses.v2.exceptions.MessageRejected, match="not verified"):
        _send(ses, RAW.replace(b"desk@example.com", b"desk@example.net"))


def test_a_topic_is_tried_with_a_message_that_is_not_json(ses: Running) -> None:
    configured(ses, ALL)
    assert ses.cloud.topics[EVENTS] == ["Successfully validated SNS topic for Amazon SES event publishing."]
    with pytest.raises(ses.v2.exceptions.AlreadyExistsException):
        configured(ses, ALL)


def test_a_delivery_is_told_with_tags(ses: Running) -> None:
    configured(ses, ALL)
    sent_id = _send(ses, configured="desk")
    sent, delivered = told(ses, 2)
    assert (sent["eventType"], sent["send"]) == ("Send", {})
    assert (delivered["eventType"], delivered["delivery"]["recipients"]) == ("Delivery", ["ann@example.org"])
    for event in (sent, delivered):
        assert event["mail"]["messageId"] == event["mail"]["commonHeaders"]["messageId"] == sent_id
        assert event["mail"]["tags"]["ses:configuration-set"] == ["desk"]
        assert event["mail"]["tags"]["stage"] == ["reply"]


@pytest.mark.parametrize(
    ("local", "wanted"),
    [
        ("success", ["Send", "Delivery"]),
        ("bounce", ["Send", "Bounce Permanent General"]),
        ("ooto", ["Send", "Delivery", "Bounce Transient General"]),
        ("complaint", ["Send", "Delivery", "Complaint abuse"]),
        ("suppressionlist", ["Send", "Bounce Permanent Suppressed"]),
    ],
)
@pytest.mark.parametrize("label", ["", "+label"])
def test_the_simulator_does_what_its_addresses_say(ses: Running, local: str, label: str, wanted: list[str]) -> None:
    configured(ses, ALL)
    address = f"{local}{label}@simulator.amazonses.com"
    _send(ses, to=[address], configured="desk")
    assert [_short(event) for event in told(ses, len(wanted))] == wanted
    assert ses.v2.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def _short(event: Any) -> str:
    bounce, complaint = event.get("bounce", {}), event.get("complaint", {})
    words = [event["eventType"], bounce.get("bounceType"), bounce.get("bounceSubType")]
    return " ".join(word for word in [*words, complaint.get("complaintFeedbackType")] if word)


def test_an_event_type_that_nobody_wants_is_not_published(ses: Running) -> None:
    configured(ses, ["BOUNCE"])
    _send(ses, to=["ann@example.org", "bounce@simulator.amazonses.com"], configured="desk")
    assert [_short(event) for event in told(ses, 1)] == ["Bounce Permanent General"]


def test_an_address_that_bounces_for_good_is_suppressed_from_then_on(ses: Running) -> None:
    configured(ses, ["BOUNCE"])
    _send(ses, to=["Gone@nowhere.invalid"], configured="desk")
    told(ses, 1)
    assert (
        ses.v2.get_suppressed_destination(EmailAddress="gone@nowhere.invalid")["SuppressedDestination"]["Reason"]
        == "BOUNCE"
    )
    _send(ses, to=["gone@nowhere.invalid"], configured="desk")
    assert _short(told(ses, 2)[1]) == "Bounce Permanent OnAccountSuppressionList"
    assert len(json.loads(_get(ses, "/_local/outbox"))) == 1


def test_the_suppression_list_can_be_written_and_read(ses: Running) -> None:
    ses.v2.put_suppressed_destination(EmailAddress="a+b@example.org", Reason="COMPLAINT")
    (entry,) = ses.v2.list_suppressed_destinations(Reasons=["COMPLAINT"])["SuppressedDestinationSummaries"]
    assert entry["EmailAddress"] == "a+b@example.org"
    assert ses.v2.list_suppressed_destinations(Reasons=["BOUNCE"])["SuppressedDestinationSummaries"] == []
    ses.v2.delete_suppressed_destination(EmailAddress="a+b@example.org")
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.get_suppressed_destination(EmailAddress="a+b@example.org")


def test_a_mail_with_a_virus_is_taken_and_then_rejected(ses: Running) -> None:
    configured(ses, ALL)
    eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    _send(ses, RAW + eicar, configured="desk")
    assert [_short(event) for event in told(ses, 2)] == ["Send", "Reject"]


def test_tags_and_configuration_set_may_stand_in_the_mail(ses: Running) -> None:
    configured(ses, ALL)
    raw = b"X-SES-CONFIGURATION-SET: desk\r\nX-SES-MESSAGE-TAGS: a=1, b=2\r\n" + RAW
    sent_id = ses.v2.send_email(Content={"Raw": {"Data": raw}})["MessageId"]
    assert told(ses, 1)[0]["mail"]["tags"]["b"] == ["2"]
    assert b"X-SES-MESSAGE-TAGS" not in _get(ses, f"/_local/outbox/{sent_id}")


def test_the_account_and_the_health_are_told(ses: Running) -> None:
    _send(ses)
    assert ses.v2.get_account()["SendQuota"]["SentLast24Hours"] == 1.0
    assert json.loads(_get(ses, "/_local/health")) == {"status": "ok", "smtp": ses.smtp, "http": ses.http}
    assert json.loads(_get(ses, "/_local/received")) == []


def test_a_request_that_is_not_json_is_refused(ses: Running) -> None:
    request = urllib.request.Request(f"{ses.url}/v2/email/outbound-emails", data=b"{", method="POST")  # noqa: S310 (ours)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)  # noqa: S310 (our own server)
    assert (refused.value.code, refused.value.headers["x-amzn-ErrorType"]) == (400, "BadRequestException")


def test_an_outbox_is_found_again_after_a_restart(tmp_path: Path) -> None:
    Shelf(tmp_path, 3).write("0100a", b"x", {"id": "0100a"})
    again = Shelf(tmp_path, 3)
    assert again.listing(10) == [{"id": "0100a"}]
    assert again.raw("0100a") == b"x"
