"""What a server's answer means: its words first, then the enhanced status, then the SMTP code -> a reason.

Servers misuse the codes ("550 5.1.1 mailbox is full"), so the words win. Where nothing is certain it stays `other`:
`no_such_user` and `domain_error` suppress an address. Sources: RFC 3463, 5248, 7372, 7505, 5321; Microsoft's NDR codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from postroom.feedback.phrases import reason_of_words
from postroom.feedback.report import BounceReason, Permanence

_R = BounceReason

#: Enhanced status without its class ("1.1" for x.1.1) -> reason. The tables that name a class come first.
_STATUS: Mapping[str, BounceReason] = {
    "1.1": _R.NO_SUCH_USER,
    "1.3": _R.NO_SUCH_USER,
    "1.6": _R.NO_SUCH_USER,
    "1.2": _R.DOMAIN_ERROR,
    "1.7": _R.REJECTED_POLICY,
    "1.8": _R.REJECTED_POLICY,
    "2.0": _R.SYSTEM_ERROR,
    "2.1": _R.MAILBOX_INACTIVE,
    "2.2": _R.MAILBOX_FULL,
    "2.3": _R.TOO_LARGE,
    "3.0": _R.SYSTEM_ERROR,
    "3.1": _R.SYSTEM_ERROR,
    "3.3": _R.PROTOCOL_ERROR,
    "3.4": _R.TOO_LARGE,
    "3.5": _R.SYSTEM_ERROR,
    "4.0": _R.NETWORK_OR_TIMEOUT,
    "4.1": _R.NETWORK_OR_TIMEOUT,
    "4.2": _R.NETWORK_OR_TIMEOUT,
    "4.3": _R.NETWORK_OR_TIMEOUT,
    "4.4": _R.DOMAIN_ERROR,
    "4.5": _R.RATE_LIMITED,
    "4.6": _R.NETWORK_OR_TIMEOUT,
    "4.7": _R.NETWORK_OR_TIMEOUT,
    "5.0": _R.PROTOCOL_ERROR,
    "5.1": _R.PROTOCOL_ERROR,
    "5.2": _R.PROTOCOL_ERROR,
    "5.3": _R.RATE_LIMITED,
    "5.4": _R.PROTOCOL_ERROR,
    **{f"6.{detail}": _R.CONTENT_REJECTED for detail in range(10)},
    "7.0": _R.REJECTED_POLICY,
    "7.1": _R.REJECTED_POLICY,
    "7.2": _R.REJECTED_POLICY,
    "7.8": _R.AUTHENTICATION,
    "7.9": _R.AUTHENTICATION,
    **{f"7.{detail}": _R.AUTHENTICATION for detail in (20, 21, 22, 23, 24, 27, 29)},  # RFC 7372; 5.7.29 is ARC
}

#: Whole status codes that say something else than their subject and detail do.
_EXACT_STATUS: Mapping[str, BounceReason] = {
    "4.3.2": _R.RATE_LIMITED,  # RFC 3463: the system is not accepting messages now
    "5.1.10": _R.NO_SUCH_USER,  # Microsoft: recipient not found (RFC 7505's null MX comes with code 556)
    "5.7.13": _R.MAILBOX_INACTIVE,  # RFC 5248: user account disabled
}

#: Codes that say one thing only, and that nobody writes by mistake: they come before the words.
#: RFC 7372; the rest are Microsoft's ("Email non-delivery reports and SMTP errors in Exchange Online").
_SURE: Mapping[str, BounceReason] = {
    "7.25": _R.SPAM_OR_BLOCKED,  # no PTR
    "7.26": _R.AUTHENTICATION,
    "7.28": _R.RATE_LIMITED,  # a mail flood
    "1.90": _R.RATE_LIMITED,
    "2.121": _R.RATE_LIMITED,
    "2.122": _R.RATE_LIMITED,
    "4.310": _R.DOMAIN_ERROR,
    "4.312": _R.NETWORK_OR_TIMEOUT,
    "4.316": _R.NETWORK_OR_TIMEOUT,
    "7.57": _R.AUTHENTICATION,
    "7.64": _R.RELAY_DENIED,
    **{f"7.{detail}": _R.REJECTED_POLICY for detail in (123, 124, 129, 133, 134, 135, 136, 505, 506, 510, 513, 750)},
    **{f"7.{detail}": _R.SPAM_OR_BLOCKED for detail in (501, 502, 503, 508, 511, *range(606, 660), *range(700, 750))},
    "7.500": _R.RATE_LIMITED,
    "7.509": _R.AUTHENTICATION,  # DMARC
    "7.512": _R.CONTENT_REJECTED,
    "7.515": _R.AUTHENTICATION,  # the domain doesn't meet the authentication level (2025)
}

#: The SMTP code alone says something in these cases only; 550 and 554 are used for everything.
_SMTP: Mapping[str, BounceReason] = {
    **dict.fromkeys(("500", "501", "502", "503", "504", "555"), _R.PROTOCOL_ERROR),
    **dict.fromkeys(("530", "534", "535", "538"), _R.AUTHENTICATION),
    "521": _R.DOMAIN_ERROR,  # RFC 7504: this host takes no mail
    "556": _R.DOMAIN_ERROR,  # RFC 7504 and 7505: the domain takes no mail
    "551": _R.NO_SUCH_USER,  # RFC 5321: user not local, please try elsewhere
}

#: 5.x.x of these reasons doesn't condemn the address: it is about the mail's size, its content or our reputation.
_NOT_THE_ADDRESS = frozenset({_R.TOO_LARGE, _R.CONTENT_REJECTED, _R.SPAM_OR_BLOCKED, _R.AUTHENTICATION})
_ALWAYS_PERMANENT = frozenset({_R.NO_SUCH_USER, _R.DOMAIN_ERROR})
_ALWAYS_TRANSIENT = frozenset({_R.MAILBOX_FULL, _R.NETWORK_OR_TIMEOUT, _R.RATE_LIMITED})
_NO_FAILURE = frozenset({_R.DELIVERED, _R.COMPLAINT, _R.VACATION, _R.SUPPRESSED})

#: An enhanced status code as it stands in free text, not part of an IP address, a version or a longer number.
_STATUS_IN_TEXT = re.compile(r"(?<![\w.\-/\[])([245]\.\d{1,3}\.\d{1,3})(?![\w.\-/\]]|\.\d)")
#: A reply code as servers write it: followed by a space, a hyphen or an enhanced code, or in a known introduction.
_CODE_IN_TEXT = re.compile(
    r"(?:^|[\s;:(\[\"'>#=\-])([245][0-5]\d)(?=[ \-]#?[245]\.\d{1,3}\.\d{1,3}\b|[ \-][<\w#(*\[\"'?:.]|[,:;)\]]|\s*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an answer means."""

    reason: BounceReason
    permanence: Permanence


