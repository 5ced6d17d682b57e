"""Domains in addresses, and which of them belong together (RFC 7489 section 3)."""

import re
from functools import cache
from typing import Final

import dns.exception
import dns.name
from publicsuffix2 import PublicSuffixList  # type: ignore[import-untyped]  # it has no annotations

from local.ses import headers

_HOST: Final = re.compile(r"[\w.-]{1,254}")


def domain_of(address: str) -> str | None:
    """The domain of an address, in lower case and A-labels; None where it has none that DNS could know."""
    found = _HOST.match(address.rpartition("@")[2].strip())
    return host(found.group()) if found else None


def host(name: str) -> str | None:
    """A name in lower case and A-labels; None where it is none that DNS could know."""
    try:
        known = dns.name.from_text(name.strip().rstrip(".").lower() + ".")
    except (dns.exception.DNSException, UnicodeError):
        return None
    return known.to_text(omit_final_dot=True) if len(known) > 1 else None


def senders(raw: bytes) -> tuple[str | None, ...]:
    """The domains in the From field, each once; in all of them, where there are several."""
    fields, _ = headers.split(raw)
    return tuple(dict.fromkeys(domain_of(address) for address in headers.addresses(fields, ["From"])))


def aligned(domain: str, sender: str, *, strict: bool = False) -> bool:
    """RFC 7489 section 3.1: the same domain, or (relaxed) the same organizational domain."""
    return domain == sender or (not strict and organizational(domain) == organizational(sender))


def organizational(domain: str) -> str:
    """RFC 7489 section 3.2: the label below the public suffix, and the suffix."""
    found = str(_suffixes().get_sld(domain) or domain)
    # Of a top-level domain that isn't listed (.example, .test) the list gives that alone; RFC 7489 wants a label more.
    return found if "." in found else ".".join(domain.split(".")[-2:])


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
