"""A mail, an SES event, or a file that is one of them, as Feedback. Nothing that a mail or a file holds raises here."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from postroom.clock import from_iso, iso
from postroom.errors import Poison
from postroom.feedback import arf, dsn, freeform, notice, ses_events
from postroom.feedback.fields import ADDRESS, Group
from postroom.feedback.parts import ReportMail, look_at
from postroom.feedback.report import Feedback, FeedbackKind, Report, Source
from postroom.feedback.wordings import any_of
from postroom.ids import SentId
from postroom.mime.headers import date
from postroom.mime.scan import TooComplex

_SES_DOMAIN = re.compile(
    r"^([0-9a-f]{8,40}(?:-[0-9a-f]{1,12}){2,8})@(?:email|[a-z]{2}-[a-z]{1,20}-\d)\.amazonses\.com$"
)
_STATUS_IN_TEXT = re.compile(r"^[ \t]{0,8}(?:final|original)-recipient[ \t]{0,4}:", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_AUTO_SUBJECT = any_of(
    r"""
    auto(?:matic|mated|matische)?[- ]?(?:reply|response|responder|antwort)
    out of (?:the )?office
    abwesenheit
    vacation
    réponse automatique
    respuesta autom
    risposta automatica
    away (?:until|from)
    on vacation
    """,
    before=r"\W{0,4}",
)


def from_file_bytes(content: bytes) -> Feedback:
    """A file: one SES event in JSON, bare or in its SNS envelope, or one raw mail."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return from_json(content.decode("utf-8-sig", "replace"))
    return from_mail(content)


def from_json(text: str) -> Feedback:
    """An SES event. JSON that is none of SES's sending events reports on nothing."""
    try:
        found = ses_events.of_body(text)
    except Poison:
        return _nothing(text.encode("utf-8", "surrogatepass"), Source.SES_EVENT)
    if isinstance(found, Feedback):
        return found
    return _nothing(text.encode("utf-8", "surrogatepass"), Source.SES_EVENT)


def from_mail(raw: bytes) -> Feedback:
    """A raw mail: DSN, then ARF, then a free-form bounce, then an automatic reply; `none` for any other."""
    try:
        return _of(look_at(raw), raw)
    except TooComplex:
        return _nothing(raw, Source.MAIL)


def sent_id(message_id: str | None) -> SentId | None:
    """SES's id of a mail of ours, from the Message-ID that SES gives it: `<id@email.amazonses.com>` in us-east-1,
    `<id@REGION.amazonses.com>` elsewhere."""
    found = _SES_DOMAIN.match(message_id or "")
    return SentId(found[1]) if found else None


def to_json(feedback: Feedback) -> dict[str, Any]:
    """The object that `postroom feedback --jsonl` prints, without `file`."""
    return {"kind": feedback.kind.value, "reports": [_report_json(report) for report in feedback.reports]}


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "recipient": report.recipient,
        "action": report.action,
        "status": report.status,
        "smtp_code": report.smtp_code,
        "reason": report.reason.value,
        "permanence": report.permanence.value,
        "feedback_type": report.feedback_type,
        "diagnostic": report.diagnostic,
        "original_message_id": report.original_message_id,
    }


def _of(mail: ReportMail, raw: bytes) -> Feedback:
    split = notice.split(mail.notice)
    original = next((o for o in (*mail.originals, split.returned) if o.values), Group())
    message_id = _original_id(original, mail.fields)
    if event := _ses_event(mail):
        return replace(event, source=Source.MAIL, event_id=_id_of(raw))
    kind, reports = _read(mail, split.words, original, message_id)
    return Feedback(
        kind=kind,
        reports=reports,
        source=Source.MAIL,
        event_type=kind.value,
        about=sent_id(message_id),
        event_id=_id_of(raw),
        at=_moment(mail.fields),
    )


_Read = tuple[FeedbackKind, tuple[Report, ...]]


def _read(mail: ReportMail, words: str, original: Group, message_id: str | None) -> _Read:
    for body in mail.statuses:
        if reports := dsn.reports_of(body, words, message_id):
            return dsn.kind_of(reports), _with_address(reports, mail, words, original)
    for body in mail.feedback_reports:
        return FeedbackKind.COMPLAINT, arf.reports_of(body, mail.originals, message_id)
    if arf.is_hotmail(mail.fields, mail.originals):
        return FeedbackKind.COMPLAINT, arf.reports_of("", mail.originals, message_id)
    if _is_failure(mail, words, original):
        return _failure(mail, words, original, message_id)
    return (FeedbackKind.AUTO_REPLY if _is_auto_reply(mail.fields) else FeedbackKind.NONE), ()


