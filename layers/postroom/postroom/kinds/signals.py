"""What is seen in a mail that tells which kind it is: each signal has a name, a text for people, and one test."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from postroom.kinds import phrases
from postroom.kinds.evidence import Evidence, local_part
from postroom.kinds.words import begins, says


class Signal(StrEnum):
    """One thing that was seen. The value is stable: it stands in records for ever."""

    # reports
    FEEDBACK_REPORT = "feedback_report"
    SUBJECT_COMPLAINT = "subject_complaint"
    COMPLAINED_RECIPIENT = "complained_recipient"
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
    # lists, bulk mail, machines
    LIST_POST = "list_post"
    LIST_ID = "list_id"
    LIST_FIELD = "list_field"
    PRECEDENCE_LIST = "precedence_list"
    LIST_UNSUBSCRIBE = "list_unsubscribe"
    PRECEDENCE_BULK = "precedence_bulk"
    CAMPAIGN_FIELD = "campaign_field"
    MACHINE_FIELD = "machine_field"
    FROM_ROBOT = "from_robot"
    REPLY_TO_PERSON = "reply_to_person"
    # nobody
    NO_AUTHOR = "no_author"
    NO_TEXT = "no_text"

    @property
    def text(self) -> str:
        """The signal as a sentence for a person."""
        return _TEXT[self]


_TEXT: Mapping[Signal, str] = {
    Signal.FEEDBACK_REPORT: "it holds a feedback report (RFC 5965)",
    Signal.SUBJECT_COMPLAINT: "the subject begins as a mail provider's complaint does",
    Signal.COMPLAINED_RECIPIENT: "a header field names the recipient who complained (X-HmXmrOriginalRecipient)",
    Signal.DELIVERY_STATUS: "it is a delivery status report (RFC 3464)",
    Signal.LOOSE_DELIVERY_STATUS: "a delivery status is attached, though the mail is no report",
    Signal.RECEIPT: "it is a disposition notification (RFC 8098)",
    Signal.ACTION_FAILED: "a delivery failed (Action: failed)",
    Signal.ACTION_OTHER: "a delivery was delayed, made, relayed or expanded (Action)",
    Signal.FAILED_RECIPIENTS: "X-Failed-Recipients names who was not reached",
    Signal.FROM_MAILER_DAEMON: "a mail delivery system wrote it",
    Signal.FROM_POSTMASTER: "a postmaster or a system administrator wrote it",
    Signal.RETURNED_MESSAGE: "a message, or its header, is attached",
    Signal.SUBJECT_BOUNCE: "the subject begins as a bounce does",
    Signal.SUBJECT_DELAY: "the subject tells of a delayed delivery",
    Signal.SUBJECT_RECEIPT: "the subject begins as a receipt does",
    Signal.TEXT_BOUNCE: "the text tells of a failed delivery",
    Signal.TEXT_SMTP: "it speaks as a mail server does (user unknown, 550 5.1.1 and the like)",
    Signal.TEXT_DELAY: "the text tells of a delivery that is still being tried",
    Signal.TEXT_RECEIPT: "the text tells of a delivery that went well",
    Signal.NULL_RETURN_PATH: "the envelope sender is empty (MAIL FROM:<>)",
    Signal.AUTO_REPLIED: "Auto-Submitted says auto-replied (RFC 3834)",
    Signal.AUTO_GENERATED: "Auto-Submitted says auto-generated (RFC 3834)",
    Signal.AUTO_NOTIFIED: "Auto-Submitted says auto-notified (RFC 5436)",
    Signal.AUTO_REPLY_FIELD: "a header field of an autoresponder is there (X-Autoreply, X-Autorespond and the like)",
    Signal.VACATION_FIELD: "a header field says that a vacation responder wrote it",
    Signal.PRECEDENCE_AUTO_REPLY: "Precedence says auto_reply",
    Signal.EXCHANGE_RULE: "an inbox rule of Exchange made it",
    Signal.SUPPRESS: "X-Auto-Response-Suppress asks for silence, which marks nothing by itself",
    Signal.LABEL_AUTO_REPLY: 'the subject is labelled as an automatic reply ("Automatic reply: ...")',
    Signal.SUBJECT_AUTO_REPLY: "the subject begins as that of an automatic reply",
    Signal.LABEL_ABSENCE: 'the subject is labelled as an absence ("Out of office: ...")',
    Signal.SUBJECT_ABSENCE: "the subject begins by telling of an absence",
    Signal.TEXT_ABSENCE: "the text tells of an absence",
    Signal.TEXT_RECEIVED: "the text says that it is automatic",
    Signal.CHALLENGE_FIELD: "a header field of a challenge-response filter is there",
    Signal.CHALLENGE_WORDS: "it asks the sender to prove to be a person",
    Signal.CALENDAR_METHOD: "it holds a calendar request or an answer to one (RFC 6047)",
    Signal.CALENDAR_BODY: "the body itself is a calendar object",
    Signal.LIST_POST: "List-Post says where to write to the list (RFC 2369)",
    Signal.LIST_ID: "List-Id names a list (RFC 2919)",
    Signal.LIST_FIELD: "a header field of list software is there",
    Signal.PRECEDENCE_LIST: "Precedence says list",
    Signal.LIST_UNSUBSCRIBE: "List-Unsubscribe tells how to leave (RFC 2369)",
    Signal.PRECEDENCE_BULK: "Precedence says bulk or junk",
    Signal.CAMPAIGN_FIELD: "a header field of bulk mail software is there",
    Signal.MACHINE_FIELD: "a header field of a program that sends notifications is there",
    Signal.FROM_ROBOT: "the sender's address is a machine's (noreply, notifications, alerts and the like)",
    Signal.REPLY_TO_PERSON: "Reply-To names somebody elsewhere, as contact forms do",
    Signal.NO_AUTHOR: "it names no author",
    Signal.NO_TEXT: "it has no text",
}

# Delivery agents by their local part, letters and digits only.
_DAEMONS = ("mailerdaemon", "maildaemon", "mdaemon", "maildeliverysystem", "maildeliverysubsystem", "mailsystem")
_DAEMON_NAMES = (" mail delivery system ", " mail delivery subsystem ", " mail deliver system ", " mailer daemon ")
_POSTMASTERS = ("postmaster", "systemadministrator", "microsoftexchange", "mailadmin", "mailadm")
_POSTMASTER_NAMES = (" postmaster ", " system administrator ", " mail administrator ", " delivery subsystem ")

_ROBOTS = (
    "noreply", "noreplies", "donotreply", "dontreply", "nepasrepondre", "nichtantworten", "keineantwort", "noresponder",
    "norispondere", "naoresponda", "nicaseantworten", "notification", "mailnotification", "autonotify", "autoconfirm",
    "mailrobot", "cronjob", "crondaemon",
)  # fmt: skip
_ROBOT_LOCALS = frozenset({
    "alert", "alerts", "bounce", "bounces", "notify", "notifier", "nagios", "zabbix", "cron", "root", "robot",
    "mailbot", "newsletter", "newsletters", "mailings", "mailing", "automailer", "automated", "autoresponder",
    "autoreply", "daemon", "nobody", "wwwdata", "apache", "monitoring", "logwatch", "majordomo", "listserv", "mailman",
})  # fmt: skip

_AUTO_REPLY_FIELDS = ("x-autoreply", "x-auto-reply", "x-autorespond", "x-autoresponder", "x-autoreply-from",
                      "x-auto-reply-from", "x-mail-autoreply", "x-autoresponse", "auto-reply")  # fmt: skip
_VACATION_FIELDS = ("x-vacation", "x-ooo", "x-out-of-office", "x-apple-action", "x-apple-criteria")
_CHALLENGE_FIELDS = ("x-boxtrapper", "x-spamarrest-noauth", "x-tmda-confirm", "x-asks-confirm", "x-mailinblack")
_LIST_FIELDS = ("x-mailing-list", "mailing-list", "x-listname", "x-listserver", "x-mailman-version", "x-list",
                "list-subscribe", "list-owner", "x-egroups-return", "list-archive", "x-beenthere", "list-software",
                "x-list-id", "x-mlserver", "x-ml-name")  # fmt: skip
_CAMPAIGN_FIELDS = ("x-campaign", "x-campaign-id", "x-campaignid", "x-mailchimp-id", "x-mc-user", "x-mailer-lid",
                    "x-csa-complaints", "x-mailing-id", "x-bulkmail", "x-cmail-id", "x-newsletter",
                    "list-unsubscribe-post")  # fmt: skip
_MACHINE_FIELDS = ("x-cron-env", "x-github-reason", "x-github-sender", "x-gitlab-project",
                   "x-jira-fingerprint", "x-bugzilla-reason", "x-bugzilla-type", "x-redmine-project", "x-jenkins-job",
                   "x-sentry-project", "x-zabbix-event", "x-nagios-notification")  # fmt: skip

#: An invitation, its answer or its cancellation (RFC 5546 section 1.4); PUBLISH hands a file round and asks nothing.
_METHODS = frozenset({"request", "reply", "cancel", "counter", "declinecounter", "refresh", "add"})
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
#: Every Action but "failed" (RFC 3464 section 2.3.3); servers also write "failure", "error" or "expired" for that one.
_STATES = frozenset({"delayed", "delivered", "relayed", "expanded"})
_CALENDARS = frozenset({"text/calendar", "application/ics"})


def seen(evidence: Evidence) -> tuple[Signal, ...]:
    """All signals of a mail, in the order of the list."""
    return tuple(signal for signal in Signal if _TESTS[signal](evidence))


def robots_address(local: str) -> bool:
    """Whether a local part, letters and digits only, is a machine's."""
    return local in _ROBOT_LOCALS or local.startswith(_ROBOTS) or local.endswith("noreply")


