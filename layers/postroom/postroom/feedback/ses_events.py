"""SES's own events (event publishing of a configuration set) and its older notifications, as Feedback.

Sources: "Contents of event data that Amazon SES publishes to Amazon SNS" and "Amazon SNS notification contents for
Amazon SES" (developer guide). Only the type is relied on: any other field may be absent, of an unforeseen type, or new.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from postroom.clock import from_iso, iso
from postroom.errors import Poison
from postroom.feedback.codes import reason_of_codes, smtp_code_in, status_in
from postroom.feedback.phrases import is_vacation, reason_of_words
from postroom.feedback.report import BounceReason, Feedback, FeedbackKind, Permanence, Report, Source
from postroom.ids import ANSWERS_TAG, CONVERSATION_TAG, DRAFT_TAG, SentId, SesId
from postroom.inbound import SETUP_OBJECT, Ignored
from postroom.reasons import Reason

_Json = Mapping[str, Any]
_R = BounceReason

_MOST_RECIPIENTS = 1_000  # SES takes 50 a send; what has more than this is no event of SES
_DIAGNOSTIC_LENGTH = 1_000
_DRAFT = re.compile(r"[a-z2-7]{16}/[0-9a-f]{32}")

#: bounceSubType -> reason. An open enum: what isn't here is read from the diagnostic.
_SUBTYPES: Mapping[str, BounceReason] = {
    "NoEmail": _R.NO_SUCH_USER,
    "Suppressed": _R.SUPPRESSED,
    "OnAccountSuppressionList": _R.SUPPRESSED,
    "OnTenantSuppressionList": _R.SUPPRESSED,
    "UnsubscribedRecipient": _R.SUPPRESSED,
    "EmailValidationSuppressed": _R.SUPPRESSED,
    "MailboxFull": _R.MAILBOX_FULL,
    "MessageTooLarge": _R.TOO_LARGE,
    "ContentRejected": _R.CONTENT_REJECTED,
    "AttachmentRejected": _R.CONTENT_REJECTED,
    "CustomTimeoutExceeded": _R.NETWORK_OR_TIMEOUT,
}

#: delayType of a DeliveryDelay -> reason. An open enum too.
_DELAYS: Mapping[str, BounceReason] = {
    "InternalFailure": _R.SYSTEM_ERROR,
    "MailboxFull": _R.MAILBOX_FULL,
    "SpamDetected": _R.SPAM_OR_BLOCKED,
    "RecipientServerError": _R.SYSTEM_ERROR,
    "IPFailure": _R.SPAM_OR_BLOCKED,
    "TransientCommunicationFailure": _R.NETWORK_OR_TIMEOUT,
    "SamplingError": _R.OTHER,
}

_PERMANENCE: Mapping[str, Permanence] = {
    "Permanent": Permanence.PERMANENT,
    "Transient": Permanence.TRANSIENT,
    "Undetermined": Permanence.UNDETERMINED,
}


def of_body(body: str) -> Feedback | Ignored:
    """The body of a queue record, bare or in its SNS envelope: the one entry of the stage.

    Ignored where it is SES's or SNS's own greeting; Poison(UNREADABLE_EVENT) where it is no SES event.
    """
    text = body
    for _ in range(2):  # bare, or in its SNS envelope
        if text.startswith("Successfully validated SNS topic"):
            return Ignored(reason=Reason.TOPIC_VALIDATION)
        event = _object(text)
        if event.get("Type") != "Notification" or not isinstance(event.get("Message"), str):
            break
        text = event["Message"]
    if event.get("notificationType") == "AmazonSnsSubscriptionSucceeded":
        return Ignored(reason=Reason.TOPIC_VALIDATION)
    if _text(_part(event, "mail"), "messageId") == SETUP_OBJECT:
        return Ignored(reason=Reason.SETUP_NOTIFICATION)
    if not is_event(event):
        raise Poison(
            Reason.UNREADABLE_EVENT,
            f"an SES event has eventType or notificationType, and mail; this one has {', '.join(sorted(event)[:8])!r}",
        )
    return read(event)


def _object(text: str) -> _Json:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Poison(Reason.UNREADABLE_EVENT, f"an SES event is a JSON object; this is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Poison(Reason.UNREADABLE_EVENT, f"an SES event is a JSON object; this is a {type(value).__name__}")
    return value


def is_event(value: object) -> bool:
    """Whether this JSON value looks like one of SES's sending events."""
    return isinstance(value, dict) and bool(_type(value)) and isinstance(value.get("mail"), dict)