def _failure(mail: ReportMail, words: str, original: Group, message_id: str | None) -> _Read:
    """A bounce for people. Where its MIME is broken, the delivery-status fields may stand in its text."""
    if _STATUS_IN_TEXT.search(mail.notice) and (reports := dsn.reports_of(mail.notice, words, message_id)):
        return dsn.kind_of(reports), reports
    if not freeform.failed_addresses(words, mail.fields, Group()) and (inner := _wrapped(mail)):
        return inner
    delayed = notice.is_delay(mail.fields, words)
    reports = freeform.reports_of(words, mail.fields, original, delayed, message_id)
    return (FeedbackKind.DELAY if delayed else FeedbackKind.BOUNCE), reports


def _wrapped(mail: ReportMail) -> _Read | None:
    """The report inside a notice that names nobody itself. One level: a report in a report in a report is no report."""
    for raw in mail.wrapped:
        inner = look_at(raw)
        original = next(iter(inner.originals), Group())
        for body in inner.statuses:
            if reports := dsn.reports_of(body, inner.notice, _original_id(original, inner.fields)):
                return dsn.kind_of(reports), reports
    return None


def _is_failure(mail: ReportMail, words: str, original: Group) -> bool:
    # RFC 8098: read, deleted or denied, it has arrived. But a recipient's filter rejects by one (RFC 5429 section 2.1).
    if mail.report_type == "disposition-notification" and "rejected" not in mail.fields.get("subject")[:400].lower():
        return False
    if _is_auto_reply(mail.fields) and not notice.is_from_server(mail.fields):
        return False
    gives_back = bool(original.values) and not mail.wrapped
    return notice.is_failure(mail.fields, words, mail.report_type, gives_back)


def _with_address(reports: tuple[Report, ...], mail: ReportMail, words: str, original: Group) -> tuple[Report, ...]:
    """A report whose recipient is no address ("RFC822; userx") takes the one that the notice names."""
    if len(reports) != 1 or ADDRESS.fullmatch(reports[0].recipient or ""):
        return reports
    named = freeform.failed_addresses(words, mail.fields, original)
    return (replace(reports[0], recipient=named[0]),) if len(named) == 1 else reports


def _is_auto_reply(fields: Group) -> bool:
    """RFC 3834, and what came before it."""
    if fields.get("auto-submitted").lower().startswith("auto-replied"):
        return True
    if any(name in fields.values for name in ("x-autoreply", "x-autorespond", "x-autoresponder")):
        return True
    return bool(_AUTO_SUBJECT.match(fields.get("subject")[:200]))


def _ses_event(mail: ReportMail) -> Feedback | None:
    """SNS sends to mail addresses too: the event is the text of the mail, and SNS's own footer follows it."""
    text = mail.notice.lstrip()
    if not text.startswith("{") or "@sns.amazonaws.com" not in mail.fields.get("from"):
        return None
    try:
        event, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return ses_events.read(event) if ses_events.is_event(event) else None


def _original_id(original: Group, fields: Group) -> str | None:
    """The Message-ID of the returned message; else what the report answers to (RFC 3834 section 3.1.4)."""
    for value in (original.get("message-id"), fields.get("in-reply-to"), fields.get("x-original-message-id")):
        if found := _MESSAGE_ID.search(value[:2_000]):
            return found[1]
    return original.get("message-id").strip() or None


def _moment(fields: Group) -> str | None:
    written = date(fields.get("date").encode("utf-8", "surrogatepass"))
    try:
        return iso(from_iso(written)) if written else None
    except (ValueError, OverflowError):  # a date within hours of year 1 or 9999 has no UTC form
        return None


def _nothing(content: bytes, source: Source) -> Feedback:
    return Feedback(kind=FeedbackKind.NONE, source=source, event_id=_id_of(content))


def _id_of(content: bytes) -> str:
    """The same bytes are the same report, however often they come."""
    return f"mail/{hashlib.sha256(content).hexdigest()[:40]}"
