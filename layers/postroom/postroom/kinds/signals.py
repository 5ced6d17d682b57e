"""What is seen in a mail that tells which kind it is: a table with a name, a weight, a source, a text and a test each.

A weight says how much a signal speaks for a machine by itself, where `postroom.kinds.kind.THRESHOLD` (60) is enough:
200 a form that a standard gives to machines alone; 120 a field that only machines write, whatever speaks for people;
80 a habit of machines; 25 to 40 words and other hints, of which it takes two; 0 what is told and decides nothing; below
0 a mark of people.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from postroom.kinds import fields, phrases
from postroom.kinds.evidence import Evidence, local_part
from postroom.kinds.words import begins, says


class Signal(StrEnum):
    """One thing that was seen. The value is stable: it stands in records for ever."""

    # reports
    FEEDBACK_REPORT = "feedback_report"
    SUBJECT_COMPLAINT = "subject_complaint"
    COMPLAINED_RECIPIENT = "complained_recipient"
    DOMAIN_REPORT = "domain_report"
    SES_COMPLAINT = "ses_complaint"
    SES_BOUNCE = "ses_bounce"
    SES_DELIVERY = "ses_delivery"
    DELIVERY_STATUS = "delivery_status"
    LOOSE_DELIVERY_STATUS = "loose_delivery_status"
    RECEIPT = "receipt"
    ACTION_FAILED = "action_failed"
    ACTION_OTHER = "action_other"
    FAILED_RECIPIENTS = "failed_recipients"
    FROM_MAILER_DAEMON = "from_mailer_daemon"
    FROM_POSTMASTER = "from_postmaster"
    RETURNED_MESSAGE = "returned_message"
    SUBJECT_BOUNCE = "subject_bounce"
    SUBJECT_DELAY = "subject_delay"
    SUBJECT_RECEIPT = "subject_receipt"
    TEXT_BOUNCE = "text_bounce"
    TEXT_SMTP = "text_smtp"
    TEXT_DELAY = "text_delay"
    TEXT_RECEIPT = "text_receipt"
    # envelope
    NULL_RETURN_PATH = "null_return_path"
    # automatic mail
    AUTO_REPLIED = "auto_replied"
    AUTO_GENERATED = "auto_generated"
    AUTO_NOTIFIED = "auto_notified"
    AUTO_REPLY_FIELD = "auto_reply_field"
    VACATION_FIELD = "vacation_field"
    PRECEDENCE_AUTO_REPLY = "precedence_auto_reply"
    EXCHANGE_RULE = "exchange_rule"
    SUPPRESS = "suppress"
    LABEL_AUTO_REPLY = "label_auto_reply"
    SUBJECT_AUTO_REPLY = "subject_auto_reply"
    LABEL_ABSENCE = "label_absence"
    SUBJECT_ABSENCE = "subject_absence"
    TEXT_ABSENCE = "text_absence"
    TEXT_RECEIVED = "text_received"
    CHALLENGE_FIELD = "challenge_field"
    CHALLENGE_WORDS = "challenge_words"
    # calendar
    CALENDAR_METHOD = "calendar_method"
    CALENDAR_BODY = "calendar_body"
    CALENDAR_FILE = "calendar_file"
    # lists, bulk mail, machines
    LIST_POST = "list_post"
    LIST_ID = "list_id"
    LIST_FIELD = "list_field"
    PRECEDENCE_LIST = "precedence_list"
    LIST_UNSUBSCRIBE = "list_unsubscribe"
    PRECEDENCE_BULK = "precedence_bulk"
    CAMPAIGN_FIELD = "campaign_field"
    MACHINE_FIELD = "machine_field"
    LOOP_FIELD = "loop_field"
    FROM_ROBOT = "from_robot"
    REPLY_TO_PERSON = "reply_to_person"
    # nobody
    NO_AUTHOR = "no_author"
    OWN_LIST = "own_list"
    PERSONS_CLIENT = "persons_client"
    ASKS = "asks"
    NO_TEXT = "no_text"

    @property
    def text(self) -> str:
        """The signal as a sentence for a person."""
        return _ROWS[self].text


@dataclass(frozen=True, slots=True)
class Row:
    """One signal: how much it weighs, who says that it means so, what it is called, and how it is seen."""

    signal: Signal
    weight: int
    source: str
    text: str
    test: Callable[[Evidence], bool]


#: An invitation, its answer or its cancellation (RFC 5546 section 1.4); PUBLISH hands a file round and asks nothing.
_METHODS = frozenset({"request", "reply", "cancel", "counter", "declinecounter", "refresh", "add"})
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
#: Every Action but "failed" (RFC 3464 section 2.3.3); servers also write "failure", "error" or "expired" for that one.
_STATES = frozenset({"delayed", "delivered", "relayed", "expanded"})
#: How a DMARC report is packed (RFC 7489 section 7.2.1.1).
_PACKED = frozenset({"application/gzip", "application/zip", "application/x-gzip", "application/x-zip-compressed",
                     "application/xml", "text/xml", "application/octet-stream"})  # fmt: skip
_QUESTION = re.compile(r"[^\W\d_]\s?[?？](?:\s|\Z)")  # behind a word, and no part of a link
_SES_EVENT = re.compile(r'\s{0,20}\{\s{0,20}"(?:notificationType|eventType)"\s{0,9}:\s{0,9}"([A-Za-z]{1,20})"')
_MAILTO = re.compile(r"mailto:([^\s<>?,]{1,320})")
_CALENDARS = frozenset({"text/calendar", "application/ics"})


def seen(evidence: Evidence) -> tuple[Signal, ...]:
    """All signals of a mail, in the order of the table."""
    return tuple(row.signal for row in TABLE if row.test(evidence))


def robots_address(local: str) -> bool:
    """Whether a local part, letters and digits only, is a machine's."""
    return local in fields.ROBOT_LOCALS or local.startswith(fields.ROBOTS) or local.endswith("noreply")


