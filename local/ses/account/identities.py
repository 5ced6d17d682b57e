"""The addresses and domains that an account may send from ("Verified identities in Amazon SES").

Locally an identity is verified as soon as it is made. A domain with a label `invalid` exists nowhere (after RFC 6761
section 6.4): identities of `example.invalid` stay PENDING, the MAIL FROM domain `invalid.example.com` is FAILED.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from local.ses.account.dkim import Dkim
from local.ses.account.notifications import Notifications
from local.ses.refused import Refused
from local.ses.values import now

MAX_IDENTITIES = 10_000  # "Service quotas": verified identities per Region
DEFAULT_LENGTH = "RSA_2048_BIT"
ON_MX_FAILURE = ("USE_DEFAULT_VALUE", "REJECT_MESSAGE")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,20}[a-z0-9-]{2,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`name` is in lower case. An address has no DKIM of its own: it signs with that of its domain."""

    name: str
    dkim: Dkim | None = None
    signing: bool = True
    configuration_set: str | None = None
    notifications: Notifications = field(default_factory=Notifications)
    mail_from_domain: str | None = None
    on_mx_failure: str = ON_MX_FAILURE[0]
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def is_domain(self) -> bool:
        return "@" not in self.name

    @property
    def domain(self) -> str:
        return self.name.rpartition("@")[2]

    @property
    def verified(self) -> bool:
        return exists(self.domain)

    @property
    def mail_from_verified(self) -> bool:
        return self.mail_from_domain is not None and exists(self.mail_from_domain)

    @property
    def status(self) -> str:
        return "SUCCESS" if self.verified else "PENDING"


def exists(domain: str) -> bool:
    """Whether a domain could be in DNS."""
    return "invalid" not in domain.lower().split(".")


class Identities:
    """All of an account. `changed` is called with them after every change, from any thread."""

    def __init__(self) -> None:
        self._identities: dict[str, Identity] = {}
        self.changed: Callable[[Sequence[Identity]], None] = lambda _all: None

    def __len__(self) -> int:
        return len(self._identities)

    def create(self, identity: Identity) -> None:
        """Adds it, with an Easy DKIM key where a domain has none. Blocks for as long as the key takes."""
        name = identity.name
        _check(name)
        if name in self._identities:
            raise Refused("AlreadyExists", f"Email identity {name} already exist.")
        if len(self._identities) >= MAX_IDENTITIES:
            raise Refused("LimitExceeded", f"An account has at most {MAX_IDENTITIES} identities.")
        if identity.is_domain and identity.dkim is None:
            identity = replace(identity, dkim=Dkim.easy(DEFAULT_LENGTH, now()))
        self._put(identity)

    def update(self, identity: Identity) -> None:
        self.get(identity.name)
        if identity.mail_from_domain is not None:
            _check_mail_from(identity.mail_from_domain, identity.domain)
        if identity.on_mx_failure not in ON_MX_FAILURE:
            raise Refused("InvalidParameterValue", f"BehaviorOnMxFailure is one of {', '.join(ON_MX_FAILURE)}.")
        self._put(identity)

    def get(self, name: str) -> Identity:
        found = self._identities.get(name.lower())
        if found is None:
            raise Refused("IdentityDoesNotExist", f"Email identity {name} does not exist.")
        return found

    def find(self, name: str) -> Identity | None:
        return self._identities.get(name.lower())

    def delete(self, name: str) -> None:
        """Forgets an identity; one that isn't there is no error here: API v2 asks with `get` first."""
        if self._identities.pop(name.lower(), None) is not None:
            self.changed(self.all())

    def all(self) -> list[Identity]:
        return [self._identities[name] for name in sorted(self._identities)]

    def of(self, address: str) -> list[Identity]:
        """Those that an address may use: its own, then its domain's, then those of the domains above."""
        address = address.lower()
        labels = address.rpartition("@")[2].split(".")[-20:]
        names = [address, *(".".join(labels[start:]) for start in range(len(labels)))]
        return [self._identities[name] for name in names if name in self._identities]

    def notifications(self, address: str) -> Notifications:
        """Those of the nearest identity that has topics; nothing of the others counts then."""
        return next((one.notifications for one in self.of(address) if one.notifications.topics), Notifications())

    def _put(self, identity: Identity) -> None:
        self._identities[identity.name] = identity
        self.changed(self.all())


def _check(name: str) -> None:
    local, at, domain = name.rpartition("@")
    if not _DOMAIN.match(domain) or (at and not local) or len(name) > 320 or not name.isprintable():
        raise Refused("InvalidParameterValue", f"Invalid email or domain name: <{name}>")


def _check_mail_from(mail_from: str, domain: str) -> None:
    if not mail_from.endswith(f".{domain}") or not _DOMAIN.match(mail_from):
        text = f"Provided MAIL-FROM domain <{mail_from}> is not subdomain of the domain of the identity <{domain}>."
        raise Refused("InvalidParameterValue", text)
