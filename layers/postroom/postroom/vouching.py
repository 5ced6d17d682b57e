"""Who vouches for the author of a mail: DMARC, or SPF where the author's domain has no policy."""

from dataclasses import dataclass
from enum import StrEnum

from postroom.envelope import Verdict
from postroom.message import AUTHENTICATION, Message, Parsed


class Vouched(StrEnum):
    PROVEN = "proven"  # the author's domain says so
    UNPROVEN = "unproven"  # nobody says anything
    FORGED = "forged"  # the author's domain says the opposite, and asks that such mail be kept apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What is known of the author, and what that rests on."""

    vouched: Vouched
    told: str


def voucher(parsed: Parsed) -> Voucher:
    """Whether the one address in From is its owner's. Several are nobody's (RFC 7489 section 6.6.1)."""
    verdicts, mail_from = parsed.received.verdicts, parsed.received.envelope.mail_from
    authors = {a.address.lower() for a in parsed.message.from_ if "@" in a.address}
    if len(authors) != 1:
        return Voucher(vouched=Vouched.UNPROVEN, told=f"From has {len(authors)} addresses")
    domain = authors.pop().rpartition("@")[2]
    told = f"DMARC {verdicts.dmarc}, SPF {verdicts.spf} for {mail_from}, From {domain}"
    if (judged := _judged(parsed.message)) and domain.isascii() and not aligned(f"@{judged}", domain):
        return Voucher(vouched=Vouched.FORGED, told=f"{told}, but DMARC was asked of {judged}")
    if verdicts.dmarc is Verdict.PASS:
        return Voucher(vouched=Vouched.PROVEN, told=told)
    # GRAY: the author's domain publishes no policy; then SPF vouches, where it speaks of that very domain.
    if verdicts.dmarc is Verdict.GRAY and verdicts.spf is Verdict.PASS and aligned(mail_from, domain):
        return Voucher(vouched=Vouched.PROVEN, told=told)
    # A policy of `none` asks for reports, and says nothing against the mail: lists and forwarders fail it every day.
    forged = verdicts.dmarc is Verdict.FAIL and verdicts.dmarc_policy != "none"
    return Voucher(vouched=Vouched.FORGED if forged else Vouched.UNPROVEN, told=told)


def _judged(message: Message) -> str:
    """The domain that SES took for the author's, where it says so. A From that can be read in two ways, as with a
    route or a second @, must not be vouched for by the one and believed for the other."""
    results = (value.split(" ") for value in message.facts.get(AUTHENTICATION, ()))
    return next((result[1] for result in results if len(result) == 2 and result[0].startswith("dmarc=")), "")


def aligned(mail_from: str | None, author_domain: str) -> bool:
    """Whether the envelope sender's domain speaks for the author's (RFC 7489 section 3.1.2).

    Relaxed alignment compares organisational domains and needs the Public Suffix List. Here one domain must be the
    other, or lie below it: bounce.example.com speaks for example.com, one.example.com not for two.example.com.
    """
    domain = (mail_from or "").rpartition("@")[2].lower().rstrip(".")
    author = author_domain.lower().rstrip(".")
    if "." not in domain or "." not in author:
        return False
    return domain == author or domain.endswith(f".{author}") or author.endswith(f".{domain}")
