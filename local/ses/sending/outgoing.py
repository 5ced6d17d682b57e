"""A mail on its way out: what SES refuses, and what it changes. Pure.

Source: "SendEmail" (API v2), "Amazon SES header fields" and "Service quotas" (developer guide).
"""

import email.policy
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from local.ses import headers
from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.values import MAX_MESSAGE_BYTES

MAX_RECIPIENTS = 50
MAX_LINE = 998  # bytes, without the line end (RFC 5322 section 2.1.1)

# "The following fields can't appear more than once": those that programs write.
# fmt: off
_ONCE = frozenset({
    "auto-submitted", "bcc", "cc", "content-disposition", "content-id", "content-language", "content-location",
    "content-transfer-encoding", "content-type", "date", "disposition-notification-to", "from", "importance",
    "in-reply-to", "list-archive", "list-help", "list-id", "list-owner", "list-post", "list-subscribe",
    "list-unsubscribe", "list-unsubscribe-post", "message-id", "mime-version", "precedence", "priority",
    "references", "reply-to", "return-path", "sender", "subject", "thread-index", "thread-topic", "to",
    "user-agent",
})
# fmt: on
CONFIGURATION_SET_FIELD = "X-SES-CONFIGURATION-SET"
TAGS_FIELD = "X-SES-MESSAGE-TAGS"
_REPLACED = ("Message-ID", "Date", "Return-Path", "Bcc", CONFIGURATION_SET_FIELD, TAGS_FIELD)
_TAG = re.compile(r"[A-Za-z0-9_\-.@]{1,256}\Z")


def tags_of(value: str) -> tuple[tuple[str, str], ...]:
    """The tags in the value of X-SES-MESSAGE-TAGS: `name=value, name=value`."""
    pairs = (part.partition("=") for part in value.split(",")[:50])
    return tuple((name.strip(), content.strip()) for name, equals, content in pairs if equals)


def checked(outgoing: Outgoing) -> Outgoing:
    """The mail itself, where SES would take it; raises Refused."""
    if len(outgoing.raw) > MAX_MESSAGE_BYTES:
        raise Refused("BadRequestException", f"Message length is more than {MAX_MESSAGE_BYTES} bytes long.")
    if not outgoing.destination:
        raise Refused("BadRequestException", "There are no recipients specified.")
    if len(outgoing.destination) > MAX_RECIPIENTS:
        raise Refused("BadRequestException", f"Recipient count exceeds {MAX_RECIPIENTS}.")
    for address in (outgoing.source, *outgoing.destination):
        _check_address(address)
    for name, value in outgoing.tags:
        if not _TAG.match(name) or not _TAG.match(value):
            raise Refused("BadRequestException", f"Invalid tag <{name}>: letters, digits, and _ - . @ are allowed.")
    _check_form(outgoing.raw)
    return outgoing


def _check_address(address: str) -> None:
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise Refused("BadRequestException", "Missing final '@domain'")
    if not address.isprintable() or any(char in address for char in " <>,;"):
        raise Refused("BadRequestException", f"Illegal address: {address!r}")
    if not local.isascii():
        raise Refused("BadRequestException", "Local address contains control or whitespace")


def _check_form(raw: bytes) -> None:
    fields, _ = headers.split(raw)
    if headers.first(fields, "From") is None:
        raise Refused("BadRequestException", "Missing required header 'From'.")
    counts = Counter(field.name.lower() for field in fields)
    for field in fields:
        if counts[field.name.lower()] > 1 and field.name.lower() in _ONCE:
            raise Refused("BadRequestException", f"Duplicate header '{field.name}'.")
    longest = max((len(line) for line in raw.splitlines()), default=0)
    if longest > MAX_LINE:
        raise Refused("BadRequestException", f"A line has {longest} bytes; the most is {MAX_LINE} (RFC 5322).")


def as_sent(outgoing: Outgoing, sent_id: str, domain: str, moment: datetime) -> bytes:
    """The mail as its recipients get it: Message-ID, Date and Return-Path are SES's own, and Bcc is gone."""
    fields, end = headers.split(outgoing.raw)
    bounces = f"{sent_id}@{'amazonses.com' if domain.startswith('email.') else domain}"
    top = (
        f"Return-Path: <{'' if outgoing.null_return_path else bounces}>\r\n"
        f"Message-ID: <{sent_id}@{domain}>\r\n"
        f"Date: {format_datetime(moment)}\r\n"
        "Feedback-ID: ::1.local:AmazonSES\r\n"
        f"X-SES-Outgoing: {moment:%Y.%m.%d}-127.0.0.1\r\n"
    )
    return top.encode("ascii") + headers.without(fields, _REPLACED) + outgoing.raw[end:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """The parts of a mail that SES composes itself."""

    source: str  # as in From, with a name
    to: tuple[str, ...]
    cc: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: str
    text: str | None
    html: str | None
    fields: tuple[tuple[str, str], ...]


def composed(simple: Simple) -> bytes:
    """The mail that SES makes of a Simple content; raises Refused where a field can't be written."""
    message = EmailMessage(policy=email.policy.SMTP)
    try:
        message["From"] = simple.source
        for name, members in (("To", simple.to), ("Cc", simple.cc), ("Reply-To", simple.reply_to)):
            if members:
                message[name] = ", ".join(members)
        message["Subject"] = simple.subject
        for name, value in simple.fields:
            message[name] = value
        if simple.text is not None:
            message.set_content(simple.text)
        if simple.html is not None and simple.text is not None:
            message.add_alternative(simple.html, subtype="html")
        elif simple.html is not None:
            message.set_content(simple.html, subtype="html")
        return message.as_bytes()
    except (ValueError, IndexError) as error:
        raise Refused("BadRequestException", f"The message can't be composed: {error}") from error
