"""The events of a configuration set, as SES publishes them to SNS. Pure.

Source: "Contents of event data that Amazon SES publishes to Amazon SNS" and its examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from local.ses import headers
from local.ses.feedback.fates import Fate
from local.ses.mail import Place, Sent
from local.ses.values import Json, feedback_id, iso

SUBJECT = "Amazon SES Email Event Notification"
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."  # not JSON, and not an event

_MTA = "a8-50.smtp-out.amazonses.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `event_type` is the name that event destinations choose it by (SEND, BOUNCE, ...)."""

    event_type: str
    body: dict[str, Json]


def mail(sent: Sent, place: Place) -> dict[str, Json]:
    """The `mail` object, which every event has."""
    outgoing = sent.outgoing
    fields, _ = headers.split(outgoing.raw)
    domain = outgoing.source.rpartition("@")[2]
    return {
        "timestamp": iso(sent.sent_at),
        "source": outgoing.source,
        "sourceArn": f"arn:aws:ses:{place.region}:{place.account}:identity/{domain}",
        "sendingAccountId": place.account,
        "messageId": sent.sent_id,
        "destination": list(outgoing.destination),
        **headers.reported(fields, sent.sent_id),
        "tags": _tags(sent, domain),
    }


def _tags(sent: Sent, domain: str) -> dict[str, Json]:
    tags: dict[str, list[str]] = {
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": [domain],
        "ses:caller-identity": ["local"],
    }
    if sent.outgoing.configuration_set is not None:
        tags["ses:configuration-set"] = [sent.outgoing.configuration_set]
    for name, value in sent.outgoing.tags:
        tags.setdefault(name, []).append(value)
    return dict(tags)


def events(sent: Sent, fates: Sequence[tuple[str, Fate]], moment: datetime, place: Place) -> list[Event]:
    """Every event of one sent mail, in the order in which SES would have them: Send, then those of each recipient."""
    about = mail(sent, place)
    found = [Event(event_type="SEND", body={"eventType": "Send", "mail": about, "send": {}})]
    for address, fate in fates:
        match fate:
            case Fate.DELIVERED:
                found.append(_delivery(about, address, moment))
            case Fate.BOUNCED:
                found.append(_bounce(about, address, moment, "Permanent", "General", _HARD))
            case Fate.OUT_OF_OFFICE:
                found.append(_delivery(about, address, moment))
                found.append(_bounce(about, address, moment, "Transient", "General", {}))
            case Fate.COMPLAINED:
                found.append(_delivery(about, address, moment))
                found.append(_complaint(about, address, moment))
            case Fate.GLOBALLY_SUPPRESSED:
                found.append(_bounce(about, address, moment, "Permanent", "Suppressed", _SUPPRESSED))
            case Fate.REJECTED:
                found.append(_reject(about))
            case Fate.SUPPRESSED:
                found.append(_bounce(about, address, moment, "Permanent", "OnAccountSuppressionList", _ON_LIST))
    return found


_HARD: dict[str, Json] = {
    "action": "failed",
    "status": "5.1.1",
    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
}
_SUPPRESSED: dict[str, Json] = {
    "action": "failed",
    "status": "5.1.1",
    "diagnosticCode": "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as"
    " an invalid address.",
}
_ON_LIST: dict[str, Json] = {
    "action": "failed",
    "status": "5.1.1",
    "diagnosticCode": "Amazon SES did not send the message to this address because it is on the suppression list for"
    " your account.",
}


def _delivery(about: dict[str, Json], address: str, moment: datetime) -> Event:
    delivery: dict[str, Json] = {
        "timestamp": iso(moment),
        "processingTimeMillis": 500,
        "recipients": [address],
        "smtpResponse": "250 2.0.0 OK: queued",
        "reportingMTA": _MTA,
    }
    return Event(event_type="DELIVERY", body={"eventType": "Delivery", "mail": about, "delivery": delivery})


def _bounce(
    about: dict[str, Json], address: str, moment: datetime, kind: str, subtype: str, detail: dict[str, Json]
) -> Event:
    bounce: dict[str, Json] = {
        "feedbackId": feedback_id(moment),
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [{"emailAddress": address, **detail}],
        "timestamp": iso(moment),
        "reportingMTA": f"dns; {_MTA}",
    }
    return Event(event_type="BOUNCE", body={"eventType": "Bounce", "bounce": bounce, "mail": about})


def _reject(about: dict[str, Json]) -> Event:
    return Event(event_type="REJECT", body={"eventType": "Reject", "mail": about, "reject": {"reason": "Bad content"}})


def _complaint(about: dict[str, Json], address: str, moment: datetime) -> Event:
    complaint: dict[str, Json] = {
        "feedbackId": feedback_id(moment),
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": iso(moment),
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": iso(moment),
    }
    return Event(event_type="COMPLAINT", body={"eventType": "Complaint", "complaint": complaint, "mail": about})
