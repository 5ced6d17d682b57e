"""The checks of a received mail, and what is found: PASS, unless the mail asks for something else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local.ses import headers
from local.ses.mail import Delivery
from local.ses.values import one_line
from local.ses.verdicts import asked
from local.ses.verdicts.findings import CHECKS, POLICIES, STATUSES, Findings

# What the words of Authentication-Results (RFC 8601) are for SES's statuses.
_WORDS = {"PASS": "pass", "FAIL": "fail", "GRAY": "none", "PROCESSING_FAILED": "temperror"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The Checker that believes every mail: it passes, and gets the verdicts that it asks for."""

    def check(self, delivery: Delivery, scan_enabled: bool) -> Findings:
        statuses = dict.fromkeys(CHECKS, "PASS")
        if not scan_enabled:
            statuses.update(spam="DISABLED", virus="DISABLED")
        else:
            statuses.update(_scanned(delivery.raw))
        wishes = dict(asked.wishes(asked.field(delivery.raw) or ""))
        wanted = {check: status for check, status in wishes.items() if check in CHECKS}
        statuses.update((check, status) for check, status in wanted.items() if status in STATUSES)
        for check in (check for check, status in wanted.items() if status == asked.MISSING):
            del statuses[check]
        policy = wishes.get("policy", "").lower()
        return Findings(
            statuses=statuses,
            dmarc_policy=(policy if policy in POLICIES else "none") if statuses.get("dmarc") == "FAIL" else None,
            received_spf=_spf(delivery, statuses),
            results=tuple(_results(delivery, statuses)),
        )


def _scanned(raw: bytes) -> dict[str, str]:
    found = {}
    if asked.is_spam(raw):
        found["spam"] = "FAIL"
    if asked.has_virus(raw):
        found["virus"] = "FAIL"
    return found


def _spf(delivery: Delivery, statuses: Mapping[str, str]) -> str | None:
    word = _WORDS.get(statuses.get("spf", ""))
    helo = one_line(delivery.helo) or "unknown"
    envelope = f"client-ip={delivery.client_ip}; envelope-from={one_line(delivery.mail_from)}; helo={helo};"
    return f"{word} (spfCheck: local) {envelope}" if word is not None else None


def _results(delivery: Delivery, statuses: Mapping[str, str]) -> Iterator[str]:
    if (spf := _spf(delivery, statuses)) is not None:
        yield f"spf={spf.removesuffix(';')}"
    domain = _from_domain(delivery.raw)
    for check, property_ in (("dkim", "header.i=@"), ("dmarc", "header.from=")):
        if (word := _WORDS.get(statuses.get(check, ""))) is not None:
            yield f"{check}={word} {property_}{domain}"


def _from_domain(raw: bytes) -> str:
    fields, _ = headers.split(raw)
    senders = headers.addresses(fields, ["From"])
    return one_line(senders[0].rpartition("@")[2]) if senders else "unknown"
