"""A mail on its way out: what SES refuses, and what it changes. Pure.

Source: "SendEmail" (API v2), "Amazon SES header fields" and "Service quotas" (developer guide).
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from local.ses import headers
from local.ses.headers import Field
from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.values import MAX_MESSAGE_BYTES

MAX_RECIPIENTS = 50
MAX_LINE = 998  # bytes, without the line end (RFC 5322 section 2.1.1)

# "The following fields can't appear more than once", and the recipients' (RFC 5322 section 3.6).
# fmt: off
_ONCE = frozenset({
    "accept-language", "acceptlanguage", "archived-at", "auto-submitted", "bcc", "bounces-to", "cc", "comments",
    "content-alternative", "content-base", "content-class", "content-description", "content-disposition",
    "content-duration", "content-id", "content-language", "content-length", "content-location", "content-md5",
    "content-transfer-encoding", "content-type", "date", "delivered-to", "disposition-notification-options",
    "disposition-notification-to", "dkim-signature", "domainkey-signature", "errors-to", "from", "importance",
    "in-reply-to", "keywords", "list-archive", "list-help", "list-id", "list-owner", "list-post", "list-subscribe",
    "list-unsubscribe", "list-unsubscribe-post", "message-context", "message-id", "mime-version", "organization",
    "original-from", "original-message-id", "original-recipient", "original-subject", "precedence", "priority",
    "references", "reply-to", "return-path", "return-receipt-to", "sender", "sensitivity", "solicitation", "subject",
    "thread-index", "thread-topic", "to", "user-agent", "vbr-info",
})
# fmt: on
CONFIGURATION_SET_FIELD = "X-SES-CONFIGURATION-SET"
TAGS_FIELD = "X-SES-MESSAGE-TAGS"
# What SES writes itself, and what is meant for SES alone ("Amazon SES header fields", "Using sending authorization").
_REPLACED = (
    "Message-ID", "Date", "Return-Path", "Bcc", CONFIGURATION_SET_FIELD, TAGS_FIELD, "X-SES-SOURCE-ARN",
    "X-SES-FROM-ARN", "X-SES-RETURN-PATH-ARN", "X-SES-LIST-MANAGEMENT-OPTIONS", "X-SES-TENANT", "X-SES-Outgoing",
)  # fmt: skip
MAX_TAGS = 50  # "Service quotas"
_TAG = re.compile(r"[A-Za-z0-9_\-.@]{1,256}\Z")


def configuration_set_in(fields: Iterable[Field]) -> str | None:
    return headers.first(fields, CONFIGURATION_SET_FIELD) or None


def tags_in(fields: Iterable[Field]) -> tuple[tuple[str, str], ...]:
    """The tags in X-SES-MESSAGE-TAGS: `name=value, name=value`."""
    value = headers.first(fields, TAGS_FIELD) or ""
    pairs = (part.partition("=") for part in value.split(",", MAX_TAGS)[:MAX_TAGS])
    return tuple((name.strip(), content.strip()) for name, equals, content in pairs if equals)


def senders(outgoing: Outgoing) -> list[str]:
    """The addresses that must be verified: "the From, Source, Sender, or Return-Path address".

    Source: "Amazon SES email sending errors".
    """
    fields, _ = headers.split(outgoing.raw)
    named = headers.addresses(fields, ["From", "Sender", "Return-Path"])
    return list(dict.fromkeys([outgoing.source, *named]))


def checked(outgoing: Outgoing) -> Outgoing:
    """The mail itself, where SES would take it; raises Refused."""
    if len(outgoing.raw) > MAX_MESSAGE_BYTES:
        raise Refused("InvalidParameterValue", f"Message length is more than {MAX_MESSAGE_BYTES} bytes long.")
    check_envelope(outgoing)
    _check_form(outgoing.raw)
    return outgoing


def check_envelope(outgoing: Outgoing) -> None:
    """Whether the addresses and tags are such that SES takes them; raises Refused."""
    if not outgoing.destination:
        raise Refused("InvalidParameterValue", "There are no recipients specified.")
    if len(outgoing.destination) > MAX_RECIPIENTS:
        raise Refused("InvalidParameterValue", f"Recipient count exceeds {MAX_RECIPIENTS}.")
    for address in (outgoing.source, *outgoing.destination):
        _check_address(address)
    if len(outgoing.tags) > MAX_TAGS:
        raise Refused("InvalidParameterValue", f"There are {len(outgoing.tags)} tags; the most is {MAX_TAGS}.")
    for name, value in outgoing.tags:
        if not _TAG.match(name) or not _TAG.match(value):
            raise Refused("InvalidParameterValue", f"Invalid tag <{name}>: letters, digits, and _ - . @ are allowed.")


def _check_address(address: str) -> None:
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise Refused("InvalidParameterValue", "Missing final '@domain'")
    if not address.isprintable() or any(char in address for char in " <>,;"):
        raise Refused("InvalidParameterValue", f"Illegal address: {address!r}")
    if not local.isascii():
        raise Refused("InvalidParameterValue", "Local address contains control or whitespace")


def _check_form(raw: bytes) -> None:
    fields, _ = headers.split(raw)
    if headers.first(fields, "From") is None:
        raise Refused("InvalidParameterValue", "Missing required header 'From'.")
    counts = Counter(field.name.lower() for field in fields)
    for field in fields:
        if counts[field.name.lower()] > 1 and field.name.lower() in _ONCE:
            raise Refused("InvalidParameterValue", f"Duplicate header '{field.name}'.")
    longest = max((len(line) for line in raw.splitlines()), default=0)
    if longest > MAX_LINE:
        raise Refused("InvalidParameterValue", f"A line has {longest} bytes; the most is {MAX_LINE} (RFC 5322).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What SES writes into a mail. `bounce_domain` is the MAIL FROM domain, None for the null return path; `moment` is
    when the mail was taken.
    """

    sent_id: str
    message_domain: str
    bounce_domain: str | None
    region: str
    moment: datetime


def as_sent(raw: bytes, stamp: Stamp) -> bytes:
    """The mail as its recipients get it, but for signatures: lines end with CRLF, Message-ID, Date and Return-Path are
    SES's own ("Amazon SES overrides the header with its own value"), and Bcc is gone.
    """
    raw = headers.crlf(raw)
    fields, end = headers.split(raw)
    kept, body = headers.without(fields, _REPLACED), raw[end:] or b"\r\n"
    return _top(stamp) + kept + (b"" if kept.endswith(b"\n") or not kept else b"\r\n") + _bottom(stamp) + body


def _top(stamp: Stamp) -> bytes:
    path = "" if stamp.bounce_domain is None else f"{stamp.sent_id}@{stamp.bounce_domain}"
    return f"Return-Path: <{path}>\r\n".encode("ascii")


def _bottom(stamp: Stamp) -> bytes:
    """The fields that stand at the end of the section. Feedback-ID has the form that mail from SES has: nobody
    documents what its third part is; it is one for an account and region.
    """
    known = base64.b64encode(hashlib.sha256(stamp.region.encode()).digest()).decode("ascii")
    return (
        f"Message-ID: <{stamp.sent_id}@{stamp.message_domain}>\r\n"
        f"Date: {format_datetime(stamp.moment)}\r\n"
        f"Feedback-ID: ::1.{stamp.region}.{known}:AmazonSES\r\n"
        f"X-SES-Outgoing: {stamp.moment:%Y.%m.%d}-127.0.0.1\r\n"
    ).encode("ascii")
