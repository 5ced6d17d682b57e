"""What SES says of a mail that it received: the envelope, the verdicts, and where the raw bytes are.

Source: "Contents of notifications for Amazon SES email receiving" (SES developer guide). Only `mail.messageId`, and an
object key for the S3 action, are relied on; any other field may be absent, and unknown ones are ignored.
"""

from dataclasses import dataclass
from enum import StrEnum

from postroom.ids import SesId
from postroom.reasons import Reason

#: In place of an envelope sender that nobody has told us: neither an address nor the null return path.
UNKNOWN_SENDER = "unknown"


class Verdict(StrEnum):
    """The result of one of SES's checks; SES itself never acts on it."""

    PASS = "PASS"
    FAIL = "FAIL"
    GRAY = "GRAY"  # DMARC: no policy published or nothing aligned; SPF, DKIM: neither pass nor fail; spam: unsure
    PROCESSING_FAILED = "PROCESSING_FAILED"
    DISABLED = "DISABLED"
    MISSING = "MISSING"  # not in the notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What SES's checks say. SES never acts on them, so we do: `unwanted` is why a mail goes to quarantine."""

    spam: Verdict = Verdict.MISSING
    virus: Verdict = Verdict.MISSING
    spf: Verdict = Verdict.MISSING
    dkim: Verdict = Verdict.MISSING
    dmarc: Verdict = Verdict.MISSING
    dmarc_policy: str | None = None  # none, quarantine, reject: only where DMARC failed

    @property
    def unwanted(self) -> Reason | None:
        if self.virus is Verdict.FAIL:
            return Reason.VIRUS
        return Reason.SPAM if self.spam is Verdict.FAIL else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The SMTP envelope. `mail_from` is None for the null return path `<>`, and UNKNOWN_SENDER where it isn't known."""

    mail_from: str | None
    rcpt_to: tuple[str, ...]  # every recipient that the rule matched; the only place where a Bcc shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One mail that SES stored in S3. `received_at` is ISO 8601 in UTC."""

    ses_id: SesId
    bucket: str
    key: str
    received_at: str
    envelope: Envelope
    verdicts: Verdicts
