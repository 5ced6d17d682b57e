"""A week of SES's events as they may come: told twice, by the event and by a notification, late, and in any order.

Beside each stands what a plain model makes of it, which knows nothing of our code: it sorts by time, and counts.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from postroom.address import State
from postroom.clock import iso

START = datetime(2026, 11, 16, tzinfo=UTC)
END = START + timedelta(days=7)
DAYS = tuple((START + timedelta(days=number)).date().isoformat() for number in range(7))
ADDRESSES, DOMAINS = 12_000, 900
_REPEATS = 0.2  # of all that is told
_NOTIFIED = frozenset({"Bounce", "Complaint", "Delivery"})


class Fate(StrEnum):
    """What becomes of a mail, or comes after it has arrived."""

    DELIVERED = "delivered"
    SOFT = "soft"
    FULL = "full"
    HARD = "hard"
    NO_DOMAIN = "no_domain"
    OUR_FAULT = "our_fault"
    LISTED = "listed"
    COMPLAINED = "complained"


#: How many of a thousand mails. A real desk has less trouble; this one is here to be counted.
_SHARES: Mapping[Fate, int] = {
    Fate.DELIVERED: 890,
    Fate.SOFT: 40,
    Fate.FULL: 15,
    Fate.HARD: 20,
    Fate.NO_DOMAIN: 10,
    Fate.OUR_FAULT: 10,
    Fate.LISTED: 5,
    Fate.COMPLAINED: 10,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """How SES tells of a bounce, and what is to be counted of it, and of its domain."""

    type: str
    subtype: str
    status: str
    diagnostic: str
    counted: tuple[str, ...]
    of_domain: str


_BOUNCES: Mapping[Fate, Bounced] = {
    Fate.SOFT: Bounced(
        type="Transient",
        subtype="General",
        status="4.4.1",
        diagnostic="smtp; 421 4.4.1 connection timed out",
        counted=("bounce", "bounce:network_or_timeout"),
        of_domain="soft_bounce",
    ),
    Fate.FULL: Bounced(
        type="Transient",
        subtype="MailboxFull",
        status="5.2.2",
        diagnostic="smtp; 552 5.2.2 mailbox full",
        counted=("bounce", "bounce:mailbox_full"),
        of_domain="mailbox_full",
    ),
    Fate.HARD: Bounced(
        type="Permanent",
        subtype="NoEmail",
        status="5.1.1",
        diagnostic="smtp; 550 5.1.1 no such user",
        counted=("bounce", "bounce:no_such_user", "hard_bounce"),
        of_domain="hard_bounce",
    ),
    Fate.NO_DOMAIN: Bounced(
        type="Permanent",
        subtype="General",
        status="5.1.2",
        diagnostic="smtp; 550 5.1.2 domain not found",
        counted=("bounce", "bounce:domain_error", "hard_bounce"),
        of_domain="domain_error",
    ),
    Fate.OUR_FAULT: Bounced(
        type="Transient",
        subtype="ContentRejected",
        status="5.6.0",
        diagnostic="smtp; 554 5.6.0 content rejected",
        counted=("bounce", "bounce:content_rejected"),
        of_domain="blamed_on_us",
    ),
    Fate.LISTED: Bounced(
        type="Permanent",
        subtype="OnAccountSuppressionList",
        status="5.1.1",
        diagnostic="Amazon SES did not send the message to this address",
        counted=("bounce", "bounce:suppressed"),
        of_domain="listed",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to one mail of ours, whoever tells it."""

    type: str
    mail: int
    whom: str
    at: datetime
    fate: Fate | None = None  # where it says something of the address

    @property
    def domain(self) -> str:
        return self.whom.partition("@")[2]

    def told(self, *, as_notification: bool) -> str:
        """As SES writes it."""
        name, particular = _particular(self)
        kind = "notificationType" if as_notification else "eventType"
        mail = {"messageId": f"sent-{self.mail}", "timestamp": iso(self.at), "destination": [self.whom]}
        extra = {"remoteMtaIp": "192.0.2.1"} if as_notification else {}
        return json.dumps({kind: self.type, "mail": mail, name: {**particular, **extra, "timestamp": iso(self.at)}})

    def counted(self) -> tuple[tuple[str, ...], str]:
        """What is to be counted of it, and of its domain (empty for nothing)."""
        if self.type == "Bounce" and self.fate:
            return _BOUNCES[self.fate].counted, _BOUNCES[self.fate].of_domain
        return _COUNTED[self.type]


