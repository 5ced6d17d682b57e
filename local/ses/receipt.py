"""What SES writes when it receives: the fields on top of the stored mail, and the notification. Pure.

Source: "Contents of notifications for Amazon SES email receiving" and the examples of that chapter.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from local.ses import headers
from local.ses.rules import Rule, S3Action, Step, StopAction
from local.ses.values import Json, iso, readable
from local.ses.verdicts import CHECKS, CONTROL_FIELD

SUBJECT = "Amazon SES Email Receipt Notification"
SETUP_ID = "AMAZON_SES_SETUP_NOTIFICATION"

_MAX_DESTINATIONS = 500  # SNS takes 256 KB: headers from strangers must not grow a notification over it

# What the words of Authentication-Results (RFC 8601) are for SES's statuses.
_AUTH_WORDS = {"PASS": "pass", "FAIL": "fail", "GRAY": "none", "PROCESSING_FAILED": "temperror"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One mail as it came in over SMTP. `mail_from` is "" for the null return path; `raw` is what stood after DATA."""

    ses_id: str
    received_at: datetime
    client_ip: str
    helo: str
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this SES stands."""

    region: str
    account: str


def asked_verdicts(raw: bytes) -> str | None:
    """The value of the control field; the first, where there are several."""
    fields, _ = headers.split(raw)
    return headers.first(fields, CONTROL_FIELD)


def stamped(delivery: Delivery, verdicts: Mapping[str, str], place: Place) -> bytes:
    """The mail as it is stored: SES's fields, then what came, byte for byte, without the control field."""
    return _top(delivery, verdicts, place) + _without_control_field(delivery.raw)


def _without_control_field(raw: bytes) -> bytes:
    fields, end = headers.split(raw)
    if headers.first(fields, CONTROL_FIELD) is None:
        return raw
    return headers.without(fields, [CONTROL_FIELD]) + raw[end:]


def _top(delivery: Delivery, verdicts: Mapping[str, str], place: Place) -> bytes:
    """SES's own block. Its order is SES's; the two signatures have its form and sign nothing."""
    sender, helo = _one_line(delivery.mail_from), _one_line(delivery.helo) or "unknown"
    date = format_datetime(delivery.received_at).replace("+0000", "+0000 (UTC)")
    lines = [
        f"Return-Path: <{sender}>",
        f"Received: from {helo} ({helo} [{delivery.client_ip}])",
        f" by inbound-smtp.{place.region}.amazonaws.com with SMTP id {delivery.ses_id}",
        f" for {_one_line(delivery.rcpt_to[0])};",
        f" {date}",
    ]
    for check, name in (("spam", "X-SES-Spam-Verdict"), ("virus", "X-SES-Virus-Verdict")):
        if check in verdicts:
            lines.append(f"{name}: {verdicts[check]}")
    lines += _authentication(delivery, verdicts, sender, helo)
    seal = base64.b64encode(hashlib.sha256(delivery.ses_id.encode()).digest()).decode("ascii")
    lines += [
        f"X-SES-RECEIPT: {seal}",
        f"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b={seal}; c=relaxed/simple; s=local; d=amazonses.com;"
        f" t={int(delivery.received_at.timestamp())}; v=1; bh={seal}; h=From:To:Cc:Bcc:Subject:Date:Message-ID:"
        "MIME-Version:Content-Type:X-SES-RECEIPT;",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")


def _authentication(delivery: Delivery, verdicts: Mapping[str, str], sender: str, helo: str) -> list[str]:
    envelope = f"client-ip={delivery.client_ip}; envelope-from={sender}; helo={helo};"
    lines = []
    spf = _AUTH_WORDS.get(verdicts.get("spf", ""))
    if spf is not None:
        lines.append(f"Received-SPF: {spf} (spfCheck: local) {envelope}")
    results = [f" spf={spf} (spfCheck: local) {envelope}"] if spf is not None else []
    domain = _from_domain(delivery.raw)
    for check, property_ in (("dkim", "header.i=@"), ("dmarc", "header.from=")):
        word = _AUTH_WORDS.get(verdicts.get(check, ""))
        if word is not None:
            results.append(f" {check}={word} {property_}{domain};")
    return [*lines, "Authentication-Results: amazonses.com;", *results] if results else lines


def _from_domain(raw: bytes) -> str:
    fields, _ = headers.split(raw)
    senders = headers.addresses(fields, ["From"])
    return _one_line(senders[0].rpartition("@")[2]) if senders else "unknown"


def _one_line(text: str) -> str:
    """What a stranger wrote, as it may stand inside a field of ours: no line ends, and not endless."""
    return "".join(char if char.isprintable() or "\udc80" <= char <= "\udcff" else "?" for char in text[:998])


def notification(
    delivery: Delivery,
    stored: bytes,
    step: Step,
    verdicts: Mapping[str, str],
    processing_ms: int,
) -> dict[str, Json]:
    """The notification of one action, as SES publishes it."""
    return {
        "notificationType": "Received",
        "mail": _mail(delivery, stored),
        "receipt": {
            "timestamp": iso(delivery.received_at),
            "processingTimeMillis": processing_ms,
            "recipients": [readable(one) for one in step.recipients],
            **{f"{check}Verdict": {"status": verdicts[check]} for check in CHECKS if check in verdicts},
            **({"dmarcPolicy": verdicts["dmarcPolicy"]} if "dmarcPolicy" in verdicts else {}),
            "action": _action(step, delivery.ses_id),
        },
    }


def _mail(delivery: Delivery, stored: bytes) -> dict[str, Json]:
    fields, _ = headers.split(stored)
    return {
        "timestamp": iso(delivery.received_at),
        "source": readable(delivery.mail_from),
        "messageId": delivery.ses_id,
        "destination": headers.addresses(fields, ["To", "Cc"])[:_MAX_DESTINATIONS],
        **headers.reported(fields),
    }


def _action(step: Step, ses_id: str) -> dict[str, Json]:
    match step.action:
        case S3Action(bucket=bucket, prefix=prefix, topic_arn=topic):
            place: dict[str, Json] = {"bucketName": bucket, "objectKeyPrefix": prefix, "objectKey": prefix + ses_id}
            return {"type": "S3", **({"topicArn": topic} if topic else {}), **place}
        case StopAction(topic_arn=topic):
            return {"type": "Stop", **({"topicArn": topic} if topic else {})}
        case other:
            return {"type": other.name}


def setup(action: S3Action, place: Place, moment: datetime) -> tuple[bytes, dict[str, Json]]:
    """What SES writes to try out a new S3 action: an object that is not a mail, and a notification of it."""
    domain = f"{place.region}.amazonaws.com"
    body = (
        "From: Amazon Web Services <no-reply-ses@amazonaws.example>\r\n"
        f"Message-ID: <{SETUP_ID}@{domain}>\r\n"
        f"Date: {format_datetime(moment)}\r\n"
        "Subject: Amazon SES Setup Notification\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\n"
        "\r\n"
        f"A receipt rule now delivers to the bucket {action.bucket}. This object shows that SES may write there.\r\n"
        "It is not a mail: it can be ignored and deleted.\r\n"
    ).encode()
    delivery = Delivery(
        ses_id=SETUP_ID,
        received_at=moment,
        client_ip="127.0.0.1",
        helo=domain,
        mail_from="no-reply-ses@amazonaws.example",
        rcpt_to=("recipient@example.com",),
        raw=body,
    )
    step = Step(rule=Rule(name="setup"), action=action, recipients=delivery.rcpt_to)
    return body, notification(delivery, body, step, dict.fromkeys(CHECKS, "DISABLED"), 0)
