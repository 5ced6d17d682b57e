"""The events of a configuration set, as SES publishes them. Pure.

Source: "Contents of event data that Amazon SES publishes to Amazon SNS" and its examples. The order of the members is
that of the examples; what they leave out (`remoteMtaIp`, `ses:outgoing-ip`) is as in events of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from local.ses import headers
from local.ses.feedback.fates import Fate
from local.ses.feedback.steps import (
    Bounced,
    Clicked,
    Complained,
    Delayed,
    Delivered,
    Opened,
    Rejected,
    RenderingFailed,
    Step,
    Unsubscribed,
)
from local.ses.mail import Place, Sent
from local.ses.values import Json, feedback_id, iso

SUBJECT = "Amazon SES Email Event Notification"
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."  # not JSON, and not an event

# "SES events schema reference" (Monitoring SES events using Amazon EventBridge): the names of the events there.
DETAIL_TYPES: Mapping[str, str] = {
    "SEND": "Email Sent",
    "REJECT": "Email Rejected",
    "BOUNCE": "Email Bounced",
    "COMPLAINT": "Email Complaint Received",
    "DELIVERY": "Email Delivered",
    "OPEN": "Email Opened",
    "CLICK": "Email Clicked",
    "RENDERING_FAILURE": "Email Rendering Failed",
    "DELIVERY_DELAY": "Email Delivery Delayed",
    "SUBSCRIPTION": "Email Subscribed",
}

RETRIED_FOR = timedelta(hours=14)  # "expirationTime": when SES stops trying. The time isn't documented; this is usual.
_MTA = "a8-50.smtp-out.amazonses.com"
_OUTGOING_IP = "198.51.100.50"
_REMOTE_IP = "203.0.113.25"
_NO_LINK = "https://example.com/"  # followed where a mail that is to be clicked has no link


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `event_type` is the name that event destinations choose it by (SEND, BOUNCE, ...)."""

    event_type: str
    body: Mapping[str, Json]


def mail(sent: Sent, place: Place) -> dict[str, Json]:
    """The `mail` object, which every event has."""
    fields, _ = headers.split(sent.outgoing.raw)
    about = _mail(sent, place)
    tags = about.pop("tags")
    return {**about, **headers.reported(fields, sent.sent_id), "tags": tags}


