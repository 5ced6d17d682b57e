"""What SES says of a mail: the statuses of its five checks, and the words about them that go on top of the mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from local.ses.mail import Delivery

CHECKS = ("spam", "virus", "spf", "dkim", "dmarc")
STATUSES = ("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED")
POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`statuses` has a status of STATUSES for each of CHECKS; a check that isn't there is left out of the notification.

    `dmarc_policy` is one of POLICIES, and only there where DMARC failed. `received_spf` is the value of that field, or
    None; `results` are the members of Authentication-Results (RFC 8601): `spf=pass ... smtp.mailfrom=example.com`.
    """

    statuses: Mapping[str, str]
    dmarc_policy: str | None = None
    received_spf: str | None = None
    results: tuple[str, ...] = ()


class Checker(Protocol):
    """Whoever looks at a mail. `check` blocks, never raises, and is safe to call from many threads."""

    def check(self, delivery: Delivery, scan_enabled: bool) -> Findings:
        """A rule without scanning has spam and virus DISABLED."""
        ...
