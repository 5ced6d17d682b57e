"""The codes of their own by which large providers say why: told from no word, and never written by mistake."""

from dataclasses import dataclass

from postroom.feedback.report import BounceReason

_R = BounceReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """`pattern` is for text in lower case; `source` says where the provider, or who watches it, explains the code."""

    provider: str
    pattern: str
    reason: BounceReason
    source: str


CODES: tuple[Code, ...] = (
    Code(
        provider="AOL",
        pattern=r"\bdyn:t\d\b",
        reason=_R.RATE_LIMITED,
        source="postmaster.aol.com, error messages",
    ),
    Code(
        provider="AOL",
        pattern=r"\b(?:rtr|hvu|rly|dyn|con|ipt|isp|sdi|fsv|gen|htm|dns):[a-z][a-z0-9]\b",
        reason=_R.SPAM_OR_BLOCKED,
        source="postmaster.aol.com, error messages",
    ),
    Code(
        provider="Charter, Spectrum",
        pattern=r"\baup#(?:i|in|out)?-?1[35]\d\d\b",
        reason=_R.RATE_LIMITED,
        source="www.spamresource.com, 2019, Charter and Roadrunner bounces",
    ),
    Code(
        provider="Comcast",
        pattern=r"\b(?:bl|es)0[01]{2,5}\d?\b",
        reason=_R.SPAM_OR_BLOCKED,
        source="postmaster.comcast.net, mail delivery error codes",
    ),
    Code(
        provider="Comcast",
        pattern=r"\brl0[01]{2,5}\d?\b",
        reason=_R.RATE_LIMITED,
        source="postmaster.comcast.net, mail delivery error codes",
    ),
    Code(
        provider="Cox",
        pattern=r"\b(?:cxbl|cdrbl|ipbl[01]{4})\b",
        reason=_R.SPAM_OR_BLOCKED,
        source="postmaster.cox.net, error codes",
    ),
    Code(
        provider="NetEase",
        pattern=r"\bdt:sp[a-z]\b",
        reason=_R.SPAM_OR_BLOCKED,
        source="help.163.com, codes of returned mail",
    ),
    Code(
        provider="Orange",
        pattern=r"\bofr\d{0,3}_10[45]\b",
        reason=_R.RATE_LIMITED,
        source="www.postmastery.com, Orange's error codes",
    ),
    Code(
        provider="Orange",
        pattern=r"\bofr\d{0,3}_(?:10[0-36-9]|50\d)\b",
        reason=_R.SPAM_OR_BLOCKED,
        source="www.postmastery.com, Orange's error codes",
    ),
    Code(
        provider="T-Online",
        pattern=r"\(bl\)(?: |$)",
        reason=_R.SPAM_OR_BLOCKED,
        source="postmaster.t-online.de",
    ),
    Code(
        provider="Yahoo",
        pattern=r"\[tss\d\d\]",
        reason=_R.RATE_LIMITED,
        source="senders.yahooinc.com, SMTP error codes",
    ),
    Code(
        provider="Yahoo",
        pattern=r"\[bl\d\d\]",
        reason=_R.SPAM_OR_BLOCKED,
        source="senders.yahooinc.com, SMTP error codes",
    ),
)