_COUNTED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "Send": (("send",), ""),
    "Delivery": (("delivery",), "delivered"),
    "DeliveryDelay": (("deliverydelay", "deliverydelay:system_error"), "delayed"),
    "Complaint": (("complaint", "complaint:complaint", "held_complaint"), "complaint"),
    "Open": (("open",), ""),
    "Click": (("click",), ""),
}


def _particular(happening: Happening) -> tuple[str, dict[str, object]]:
    one = {"emailAddress": happening.whom}
    match happening.type:
        case "Bounce":
            assert happening.fate
            how = _BOUNCES[happening.fate]
            whom = {**one, "action": "failed", "status": how.status, "diagnosticCode": how.diagnostic}
            told = {"bounceType": how.type, "bounceSubType": how.subtype, "bouncedRecipients": [whom]}
            return "bounce", {**told, "feedbackId": f"b-{happening.mail}"}
        case "Complaint":
            return "complaint", {"complainedRecipients": [one], "feedbackId": f"c-{happening.mail}"}
        case "DeliveryDelay":
            return "deliveryDelay", {"delayType": "RecipientServerError", "delayedRecipients": [one]}
        case "Delivery":
            return "delivery", {"recipients": [happening.whom], "smtpResponse": "250 2.0.0 ok"}
    return happening.type.lower(), {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A happening, told once."""

    happening: Happening
    body: str


def week(tellings: int, chance: random.Random) -> list[Telling]:
    """So many tellings, in the order in which they come."""
    happened: list[Happening] = []
    number = 0
    while len(happened) < tellings * (1 - _REPEATS):
        happened += _mail(number, chance)
        number += 1
    told = [*happened, *chance.choices(happened, k=max(tellings - len(happened), 0))][:tellings]
    come = sorted((each.at + _late(chance), number) for number, each in enumerate(told))
    return [_telling(told[number], chance) for _, number in come]


def _telling(happening: Happening, chance: random.Random) -> Telling:
    older = happening.type in _NOTIFIED and chance.random() < 0.3
    return Telling(happening=happening, body=happening.told(as_notification=older))


def _mail(number: int, chance: random.Random) -> Iterator[Happening]:
    """What becomes of one mail, in the order of time."""
    whose = chance.randrange(ADDRESSES)
    whom = f"a{whose}@d{whose % DOMAINS}.example"
    at = START + (END - START) * (chance.random() * 0.95)
    (fate,) = chance.choices(list(_SHARES), weights=list(_SHARES.values()))

    def happening(type_: str, seconds: float, fate: Fate | None = None) -> Happening:
        return Happening(type=type_, mail=number, whom=whom, at=at + timedelta(seconds=round(seconds, 3)), fate=fate)

    yield happening("Send", 0)
    if chance.random() < 0.03:
        yield happening("DeliveryDelay", 600)
    if fate in _BOUNCES:
        yield happening("Bounce", 1 + chance.expovariate(1 / 900), fate)
        return
    arrived = 1 + chance.expovariate(1 / 20)
    yield happening("Delivery", arrived, Fate.DELIVERED)
    for type_, share in (("Open", 0.3), ("Click", 0.08)):
        if chance.random() < share:
            yield happening(type_, arrived + chance.expovariate(1 / 3_600))
    if fate is Fate.COMPLAINED:
        yield happening("Complaint", arrived + chance.expovariate(1 / 7_200), fate)


def _late(chance: random.Random) -> timedelta:
    """Mostly seconds; one in ten some minutes, one in a hundred up to three days."""
    often = chance.random()
    mean = 5 if often < 0.89 else 900 if often < 0.99 else 86_400
    return timedelta(seconds=min(chance.expovariate(1 / mean), 3 * 86_400))


# The plain model


def counters(tellings: Sequence[Telling]) -> dict[str, dict[str, int]]:
    """What happened, by the day."""
    days: dict[str, Counter[str]] = {}
    for each in {one.happening for one in tellings}:
        days.setdefault(iso(each.at)[:10], Counter()).update(each.counted()[0])
    return {day: dict(names) for day, names in days.items()}


def of_domains(tellings: Sequence[Telling]) -> dict[str, dict[str, int]]:
    """What happened, by the domain."""
    domains: dict[str, Counter[str]] = {}
    for each in {one.happening for one in tellings}:
        if name := each.counted()[1]:
            domains.setdefault(each.domain, Counter())[name] += 1
    return {domain: dict(names) for domain, names in domains.items()}


_FOR_GOOD = {Fate.COMPLAINED: State.COMPLAINED, Fate.HARD: State.HARD, Fate.LISTED: State.LISTED}
_SOFT = (State.HEALTHY, State.SOFT_ONCE, State.SOFT_TWICE, State.SOFT_OFTEN)


def states(tellings: Sequence[Telling]) -> dict[str, State]:
    """What each address should be when the week is over, had everything been told at once and in its order."""
    happened: dict[str, list[Happening]] = {}
    for each in sorted({one.happening for one in tellings if one.happening.fate}, key=lambda one: one.at):
        happened.setdefault(each.whom, []).append(each)
    return {whom: _state([each.fate for each in all_ if each.fate]) for whom, all_ in happened.items()}


def _state(fates: Sequence[Fate]) -> State:
    """Within the week nothing fades: the last mail goes out before it is over."""
    for fate, state in _FOR_GOOD.items():
        if fate in fates:
            return state
    soft, state = 0, State.HEALTHY
    for fate in fates:
        match fate:
            case Fate.DELIVERED:
                soft, state = 0, State.HEALTHY
            case Fate.FULL:
                state = State.MAILBOX_FULL
            case Fate.NO_DOMAIN:
                state = State.NO_DOMAIN
            case Fate.SOFT if state in _SOFT:
                soft = min(soft + 1, 3)
                state = _SOFT[soft]
    return state


#: What says the contrary of each other: the order in which it is told may decide (docs/suppression.md).
_CONTRARY = frozenset(
    frozenset(pair)
    for pair in (
        (Fate.DELIVERED, Fate.SOFT),
        (Fate.DELIVERED, Fate.FULL),
        (Fate.DELIVERED, Fate.NO_DOMAIN),
        (Fate.FULL, Fate.NO_DOMAIN),
    )
)


def misordered(tellings: Sequence[Telling], at_once: int = 1) -> set[str]:
    """The addresses of which contrary things were told in the wrong order, or may have been where so many are told at
    once."""
    first: dict[Happening, int] = {}
    for place, telling in enumerate(tellings):
        if telling.happening.fate:
            first.setdefault(telling.happening, place)
    of_address: dict[str, list[tuple[Happening, int]]] = {}
    for each, place in first.items():
        of_address.setdefault(each.whom, []).append((each, place))
    return {whom for whom, all_ in of_address.items() if _any_contrary(all_, at_once)}


def _any_contrary(happened: Sequence[tuple[Happening, int]], at_once: int) -> bool:
    return any(
        one.at < other.at and place > later - at_once and frozenset((one.fate, other.fate)) in _CONTRARY
        for one, place in happened
        for other, later in happened
    )
