"""A domain that takes no mail at all: when it is more than one address's trouble, and for how long.

One address with a domain that can't be found is mostly a slip of the pen. Several within a day, and nothing that got
through, are a domain that is away: it is left alone for a day, and no address of it has to fail first.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from postroom.address import AddressEvent, Incident
from postroom.clock import from_iso

LASTS = timedelta(days=1)
ENOUGH = 2  # different addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingDomain:
    """The addresses of a domain that failed because of it (hashed, ENOUGH at most), when the last did, and when a mail
    got through."""

    whose: frozenset[str] = frozenset()
    at: str = ""
    got_through: str = ""

    @property
    def full(self) -> bool:
        return len(self.whose) >= ENOUGH

    def held(self, now: datetime) -> bool:
        """Whether the domain as a whole is left alone now."""
        return self.full and now < from_iso(self.at) + LASTS

    def after(self, address: str, incident: Incident) -> "FailingDomain":
        """After something happened to an address of it; itself where that says nothing of the domain."""
        match incident.event:
            case AddressEvent.DELIVERED if self.whose and incident.at > self.at:
                return FailingDomain(got_through=incident.at)
            case AddressEvent.DOMAIN_ERROR if incident.at > self.got_through:
                return self._with(hashed(address), incident.at)
        return self

    def _with(self, who: str, at: str) -> "FailingDomain":
        apart = abs(from_iso(at) - from_iso(self.at)) if self.at else LASTS
        if apart < LASTS:
            whose = self.whose if self.full else self.whose | {who}
            return replace(self, whose=whose, at=max(self.at, at))
        return replace(self, whose=frozenset({who}), at=at) if at > self.at else self


def hashed(address: str) -> str:
    """The address, so that the domain's item needs no name of anybody."""
    return sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:16]