def _from_mailer_daemon(evidence: Evidence) -> bool:
    return evidence.local_part.startswith(_DAEMONS) or says(evidence.display_name, _DAEMON_NAMES)


def _from_postmaster(evidence: Evidence) -> bool:
    return evidence.local_part.startswith(_POSTMASTERS) or says(evidence.display_name, _POSTMASTER_NAMES)


def _delivery_status(evidence: Evidence) -> bool:
    report = evidence.message.content_type == "multipart/report"
    return evidence.report_type == "delivery-status" or (report and bool(evidence.types & _STATUS))


def _calendar_body(evidence: Evidence) -> bool:
    """A calendar object that is the mail, not a file that somebody attached to a letter."""
    if evidence.message.content_type in _CALENDARS:
        return True
    shown = any(a.content_type in _CALENDARS and a.disposition != "attachment" for a in evidence.outer)
    return shown or (bool(evidence.types & _CALENDARS) and not evidence.beginning.strip())


def _list_field(evidence: Evidence) -> bool:
    ezmlm = evidence.header("delivered-to").startswith("mailing list ")
    return ezmlm or evidence.has(*_LIST_FIELDS)


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


_TESTS: Mapping[Signal, Callable[[Evidence], bool]] = {
    Signal.FEEDBACK_REPORT: lambda e: e.report_type == "feedback-report" or "message/feedback-report" in e.types,
    Signal.SUBJECT_COMPLAINT: lambda e: begins(e.subject, phrases.COMPLAINT_SUBJECT),
    Signal.COMPLAINED_RECIPIENT: lambda e: e.has("x-hmxmroriginalrecipient"),
    Signal.DELIVERY_STATUS: _delivery_status,
    Signal.LOOSE_DELIVERY_STATUS: lambda e: bool(e.types & _STATUS) and not _delivery_status(e),
    Signal.RECEIPT: lambda e: (
        e.report_type == "disposition-notification" or "message/disposition-notification" in e.types
    ),
    Signal.ACTION_FAILED: lambda e: bool(e.actions - _STATES),
    Signal.ACTION_OTHER: lambda e: bool(e.actions) and e.actions <= _STATES,
    Signal.FAILED_RECIPIENTS: lambda e: e.has("x-failed-recipients"),
    Signal.FROM_MAILER_DAEMON: _from_mailer_daemon,
    Signal.FROM_POSTMASTER: _from_postmaster,
    Signal.RETURNED_MESSAGE: lambda e: bool(e.types & _RETURNED),
    Signal.SUBJECT_BOUNCE: lambda e: begins(e.subject, phrases.BOUNCE_SUBJECT),
    Signal.SUBJECT_DELAY: lambda e: says(e.subject, phrases.DELAY_SUBJECT),
    Signal.SUBJECT_RECEIPT: lambda e: begins(e.subject, phrases.RECEIPT_SUBJECT),
    Signal.TEXT_BOUNCE: lambda e: says(e.text, phrases.BOUNCE_TEXT),
    Signal.TEXT_SMTP: lambda e: says(e.subject + e.text, phrases.SMTP_TEXT),
    Signal.TEXT_DELAY: lambda e: says(e.text, phrases.DELAY_TEXT),
    Signal.TEXT_RECEIPT: lambda e: says(e.text, phrases.RECEIPT_TEXT),
    Signal.NULL_RETURN_PATH: lambda e: e.null_return_path,
    Signal.AUTO_REPLIED: lambda e: e.auto_submitted == "auto-replied",
    Signal.AUTO_GENERATED: lambda e: e.auto_submitted not in ("", "no", "auto-replied", "auto-notified"),
    Signal.AUTO_NOTIFIED: lambda e: e.auto_submitted == "auto-notified",
    Signal.AUTO_REPLY_FIELD: lambda e: any(e.said(name) for name in _AUTO_REPLY_FIELDS),
    Signal.VACATION_FIELD: lambda e: (
        any(e.said(n) for n in _VACATION_FIELDS) or "vacation" in e.header("auto-submitted")
    ),
    Signal.PRECEDENCE_AUTO_REPLY: lambda e: e.precedence == "auto_reply",
    Signal.EXCHANGE_RULE: lambda e: e.has("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop"),
    Signal.SUPPRESS: lambda e: e.said("x-auto-response-suppress"),
    Signal.LABEL_AUTO_REPLY: lambda e: e.label in _labels(phrases.AUTO_REPLY_SUBJECT),
    Signal.SUBJECT_AUTO_REPLY: lambda e: begins(e.subject, phrases.AUTO_REPLY_SUBJECT),
    Signal.LABEL_ABSENCE: lambda e: e.label in _labels(phrases.ABSENCE_SUBJECT),
    Signal.SUBJECT_ABSENCE: lambda e: begins(e.subject, phrases.ABSENCE_SUBJECT),
    Signal.TEXT_ABSENCE: lambda e: says(e.beginning, phrases.ABSENCE_TEXT),
    Signal.TEXT_RECEIVED: lambda e: says(e.beginning, phrases.RECEIVED_TEXT),
    Signal.CHALLENGE_FIELD: lambda e: e.has(*_CHALLENGE_FIELDS),
    Signal.CHALLENGE_WORDS: lambda e: says(e.subject + e.beginning, phrases.CHALLENGE),
    Signal.CALENDAR_METHOD: lambda e: (e.message.calendar_method or "").casefold() in _METHODS,
    Signal.CALENDAR_BODY: _calendar_body,
    Signal.LIST_POST: lambda e: e.header("list-post") not in ("", "no"),
    Signal.LIST_ID: lambda e: e.has("list-id"),
    Signal.LIST_FIELD: _list_field,
    Signal.PRECEDENCE_LIST: lambda e: e.precedence == "list",
    Signal.LIST_UNSUBSCRIBE: lambda e: e.has("list-unsubscribe", "list-help"),
    Signal.PRECEDENCE_BULK: lambda e: e.precedence in ("bulk", "junk"),
    Signal.CAMPAIGN_FIELD: lambda e: e.has(*_CAMPAIGN_FIELDS),
    Signal.MACHINE_FIELD: lambda e: e.has(*_MACHINE_FIELDS),
    Signal.FROM_ROBOT: lambda e: robots_address(e.local_part),
    Signal.REPLY_TO_PERSON: _reply_to_person,
    Signal.NO_AUTHOR: lambda e: e.message.author is None,
    Signal.NO_TEXT: lambda e: not e.text.strip(),
}


def _labels(wanted: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f" {each.strip()} " for each in wanted)