def meaning_of(words: str, status: str | None, smtp_code: str | None) -> Meaning:
    """The meaning of a failure or a delay. `words` is everything the server said; codes are read elsewhere."""
    reason = _sure(status) or reason_of_words(words) or reason_of_codes(status, smtp_code)
    return Meaning(reason=reason, permanence=permanence_of(reason, status, smtp_code))


def reason_of_codes(status: str | None, smtp_code: str | None) -> BounceReason:
    """The reason that the codes alone give; `other` where they give none."""
    if status == "5.1.10" and smtp_code == "556":
        return _R.DOMAIN_ERROR  # RFC 7505: null MX
    if status and (reason := _sure(status) or _of_status(status)) is not None:
        return reason
    return _SMTP.get(smtp_code or "", _R.OTHER)


def _sure(status: str | None) -> BounceReason | None:
    return _SURE.get(status.partition(".")[2]) if status else None


def _of_status(status: str) -> BounceReason | None:
    return _EXACT_STATUS.get(status) or _STATUS.get(status.partition(".")[2])


def permanence_of(reason: BounceReason, status: str | None, smtp_code: str | None) -> Permanence:
    """Whether trying again could help: only where no retry can help this address is it permanent."""
    first = (status or smtp_code or "")[:1]
    if reason in _NO_FAILURE:
        return Permanence.UNDETERMINED
    if reason in _ALWAYS_PERMANENT and first != "4":
        return Permanence.PERMANENT
    if reason in _ALWAYS_TRANSIENT or first == "4":
        return Permanence.TRANSIENT
    if first == "5" and reason not in _NOT_THE_ADDRESS:
        return Permanence.PERMANENT
    return Permanence.UNDETERMINED


def status_in(text: str) -> str | None:
    """The first enhanced status code (RFC 3463) in a server's words; a 5.x.x or 4.x.x before any 2.x.x."""
    found = _STATUS_IN_TEXT.findall(text[:4_000])
    return next((s for s in found if s[0] != "2" and not s.endswith(".0.0")), found[0] if found else None)


def smtp_code_in(text: str) -> str | None:
    """The first SMTP reply code (RFC 5321) of a failure in a server's words."""
    found = _CODE_IN_TEXT.findall(text[:4_000])
    return next((code for code in found if code[0] != "2"), None)
