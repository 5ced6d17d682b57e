"""An event as an identity's own topic hears of it. Pure.

Source: "Amazon SNS notification contents for Amazon SES". An identity and a configuration set that both want an event
both get it, under different feedback ids.
"""

from collections.abc import Mapping
from datetime import datetime

from local.ses.feedback.events import Event
from local.ses.values import Json, feedback_id

TYPES: Mapping[str, str] = {"BOUNCE": "Bounce", "COMPLAINT": "Complaint", "DELIVERY": "Delivery"}
_HEADERS = ("headersTruncated", "headers", "commonHeaders")


def notification(event: Event, moment: datetime, *, with_headers: bool) -> dict[str, Json] | None:
    """The event as an identity is told of it, or None where it never is. No tags; headers only if they are wanted."""
    if event.event_type not in TYPES:
        return None
    kind = TYPES[event.event_type]
    mail, told = event.body["mail"], event.body[kind.lower()]
    about = dict(mail) if isinstance(mail, Mapping) else {}
    about.pop("tags", None)
    for name in () if with_headers else _HEADERS:
        about.pop(name, None)
    about |= {"sourceIp": "127.0.0.1", "callerIdentity": "local"}
    details = dict(told) if isinstance(told, Mapping) else {}
    if "feedbackId" in details:
        details["feedbackId"] = feedback_id(moment)
    return {"notificationType": kind, kind.lower(): details, "mail": about}
