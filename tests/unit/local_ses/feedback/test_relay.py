"""Relaying to real servers: what they say at once, and what they find out later."""

import contextlib
import json
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.assembly import Settings
from local.ses.feedback import client, relay
from local.ses.feedback.answers import answered, given_up
from local.ses.feedback.relay import BOUNCES, Target, relayed
from local.ses.feedback.reports import reports
from local.ses.feedback.returned import meant
from local.ses.feedback.steps import Bounced, Delayed, Delivered
from local.ses.journal import Shelf
from tests.unit.local_ses.conftest import EVENTS, TOPIC, Running, serving
from tests.unit.local_ses.feedback.desk import configured, kinds, send, told
from tests.unit.local_ses.feedback.servers import Sink, free_port, listening, opensmtpd
from tests.unit.local_ses.memory_cloud import MemoryCloud

# As OpenSMTPD, Postfix and others write them; written for this test.
DSN = b"""From: Mailer Daemon <mailer-daemon@mx.example.org>\r
To: 0100-a@bounces.ses.test\r
Subject: Delivery status notification\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
It did not work.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.org\r
\r
Final-Recipient: rfc822; ann@example.org\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 no\r
 such user\r
\r
Final-Recipient: rfc822; bob@example.org\r
Action: delayed\r
Status: 4.2.2\r
\r
Final-Recipient: rfc822; cat@example.org\r
Action: delivered\r
Status: 2.0.0\r
\r
--b--\r
"""


@contextmanager
def _relaying(
    tmp_path: Path, port: int, bounces: Literal["ses", "source"] = "ses", cloud: MemoryCloud | None = None
) -> Iterator[Running]:
    cloud = cloud or MemoryCloud(buckets={"mail": {}}, topics={TOPIC: [], EVENTS: []})
    target = Target(host="127.0.0.1", port=port, bounces=bounces)
    with serving(Settings(state=tmp_path, relay=target), cloud) as ses:
        configured(ses)
        yield ses


@pytest.mark.parametrize(
    ("code", "text", "step"),
    [
        (250, "2.0.0 Ok", Delivered(response="250 2.0.0 Ok")),
        (452, "4.2.2 full", Delayed(delay_type="MailboxFull", status="4.2.2", diagnostic="smtp; 452 4.2.2 full")),
        (450, "greylisted", Delayed(delay_type="General", status="4.0.0", diagnostic="smtp; 450 greylisted")),
        (550, "5.1.1 no\n one", Bounced(status="5.1.1", diagnostic="smtp; 550 5.1.1 no one")),
        (
            552, "5.2.2 full",
            Bounced(bounce_type="Transient", subtype="MailboxFull", status="5.2.2", diagnostic="smtp; 552 5.2.2 full"),
        ),
        (554, "no", Bounced(status="5.0.0", diagnostic="smtp; 554 no")),
    ],
)  # fmt: skip
def test_an_answer_is_delivered_delayed_or_bounced(code: int, text: str, step: object) -> None:
    assert answered(code, text) == step


def test_a_delay_that_lasts_is_a_transient_bounce() -> None:
    late = given_up(Delayed(delay_type="General", status="4.4.1", diagnostic="smtp; 421 4.4.1 away"))
    assert (late.bounce_type, late.subtype, late.status, late.suppresses) == ("Transient", "General", "4.4.1", False)


def test_a_notification_is_read_recipient_by_recipient() -> None:
    gone, full, fine = reports(DSN)
    assert gone.step == Bounced(
        status="5.1.1", diagnostic="smtp; 550 5.1.1 no such user", reporting_mta="mx.example.org"
    )
    assert isinstance(full.step, Delayed)
    assert full.step.delay_type == "MailboxFull"
    assert fine.step is None
    assert [recipients for recipients, _ in meant([gone, full, fine], ["Ann@example.org"])] == [
        ["Ann@example.org"],
        ["bob@example.org"],
    ]