def _from_mailer_daemon(evidence: Evidence) -> bool:
    return evidence.local_part.startswith(fields.DAEMONS) or says(evidence.display_name, fields.DAEMON_NAMES)


def _from_postmaster(evidence: Evidence) -> bool:
    return evidence.local_part.startswith(fields.POSTMASTERS) or says(evidence.display_name, fields.POSTMASTER_NAMES)


def _delivery_status(evidence: Evidence) -> bool:
    report = evidence.message.content_type == "multipart/report"
    return evidence.report_type == "delivery-status" or (report and bool(evidence.types & _STATUS))


def _asks_by_calendar(evidence: Evidence) -> bool:
    return (evidence.message.calendar_method or "").casefold() in _METHODS


def _calendar_is_a_file(evidence: Evidence) -> bool:
    """People attach the invitation that they ask about; programs put it into the mail itself."""
    found = [a for a in evidence.outer if a.content_type in _CALENDARS]
    return bool(found) and all(a.disposition == "attachment" for a in found) and bool(evidence.beginning.strip())


def _calendar_body(evidence: Evidence) -> bool:
    """A calendar object that is the mail, not a file that somebody attached to a letter."""
    if evidence.message.content_type in _CALENDARS:
        return True
    shown = any(a.content_type in _CALENDARS and a.disposition != "attachment" for a in evidence.outer)
    return shown or (bool(evidence.types & _CALENDARS) and not evidence.beginning.strip())


def _domain_report(evidence: Evidence) -> bool:
    """An aggregate report that a domain's owner asked for: of DMARC, by its subject and file, or of SMTP TLS."""
    if evidence.report_type == "tlsrpt" or evidence.has(*fields.TLS_REPORT):
        return True
    tls = any(a.content_type.startswith("application/tlsrpt") for a in evidence.outer)
    dmarc = evidence.subject.startswith(" report domain ") and " submitter " in evidence.subject
    return tls or (dmarc and any(a.content_type in _PACKED for a in evidence.outer))


def _told_by_ses(evidence: Evidence) -> str:
    """The type of an SES event that an SNS topic sent by mail (its e-mail subscription), in small letters."""
    if not evidence.has("x-amz-sns-message-id"):
        return ""
    found = _SES_EVENT.match(evidence.message.text or "")
    return found.group(1).casefold() if found else ""


