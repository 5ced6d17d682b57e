"""What SES writes when it receives: the fields on top of the stored mail, and the notification. Pure.

Source: "Contents of notifications for Amazon SES email receiving" and the examples of that chapter.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime

from local.ses import headers
from local.ses.mail import Delivery, Place
from local.ses.values import Json, iso, one_line, readable
from local.ses.verdicts.asked import CONTROL_FIELDS
from local.ses.verdicts.findings import CHECKS, Findings

SUBJECT = "Amazon SES Email Receipt Notification"
SETUP_ID = "AMAZON_SES_SETUP_NOTIFICATION"

MAX_ADDED = 2048  # characters of the value of a field that a rule adds (API_AddHeaderAction)
_MAX_DESTINATIONS = 500  # SNS takes 256 KB: headers from strangers must not grow a notification over it


def stamped(delivery: Delivery, findings: Findings, place: Place, added: Sequence[tuple[str, str]] = ()) -> bytes:
    """The mail as it is stored: SES's fields, then what came, byte for byte, without the control fields.

    `added` are the fields of Add header actions; they stand right above what came.
    """
    more = "".join(f"{name}: {one_line(value, MAX_ADDED)}\r\n" for name, value in added)
    return _top(delivery, findings, place) + more.encode("utf-8", "replace") + _without_control_fields(delivery.raw)


def _without_control_fields(raw: bytes) -> bytes:
    fields, end = headers.split(raw)
    if all(headers.first(fields, name) is None for name in CONTROL_FIELDS):
        return raw
    return headers.without(fields, CONTROL_FIELDS) + raw[end:]


def _top(delivery: Delivery, findings: Findings, place: Place) -> bytes:
    """SES's own block. Its order is SES's; the two signatures have its form and sign nothing.

    Received says SMTP over TLS, too, and names no cipher: so do the mails that SES has stored. It names one recipient.
    """
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
        # A rule that doesn't scan leaves the field out; only the notification says DISABLED.
        if (status := findings.statuses.get(check, "DISABLED")) != "DISABLED":
            lines.append(f"{name}: {status}")
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
    recipients: Sequence[str],
    findings: Findings,
    action: Mapping[str, Json],
    processing_ms: int,
) -> dict[str, Json]:
    """The notification of one action, as SES publishes it. `recipients` are those that the rule matched."""
    return {
        "notificationType": "Received",
        "mail": _mail(delivery, stored),
        "receipt": {
            "timestamp": iso(delivery.received_at),
            "processingTimeMillis": processing_ms,
            "recipients": [readable(one) for one in recipients],
            **_verdicts(findings),
            "action": action,
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


def setup(place: Place, moment: datetime) -> Delivery:
    """What SES writes and tells of to try out a new action. It is not a mail."""
    domain = f"{place.region}.amazonaws.com"
    recipient = "recipient@example.com"
    body = (
        "From: Amazon Web Services <no-reply-ses@amazonaws.example>\r\n"
        f"To: {recipient}\r\n"
        f"Message-ID: <{SETUP_ID}@{domain}>\r\n"
        f"Date: {format_datetime(moment)}\r\n"
        "Subject: Amazon SES Setup Notification\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\n"
        "\r\n"
        "A receipt rule now delivers here. This shows that SES may do so.\r\n"
        "It is not a mail: it can be ignored and deleted.\r\n"
    )
    return Delivery(
        ses_id=SETUP_ID,
        received_at=moment,
        client_ip="127.0.0.1",
        helo=domain,
        mail_from="no-reply-ses@amazonaws.example",
        rcpt_to=(recipient,),
        raw=body.encode(),
    )
