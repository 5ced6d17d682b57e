"""DMARC (RFC 7489): whether SPF or DKIM speak for the domain that the From field shows, and what its owner wants."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from local.ses.verdicts.dkim import Signature
from local.ses.verdicts.domains import aligned, organizational
from local.ses.verdicts.findings import POLICIES
from local.ses.verdicts.results import Result
from local.ses.verdicts.spf import SpfResult
from local.ses.verdicts.zone import DnsFault, Zone

# "dmarcVerdict object" (developer guide, as above). It says GRAY, too, of a mail that fails and whose domain wants
# `p=none`; the notifications that SES sends of such mail say FAIL, with `dmarcPolicy` none: so it is here.
STATUSES: Final = {
    "pass": "PASS",
    "fail": "FAIL",
    "none": "GRAY",
    "permerror": "PROCESSING_FAILED",
    "temperror": "PROCESSING_FAILED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A policy as it is published. `pct` is left out: SES reports the policy, and applies none."""

    policy: str  # for this very domain: p, or sp where the record is of the organizational domain
    strict_dkim: bool
    strict_spf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcResult:
    word: str
    domain: str | None = None
    policy: str | None = None  # of a mail that failed

    @property
    def result(self) -> Result:
        tail = f" header.from={self.domain}" if self.domain is not None else ""
        return Result(status=STATUSES[self.word], words=(self.word + tail,))


def check(
    mail_from: str, senders: Iterable[str | None], spf: SpfResult, signatures: Iterable[Signature], zone: Zone
) -> DmarcResult:
    """`senders` are the domains of From.

    Bounces have `dmarc=permerror` in what SES stores, whatever their From. So have, here, mails without one domain in
    their From: RFC 7489 section 6.6.1 leaves them to the receiver.
    """
    domains = tuple(senders)
    if not mail_from or len(domains) != 1 or (domain := domains[0]) is None:
        return DmarcResult(word="permerror")
    try:
        record = find(domain, zone)
    except DnsFault:
        return DmarcResult(word="temperror", domain=domain)
    if record is None:
        return DmarcResult(word="none", domain=domain)
    said = [(spf.word, spf.domain, record.strict_spf)]
    said += [(signature.word, signature.domain, record.strict_dkim) for signature in signatures]
    words = {word for word, by, strict in said if by is not None and aligned(by, domain, strict=strict)}
    if "pass" in words:
        return DmarcResult(word="pass", domain=domain)
    if "temperror" in words:
        return DmarcResult(word="temperror", domain=domain)
    return DmarcResult(word="fail", domain=domain, policy=record.policy)


def find(domain: str, zone: Zone) -> Record | None:
    """RFC 7489 section 6.6.3: the record of the domain, or else of its organizational domain. Raises DnsFault."""
    if (tags := _published(domain, zone)) is not None:
        return _record(tags, tags.get("p"))
    if (parent := organizational(domain)) == domain or (tags := _published(parent, zone)) is None:
        return None
    return _record(tags, tags.get("sp", tags.get("p")))


def _published(domain: str, zone: Zone) -> dict[str, str] | None:
    texts = [text.decode("ascii", "replace") for text in zone.texts(f"_dmarc.{domain}")]
    read = [tags for tags in map(_tags, texts) if next(iter(tags.items()), None) == ("v", "DMARC1")]
    return read[0] if len(read) == 1 else None  # several are none


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def _record(tags: dict[str, str], policy: str | None) -> Record | None:
    wanted = (policy or "").lower()
    if wanted not in POLICIES:
        if "rua" not in tags:
            return None
        wanted = "none"  # RFC 7489 section 6.6.3, number 6
    strict = {name: tags.get(name, "r").lower() == "s" for name in ("adkim", "aspf")}
    return Record(policy=wanted, strict_dkim=strict["adkim"], strict_spf=strict["aspf"])