def _own_list(evidence: Evidence) -> bool:
    """A group at the desk's own address (Google Groups, Microsoft 365) passes on what people write to the desk."""
    return any(evidence.owns(address) for address in _MAILTO.findall(evidence.header("list-post")))


def _list_field(evidence: Evidence) -> bool:
    ezmlm = evidence.header("delivered-to").startswith("mailing list ")
    return ezmlm or evidence.has(*fields.LIST)


def _reply_to_person(evidence: Evidence) -> bool:
    """A contact form sends as the site's machine, and names the customer in Reply-To."""
    author = evidence.message.author
    own = _organisation(author.domain) if author else ""
    return any(
        a.domain and _organisation(a.domain) != own and not robots_address(local_part(a.address))
        for a in evidence.message.reply_to
    )


def _organisation(domain: str) -> str:
    """A guess at the domain that somebody registered: example.com of news.example.com, shop.co.uk of www.shop.co.uk."""
    labels = domain.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if short else -2 :])


S = Signal

#: Every signal, in the order in which they are told.
TABLE: tuple[Row, ...] = (
    Row(S.FEEDBACK_REPORT, 200, "RFC 5965", "it holds a feedback report (RFC 5965)",
        lambda e: e.report_type == "feedback-report" or "message/feedback-report" in e.types),
    Row(S.SUBJECT_COMPLAINT, 35, "feedback loops", "the subject begins as a mail provider's complaint does",
        lambda e: begins(e.subject, phrases.COMPLAINT_SUBJECT)),
    Row(S.COMPLAINED_RECIPIENT, 120, "Outlook.com JMRP",
        "a header field names the recipient who complained (X-HmXmrOriginalRecipient)",
        lambda e: e.has("x-hmxmroriginalrecipient")),
    Row(S.DOMAIN_REPORT, 200, "RFC 7489 7.2, RFC 8460 3", "it is a report about a domain (DMARC or TLS)",
        _domain_report),
    Row(S.SES_COMPLAINT, 200, "SES, notification contents", "SNS mailed what SES tells of a complaint",
        lambda e: _told_by_ses(e) == "complaint"),
    Row(S.SES_BOUNCE, 200, "SES, notification contents", "SNS mailed what SES tells of a bounce",
        lambda e: _told_by_ses(e) == "bounce"),
    Row(S.SES_DELIVERY, 200, "SES, notification contents", "SNS mailed what SES tells of a delivery",
        lambda e: _told_by_ses(e) in ("delivery", "deliverydelay")),
    Row(S.DELIVERY_STATUS, 200, "RFC 3464", "it is a delivery status report (RFC 3464)", _delivery_status),
    Row(S.LOOSE_DELIVERY_STATUS, 120, "RFC 3464", "a delivery status is attached, though the mail is no report",
        lambda e: bool(e.types & _STATUS) and not _delivery_status(e)),
    Row(S.RECEIPT, 200, "RFC 8098", "it is a disposition notification (RFC 8098)",
        lambda e: (e.report_type == "disposition-notification" or "message/disposition-notification" in e.types)),
    Row(S.ACTION_FAILED, 120, "RFC 3464 2.3.3", "a delivery failed (Action: failed)",
        lambda e: bool(e.actions - _STATES)),
    Row(S.ACTION_OTHER, 120, "RFC 3464 2.3.3", "a delivery was delayed, made, relayed or expanded (Action)",
        lambda e: bool(e.actions) and e.actions <= _STATES),
    Row(S.FAILED_RECIPIENTS, 200, "Exim, Gmail", "X-Failed-Recipients names who was not reached",
        lambda e: e.has("x-failed-recipients")),
    Row(S.FROM_MAILER_DAEMON, 120, "RFC 5321 6.1", "a mail delivery system wrote it", _from_mailer_daemon),
    Row(S.FROM_POSTMASTER, 40, "RFC 2142", "a postmaster or a system administrator wrote it", _from_postmaster),
    Row(S.RETURNED_MESSAGE, 30, "RFC 3462", "a message, or its header, is attached",
        lambda e: bool(e.types & _RETURNED)),
    Row(S.SUBJECT_BOUNCE, 35, "words", "the subject begins as a bounce does",
        lambda e: begins(e.subject, phrases.BOUNCE_SUBJECT)),
    Row(S.SUBJECT_DELAY, 35, "words", "the subject tells of a delayed delivery",
        lambda e: says(e.subject, phrases.DELAY_SUBJECT)),
    Row(S.SUBJECT_RECEIPT, 35, "words", "the subject begins as a receipt does",
        lambda e: begins(e.subject, phrases.RECEIPT_SUBJECT)),
    Row(S.TEXT_BOUNCE, 25, "words", "the text tells of a failed delivery", lambda e: says(e.text, phrases.BOUNCE_TEXT)),
    Row(S.TEXT_SMTP, 30, "RFC 3463", "it speaks as a mail server does (user unknown, 550 5.1.1 and the like)",
        lambda e: says(e.subject + e.text, phrases.SMTP_TEXT)),
    Row(S.TEXT_DELAY, 30, "words", "the text tells of a delivery that is still being tried",
        lambda e: says(e.text, phrases.DELAY_TEXT)),
    Row(S.TEXT_RECEIPT, 25, "words", "the text tells of a delivery that went well",
        lambda e: says(e.text, phrases.RECEIPT_TEXT)),
    Row(S.NULL_RETURN_PATH, 120, "RFC 5321 4.5.5", "the envelope sender is empty (MAIL FROM:<>)",
        lambda e: e.null_return_path),
    Row(S.AUTO_REPLIED, 200, "RFC 3834 5", "Auto-Submitted says auto-replied (RFC 3834)",
        lambda e: e.auto_submitted == "auto-replied"),
    Row(S.AUTO_GENERATED, 120, "RFC 3834 5", "Auto-Submitted says auto-generated (RFC 3834)",
        lambda e: e.auto_submitted not in ("", "no", "auto-replied", "auto-notified")),
    Row(S.AUTO_NOTIFIED, 120, "RFC 5436 2.7.1", "Auto-Submitted says auto-notified (RFC 5436)",
        lambda e: e.auto_submitted == "auto-notified"),
    Row(S.AUTO_REPLY_FIELD, 120, "Gmail, cPanel, Jitbit",
        "a header field of an autoresponder is there (X-Autoreply, X-Autorespond and the like)",
        lambda e: any(e.said(name) for name in fields.AUTO_REPLY)),
    Row(S.VACATION_FIELD, 120, "vacation programs", "a header field says that a vacation responder wrote it",
        lambda e: (any(e.said(n) for n in fields.VACATION) or "vacation" in e.header("auto-submitted"))),
    Row(S.PRECEDENCE_AUTO_REPLY, 120, "RFC 3834 3.1.8", "Precedence says auto_reply",
        lambda e: e.precedence == "auto_reply"),
    Row(S.EXCHANGE_RULE, 80, "MS-OXCMAIL", "an inbox rule of Exchange made it",
        lambda e: e.has("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop")),
    Row(S.SUPPRESS, 25, "MS-OXCMAIL", "X-Auto-Response-Suppress asks for silence, which marks nothing by itself",
        lambda e: e.said("x-auto-response-suppress")),
    Row(S.LABEL_AUTO_REPLY, 40, "words", 'the subject is labelled as an automatic reply ("Automatic reply: ...")',
        lambda e: e.label in _labels(phrases.AUTO_REPLY_SUBJECT)),
    Row(S.SUBJECT_AUTO_REPLY, 35, "words", "the subject begins as that of an automatic reply",
        lambda e: begins(e.subject, phrases.AUTO_REPLY_SUBJECT)),
    Row(S.LABEL_ABSENCE, 35, "words", 'the subject is labelled as an absence ("Out of office: ...")',
        lambda e: e.label in _labels(phrases.ABSENCE_SUBJECT)),
    Row(S.SUBJECT_ABSENCE, 35, "words", "the subject begins by telling of an absence",
        lambda e: begins(e.subject, phrases.ABSENCE_SUBJECT)),
    Row(S.TEXT_ABSENCE, 25, "words", "the text tells of an absence", lambda e: says(e.beginning, phrases.ABSENCE_TEXT)),
    Row(S.TEXT_RECEIVED, 25, "words", "the text says that it is automatic",
        lambda e: says(e.beginning, phrases.RECEIVED_TEXT)),
    Row(S.CHALLENGE_FIELD, 200, "BoxTrapper, TMDA", "a header field of a challenge-response filter is there",
        lambda e: e.has(*fields.CHALLENGE)),
    Row(S.CHALLENGE_WORDS, 35, "words", "it asks the sender to prove to be a person",
        lambda e: says(e.subject + e.beginning, phrases.CHALLENGE)),
    Row(S.CALENDAR_METHOD, 200, "RFC 6047", "it holds a calendar request or an answer to one (RFC 6047)",
        lambda e: _asks_by_calendar(e) and not _calendar_is_a_file(e)),
    Row(S.CALENDAR_BODY, 200, "RFC 6047", "the body itself is a calendar object", _calendar_body),
    Row(S.CALENDAR_FILE, 60, "RFC 6047", "a calendar request, or an answer to one, is attached as a file",
        lambda e: _asks_by_calendar(e) and _calendar_is_a_file(e)),
    Row(S.LIST_POST, 120, "RFC 2369 3.4", "List-Post says where to write to the list (RFC 2369)",
        lambda e: e.header("list-post") not in ("", "no")),
    Row(S.LIST_ID, 120, "RFC 2919", "List-Id names a list (RFC 2919)", lambda e: e.has("list-id")),
    Row(S.LIST_FIELD, 120, "Mailman, ezmlm", "a header field of list software is there", _list_field),
    Row(S.PRECEDENCE_LIST, 120, "list software", "Precedence says list", lambda e: e.precedence == "list"),
    Row(S.LIST_UNSUBSCRIBE, 120, "RFC 2369 3.2", "List-Unsubscribe tells how to leave (RFC 2369)",
        lambda e: e.has("list-unsubscribe", "list-help")),
    Row(S.PRECEDENCE_BULK, 80, "RFC 3834 2", "Precedence says bulk or junk",
        lambda e: e.precedence in ("bulk", "junk")),
    Row(S.CAMPAIGN_FIELD, 120, "RFC 8058, bulk senders", "a header field of bulk mail software is there",
        lambda e: e.has(*fields.CAMPAIGN)),
    Row(S.MACHINE_FIELD, 120, "GitHub, Jira, cron", "a header field of a program that sends notifications is there",
        lambda e: e.has(*fields.MACHINE)),
    Row(S.LOOP_FIELD, 25, "RT, OTRS", "a ticket system marks its own mail, its agents' too",
        lambda e: e.has(*fields.LOOP)),
    Row(S.FROM_ROBOT, 80, "customary names",
        "the sender's address is a machine's (noreply, notifications, alerts and the like)",
        lambda e: robots_address(e.local_part)),
    Row(S.REPLY_TO_PERSON, 0, "contact forms", "Reply-To names somebody elsewhere, as contact forms do",
        _reply_to_person),
    Row(S.NO_AUTHOR, 30, "RFC 5322 3.6.2", "it names no author", lambda e: e.message.author is None),
    Row(S.OWN_LIST, 0, "RFC 2369 3.4", "the list is the desk's own address: whoever writes to the desk comes over it",
        _own_list),
    Row(S.PERSONS_CLIENT, -40, "User-Agent, X-Mailer", "a mail program of people wrote it",
        lambda e: says(e.client, phrases.CLIENTS)),
    Row(S.ASKS, -20, "the text", "it asks something, as people do", lambda e: _QUESTION.search(e.asked) is not None),
    Row(S.NO_TEXT, 0, "the body", "it has no text", lambda e: not e.text.strip()),
)  # fmt: skip

_ROWS: Mapping[Signal, Row] = {row.signal: row for row in TABLE}
#: Signal to weight.
WEIGHTS: Mapping[Signal, int] = {row.signal: row.weight for row in TABLE}


def _labels(wanted: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f" {each.strip()} " for each in wanted)
