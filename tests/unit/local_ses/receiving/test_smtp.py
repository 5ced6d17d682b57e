"""Conversations over SMTP, as sending servers have them."""

import json
import smtplib
import socket
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from local.ses.mail import Delivery, Place
from local.ses.receiving.receipt import stamped
from local.ses.verdicts.check import Asked
from tests.unit.local_ses.conftest import TOPIC, Running

MAIL = b"From: Ann <ann@example.org>\r\nTo: help@example.com\r\nSubject: hello\r\n\r\nHow do I do this?\r\n"


def _send(ses: Running, raw: bytes, *to: str, sender: str = "ann@example.org", options: tuple[str, ...] = ()) -> None:
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.sendmail(sender, list(to), raw, mail_options=options)


def _stored(ses: Running) -> tuple[str, bytes]:
    """The one mail that is there, beside what SES writes when a rule is made."""
    (found,) = [item for item in ses.cloud.buckets["mail"].items() if not item[0].endswith("SETUP_NOTIFICATION")]
    return found


def test_a_mail_is_stored_and_then_announced(ses: Running) -> None:
    ses.activate("example.com")
    _send(ses, MAIL, "help@example.com")
    key, stored = _stored(ses)
    assert key.startswith("raw/")
    assert stored.endswith(b"\r\n" + MAIL)
    assert ses.cloud.order[-2:] == [f"store {key}", f"publish {TOPIC}"]
    message = json.loads(ses.cloud.topics[TOPIC][-1])
    assert message["notificationType"] == "Received"
    assert message["receipt"]["action"] == {
        "type": "S3",
        "topicArn": TOPIC,
        "bucketName": "mail",
        "objectKeyPrefix": "raw/",
        "objectKey": key,
    }
    assert message["mail"]["messageId"] == key.removeprefix("raw/")
    assert message["mail"]["source"] == "ann@example.org"
    assert message["mail"]["commonHeaders"]["subject"] == "hello"


def test_a_rule_with_a_key_encrypts_the_mail_before_it_is_stored(ses: Running) -> None:
    ses.cloud.keys.add("arn:aws:kms:us-east-1:000000000000:key/1")
    ses.activate("example.com", key_arn="arn:aws:kms:us-east-1:000000000000:key/1")
    (rule,) = ses.v1.describe_active_receipt_rule_set()["Rules"]
    assert rule["Actions"][0]["S3Action"]["KmsKeyArn"] == "arn:aws:kms:us-east-1:000000000000:key/1"
    _send(ses, MAIL, "help@example.com")
    key, stored = _stored(ses)
    said = ses.cloud.metadata[key]
    assert (said["x-amz-cek-alg"], said["x-amz-wrap-alg"], said["x-amz-tag-len"]) == ("AES/GCM/NoPadding", "kms", "128")
    context = json.loads(said["x-amz-matdesc"])
    assert context["aws:ses:message-id"] == key.removeprefix("raw/")
    assert context["aws:ses:rule-name"] == "inbound"
    assert len(stored) == int(said["x-amz-unencrypted-content-length"]) + 16
    assert AESGCM(bytes(32)).decrypt(b64decode(said["x-amz-iv"]), stored, None).endswith(b"\r\n" + MAIL)
    assert b"From: Ann" not in stored


def test_a_blind_copy_shows_in_the_receipt_only(ses: Running) -> None:
    ses.activate("example.com")
    _send(ses, MAIL, "hidden@example.com", "help@example.com")
    message = json.loads(ses.cloud.topics[TOPIC][-1])
    assert message["receipt"]["recipients"] == ["hidden@example.com", "help@example.com"]
    assert message["mail"]["destination"] == ["help@example.com"]


def test_a_null_return_path_is_taken(ses: Running) -> None:
    ses.activate("example.com")
    _send(ses, MAIL, "help@example.com", sender="")
    assert _stored(ses)[1].startswith(b"Return-Path: <>\r\nReceived: from ")
    assert json.loads(ses.cloud.topics[TOPIC][-1])["mail"]["source"] == ""


def test_a_recipient_that_no_rule_takes_is_refused_and_the_others_are_not(ses: Running) -> None:
    ses.activate("example.com")
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        refused = client.sendmail("ann@example.org", ["x@other.test", "help@example.com"], MAIL)
    assert refused["x@other.test"][0] == 550
    assert refused["x@other.test"][1].startswith(b"5.1.1 ")
    assert json.loads(ses.cloud.topics[TOPIC][-1])["receipt"]["recipients"] == ["help@example.com"]


def test_without_an_active_rule_set_nobody_is_taken(ses: Running) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        _send(ses, MAIL, "help@example.com")


@pytest.mark.parametrize("broken", ["bucket", "topic"])
def test_a_mail_that_can_not_be_kept_is_not_accepted(ses: Running, broken: str) -> None:
    ses.activate("example.com")
    if broken == "bucket":
        ses.cloud.buckets.clear()
    else:
        ses.cloud.topics.clear()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        _send(ses, MAIL, "help@example.com")
    assert refused.value.smtp_code == 451


def test_eight_bits_are_kept_as_they_came(ses: Running) -> None:
    ses.activate("example.com")
    body = bytes(range(128, 256)) + b"\x00\x01\x7f\n\r x \r\n"
    raw = b"Subject: caf\xe9\r\n\r\n" + body
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo("sender.example.org")
        client.mail("ann@example.org", ["BODY=8BITMIME"])
        client.rcpt("help@example.com")
        assert client.docmd("DATA")[0] == 354
        client.send(raw + b".\r\n")
        assert client.getreply()[0] == 250
    assert _stored(ses)[1].endswith(b"\r\n" + raw)


