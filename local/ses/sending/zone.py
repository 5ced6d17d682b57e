"""What must stand in DNS for the mail of this SES to pass SPF, DKIM and DMARC: a master file (RFC 1035 section 5).

`DIR/dns/ses.zone` is written anew at every change of an identity. Real domains get these records from their owners:
the CNAMEs of Easy DKIM or the TXT of BYODKIM, MX and SPF of a custom MAIL FROM domain; those under amazonses.com are
Amazon's own ("Creating and verifying identities", "Using a custom MAIL FROM domain").
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from local.ses import file
from local.ses.account import Dkim, Identity
from local.ses.account.dkim import EASY, HOSTED_ZONE
from local.ses.mail import Place
from local.ses.sending.signing import AMAZON, AmazonKey

_STRING = 255  # characters of one string of a TXT record (RFC 1035 section 3.3.14)
_SENDS_FROM = "v=spf1 ip4:127.0.0.1 ip6:::1 -all"  # this machine


def bounce_domain(region: str) -> str:
    """The MAIL FROM domain of those who have none of their own."""
    return AMAZON if region == "us-east-1" else f"{region}.{AMAZON}"


def lines(identities: Sequence[Identity], amazon: AmazonKey, region: str) -> Iterator[str]:
    """The records, one a line, each name in full."""
    yield "$TTL 300"
    yield _txt(AMAZON, _SENDS_FROM)
    if bounce_domain(region) != AMAZON:
        yield _txt(bounce_domain(region), _SENDS_FROM)
    yield _txt(f"{amazon.selector}._domainkey.{AMAZON}", _key(amazon.key.public))
    for identity in identities:
        if identity.dkim is not None and identity.verified:
            yield from _dkim(identity.name, identity.dkim)
        if identity.mail_from_domain is not None and identity.mail_from_verified:
            yield f"{identity.mail_from_domain}. IN MX 10 feedback-smtp.{region}.amazonses.com."
            yield _txt(identity.mail_from_domain, f"v=spf1 include:{AMAZON} ~all")


def _dkim(domain: str, dkim: Dkim) -> Iterator[str]:
    for token in dkim.tokens:
        if dkim.origin == EASY:
            yield f"{token}._domainkey.{domain}. IN CNAME {token}.{HOSTED_ZONE}."
            yield _txt(f"{token}.{HOSTED_ZONE}", _key(dkim.key.public))
        else:
            yield _txt(f"{token}._domainkey.{domain}", _key(dkim.key.public))


def _key(public: str) -> str:
    return f"v=DKIM1; k=rsa; p={public}"


def _txt(name: str, value: str) -> str:
    strings = (value[start : start + _STRING] for start in range(0, len(value), _STRING))
    return f"{name}. IN TXT " + " ".join(f'"{one}"' for one in strings)


class OwnZone:
    """The file, written whole or not at all."""

    def __init__(self, path: Path, amazon: AmazonKey, place: Place) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._amazon = amazon
        self._region = place.region

    def write(self, identities: Sequence[Identity]) -> None:
        text = "".join(f"{line}\n" for line in lines(identities, self._amazon, self._region))
        file.write(self.path, text.encode())
