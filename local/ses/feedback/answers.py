"""What a mail server's answer means for a mail: delivered, delayed or bounced, and of which kind. Pure.

RFC 5321 section 4.2 (replies), RFC 3463 (enhanced status codes). SES doesn't say how it sorts diagnostics into
subtypes: the table is what the names of the subtypes say.
"""

import re

from local.ses.feedback.steps import Bounced, Delayed, Delivered
from local.ses.values import one_line, readable

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
MAX_DIAGNOSTIC = 500

# The subject and detail of a status => type and subtype of a bounce.
_BOUNCES = {
    "2.2": ("Transient", "MailboxFull"),
    "2.3": ("Transient", "MessageTooLarge"),
    "3.4": ("Transient", "MessageTooLarge"),
    "6.0": ("Transient", "ContentRejected"),
    "7.0": ("Transient", "ContentRejected"),
    "7.1": ("Transient", "ContentRejected"),
}
_DELAYS = {
    "2.2": "MailboxFull",
    "3.0": "RecipientServerError",
    "3.2": "RecipientServerError",
    "4.1": "TransientCommunicationFailure",
    "4.2": "TransientCommunicationFailure",
    "7.0": "SpamDetected",
    "7.1": "IPFailure",
}


def status_of(code: int, text: str) -> str:
    """The enhanced status of a reply; `5.0.0` where it gives none."""
    found = _STATUS.search(text[:MAX_DIAGNOSTIC])
    return found.group() if found else f"{code // 100}.0.0"


def answered(code: int, text: str, remote_ip: str | None = None) -> Delivered | Delayed | Bounced:
    """The step for a reply of a server: 2xx took it, 4xx may take it later, anything else never will."""
    said = readable(one_line(" ".join(text.split())))[:MAX_DIAGNOSTIC]
    if 200 <= code < 300:
        return Delivered(response=f"{code} {said}".strip(), remote_ip=remote_ip)
    status, diagnostic = status_of(code, text), f"smtp; {code} {said}".strip()
    if 400 <= code < 500:
        return Delayed(delay_type=delay_type(status), status=status, diagnostic=diagnostic)
    return bounced(status, diagnostic, remote_ip=remote_ip)


def delay_type(status: str) -> str:
    return _DELAYS.get(status.partition(".")[2], "General")


def bounced(status: str, diagnostic: str, *, remote_ip: str | None = None, reporting_mta: str | None = None) -> Bounced:
    """A bounce for good (5.x.x), or because SES gave up (4.x.x)."""
    otherwise = ("Permanent", "General") if status.startswith("5") else ("Transient", "General")
    bounce_type, subtype = _BOUNCES.get(status.partition(".")[2], otherwise)
    return Bounced(
        bounce_type=bounce_type,
        subtype=subtype,
        status=status,
        diagnostic=diagnostic,
        remote_ip=remote_ip,
        reporting_mta=reporting_mta,
    )


def given_up(delayed: Delayed) -> Bounced:
    """What becomes of a mail that was delayed for too long."""
    return Bounced(bounce_type="Transient", subtype="General", status=delayed.status, diagnostic=delayed.diagnostic)
