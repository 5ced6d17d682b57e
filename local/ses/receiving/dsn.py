"""The delivery status notification that SES sends for a mail that it received. Pure, but for the boundary.

Its form (RFC 3462, RFC 3464) is SES's: a text, the status, and the header fields of the mail.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from local.ses import headers
from local.ses.mail import Delivery, Place
from local.ses.values import one_line, readable

_TEXT = "This message could not be delivered."
_MAX_HEAD = 64 * 1024  # bytes of the mail's header section that are kept and sent back
_MAX_LINE = 900  # bytes: a line that goes out has 998 at most (RFC 5322), whatever came in

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What is kept of a received mail, so that it can be bounced. `head` is its header section with SES's fields."""

    ses_id: str
    received_at: datetime
    mail_from: str
    rcpt_to: tuple[str, ...]
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A recipient that didn't get it: the fields of RFC 3464 section 2.3."""

    recipient: str
    status: str  # RFC 3463: 5.1.1
    diagnostic: str  # without its type: 550 5.1.1 Mailbox does not exist
    action: str = "failed"
    original_recipient: str | None = None
    remote_mta: str | None = None
    last_attempt: str | None = None
    extensions: Fields = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is said of the message as a whole (RFC 3464 section 2.2); None: what SES chooses."""

    reporting_mta: str | None = None
    arrival_date: str | None = None
    extensions: Fields = ()


def of(delivery: Delivery, stored: bytes) -> Original:
    """`stored` is the mail with SES's fields on top."""
    _, end = headers.split(stored)
    return Original(
        ses_id=delivery.ses_id,
        received_at=delivery.received_at,
        mail_from=delivery.mail_from,
        rcpt_to=delivery.rcpt_to,
        head=_whole_lines(stored[:end]),
    )


def _whole_lines(head: bytes) -> bytes:
    """Its first lines, each cut where it is endless."""
    return b"".join(line[:_MAX_LINE] + b"\r\n" for line in head[:_MAX_HEAD].splitlines())


def composed(
    sender: str,
    original: Original,
    failed: Sequence[Failed],
    place: Place,
    text: str | None = None,
    about: About | None = None,
) -> bytes:
    """The whole mail, with CRLF line ends. Everything that a stranger wrote stands in one line, or in the last part."""
    boundary = f"----=_Part_0_{secrets.token_hex(12)}"
    kind = f'multipart/report; boundary="{boundary}"; report-type=delivery-status'
    top: Fields = [
        ("From", sender),
        ("To", original.mail_from),
        ("Subject", "Delivery Status Notification (Failure)"),
        ("MIME-Version", "1.0"),
        ("Content-Type", kind),
    ]
    status = b"\r\n".join(
        [
            _block(_message_fields(original, place, about or About())),
            *(_block(_recipient_fields(one)) for one in failed),
        ]
    )
    words = (text or _TEXT).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    parts = [
        _part("text/plain; charset=utf-8", "Notification", words + b"\r\n"),
        _part("message/delivery-status", "Delivery Status Notification", status),
        _part("text/rfc822-headers", "Undelivered Message", original.head),
    ]
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    return _block(top) + b"\r\n" + body + mark + b"--\r\n"


def _part(kind: str, description: str, content: bytes) -> bytes:
    encoding = "7bit" if content.isascii() else "8bit"
    fields = [("Content-Type", kind), ("Content-Transfer-Encoding", encoding), ("Content-Description", description)]
    return _block(fields) + b"\r\n" + content


def _message_fields(original: Original, place: Place, about: About) -> Iterator[tuple[str, str]]:
    yield "Reporting-MTA", about.reporting_mta or f"dns; inbound-smtp.{place.region}.amazonaws.com"
    yield "Arrival-Date", about.arrival_date or format_datetime(original.received_at.astimezone(UTC))
    yield from about.extensions


def _recipient_fields(failed: Failed) -> Iterator[tuple[str, str]]:
    yield "Action", failed.action
    yield "Final-Recipient", f"rfc822; {failed.recipient}"
    yield "Original-Recipient", f"rfc822; {failed.original_recipient or failed.recipient}"
    yield "Diagnostic-Code", f"smtp; {failed.diagnostic}"
    yield "Status", failed.status
    if failed.remote_mta is not None:
        yield "Remote-MTA", failed.remote_mta
    if failed.last_attempt is not None:
        yield "Last-Attempt-Date", failed.last_attempt
    yield from failed.extensions


def _block(fields: Fields | Iterator[tuple[str, str]]) -> bytes:
    lines = (f"{name}: {readable(one_line(value))}".encode()[:_MAX_LINE] for name, value in fields)
    return b"".join(line.decode("utf-8", "ignore").encode() + b"\r\n" for line in lines)
