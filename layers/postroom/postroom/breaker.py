"""The circuit breaker: whether so much of what we send bounces, or is complained of, that nothing may go out by itself.

SES reviews an account from 5 % bounces or 0.1 % complaints on, and pauses it at 10 % or 0.5 %. It counts hard bounces
alone, over "a representative volume" and no fixed time (SES developer guide, "Sending review process FAQs"). So it is
here: the days back until there are mails enough, and limits well below SES's own. Pure; the one table is `AFTER`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from postroom.clock import from_iso, iso

REPRESENTATIVE = 10_000  # mails: no more days are looked back at than have sent so many
DAYS = 30  # at most
COOLING_HOURS = 24  # from open to half-open: nearly every bounce of what was sent before has come by then
TRIALS_PER_DAY = 50  # automatic mails that a half-open breaker lets through
PROVEN = 100  # mails sent on trial after which it may close


class Circuit(StrEnum):
    """As the current of a fuse: closed lets automatic mail through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"  # a few go out on trial


class Finding(StrEnum):
    """What a look at the rates, or a person, says."""

    NOTHING = "nothing"
    TOO_MANY = "too_many"
    COOLED = "cooled"
    PROVEN = "proven"
    RESET = "reset"


_C, _O, _H = Circuit.CLOSED, Circuit.OPEN, Circuit.HALF_OPEN
_ROWS: Mapping[Finding, tuple[Circuit, ...]] = {
    #                 closed, open, half-open
    Finding.NOTHING: (_C, _O, _H),
    Finding.TOO_MANY: (_O, _O, _O),
    Finding.COOLED: (_C, _H, _H),
    Finding.PROVEN: (_C, _O, _C),  # what comes back while it is open is of what went out before: it proves nothing
    Finding.RESET: (_C, _C, _C),
}

AFTER: Mapping[tuple[Circuit, Finding], Circuit] = {
    (circuit, finding): row[column] for finding, row in _ROWS.items() for column, circuit in enumerate(Circuit)
}


class Fault(StrEnum):
    """What SES holds against a sender."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Shares of what was sent, and how many there must be at least: three of ten are no rate. `least_on_trial` is for a
    half-open breaker."""

    opens: float
    closes: float
    least: int
    least_on_trial: int

    def least_in(self, circuit: Circuit) -> int:
        """How many must have come back before the rate is looked at."""
        return self.least_on_trial if circuit is Circuit.HALF_OPEN else self.least


LIMITS: Mapping[Fault, Limit] = {
    Fault.BOUNCE: Limit(opens=0.03, closes=0.015, least=10, least_on_trial=3),
    Fault.COMPLAINT: Limit(opens=0.0006, closes=0.0003, least=2, least_on_trial=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Mails sent, and of those the hard bounces and the complaints."""

    sent: int = 0
    bounces: int = 0
    complaints: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            sent=self.sent + other.sent,
            bounces=self.bounces + other.bounces,
            complaints=self.complaints + other.complaints,
        )

    def less(self, other: "Tally") -> "Tally":
        """What came on top of `other`."""
        return Tally(
            sent=max(self.sent - other.sent, 0),
            bounces=max(self.bounces - other.bounces, 0),
            complaints=max(self.complaints - other.complaints, 0),
        )

    def of(self, fault: Fault) -> int:
        return self.bounces if fault is Fault.BOUNCE else self.complaints

    def rate(self, fault: Fault) -> float:
        """The share, 1 at most: of late news the mail itself may be on a day that is not looked at any more."""
        return min(self.of(fault) / max(self.sent, 1), 1.0)


#: How many there must be at least before the alarms are told of a rate: one of three is none.
LEAST_TOLD: Mapping[Fault, int] = {Fault.BOUNCE: 5, Fault.COMPLAINT: 2}


def told_rates(total: Tally) -> Mapping[Fault, float]:
    """The rates in per cent, as the alarms are told them: 0 where there are too few to be one."""
    return {
        fault: round(100 * total.rate(fault), 4) if total.of(fault) >= least else 0.0
        for fault, least in LEAST_TOLD.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """From when on it is counted: a day in UTC, and what that day had by then. The empty day is before all."""

    day: str = ""
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """The breaker as it stands: since when (ISO 8601 in UTC), why, and by whom."""

    circuit: Circuit = Circuit.CLOSED
    since: str = ""
    why: str = ""
    by: str = ""
    mark: Mark = field(default_factory=Mark)

    @property
    def told(self) -> str:
        """The breaker as a few words for a record."""
        return f"{self.circuit} since {self.since}: {self.why}" if self.since else str(self.circuit)


def days(breaker: Breaker, now: datetime) -> tuple[str, ...]:
    """The days that may count, in UTC, today first."""
    back = ((now - timedelta(days=number)).date().isoformat() for number in range(DAYS + 1))
    return tuple(day for day in back if day >= breaker.mark.day)


def volume(breaker: Breaker, counted: Mapping[str, Tally], now: datetime) -> Tally:
    """What counts of what was counted on each day."""
    total = Tally()
    for day in days(breaker, now):
        of_day = counted.get(day, Tally())
        total += of_day.less(breaker.mark.tally) if day == breaker.mark.day else of_day
        if total.sent >= REPRESENTATIVE:
            break
    return total


def find(breaker: Breaker, total: Tally, now: datetime) -> tuple[Finding, str]:
    """What the rates say, and why."""
    if breaker.circuit is Circuit.OPEN:
        cooled = now - from_iso(breaker.since) >= timedelta(hours=COOLING_HOURS)
        return (Finding.COOLED, f"{COOLING_HOURS} hours are over") if cooled else (Finding.NOTHING, "")
    on_trial = breaker.circuit is Circuit.HALF_OPEN
    for fault, limit in LIMITS.items():
        if total.of(fault) >= limit.least_in(breaker.circuit) and total.rate(fault) >= limit.opens:
            return Finding.TOO_MANY, f"{rates(total, fault)}; the limit is {limit.opens:.2%}"
    low = all(total.rate(fault) <= limit.closes for fault, limit in LIMITS.items())
    if on_trial and total.sent >= PROVEN and low:
        return Finding.PROVEN, f"of {total.sent} on trial: {rates(total)}"
    return Finding.NOTHING, ""


def rates(total: Tally, *faults: Fault) -> str:
    """The rates as text."""
    shown = (f"{fault}s {total.rate(fault):.2%} ({total.of(fault)} of {total.sent})" for fault in faults or Fault)
    return ", ".join(shown)


def judged(breaker: Breaker, counted: Mapping[str, Tally], now: datetime, by: str) -> Breaker:
    """The breaker after a look at what was counted; the same one where nothing changes."""
    finding, why = find(breaker, volume(breaker, counted, now), now)
    circuit = AFTER[breaker.circuit, finding]
    return breaker if circuit is breaker.circuit else _moved(circuit, counted, now, by, why)


def reset(breaker: Breaker, counted: Mapping[str, Tally], now: datetime, by: str, why: str) -> Breaker:
    """The breaker closed by a person, who says why. What was counted before counts no more."""
    return _moved(AFTER[breaker.circuit, Finding.RESET], counted, now, by, why)


def _moved(circuit: Circuit, counted: Mapping[str, Tally], now: datetime, by: str, why: str) -> Breaker:
    """Each circuit is judged by what happens in it: the count begins anew."""
    today = now.date().isoformat()
    mark = Mark(day=today, tally=counted.get(today, Tally()))
    return Breaker(circuit=circuit, since=iso(now), why=why, by=by, mark=mark)
