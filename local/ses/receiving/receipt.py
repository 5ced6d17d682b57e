"""What SES writes when it receives: the fields on top of the stored mail, and the notification. Pure.

Source: "Contents of notifications for Amazon SES email receiving" and the examples of that chapter.
"""

import base64
import hashlib
from datetime import datetime
from email.utils import format_datetime

from local.ses import headers
from local.ses.mail import Delivery, Place
from local.ses.receiving.rules import Rule, S3Action, Step, StopAction
from local.ses.values import Json, iso, one_line, readable
from local.ses.verdicts.asked import CONTROL_FIELDS
from local.ses.verdicts.findings import CHECKS, Findings

SUBJECT = "Amazon SES Email Receipt Notification"
SETUP_ID = "AMAZON_SES_SETUP_NOTIFICATION"

_MAX_DESTINATIONS = 500  # SNS takes 256 KB: headers from strangers must not grow a notification over it


def stamped(delivery: Delivery, findings: Findings, place: Place) -> bytes:
    """The mail as it is stored: SES's fields, then what came, byte for byte, without the control fields."""
    return _top(delivery, findings, place) + _without_control_fields(delivery.raw)


def _without_control_fields(raw: bytes) -> bytes:
    fields, end = headers.split(raw)
    if all(headers.first(fields, name) is None for name in CONTROL_FIELDS):
        return raw
    return headers.without(fields, CONTROL_FIELDS) + raw[end:]


def _top(delivery: Delivery, findings: Findings, place: Place) -> bytes:
    """SES's own block. Its order is SES's; the two signatures have its form and sign nothing."""
    sender, helo = one_line(delivery.mail_from), one_line(delivery.helo) or "unknown"
    date = format_datetime(delivery.received_at).replace("+0000", "+0000 (UTC)")
    lines = [
        f"Return-Path: <{sender}>",
        f"Received: from {helo} ({helo} [{delivery.client_ip}])",
        f" by inbound-smtp.{place.region}.amazonaws.com with SMTP id {delivery.ses_id}",
        f" for {one_line(delivery.rcpt_to[0])};",
        f" {date}",
    ]
    for check, name in (("spam", "X-SES-Spam-Verdict"), ("virus", "X-SES-Virus-Verdict")):
        if check in findings.statuses:
            lines.append(f"{name}: {findings.statuses[check]}")
    if findings.received_spf is not None:
        lines.append(f"Received-SPF: {findings.received_spf}")
    if findings.results:
        lines += ["Authentication-Results: amazonses.com;", *(f" {result};" for result in findings.results)]
    seal = base64.b64encode(hashlib.sha256(delivery.ses_id.encode()).digest()).decode("ascii")
    lines += [
        f"X-SES-RECEIPT: {seal}",
        f"X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b={seal}; c=relaxed/simple; s=local; d=amazonses.com;"
        f" t={int(delivery.received_at.timestamp())}; v=1; bh={seal}; h=From:To:Cc:Bcc:Subject:Date:Message-ID:"
        "MIME-Version:Content-Type:X-SES-RECEIPT;",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")


def notification(
    delivery: Delivery,
    stored: bytes,
    step: Step,
    findings: Findings,
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
            **_verdicts(findings),
            "action": _action(step, delivery.ses_id),
        },
    }


def _verdicts(findings: Findings) -> dict[str, Json]:
    there = {check: findings.statuses[check] for check in CHECKS if check in findings.statuses}
    policy: dict[str, Json] = {} if findings.dmarc_policy is None else {"dmarcPolicy": findings.dmarc_policy}
    return {**{f"{check}Verdict": {"status": status} for check, status in there.items()}, **policy}


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
    return body, notification(delivery, body, step, Findings(statuses=dict.fromkeys(CHECKS, "DISABLED")), 0)