def _mail(sent: Sent, place: Place) -> dict[str, Json]:
    outgoing = sent.outgoing
    domain = outgoing.source.rpartition("@")[2]
    return {
        "timestamp": iso(sent.sent_at),
        "source": outgoing.source,
        "sourceArn": f"arn:aws:ses:{place.region}:{place.account}:identity/{domain}",
        "sendingAccountId": place.account,
        "messageId": sent.sent_id,
        "destination": list(outgoing.destination),
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


def send(about: Mapping[str, Json]) -> Event:
    return Event(event_type="SEND", body={"eventType": "Send", "mail": about, "send": {}})


def events(
    sent: Sent, fates: Sequence[tuple[str, Fate]], moment: datetime, place: Place, link: str | None = None
) -> list[Event]:
    """Every event of one sent mail, in the order in which SES would have them: Send, then those of each server that
    was given recipients (those of one domain), fate by fate. A mail that nobody says a word about has none. `link` is
    the one that is clicked."""
    heard = [(address, fate) for address, fate in fates if fate is not Fate.SILENT]
    if fates and not heard:
        return []
    about = mail(sent, place)
    return [send(about), *of_recipients(about, heard, moment, link)]


def of_recipients(
    about: Mapping[str, Json], fated: Iterable[tuple[str, Fate]], moment: datetime, link: str | None = None
) -> list[Event]:
    """What is told of recipients: all but the Send."""
    return [
        happened(about, replace(step, link=link) if isinstance(step, Clicked) else step, addresses, moment)
        for (_, fate), addresses in _together(fated).items()
        for step in fate.steps
    ]


def _together(fated: Iterable[tuple[str, Fate]]) -> dict[tuple[str, Fate], list[str]]:
    """The recipients of one server with one fate share an event; SES rejects a mail once, whoever it was for."""
    groups: dict[tuple[str, Fate], list[str]] = {}
    for address, fate in fated:
        domain = "" if fate is Fate.REJECTED else address.lower().rpartition("@")[2]
        groups.setdefault((domain, fate), []).append(address)
    return groups


def happened(about: Mapping[str, Json], step: Step, recipients: Sequence[str], moment: datetime) -> Event:
    """The event that tells of this step. `about` is the `mail` object; recipients are named where an event has them."""
    match step:
        case Delivered():
            return _delivery(about, step, recipients, moment)
        case Bounced():
            return _bounce(about, step, recipients, moment)
        case Delayed():
            return _delay(about, step, recipients, moment)
        case Complained():
            return _complaint(about, step, recipients, moment)
        case Rejected(reason=reason):
            return Event(event_type="REJECT", body={"eventType": "Reject", "mail": about, "reject": {"reason": reason}})
        case Opened():
            return _open(about, step, moment)
        case Clicked():
            return _click(about, step, moment)
        case Unsubscribed():
            return _subscription(about, step, moment)
        case RenderingFailed():
            return _failure(about, step)


def _delivery(about: Mapping[str, Json], step: Delivered, recipients: Sequence[str], moment: datetime) -> Event:
    delivery: dict[str, Json] = {
        "timestamp": iso(moment),
        "processingTimeMillis": 500,
        "recipients": list(recipients),
        "smtpResponse": step.response,
        "remoteMtaIp": step.remote_ip or _REMOTE_IP,
        "reportingMTA": _MTA,
    }
    tags = about.get("tags")
    more: dict[str, Json] = {"ses:outgoing-ip": [_OUTGOING_IP]}
    mail = {**about, "tags": {**(tags if isinstance(tags, Mapping) else {}), **more}}
    return Event(event_type="DELIVERY", body={"eventType": "Delivery", "mail": mail, "delivery": delivery})


def _bounce(about: Mapping[str, Json], step: Bounced, recipients: Sequence[str], moment: datetime) -> Event:
    """`status`, `action`, `diagnosticCode` and `reportingMTA` are there where a DSN is attached ("Bounce object")."""
    told: dict[str, Json] = {}
    by: dict[str, Json] = {}
    if step.status is not None:
        told = {"action": "failed", "status": step.status, "diagnosticCode": step.diagnostic or step.status}
        by = {"reportingMTA": f"dns; {step.reporting_mta or _MTA}"}
        if not step.held_back:
            by = {"remoteMtaIp": step.remote_ip or _REMOTE_IP, **by}
    bounce: dict[str, Json] = {
        "feedbackId": feedback_id(moment),
        "bounceType": step.bounce_type,
        "bounceSubType": step.subtype,
        "bouncedRecipients": [{"emailAddress": address, **told} for address in recipients],
        "timestamp": iso(moment),
        **by,
    }
    return Event(event_type="BOUNCE", body={"eventType": "Bounce", "bounce": bounce, "mail": about})


def _delay(about: Mapping[str, Json], step: Delayed, recipients: Sequence[str], moment: datetime) -> Event:
    told: dict[str, Json] = {"status": step.status, "diagnosticCode": step.diagnostic}
    delay: dict[str, Json] = {
        "timestamp": iso(moment),
        "delayType": step.delay_type,
        "expirationTime": iso(moment + RETRIED_FOR),
        "reportingMTA": step.reporting_mta or _MTA,
        "delayedRecipients": [{"emailAddress": address, **told} for address in recipients],
    }
    return Event(
        event_type="DELIVERY_DELAY", body={"eventType": "DeliveryDelay", "mail": about, "deliveryDelay": delay}
    )


def _complaint(about: Mapping[str, Json], step: Complained, recipients: Sequence[str], moment: datetime) -> Event:
    complaint: dict[str, Json] = {
        "feedbackId": feedback_id(moment),
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": address} for address in recipients],
        "timestamp": iso(moment),
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": step.feedback_type,
        "arrivalDate": iso(moment),
    }
    return Event(event_type="COMPLAINT", body={"eventType": "Complaint", "complaint": complaint, "mail": about})


def _open(about: Mapping[str, Json], step: Opened, moment: datetime) -> Event:
    opened: dict[str, Json] = {"ipAddress": step.ip, "timestamp": iso(moment), "userAgent": step.user_agent}
    return Event(event_type="OPEN", body={"eventType": "Open", "mail": about, "open": opened})


def _click(about: Mapping[str, Json], step: Clicked, moment: datetime) -> Event:
    tags: dict[str, list[str]] = {}
    for name, value in step.link_tags:
        tags.setdefault(name, []).append(value)
    click: dict[str, Json] = {
        "ipAddress": step.ip,
        "link": step.link or _NO_LINK,
        "linkTags": tags or None,
        "timestamp": iso(moment),
        "userAgent": step.user_agent,
    }
    return Event(event_type="CLICK", body={"eventType": "Click", "click": click, "mail": about})


def _subscription(about: Mapping[str, Json], step: Unsubscribed, moment: datetime) -> Event:
    subscription: dict[str, Json] = {
        "contactList": step.contact_list,
        "timestamp": iso(moment),
        "source": step.source,
        "newTopicPreferences": _preferences(step.topic, left=True),
        "oldTopicPreferences": _preferences(step.topic, left=False),
    }
    body: dict[str, Json] = {"eventType": "Subscription", "mail": about, "subscription": subscription}
    return Event(event_type="SUBSCRIPTION", body=body)


def _preferences(topic: str | None, *, left: bool) -> dict[str, Json]:
    status = "OptOut" if left else "OptIn"
    topics: list[Json] = [{"topicName": topic, "subscriptionStatus": status}] if topic is not None else []
    return {"unsubscribeAll": left and topic is None, "topicSubscriptionStatus": topics}


def _failure(about: Mapping[str, Json], step: RenderingFailed) -> Event:
    """There is no mail yet, so nothing is said of its header section."""
    told = {name: value for name, value in about.items() if name not in ("headers", "commonHeaders")}
    failure: dict[str, Json] = {"errorMessage": step.message, "templateName": step.template}
    body: dict[str, Json] = {
        "eventType": "Rendering Failure",
        "mail": {**told, "headersTruncated": False},
        "failure": failure,
    }
    return Event(event_type="RENDERING_FAILURE", body=body)
