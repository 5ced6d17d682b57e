"""The checks of a received mail, and who says what is found."""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from local.ses.mail import Delivery
from local.ses.verdicts import asked, authentication
from local.ses.verdicts.authentication import Authentication, worded
from local.ses.verdicts.findings import CHECKS, Checker, Findings
from local.ses.verdicts.results import Result
from local.ses.verdicts.zone import ZoneFile

log = logging.getLogger(__name__)

Scan: TypeAlias = Callable[[Delivery], str]  # gives a status; may raise

_AUTHENTICATION = ("spf", "dkim", "dmarc")


def by_gtube(delivery: Delivery) -> str:
    return "FAIL" if asked.is_spam(delivery.raw) else "PASS"


def by_eicar(delivery: Delivery) -> str:
    return "FAIL" if asked.has_virus(delivery.raw) else "PASS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The Checker that looks. Without a zone it believes every sender: spf, dkim and dmarc pass.

    Whatever goes wrong is PROCESSING_FAILED, and a line in the log without a word of the mail.
    """

    zone: ZoneFile | None = None
    spam: Scan = by_gtube
    virus: Scan = by_eicar

    def check(self, delivery: Delivery, scan_enabled: bool) -> Findings:
        by = self._authentication(delivery)
        results = {
            "spam": self._scanned("spam", self.spam, delivery) if scan_enabled else Result(status="DISABLED"),
            "virus": self._scanned("virus", self.virus, delivery) if scan_enabled else Result(status="DISABLED"),
            **by.results,
        }
        return findings(results, by.policy)

    def _scanned(self, name: str, scan: Scan, delivery: Delivery) -> Result:
        try:
            return Result(status=scan(delivery))
        except Exception as error:  # whatever a scanner's fault is, SES says PROCESSING_FAILED and delivers
            _failed(name, delivery, error)
            return Result(status="PROCESSING_FAILED")

    def _authentication(self, delivery: Delivery) -> Authentication:
        if self.zone is None:
            return Authentication(results={check: worded(check, "PASS", delivery) for check in _AUTHENTICATION})
        try:
            return authentication.found(delivery, self.zone.zone())
        except Exception as error:  # a fault of pyspf's or dkimpy's on hostile mail must not lose the mail
            _failed("authentication", delivery, error)
            failed = {check: worded(check, "PROCESSING_FAILED", delivery) for check in _AUTHENTICATION}
            return Authentication(results=failed)


def _failed(name: str, delivery: Delivery, error: Exception) -> None:
    """Where it happened, and not what it was about: the text of an error may hold an address."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    kind = type(error).__name__
    log.warning("the check %s failed: %s at %s:%s; mail %s", name, kind, where.name, where.lineno, delivery.ses_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """The Checker that gives a mail the verdicts that it asks for, and leaves the others to another Checker."""

    checker: Checker = field(default_factory=Checks)

    def check(self, delivery: Delivery, scan_enabled: bool) -> Findings:
        found = self.checker.check(delivery, scan_enabled)
        wishes = asked.wishes(delivery)
        return overridden(found, wishes, delivery) if wishes else found


def overridden(found: Findings, wishes: Mapping[str, str], delivery: Delivery) -> Findings:
    """The findings with what is wished for, and with the words that belong to it."""
    results = {check: Result(status=status, words=_words(found, check)) for check, status in found.statuses.items()}
    results |= {check: worded(check, wishes[check], delivery) for check in CHECKS if check in wishes}
    known = {check: result for check, result in results.items() if result.status != asked.MISSING}
    policy = found.dmarc_policy if "dmarc" not in wishes else None
    return findings(known, wishes[asked.POLICY].lower() if asked.POLICY in wishes else policy)


def _words(found: Findings, check: str) -> tuple[str, ...]:
    return tuple(one.removeprefix(f"{check}=") for one in found.results if one.startswith(f"{check}="))


def findings(results: Mapping[str, Result], policy: str | None) -> Findings:
    """The results as SES tells them. A DMARC that failed has a policy: `none`, unless there is another."""
    failed = "dmarc" in results and results["dmarc"].status == "FAIL"
    words = {check: results[check].words for check in _AUTHENTICATION if check in results}
    by_spf = words.get("spf")
    return Findings(
        statuses={check: results[check].status for check in CHECKS if check in results},
        dmarc_policy=(policy or "none") if failed else None,
        received_spf=f"{by_spf[0]};" if by_spf else None,
        results=tuple(f"{check}={one}" for check, every in words.items() for one in every),
    )
