"""What arrives on the inbound topic: SES's receipt notification, or one of the things there that are no mail.

Source: "Contents of notifications for Amazon SES email receiving" (SES developer guide), action type S3. It may come
bare (raw message delivery) or in its SNS envelope.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from postroom.clock import from_iso, iso
from postroom.envelope import UNKNOWN_SENDER, Envelope, Received, Verdict, Verdicts
from postroom.errors import Poison
from postroom.ids import SesId
from postroom.reasons import Reason

SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
_VALIDATION = "Successfully validated SNS topic"
_SUBSCRIBED = "AmazonSnsSubscriptionSucceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """It is no mail, and no error either."""

    reason: Reason


def read(body: str) -> Received | Ignored:
    """The notification as a value; Poison(UNREADABLE_EVENT) where it is none of the known forms."""
    text = unwrapped(body)
    if text.startswith(_VALIDATION):
        return Ignored(reason=Reason.TOPIC_VALIDATION)
    notification = _object(text)
    if notification.get("notificationType") == _SUBSCRIBED:
        return Ignored(reason=Reason.TOPIC_VALIDATION)
    mail, receipt = _part(notification, "mail"), _part(notification, "receipt")
    action = _part(receipt, "action")
    key, bucket = str(action.get("objectKey", "")), str(action.get("bucketName", ""))
    ses_id = str(mail.get("messageId", ""))
    if SETUP_OBJECT in (ses_id, key.rpartition("/")[2]):
        return Ignored(reason=Reason.SETUP_NOTIFICATION)
    if not (ses_id and key and bucket):
        raise Poison(
            Reason.UNREADABLE_EVENT,
            f"a receipt notification needs mail.messageId and an S3 action with bucketName and objectKey; "
            f"this one has type {notification.get('notificationType')!r}, action {action.get('type')!r}",
        )
    return Received(
        ses_id=SesId(ses_id),
        bucket=bucket,
        key=key,
        received_at=_moment(mail.get("timestamp")),
        envelope=_envelope(mail, receipt),
        verdicts=_verdicts(receipt),
    )


def decoded(text: str) -> object:
    """The JSON value; ValueError where it is none, or is nested deeper than any event."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def unwrapped(body: str) -> str:
    """The message inside an SNS envelope, or the body as it is."""
    try:
        outer = decoded(body)
    except ValueError:
        return body
    if isinstance(outer, dict) and outer.get("Type") == "Notification" and isinstance(outer.get("Message"), str):
        return str(outer["Message"])
    return body


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = decoded(text)
    except ValueError as error:
        raise Poison(Reason.UNREADABLE_EVENT, f"the notification is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Poison(Reason.UNREADABLE_EVENT, f"the notification is a JSON {type(value).__name__}, not an object")
    return value


def _part(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _moment(timestamp: object) -> str:
    """SES's own timestamp, normalised; without one the moment can't be known, and the epoch says so."""
    try:
        return iso(from_iso(str(timestamp)))
    except ValueError:
        return iso(datetime.fromtimestamp(0, UTC))


def _envelope(mail: Mapping[str, Any], receipt: Mapping[str, Any]) -> Envelope:
    """`receipt.recipients` and not `mail.destination`: the latter is only what the header says."""
    source = str(mail.get("source", UNKNOWN_SENDER) or "").strip().strip("<>")
    recipients = receipt.get("recipients") or mail.get("destination") or ()
    return Envelope(mail_from=source or None, rcpt_to=tuple(str(r) for r in recipients))


def _verdicts(receipt: Mapping[str, Any]) -> Verdicts:
    def verdict(name: str) -> Verdict:
        status = str(_part(receipt, f"{name}Verdict").get("status", "MISSING")).upper()
        return Verdict(status) if status in Verdict.__members__ else Verdict.MISSING

    policy = receipt.get("dmarcPolicy")
    return Verdicts(
        spam=verdict("spam"),
        virus=verdict("virus"),
        spf=verdict("spf"),
        dkim=verdict("dkim"),
        dmarc=verdict("dmarc"),
        dmarc_policy=str(policy).lower() if policy else None,
    )


def notification(received: Received) -> str:
    """The reverse of `read`: a receipt notification with as much as `Received` holds, for a mail sent round again."""
    verdicts = received.verdicts
    statuses = {
        f"{name}Verdict": {"status": verdict.value}
        for name in ("spam", "virus", "spf", "dkim", "dmarc")
        if (verdict := getattr(verdicts, name)) is not Verdict.MISSING
    }
    return json.dumps(
        {
            "notificationType": "Received",
            "mail": {
                "messageId": received.ses_id,
                "timestamp": received.received_at,
                "source": received.envelope.mail_from or "",
                "destination": list(received.envelope.rcpt_to),
            },
            "receipt": {
                "recipients": list(received.envelope.rcpt_to),
                **statuses,
                **({"dmarcPolicy": verdicts.dmarc_policy} if verdicts.dmarc_policy else {}),
                "action": {"type": "S3", "bucketName": received.bucket, "objectKey": received.key},
            },
        }
    )