def read(event: _Json) -> Feedback:
    """The event as Feedback. A type that we don't know, or that reports on no delivery, gives kind `none`.

    Never raises, whatever the fields hold.
    """
    reader = _READERS.get(_type(event))
    kind, reports = reader(event) if reader else (FeedbackKind.NONE, ())
    sent_id = _text(_part(event, "mail"), "messageId")
    return Feedback(
        kind=kind,
        reports=reports,
        source=Source.SES_EVENT,
        event_type=_type(event),
        about=SentId(sent_id) if sent_id else None,
        answers=_answers(event),
        draft=_draft(event),
        event_id=_event_id(event),
        at=_moment(event),
    )


def _answers(event: _Json) -> SesId | None:
    """The received mail that the reply answered, by the tag that the reply was sent with."""
    answered = _tag(event, ANSWERS_TAG)
    return SesId(answered) if answered else None


def _draft(event: _Json) -> str:
    """The key of a person's answer, by the two tags that it was sent with."""
    key = f"{_tag(event, CONVERSATION_TAG)}/{_tag(event, DRAFT_TAG)}"
    return key if _DRAFT.fullmatch(key) else ""


def _tag(event: _Json, name: str) -> str:
    values = _part(_part(event, "mail"), "tags").get(name)
    return values[0] if isinstance(values, list) and values and isinstance(values[0], str) else ""


_Read = tuple[FeedbackKind, tuple[Report, ...]]


def _bounce(event: _Json) -> _Read:
    bounce = _part(event, "bounce")
    reports = tuple(_bounced(event, bounce, one) for one in _recipients(bounce, "bouncedRecipients"))
    if reports and all(report.reason is _R.VACATION for report in reports):
        return FeedbackKind.AUTO_REPLY, ()
    return FeedbackKind.BOUNCE, reports


def _bounced(event: _Json, bounce: _Json, recipient: _Json) -> Report:
    diagnostic = _text(recipient, "diagnosticCode")
    status = status_in(_text(recipient, "status")) or status_in(diagnostic)
    code = smtp_code_in(diagnostic)
    return Report(
        recipient=_text(recipient, "emailAddress") or None,
        action=_text(recipient, "action").lower() or "failed",
        status=status,
        smtp_code=code,
        reason=_bounce_reason(bounce, diagnostic, status, code),
        permanence=_PERMANENCE.get(_text(bounce, "bounceType"), Permanence.UNDETERMINED),
        diagnostic=diagnostic[:_DIAGNOSTIC_LENGTH] or None,
        original_message_id=_message_id(event),
    )


def _bounce_reason(bounce: _Json, diagnostic: str, status: str | None, code: str | None) -> BounceReason:
    if known := _SUBTYPES.get(_text(bounce, "bounceSubType")):
        return known
    if _text(bounce, "bounceType") != "Permanent" and is_vacation(diagnostic):
        return _R.VACATION  # SES: "Transient, General: ... an out-of-office reply"
    return reason_of_words(diagnostic) or reason_of_codes(status, code)


def _complaint(event: _Json) -> _Read:
    complaint = _part(event, "complaint")
    feedback_type = _text(complaint, "complaintFeedbackType").lower() or None
    suppressed = _text(complaint, "complaintSubType") in _SUBTYPES
    reports = tuple(
        Report(
            recipient=_text(one, "emailAddress") or None,
            reason=_R.SUPPRESSED if suppressed else _R.COMPLAINT,
            feedback_type=feedback_type,
            original_message_id=_message_id(event),
        )
        for one in _recipients(complaint, "complainedRecipients")
    )
    return FeedbackKind.COMPLAINT, reports


