"""What SES writes on top of a mail, and what it tells of it: field by field, as its developer guide shows them."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from local.ses.mail import Delivery, Place
from local.ses.receiving import receipt
from local.ses.receiving.actions.s3 import S3Action
from local.ses.verdicts.findings import CHECKS, Findings

PLACE = Place(region="eu-west-1", account="000000000000")
RAW = b"From: Ann <ann@example.org>\r\nTo: help@example.com\r\n\r\nHello\r\n"


def _delivery(raw: bytes = RAW) -> Delivery:
    return Delivery(
        ses_id="m8udbiboi34u53ubdet5bhftamqdgt0mmr8k4v01",
        received_at=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        client_ip="192.0.2.22",
        helo="mail.example.org",
        mail_from="ann@example.org",
        rcpt_to=("help@example.com", "sales@example.com"),
        raw=raw,
        tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
    )


def _findings() -> Findings:
    return Findings(
        statuses={**dict.fromkeys(CHECKS, "PASS"), "dmarc": "FAIL"},
        dmarc_policy="reject",
        received_spf="pass (spfCheck: domain of example.org designates 192.0.2.22 as permitted sender)",
        results=("spf=pass smtp.mailfrom=example.org", "dmarc=fail header.from=example.org"),
    )


def test_the_fields_on_top_have_the_order_and_the_folds_of_ses() -> None:
    stored = receipt.stamped(_delivery(), _findings(), PLACE, [("X-Desk", "support")])
    top, _, rest = stored.partition(b"X-SES-RECEIPT: ")
    assert top.decode() == (
        "Return-Path: <ann@example.org>\r\n"
        "Received: from mail.example.org (mail.example.org [192.0.2.22])\r\n"
        " by inbound-smtp.eu-west-1.amazonaws.com with SMTP id m8udbiboi34u53ubdet5bhftamqdgt0mmr8k4v01\r\n"
        " for help@example.com;\r\n"
        " Fri, 02 Jan 2026 03:04:05 +0000 (UTC)\r\n"
        "X-SES-Spam-Verdict: PASS\r\n"
        "X-SES-Virus-Verdict: PASS\r\n"
        "Received-SPF: pass (spfCheck: domain of example.org designates 192.0.2.22 as permitted sender)\r\n"
        "Authentication-Results: amazonses.com;\r\n"
        " spf=pass smtp.mailfrom=example.org;\r\n"
        " dmarc=fail header.from=example.org;\r\n"
    )
    names = [line.partition(b":")[0] for line in rest.split(b"\r\n")[1:4]]
    assert names == [b"X-SES-DKIM-SIGNATURE", b"X-Desk", b"From"]
    assert stored.endswith(b"\r\nX-Desk: support\r\n" + RAW)


@given(raw=st.binary(max_size=500))
def test_what_came_is_below_byte_for_byte(raw: bytes) -> None:
    assert receipt.stamped(_delivery(raw), _findings(), PLACE).endswith(b";\r\n" + raw)


@given(value=st.text(max_size=100))
def test_an_added_field_is_one_line_whatever_it_says(value: str) -> None:
    stored = receipt.stamped(_delivery(b"\r\n"), _findings(), PLACE, [("X-Desk", value)])
    plain = receipt.stamped(_delivery(b"\r\n"), _findings(), PLACE)
    assert len(stored.splitlines()) == len(plain.splitlines()) + 1


def test_the_notification_has_the_objects_of_the_guide_in_its_order() -> None:
    action = S3Action(bucket="mail", prefix="raw/").reported("id")
    told = receipt.notification(_delivery(), RAW, ["help@example.com"], _findings(), action, 12)
    assert list(told) == ["notificationType", "mail", "receipt"]
    assert told["receipt"] == {
        "timestamp": "2026-01-02T03:04:05.678Z",
        "processingTimeMillis": 12,
        "recipients": ["help@example.com"],
        **{f"{check}Verdict": {"status": "PASS"} for check in CHECKS if check != "dmarc"},
        "dmarcVerdict": {"status": "FAIL"},
        "dmarcPolicy": "reject",
        "action": {"type": "S3", "bucketName": "mail", "objectKeyPrefix": "raw/", "objectKey": "raw/id"},
    }
    assert told["mail"] == {
        "timestamp": "2026-01-02T03:04:05.678Z",
        "source": "ann@example.org",
        "messageId": "m8udbiboi34u53ubdet5bhftamqdgt0mmr8k4v01",
        "destination": ["help@example.com"],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": "Ann <ann@example.org>"},
            {"name": "To", "value": "help@example.com"},
        ],
        "commonHeaders": {"from": ["Ann <ann@example.org>"], "to": ["help@example.com"]},
    }
