"""What was counted of a day, or of many, in the words of the table. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from postroom.address import AddressEvent
from postroom.breaker import Fault
from postroom.feedback import faults
from postroom.feedback.report import BounceReason
from postroom.feedback.table import ABOUT_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Mails. `hard` and `complained` are what SES holds against us; `soft` is every other bounce but those `withheld`
    by a suppression list of SES. `ours` are the bounces, hard or soft, that speak of us or of our mail and not of the
    address. An out-of-office that SES calls a bounce is none."""

    sent: int = 0
    delivered: int = 0
    hard: int = 0
    soft: int = 0
    ours: int = 0
    withheld: int = 0
    complained: int = 0
    delayed: int = 0
    rejected: int = 0
    opened: int = 0
    clicked: int = 0

    @property
    def bounced(self) -> int:
        return self.hard + self.soft

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})


NAMES = tuple(each.name for each in fields(Counted))


def counted(counters: Mapping[str, int]) -> Counted:
    """The counters of a day by their names (`postroom.feedback.counting`)."""
    tally = faults.tally(counters)
    withheld = _bounces(counters, BounceReason.SUPPRESSED)
    other = counters.get("bounce", 0) - tally.bounces - withheld - _bounces(counters, BounceReason.VACATION)
    return Counted(
        sent=tally.sent,
        delivered=counters.get("delivery", 0),
        hard=tally.of(Fault.BOUNCE),
        soft=max(other, 0),
        ours=_bounces(counters, *ABOUT_US),
        withheld=withheld,
        complained=tally.of(Fault.COMPLAINT),
        delayed=counters.get("deliverydelay", 0),
        rejected=counters.get("reject", 0) + counters.get("rendering_failure", 0),
        opened=counters.get("open", 0),
        clicked=counters.get("click", 0),
    )


def total(each: Iterable[Counted]) -> Counted:
    return sum(each, Counted())


def last_days(number: int, moment: datetime) -> tuple[str, ...]:
    """So many days in UTC, today the last."""
    return tuple((moment - timedelta(days=back)).date().isoformat() for back in reversed(range(number)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDomain:
    """What became of our mail to one domain: recipients, by what it says of their address."""

    domain: str
    delivered: int = 0
    hard: int = 0
    soft: int = 0
    ours: int = 0
    complained: int = 0
    delayed: int = 0

    @property
    def failed(self) -> int:
        return self.hard + self.soft + self.ours + self.complained

    @property
    def share(self) -> float:
        """What failed, of what came to an end."""
        return self.failed / max(self.failed + self.delivered, 1)


_E = AddressEvent
_SOFT: Sequence[AddressEvent] = (_E.SOFT_BOUNCE, _E.MAILBOX_FULL)
_HARD: Sequence[AddressEvent] = (_E.HARD_BOUNCE, _E.DOMAIN_ERROR)


def worst(domains: Mapping[str, Mapping[str, int]]) -> list[OfDomain]:
    """The domains at which anything failed, the most failures first."""
    found = (_of_domain(domain, counters) for domain, counters in domains.items())
    return sorted((each for each in found if each.failed), key=lambda each: (-each.failed, each.domain))


def _of_domain(domain: str, counters: Mapping[str, int]) -> OfDomain:
    return OfDomain(
        domain=domain,
        delivered=counters.get(_E.DELIVERED, 0),
        hard=sum(counters.get(event, 0) for event in _HARD),
        soft=sum(counters.get(event, 0) for event in _SOFT),
        ours=counters.get(_E.BLAMED_ON_US, 0),
        complained=counters.get(_E.COMPLAINT, 0),
        delayed=counters.get(_E.DELAYED, 0),
    )


def _bounces(counters: Mapping[str, int], *reasons: BounceReason) -> int:
    return sum(counters.get(f"bounce:{reason}", 0) for reason in reasons)