def _delivery(event: _Json) -> _Read:
    delivery = _part(event, "delivery")
    response = _text(delivery, "smtpResponse")
    reports = tuple(
        Report(
            recipient=address,
            action="delivered",
            status=status_in(response),
            smtp_code=response[:3] if response[:3].isdecimal() and response.isascii() else None,
            reason=_R.DELIVERED,
            diagnostic=response[:_DIAGNOSTIC_LENGTH] or None,
            original_message_id=_message_id(event),
        )
        for address in _strings(delivery.get("recipients"))
    )
    return FeedbackKind.DELIVERED, reports


def _delay(event: _Json) -> _Read:
    delay = _part(event, "deliveryDelay")
    reports = tuple(_delayed(event, delay, one) for one in _recipients(delay, "delayedRecipients"))
    return FeedbackKind.DELAY, reports


def _delayed(event: _Json, delay: _Json, recipient: _Json) -> Report:
    diagnostic = _text(recipient, "diagnosticCode")
    status = status_in(_text(recipient, "status")) or status_in(diagnostic)
    code = smtp_code_in(diagnostic)
    reason = _DELAYS.get(_text(delay, "delayType")) or reason_of_words(diagnostic) or reason_of_codes(status, code)
    return Report(
        recipient=_text(recipient, "emailAddress") or None,
        action="delayed",
        status=status,
        smtp_code=code,
        reason=reason,
        permanence=Permanence.TRANSIENT,
        diagnostic=diagnostic[:_DIAGNOSTIC_LENGTH] or None,
        original_message_id=_message_id(event),
    )


def _reject(event: _Json) -> _Read:
    """The whole mail: SES found a virus in it ("Contents of event data", "Reject object")."""
    why = _text(_part(event, "reject"), "reason")
    reports = tuple(
        Report(
            recipient=address,
            reason=_R.CONTENT_REJECTED,
            diagnostic=why[:_DIAGNOSTIC_LENGTH] or None,
            original_message_id=_message_id(event),
        )
        for address in _strings(_part(event, "mail").get("destination"))
    )
    return FeedbackKind.REJECTED, reports


_READERS: Mapping[str, Callable[[_Json], _Read]] = {
    "Bounce": _bounce,
    "Complaint": _complaint,
    "Delivery": _delivery,
    "DeliveryDelay": _delay,
    "Reject": _reject,
}

#: The field that holds what is particular to an event, with its own timestamp and feedback id.
_OBJECTS = (
    "bounce", "complaint", "delivery", "deliveryDelay",
    "send", "reject", "open", "click", "failure", "subscription",
)  # fmt: skip


def _type(event: _Json) -> str:
    return _text(event, "eventType") or _text(event, "notificationType")


def _event_id(event: _Json) -> str:
    """SES's feedbackId where there is one, else a hash over what makes the event the same one when it is repeated."""
    own = _own(event)
    if feedback_id := _text(own, "feedbackId"):
        return f"ses/{feedback_id}"
    same = json.dumps([_type(event), _text(_part(event, "mail"), "messageId"), own], sort_keys=True)
    return f"ses/{hashlib.sha256(same.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _own(event: _Json) -> _Json:
    return next((_part(event, name) for name in _OBJECTS if _part(event, name)), {})


def _moment(event: _Json) -> str | None:
    for text in (_text(_own(event), "timestamp"), _text(_part(event, "mail"), "timestamp")):
        try:
            return iso(from_iso(text))
        except (ValueError, OverflowError):
            continue
    return None


def _message_id(event: _Json) -> str | None:
    """The Message-ID that we gave the mail before SES replaced it."""
    mail = _part(event, "mail")
    value = _text(_part(mail, "commonHeaders"), "messageId")
    return value.strip().strip("<>") or _text(mail, "messageId") or None


def _part(parent: _Json, name: str) -> _Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _text(parent: _Json, name: str) -> str:
    value = parent.get(name)
    return value.strip() if isinstance(value, str) else ""


def _recipients(parent: _Json, name: str) -> Iterator[_Json]:
    value = parent.get(name)
    listed = value[:_MOST_RECIPIENTS] if isinstance(value, list) else ()
    return (one for one in listed if isinstance(one, dict))


def _strings(value: object) -> Iterator[str]:
    listed = value[:_MOST_RECIPIENTS] if isinstance(value, list) else ()
    return (one for one in listed if isinstance(one, str))
