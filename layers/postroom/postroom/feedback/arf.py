"""Complaints: the feedback report of RFC 5965 (ARF)."""

from postroom.feedback.fields import ADDRESS, Group, address_in, headers
from postroom.feedback.report import BounceReason, Report

_MOST_RECIPIENTS = 100

#: Where reporters put the address that complained, the surest first; they take it out of the original message.
_RECIPIENT_FIELDS = ("original-rcpt-to", "removal-recipient", "recipient", "rcpt-to")


def reports_of(body: str, originals: tuple[Group, ...], original_message_id: str | None) -> tuple[Report, ...]:
    """The complaint, once for each recipient that it names; once with None where it names none."""
    fields = headers(body)
    feedback_type = fields.get("feedback-type").lower() or None
    return tuple(
        Report(
            recipient=recipient,
            reason=BounceReason.COMPLAINT,
            feedback_type=feedback_type,
            diagnostic=fields.get("user-agent")[:200] or None,
            original_message_id=original_message_id,
        )
        for recipient in _recipients(fields, originals) or (None,)
    )


def _recipients(fields: Group, originals: tuple[Group, ...]) -> tuple[str, ...]:
    for name in _RECIPIENT_FIELDS:
        named = [address_in(value) for value in fields.values.get(name, ())]
        if found := tuple(dict.fromkeys(a for a in named if a))[:_MOST_RECIPIENTS]:
            return found
    return next((found for original in originals if (found := _addressed(original))), ())


def _addressed(original: Group) -> tuple[str, ...]:
    """Whom the original message was written to, if that is one person: of several, nobody knows who complained."""
    for name in ("x-hmxmroriginalrecipient", "x-original-to", "delivered-to", "to"):
        found = tuple(dict.fromkeys(ADDRESS.findall(original.get(name))))
        if len(found) == 1:
            return found
    return ()


def is_hotmail(fields: Group, originals: tuple[Group, ...]) -> bool:
    """Microsoft's feedback loop (JMRP) has no feedback-report part: it attaches the mail, with a field of its own."""
    return "complaint about message" in fields.get("subject")[:400].lower() and any(
        "x-hmxmroriginalrecipient" in original.values for original in originals
    )
