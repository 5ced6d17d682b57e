"""SES's events of every type about a mail of ours, as SES documents them ("Examples of the event data that Amazon SES
publishes to Amazon SNS" and "Amazon SNS notification contents"): one of each, for a mail with this number."""

from typing import Any

AT = "2026-11-24T07:30:00.000Z"

#: Types that SES's notifications from before there were events have as well.
NOTIFIED = frozenset({"Bounce", "Complaint", "Delivery"})

TYPES = (
    "Send",
    "Reject",
    "Delivery",
    "DeliveryDelay",
    "Bounce",
    "Complaint",
    "Open",
    "Click",
    "Rendering Failure",
    "Subscription",
    "Something New",
)

#: Two mails, and what can happen to each.
EVENTS = [(kind, number) for kind in TYPES for number in range(2)]


def told(kind: str, number: int, *, as_notification: bool = False) -> dict[str, Any]:
    """The event; where there is one of this type, the notification, which has ids of its own."""
    by_notification = as_notification and kind in NOTIFIED
    way = "n" if by_notification else "e"
    field, particular = _particular(kind, whom(number), f"{way}-{kind}-{number}")
    mail = {"messageId": f"sent-{number}", "timestamp": AT, "destination": [whom(number)]}
    return {"notificationType" if by_notification else "eventType": kind, "mail": mail, field: particular}


def whom(number: int) -> str:
    return f"ann{number}@example.com"


def _particular(kind: str, address: str, feedback_id: str) -> tuple[str, dict[str, Any]]:
    failed = {"emailAddress": address, "status": "5.1.1", "action": "failed", "diagnosticCode": "smtp; 550 5.1.1 no"}
    one = {"emailAddress": address}
    match kind:
        case "Bounce":
            whole = {"bounceType": "Permanent", "bounceSubType": "NoEmail", "bouncedRecipients": [failed]}
            return "bounce", {**whole, "feedbackId": feedback_id, "timestamp": AT}
        case "Complaint":
            whole = {"complaintFeedbackType": "abuse", "complainedRecipients": [one]}
            return "complaint", {**whole, "feedbackId": feedback_id, "timestamp": AT}
        case "Delivery":
            return "delivery", {"recipients": [address], "timestamp": AT, "smtpResponse": "250 ok"}
        case "DeliveryDelay":
            return "deliveryDelay", {"delayType": "MailboxFull", "delayedRecipients": [one], "timestamp": AT}
        case "Reject":
            return "reject", {"reason": "Bad content"}
        case "Rendering Failure":
            return "failure", {"templateName": "hello", "errorMessage": "Attribute 'name' is not present"}
        case "Open" | "Click":
            return kind.lower(), {"ipAddress": "192.0.2.1", "timestamp": AT, "userAgent": "Mozilla/5.0"}
        case "Subscription":
            return "subscription", {"contactList": "news", "timestamp": AT, "source": "UnsubscribeHeader"}
    return "send", {}
