"""SPF, DKIM and DMARC of one mail: as they are found with a zone, or as they are where nobody looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local.ses.mail import Delivery
from local.ses.verdicts import dkim, dmarc, domains, spf
from local.ses.verdicts.dmarc import DmarcResult
from local.ses.verdicts.results import Result, plain
from local.ses.verdicts.spf import SpfResult
from local.ses.verdicts.zone import Zone

# The word of RFC 8601 that stands for a status. A mail without a signature has GRAY, and no word for it.
_WORDS: Final[Mapping[str, str]] = {"PASS": "pass", "FAIL": "fail", "GRAY": "none", "PROCESSING_FAILED": "temperror"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The results of spf, dkim and dmarc. `policy` is there only where DMARC failed."""

    results: Mapping[str, Result]
    policy: str | None = None


def found(delivery: Delivery, zone: Zone) -> Authentication:
    senders = domains.senders(delivery.raw)
    by_spf = spf.check(delivery, zone)
    signatures = dkim.check(delivery.raw, zone)
    by_dmarc = dmarc.check(delivery.mail_from, senders, by_spf, signatures, zone)
    sender = senders[0] if len(senders) == 1 else None
    return Authentication(
        results={"spf": by_spf.result(delivery), "dkim": dkim.result(signatures, sender), "dmarc": by_dmarc.result},
        policy=by_dmarc.policy,
    )


def worded(check: str, status: str, delivery: Delivery) -> Result:
    """A result of this status, with words that belong to it; without, where it says that nobody looked."""
    word = _WORDS.get(status)
    sender = next(iter(domains.senders(delivery.raw)), None) or "unknown"
    if word is None:
        return Result(status=status)
    match check:
        case "spf":
            by = domains.domain_of(delivery.mail_from) or plain(delivery.helo) or "unknown"
            return Result(status=status, words=SpfResult(word=word, domain=by, by=by).result(delivery).words)
        case "dkim":
            return Result(status=status, words=(f"{word} header.i=@{sender}",) if word != "none" else ())
        case "dmarc":
            return Result(status=status, words=DmarcResult(word=word, domain=sender).result.words)
        case _:
            return Result(status=status)
