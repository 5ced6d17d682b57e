"""What an address says by itself: a machine's, nobody's, one that can be written to."""

import re

# Local parts that RFC 3834 section 2 and RFC 5230 section 4.6 name, and the forms of list managers: mailman's
# `-bounces+user=host`, ezmlm's `-return-12-user=host`. BATV (`prvs=`) and SRS (`srs0=`) stand before people's names.
_ROBOT = re.compile(
    r"(?:mail(?:er)?-?daemon|daemon|postmaster|majordomo|listserv|listproc|bounces?)"
    r"|(?:owner-|bounces?[-+=]|listserv-|majordomo-).*"
    r"|.*-(?:request|owner|bounces?|relay|confirm|subscribe|unsubscribe|join|leave|help)"
    r"|.*-(?:bounces?[-+=]|return-).*"
)
_NOBODY = re.compile(
    r"noreply|donotreply|dontreply|noresponse|norespond|nepasrepondre|keineantwort|nichtantworten|noantwort|naoresponda"
    r"|nonrispondere|nieodpowiadaj"
)
_LOOKED_AT = 256  # characters of a local part that are looked at; RFC 5321 section 4.5.3.1.1 allows 64

# ASCII, no quoted local part, a domain with a dot (RFC 5321 section 4.1.2): SES takes no SMTPUTF8.
_SENDABLE = re.compile(
    r"(?!\.)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}(?<!\.)@(?=[^@]{1,253}\Z)(?:[A-Za-z0-9-]{1,63}\.){1,20}[A-Za-z][A-Za-z0-9-]{1,62}"
)


def robot(address: str) -> bool:
    """Whether the local part, its plus-label aside, is one that machines and mailing lists send under."""
    local = _local(address)
    return _ROBOT.fullmatch(local) is not None or _ROBOT.fullmatch(local.partition("+")[0]) is not None


def nobody_reads(address: str) -> bool:
    """Whether the local part says that nobody reads what is sent there, in one of several languages."""
    return _NOBODY.search(re.sub(r"[-_.+]", "", _local(address))) is not None


def sendable(address: str) -> bool:
    """Whether SES takes the address as a recipient."""
    return _SENDABLE.fullmatch(address) is not None and "=?" not in address  # readers would decode it (RFC 2047)


def _local(address: str) -> str:
    return address.rpartition("@")[0].strip('"').lower()[:_LOOKED_AT]
