"""What a report says happened to its address, as it is kept. Pure."""

from postroom.address import AddressEvent, Channel, Incident
from postroom.feedback.counting import told_once
from postroom.feedback.delivery import sent_id_of
from postroom.feedback.report import Feedback, Source

_DIAGNOSTIC = 300  # characters of the server's words
_SHORT = 40

_CHANNELS = {Source.SES_EVENT: Channel.SES_EVENT, Source.MAIL: Channel.MAIL}


def incident(feedback: Feedback, index: int, event: AddressEvent, at: str) -> Incident:
    """Of the report with this index. A delay comes several times for one mail; all else happens to it once."""
    report = feedback.reports[index]
    sent_id = sent_id_of(feedback, report) or ""
    once = sent_id and event is not AddressEvent.DELAYED
    return Incident(
        event=event,
        id=told_once(report, sent_id, event) if once else f"{feedback.event_id}/{index}",
        at=at,
        channel=_CHANNELS[feedback.source],
        reason=report.reason,
        permanence=report.permanence,
        status=(report.status or "")[:_SHORT],
        smtp_code=(report.smtp_code or "")[:_SHORT],
        feedback_type=(report.feedback_type or "")[:_SHORT],
        diagnostic=(report.diagnostic or "")[:_DIAGNOSTIC],
        sent_id=sent_id,
    )
