"""The rates that SES judges an account by, as they were on each day, and what it does at which. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from postroom import breaker
from postroom.breaker import LIMITS, Breaker, Fault, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Shares of what was sent from which on SES reviews an account, and pauses its sending (SES developer guide,
    "Sending review process FAQs")."""

    review: float
    pause: float


THRESHOLDS: Mapping[Fault, Threshold] = {
    Fault.BOUNCE: Threshold(review=0.05, pause=0.10),
    Fault.COMPLAINT: Threshold(review=0.001, pause=0.005),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate at the end of a day, over the days back that have mails enough, as the breaker counts them."""

    fault: Fault
    tally: Tally

    @property
    def share(self) -> float:
        return self.tally.rate(self.fault)

    @property
    def of_review(self) -> float:
        """1 is where SES reviews an account."""
        return self.share / THRESHOLDS[self.fault].review

    @property
    def too_few(self) -> bool:
        """Whether so little came back that it says nothing: one of three is no rate."""
        return self.tally.of(self.fault) < LIMITS[self.fault].least


def rolling(tallies: Mapping[str, Tally], days: Sequence[str]) -> Mapping[Fault, list[Rate]]:
    """The rates of each of these days. `tallies` has the days before them, too: `breaker.DAYS` of them count."""
    volumes = [breaker.volume(Breaker(), tallies, _end(day)) for day in days]
    return {fault: [Rate(fault=fault, tally=volume) for volume in volumes] for fault in Fault}


def told(rate: Rate) -> str:
    """The rate as a sentence, with what follows from it."""
    limit, opens = THRESHOLDS[rate.fault], LIMITS[rate.fault].opens
    counted = f"{rate.share:.2%} ({rate.tally.of(rate.fault):,} of {rate.tally.sent:,} mails)"
    few = ", too few to judge by" if rate.too_few and rate.share >= opens else ""
    ses = f"SES reviews at {limit.review:.1%}, pauses at {limit.pause:.1%}"
    return f"{counted}{few}; the breaker opens at {opens:.2%}, {ses}"


def _end(day: str) -> datetime:
    return datetime.combine(datetime.fromisoformat(day).date(), time.max, tzinfo=UTC)