def test_a_line_may_be_very_long(ses: Running) -> None:
    ses.activate("example.com")
    raw = b"Subject: long\r\n\r\n" + b"x" * 3_000_000 + b"\r\n"
    _send(ses, raw, "help@example.com")
    assert _stored(ses)[1].endswith(raw)


def test_dots_at_the_start_of_a_line_are_kept(ses: Running) -> None:
    ses.activate("example.com")
    raw = b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n"
    _send(ses, raw, "help@example.com")
    assert _stored(ses)[1].endswith(raw)


def test_a_mail_of_more_than_40_mb_is_refused_before_it_is_sent(ses: Running) -> None:
    ses.activate("example.com")
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(40 * 1024 * 1024)
        assert client.mail("ann@example.org", [f"SIZE={40 * 1024 * 1024 + 1}"])[0] == 552


def test_a_mail_that_grows_over_40_mb_is_refused(ses: Running) -> None:
    ses.activate("example.com")
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt("help@example.com")
        client.docmd("DATA")
        client.send(b"Subject: x\r\n\r\n" + (b"y" * 70_000 + b"\r\n") * 600 + b".\r\n")
        assert client.getreply()[0] == 552
        assert client.noop()[0] == 250


@pytest.mark.parametrize(
    "address",
    ["a..b@example.com", "a.@example.com", '"a b"@example.com', "x" * 300 + "@example.com", "jörg@example.com"],
)
def test_addresses_that_no_grammar_allows_are_taken_as_they_are(ses: Running, address: str) -> None:
    ses.activate("example.com")
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        client.docmd("MAIL", "FROM:<bounce-1=a..b@example.org> SMTPUTF8")
        assert client.docmd("RCPT", f"TO:<{address}>")[0] == 250
        assert client.data(MAIL)[0] == 250
    assert json.loads(ses.cloud.topics[TOPIC][-1])["receipt"]["recipients"] == [address]


@pytest.mark.parametrize(
    "address", ["<((((@example.com>", "<@>", "<nobody>", "<a@b", "", "<a\x00@>", "<\xff@\xfe>", "x" * 5000]
)
def test_a_hostile_address_is_refused_and_the_session_goes_on(ses: Running, address: str) -> None:
    ses.activate("help@example.com")
    with (
        socket.create_connection(("127.0.0.1", ses.smtp), timeout=10) as connection,
        connection.makefile("rb") as lines,
    ):
        lines.readline()
        for command in (
            b"HELO x",
            b"MAIL FROM:<>",
            b"RCPT TO:" + address.encode("latin-1"),
            b"RCPT TO:<help@example.com>",
        ):
            connection.sendall(command + b"\r\n")
            answer = lines.readline()
            if command.startswith(b"RCPT TO:<help"):
                assert answer.startswith(b"250")
            elif command.startswith(b"RCPT"):
                assert answer.startswith(b"5")


def test_bytes_that_are_not_utf8_in_an_address_end_as_valid_json(ses: Running) -> None:
    ses.activate()
    with (
        socket.create_connection(("127.0.0.1", ses.smtp), timeout=10) as connection,
        connection.makefile("rb") as lines,
    ):
        lines.readline()
        for command in (
            b"HELO x",
            b"MAIL FROM:<\xe9@example.org>",
            b"RCPT TO:<\xe8@example.com>",
            b"DATA",
            MAIL + b".",
        ):
            connection.sendall(command + b"\r\n")
            answer = lines.readline()
    assert answer.startswith(b"250")
    assert _stored(ses)[1].startswith(b"Return-Path: <\xe9@example.org>\r\n")
    assert json.loads(ses.cloud.topics[TOPIC][-1])["mail"]["source"] == "\ufffd@example.org"


def test_verdicts_that_a_mail_asks_for_are_given_and_the_wish_is_not_stored(ses: Running) -> None:
    ses.activate("example.com")
    _send(ses, b"X-Local-Verdicts: spam=FAIL; dmarc=GRAY; virus=MISSING\r\n" + MAIL, "help@example.com")
    stored = _stored(ses)[1]
    assert b"X-Local-Verdicts" not in stored
    assert b"X-SES-Spam-Verdict: FAIL\r\n" in stored
    assert b"X-SES-Virus-Verdict" not in stored
    assert stored.endswith(b"\r\n" + MAIL)
    receipt = json.loads(ses.cloud.topics[TOPIC][-1])["receipt"]
    assert receipt["spamVerdict"] == {"status": "FAIL"}
    assert receipt["dmarcVerdict"] == {"status": "GRAY"}
    assert "virusVerdict" not in receipt


def test_line_ends_in_an_envelope_never_reach_a_field() -> None:
    delivery = Delivery(
        ses_id="id",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        client_ip="127.0.0.1",
        helo="x\r\nX-Forged: yes",
        mail_from="a\nb@example.org",
        rcpt_to=("help@example.com\rX: y",),
        raw=b"From: <a@b\r\n c>\r\n\r\n",
    )
    top = stamped(delivery, Asked().check(delivery, True), Place(region="us-east-1", account="0"))
    assert not any(line.startswith((b"X-Forged", b"X:", b"b@")) for line in top.splitlines())
