"""What SES found out about the sender of a mail, in the header fields that SES itself wrote on top of it.

A sender can write the same names further down, so only the block that begins the mail is believed: the first of each
field, as far as SES's own names follow each other, and only where SES's own Received field is among them. The words of
the mail (HELO, envelope sender, signing domain) stand inside those fields, so what can be read in two ways is read as
the worse one.

Source: SES writes these fields above what it received; RFC 8601 for the results.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

# What SES writes, in any order, before the sender's first field (seen in stored objects; SES documents only the names).
_SES_FIELDS = frozenset(
    {
        "return-path",
        "received",
        "x-ses-spam-verdict",
        "x-ses-virus-verdict",
        "received-spf",
        "authentication-results",
        "x-ses-receipt",
        "x-ses-dkim-signature",
    }
)
_SEALS = frozenset({"x-ses-receipt", "x-ses-dkim-signature"})  # SES writes them last
_BY_SES = re.compile(r"\bby inbound-smtp\.")
_AUTHORITY = "amazonses.com"

_MOST_RESULTS = 20
_COMMENT = re.compile(r"\([^()]*\)")
_ITEM = re.compile(r'(?:"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[^;"])++', re.DOTALL)
_RESULT = re.compile(r"\s*(spf|dkim|dmarc|arc)=([a-z]{1,20})\b", re.IGNORECASE)
_IDENTITY = re.compile(r"\b(?:envelope-from|smtp\.mailfrom|header\.(?:from|d|i))=([^\s;]{1,600})", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9_-][a-z0-9_.-]{0,254}")
#: RFC 8601's results from the best to the worst.
WORSE = ("pass", "none", "neutral", "softfail", "temperror", "permerror", "policy", "fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """One result: the method (spf, dkim, dmarc, arc), what came out (RFC 8601: pass, fail, none, ...), for which
    domain (the envelope sender's, the signer's, From's; "" where SES names none)."""

    method: str
    result: str
    domain: str

    def __str__(self) -> str:
        return f"{self.method}={self.result} {self.domain}".rstrip()


def written_by_ses(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """SES's own fields from those of a mail (lower-case name, unfolded value, in order); empty where SES wrote none."""
    found: dict[str, str] = {}
    for name, value in fields:
        sealed = not _SEALS.isdisjoint(found)
        if name not in _SES_FIELDS or name in found or (sealed and name not in _SEALS):
            break
        found[name] = value
    return found if _BY_SES.search(found.get("received", "")) else {}


def results(value: str) -> tuple[Authentication, ...]:
    """The results in SES's Authentication-Results field, in order. A method has one result, its worst; only DKIM has
    one for each signature. Empty where another server wrote it."""
    items = _ITEM.findall(_COMMENT.sub(" ", value))
    if not items or items[0].split()[:1] != [_AUTHORITY]:
        return ()
    found: dict[tuple[str, ...], Authentication] = {}
    for one in _results(items):
        key = (one.method, one.domain) if one.method == "dkim" else (one.method,)
        if len(found) < _MOST_RESULTS or key in found:
            found[key] = max(found.get(key, one), one, key=_badness)
    return tuple(found.values())


def _badness(one: Authentication) -> int:
    """How far from a pass this is: a word that nobody knows is no pass."""
    return WORSE.index(one.result) if one.result in WORSE else 1


def _results(items: list[str]) -> Iterator[Authentication]:
    """SES ends properties with semicolons too: what stands behind a result, up to the next, belongs to it."""
    at = [number for number, item in enumerate(items) if _RESULT.match(item)]
    for start, end in pairwise([*at, len(items)]):
        if found := _RESULT.match(items[start]):
            method, result = found.group(1).lower(), found.group(2).lower()
            yield Authentication(method=method, result=result, domain=_domain(";".join(items[start:end])))


def _domain(properties: str) -> str:
    found = _IDENTITY.search(properties)
    domain = found.group(1).rpartition("@")[2].lower() if found else ""
    return domain if _DOMAIN.fullmatch(domain) else ""
