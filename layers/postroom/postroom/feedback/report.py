"""The one record that everything which comes back turns into: SES events, DSNs, ARF reports and free-form bounces."""

from dataclasses import dataclass
from enum import StrEnum

from postroom.ids import SentId, SesId


class FeedbackKind(StrEnum):
    """What a mail or an event reports, taken as a whole."""

    BOUNCE = "bounce"
    DELAY = "delay"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    REJECTED = "rejected"  # SES took a mail of ours, found a virus in it, and sent it to nobody
    AUTO_REPLY = "auto_reply"
    NONE = "none"  # it reports on no delivery: ordinary mail, and the SES events Send, Open, Click and the like


class BounceReason(StrEnum):
    """Why, for one recipient: a closed list. It says nothing about how long (`Permanence` does)."""

    NO_SUCH_USER = "no_such_user"
    MAILBOX_INACTIVE = "mailbox_inactive"
    MAILBOX_FULL = "mailbox_full"
    DOMAIN_ERROR = "domain_error"
    NETWORK_OR_TIMEOUT = "network_or_timeout"
    RATE_LIMITED = "rate_limited"
    SPAM_OR_BLOCKED = "spam_or_blocked"
    AUTHENTICATION = "authentication"
    REJECTED_POLICY = "rejected_policy"
    RELAY_DENIED = "relay_denied"
    TOO_LARGE = "too_large"
    CONTENT_REJECTED = "content_rejected"
    SYSTEM_ERROR = "system_error"
    PROTOCOL_ERROR = "protocol_error"
    SUPPRESSED = "suppressed"
    VACATION = "vacation"
    COMPLAINT = "complaint"
    DELIVERED = "delivered"
    OTHER = "other"

    @property
    def text(self) -> str:
        """The reason as a sentence for a person."""
        return _TEXT[self]


_TEXT: dict[BounceReason, str] = {
    BounceReason.NO_SUCH_USER: "the address doesn't exist, or has moved without a forwarding address",
    BounceReason.MAILBOX_INACTIVE: "the mailbox exists but is suspended, disabled or expired",
    BounceReason.MAILBOX_FULL: "the mailbox is over its quota",
    BounceReason.DOMAIN_ERROR: "the domain doesn't exist, or takes no mail",
    BounceReason.NETWORK_OR_TIMEOUT: "no connection, no answer from DNS, a routing loop, or the retries ran out",
    BounceReason.RATE_LIMITED: "too many mails, connections or recipients at once, or greylisting",
    BounceReason.SPAM_OR_BLOCKED: "the mail was taken for spam, or our address or name is on a block list",
    BounceReason.AUTHENTICATION: "SPF, DKIM, DMARC or ARC failed, or the server wanted TLS or a login",
    BounceReason.REJECTED_POLICY: "the server doesn't take this sender or this mail, by a rule of its own",
    BounceReason.RELAY_DENIED: "the server isn't responsible for the recipient's domain",
    BounceReason.TOO_LARGE: "the mail is larger than the server or the mailbox takes",
    BounceReason.CONTENT_REJECTED: "a virus, a forbidden attachment, or a mail that can't be read or converted",
    BounceReason.SYSTEM_ERROR: "the receiving system or its delivery program failed",
    BounceReason.PROTOCOL_ERROR: "the two servers misunderstood each other",
    BounceReason.SUPPRESSED: "it was never sent: the address is on a suppression list of SES",
    BounceReason.VACATION: "an automatic reply: no failure at all",
    BounceReason.COMPLAINT: "the recipient, or their provider, complained about the mail",
    BounceReason.DELIVERED: "it arrived",
    BounceReason.OTHER: "none of the known reasons, or not certain",
}


class Permanence(StrEnum):
    """Whether trying again could help this address."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is said of one recipient.

    `action` is RFC 3464's (failed, delayed, delivered, relayed, expanded), `status` an enhanced status code (RFC 3463,
    "5.1.1"), `smtp_code` three digits, `feedback_type` RFC 5965's (abuse, fraud, virus, not-spam, ...). `diagnostic` is
    the server's words, cut to 1,000 characters. `original_message_id` has no angle brackets.
    """

    recipient: str | None = None
    action: str | None = None
    status: str | None = None
    smtp_code: str | None = None
    reason: BounceReason = BounceReason.OTHER
    permanence: Permanence = Permanence.UNDETERMINED
    feedback_type: str | None = None
    diagnostic: str | None = None
    original_message_id: str | None = None


class Source(StrEnum):
    """The way it came: from SES itself, which is believed, or as a mail, which anybody can forge."""

    SES_EVENT = "ses_event"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One mail or one event, read. `reports` is empty for `none` and `auto_reply`.

    `event_type` is SES's word ("Bounce", "Rendering Failure") or, for a mail, the kind. `about` is SES's id of the mail
    of ours that it speaks of, `answers` the received mail that was answered by it, `draft` the key of a person's answer
    (see `postroom.stages.drafts`). `event_id` is the same each time the
    same thing is read. `at` is ISO 8601 in UTC.
    """

    kind: FeedbackKind
    reports: tuple[Report, ...] = ()
    source: Source
    event_type: str = ""
    about: SentId | None = None
    answers: SesId | None = None
    draft: str = ""
    event_id: str
    at: str | None = None