def test_a_diagnostic_that_is_said_to_people_only_is_found() -> None:
    raw = DSN.replace(b"It did not work.", b"ann@example.org: 552 5.2.2 full\r\nbob@example.org: no idea")
    raw = raw.replace(b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no\r\n such user\r\n", b"Status: 5.0.0\r\n")
    full, other, _ = reports(raw)
    assert isinstance(full.step, Bounced)
    assert (full.step.status, full.step.subtype) == ("5.2.2", "MailboxFull")
    assert full.step.diagnostic == "smtp; 552 5.2.2 full"
    assert isinstance(other.step, Delayed)
    assert other.step.diagnostic == "smtp; 4.2.2"


def test_what_is_no_notification_is_an_out_of_office() -> None:
    found = meant(reports(b"Subject: away\r\n\r\nBack in May.\r\n"), ["ann@example.org"])
    assert found == [(["ann@example.org"], Bounced(bounce_type="Transient", subtype="General"))]


@given(st.binary(max_size=500))
def test_no_notification_is_too_broken(body: bytes) -> None:
    head = b"Content-Type: message/delivery-status\r\n\r\n"
    assert isinstance(reports(head + body), list)
    assert isinstance(reports(body), list)


@pytest.mark.parametrize("text", ["", "host", "host:", ":25", "host:0", "host:70000", "host:x"])
def test_a_target_is_a_host_and_a_port(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Target.of(text)


def test_a_target_may_be_an_ipv6_address() -> None:
    assert Target.of("[::1]:25") == Target(host="::1", port=25)


def test_a_server_that_is_not_there_is_a_delay() -> None:
    (answer,) = relayed(
        Target(host="127.0.0.1", port=free_port()), "a@example.com", ["b@example.org"], b"\r\n"
    ).values()
    assert isinstance(answered(*answer), Delayed)


def test_lines_end_as_smtp_wants_and_dots_are_kept() -> None:
    with listening(Sink()) as sink:
        raw = b"Subject: x\n\n.\nMAIL FROM:<evil@example.net>\r.\r\n..\n"
        relayed(Target(host="127.0.0.1", port=sink.port), "a@example.com", ["b@example.org"], raw)
    (taken,) = sink.taken
    assert taken.content == b"Subject: x\r\n\r\n.\r\nMAIL FROM:<evil@example.net>\r\n.\r\n..\r\n"


def test_a_relayed_mail_is_delivered_in_the_servers_words(tmp_path: Path) -> None:
    with listening(Sink()) as sink, _relaying(tmp_path, sink.port) as ses:
        sent_id = send(ses, "ann@example.org", "bob@example.org", "bounce@nowhere.invalid")
        events = told(ses, 3)
    (taken,) = sink.taken
    assert (taken.mail_from, taken.rcpt_tos) == (f"{sent_id}@{BOUNCES}", ["ann@example.org", "bob@example.org"])
    assert sorted(kinds(events)) == ["Bounce", "Delivery", "Send"]
    delivery = _of(events, "Delivery")["delivery"]
    assert delivery["recipients"] == ["ann@example.org", "bob@example.org"]
    assert (delivery["smtpResponse"], delivery["remoteMtaIp"]) == ("250 2.0.0 Ok: queued as 4XyZ", "127.0.0.1")


def _of(events: list[Any], kind: str) -> Any:
    return next(event for event in events if event["eventType"] == kind)


def test_a_refused_recipient_bounces_and_is_suppressed_while_others_get_it(tmp_path: Path) -> None:
    with (
        listening(Sink(refused={"gone@example.org": "550 5.1.1 who?"})) as sink,
        _relaying(tmp_path, sink.port) as ses,
    ):
        send(ses, "ann@example.org", "gone@example.org")
        events = told(ses, 3)
        assert ses.v2.get_suppressed_destination(EmailAddress="gone@example.org")["SuppressedDestination"]
    bounce = _of(events, "Bounce")["bounce"]
    assert (bounce["bounceType"], bounce["bouncedRecipients"]) == (
        "Permanent",
        [
            {
                "emailAddress": "gone@example.org",
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 who?",
            }
        ],
    )
    assert _of(events, "Delivery")["delivery"]["recipients"] == ["ann@example.org"]


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "RETRY_AFTER", (0.1, 0.1))


@pytest.mark.usefixtures("_impatient")
def test_a_deferred_mail_is_tried_again(tmp_path: Path) -> None:
    with (
        listening(Sink(refused={"": "451 4.7.1 greylisted"}, times=1)) as sink,
        _relaying(tmp_path, sink.port) as ses,
    ):
        send(ses, "ann@example.org")
        events = told(ses, 3)
    assert sorted(kinds(events)) == ["Delivery", "DeliveryDelay", "Send"]
    assert len(sink.taken) == 1


@pytest.mark.usefixtures("_impatient")
def test_a_mail_that_is_always_deferred_bounces_in_the_end(tmp_path: Path) -> None:
    with listening(Sink(refused={"": "421 4.4.2 later"})) as sink, _relaying(tmp_path, sink.port) as ses:
        send(ses, "ann@example.org")
        events = told(ses, 4)
        assert ses.v2.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []
    assert sorted(kinds(events)) == ["Bounce", "DeliveryDelay", "DeliveryDelay", "Send"]
    assert _of(events, "Bounce")["bounce"]["bounceType"] == "Transient"


def test_a_notification_at_our_door_becomes_the_bounce(tmp_path: Path) -> None:
    with listening(Sink()) as sink, _relaying(tmp_path, sink.port) as ses:
        sent_id = send(ses, "ann@example.org")
        told(ses, 2)
        with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
            client.sendmail("", [f"{sent_id}@{BOUNCES}"], DSN)
        events = told(ses, 4)[2:]
    assert sorted(kinds(events)) == ["Bounce", "DeliveryDelay"]
    bounce = _of(events, "Bounce")["bounce"]
    assert bounce["bouncedRecipients"][0]["diagnosticCode"] == "smtp; 550 5.1.1 no such user"
    assert bounce["reportingMTA"] == "dns; mx.example.org"
    assert _of(events, "Bounce")["mail"]["messageId"] == sent_id


def test_nobody_makes_up_a_bounce_address(tmp_path: Path) -> None:
    with (
        listening(Sink()) as sink,
        _relaying(tmp_path, sink.port) as ses,
        smtplib.SMTP("127.0.0.1", ses.smtp) as client,
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        client.sendmail("", [f"0100-made-up@{BOUNCES}"], DSN)


# -- OpenSMTPD ---------------------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("opensmtpd")  # it has one control socket: two of them can't run at once
def test_the_genuine_notification_of_opensmtpd_becomes_the_bounce(tmp_path: Path) -> None:
    cloud = MemoryCloud(buckets={"mail": {}}, topics={TOPIC: [], EVENTS: []})
    relay_port = free_port()
    with listening(Sink(refused={"": "550 5.1.1 no such user here"})) as sink:
        target = Target(host="127.0.0.1", port=relay_port)
        with serving(Settings(state=tmp_path, relay=target), cloud) as ses:
            configured(ses)
            with opensmtpd(tmp_path, relay_port, refusing=sink.port, front_door=ses.smtp):
                sent_id = send(ses, "ann@example.org")
                events = next((found for _ in range(3) if len(found := told(ses, 3)) == 3), [])  # it takes its time
    assert sorted(kinds(events)) == ["Bounce", "Delivery", "Send"]
    bounce = _of(events, "Bounce")["bounce"]
    (recipient,) = bounce["bouncedRecipients"]
    assert (recipient["emailAddress"], recipient["action"]) == ("ann@example.org", "failed")
    assert "550 5.1.1 no such user here" in recipient["diagnosticCode"]
    assert _of(events, "Bounce")["mail"]["messageId"] == sent_id


@pytest.mark.xdist_group("opensmtpd")  # it has one control socket: two of them can't run at once
def test_the_genuine_notification_of_opensmtpd_arrives_as_mail_where_the_sender_gets_it(tmp_path: Path) -> None:
    cloud = MemoryCloud(buckets={"mail": {}}, topics={TOPIC: [], EVENTS: []})
    relay_port = free_port()
    with listening(Sink(refused={"": "550 5.1.1 no such user here"})) as sink:
        target = Target(host="127.0.0.1", port=relay_port, bounces="source")
        with serving(Settings(state=tmp_path, relay=target), cloud) as ses:
            ses.activate("example.com")
            configured(ses)
            with opensmtpd(tmp_path, relay_port, refusing=sink.port, front_door=ses.smtp):
                send(ses, "ann@example.org")
                found = next((all_ for _ in range(3) if len(all_ := cloud.messages(TOPIC, 2)) == 2), [])
                notified = json.loads(found[1])
    assert notified["mail"]["source"] in ("", "<>")
    assert notified["receipt"]["recipients"] == ["desk@example.com"]
    (arrived,) = (raw for key, raw in cloud.buckets["mail"].items() if key.endswith(notified["mail"]["messageId"]))
    assert [one.recipient for one in reports(arrived)] == ["ann@example.org"]


@contextmanager
def _saying(reply: bytes) -> Iterator[int]:
    """The port of a server that says this, again and again, to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                while True:
                    connection.sendall(reply)

        threading.Thread(target=say, daemon=True).start()
        yield server.getsockname()[1]


@pytest.mark.parametrize("reply", [b"220-hello\r\n", b"220-" + b"x" * 5000, b"rubbish\r\n", b"\0", b"250 fine\r\n"])
def test_a_server_that_never_ends_what_it_says_is_a_delay(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 2.0)
    with _saying(reply) as port:
        answers = relayed(Target(host="127.0.0.1", port=port), "a@example.com", ["b@example.org"], b"x\r\n")
    assert answers["b@example.org"][0] in range(200, 500)


def test_an_address_that_smtplib_cannot_read_is_an_answer_all_the_same() -> None:
    with listening(Sink()) as sink:
        target, odd = Target(host="127.0.0.1", port=sink.port), "(" * 5000 + "@example.org"
        assert relayed(target, "a@example.com", [odd], b"x\r\n")[odd][0] == 553


def test_a_mail_that_left_the_outbox_is_no_fault_of_its_recipients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "RETRY_AFTER", ())
    monkeypatch.setattr(Shelf, "raw", lambda _shelf, _id: None)
    with listening(Sink()) as sink, _relaying(tmp_path, sink.port) as ses:
        send(ses, "ann@example.org")
        events = told(ses, 2)
        assert not ses.v2.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    assert _of(events, "Bounce")["bounce"]["bounceType"] == "Transient"


def test_a_notification_puts_nobody_on_the_list_who_did_not_get_the_mail(tmp_path: Path) -> None:
    with listening(Sink()) as sink, _relaying(tmp_path, sink.port) as ses:
        sent_id = send(ses, "someone@example.org")
        told(ses, 2)
        with smtplib.SMTP("127.0.0.1", ses.smtp) as door:
            door.sendmail("", [f"{sent_id}@{BOUNCES}"], DSN)
        assert _of(told(ses, 4), "Bounce")["bounce"]["bouncedRecipients"][0]["emailAddress"] == "ann@example.org"
        assert not ses.v2.list_suppressed_destinations()["SuppressedDestinationSummaries"]
