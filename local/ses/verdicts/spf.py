"""SPF (RFC 7208) as SES does it: of the domain of MAIL FROM; of the HELO, where the sender is null. By pyspf."""

from dataclasses import dataclass
from typing import Final

import spf  # type: ignore[import-untyped]  # pyspf has no annotations

from local.ses.mail import Delivery
from local.ses.verdicts.domains import domain_of, host
from local.ses.verdicts.results import Result, envelope
from local.ses.verdicts.zone import Answer, DnsFault, Zone

# "spfVerdict object" (developer guide, "Contents of notifications for Amazon SES email receiving"): GRAY is a domain
# without a policy, PROCESSING_FAILED a record that can't be checked. Softfail, neutral and permerror are as in
# notifications that SES sent.
STATUSES: Final = {
    "pass": "PASS",
    "fail": "FAIL",
    "softfail": "GRAY",
    "neutral": "GRAY",
    "none": "GRAY",
    "permerror": "PROCESSING_FAILED",
    "temperror": "PROCESSING_FAILED",
}
_COMMENTS: Final = {
    "pass": "domain of {domain} designates {ip} as permitted sender",
    "fail": "domain of {domain} does not designate {ip} as permitted sender",
    "softfail": "transitioning domain of {domain} does not designate {ip} as permitted sender",
    "neutral": "{ip} is neither permitted nor denied by domain of {domain}",
    "none": "{ip} is neither permitted nor denied by domain of {domain}",
    "permerror": "Error in processing SPF Record",
    "temperror": "Error in retrieving data from DNS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpfResult:
    """`word` is a result of RFC 7208 section 2.6. `domain` is whose policy was asked for; `by` whose record decided,
    which is another where a record redirects: SES names that one."""

    word: str
    domain: str | None
    by: str

    def result(self, delivery: Delivery) -> Result:
        comment = _COMMENTS[self.word].format(domain=self.by, ip=delivery.client_ip)
        return Result(status=STATUSES[self.word], words=(f"{self.word} (spfCheck: {comment}) {envelope(delivery)}",))


def check(delivery: Delivery, zone: Zone) -> SpfResult:
    domain = domain_of(delivery.mail_from) if delivery.mail_from else host(delivery.helo)
    if domain is None:
        return SpfResult(word="none", domain=None, by="unknown")
    asking = _Query(zone, sender=f"{_local_part(delivery.mail_from)}@{domain}", delivery=delivery)
    word = str(asking.check()[0])
    return SpfResult(word=word if word in STATUSES else "permerror", domain=domain, by=asking.decided)


def _local_part(mail_from: str) -> str:
    """For the macros of a record; without the characters that pyspf would take for the end of it."""
    return mail_from.rpartition("@")[0].replace("@", "_") or "postmaster"


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no annotations
    """pyspf's query, with a zone for the DNS. All limits of RFC 7208 section 4.6.4 are pyspf's."""

    def __init__(self, zone: Zone, *, sender: str, delivery: Delivery) -> None:
        super().__init__(delivery.client_ip.partition("%")[0], sender, delivery.helo)
        self._zone = zone
        self._last: object = None
        self.decided: str = self.d

    def check1(self, record: str, domain: str, recursion: int) -> tuple[str, int, str]:
        """An included record has its result replaced by that of the record that includes it; a redirection has not."""
        found: tuple[str, int, str] = super().check1(record, domain, recursion)
        if found is not self._last:
            self._last, self.decided = found, domain
        return found

    def dns(self, name: str, kind: str, _cnames: object = None, ignore_void: bool = False) -> list[Answer]:
        """pyspf's one way to the DNS. Raises its errors."""
        try:
            found = self._zone.find(str(name), kind)
        except DnsFault as fault:
            raise spf.TempError(f"DNS {fault}") from fault
        self.void_lookups += not found and not ignore_void
        if self.void_lookups > spf.MAX_VOID_LOOKUPS:
            raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return found
