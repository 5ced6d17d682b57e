"""An address that we write to: how it is compared, what state it can be in, and what can happen to it.

How one follows from the other is `postroom.feedback.table`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from postroom.clock import from_iso, iso


def fold(address: str) -> str:
    """The address as a key: the domain in lower case, without its final dot. The local part is its owner's (RFC 5321
    section 2.4). Only ASCII has a case in a domain (RFC 4343): the Kelvin sign is no `k`, which DMARC knows."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    folded = domain.lower() if domain.isascii() else "".join(c.lower() if c.isascii() else c for c in domain)
    return f"{local}{at}{folded.rstrip('.')}"


def as_person(address: str) -> str:
    """The address as the key of a person in conversations: without regard to case, also of the local part. People and
    their clients write it as they like, and no provider of note gives two boxes by it. To whom we write, and to whom
    not, stays `fold`. Only ASCII has a case here, too."""
    return "".join(c.lower() if c.isascii() else c for c in fold(address))


def domain_of(address: str) -> str:
    """The domain of a folded address."""
    return address.rpartition("@")[2] if "@" in address else ""


class State(StrEnum):
    """The state of an address that we write to."""

    HEALTHY = "healthy"
    SOFT_ONCE = "soft_once"  # soft bounces since the last delivery: one,
    SOFT_TWICE = "soft_twice"  # two,
    SOFT_OFTEN = "soft_often"  # three or more: a person should look, and may still write
    MAILBOX_FULL = "mailbox_full"
    NO_DOMAIN = "no_domain"  # its domain did not exist, or took no mail: that may be mended by tomorrow
    HARD = "hard"
    LISTED = "listed"  # on a suppression list of SES: what we send is accepted and thrown away
    COMPLAINED = "complained"

    @property
    def suppressed(self) -> bool:
        """Whether nothing may be sent to an address in this state."""
        return self in (State.NO_DOMAIN, State.HARD, State.LISTED, State.COMPLAINED)


class AddressEvent(StrEnum):
    """What can happen to an address."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    BLAMED_ON_US = "blamed_on_us"  # our reputation, our mail's size or content: says nothing about the address
    SOFT_BOUNCE = "soft_bounce"
    MAILBOX_FULL = "mailbox_full"
    DOMAIN_ERROR = "domain_error"
    HARD_BOUNCE = "hard_bounce"
    LISTED = "listed"
    UNLISTED = "unlisted"  # SES has it on its list no more, and nobody here took it off
    COMPLAINT = "complaint"
    LIFTED = "lifted"  # a person took the address back into use, and gave a reason


class IncidentSort(StrEnum):
    """What incidents are listed by."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    DELAY = "delay"


#: Where an event is listed; None for what is no trouble. Total.
SORTS: Mapping[AddressEvent, IncidentSort | None] = {
    AddressEvent.DELIVERED: None,
    AddressEvent.DELAYED: IncidentSort.DELAY,
    AddressEvent.BLAMED_ON_US: IncidentSort.BOUNCE,
    AddressEvent.SOFT_BOUNCE: IncidentSort.BOUNCE,
    AddressEvent.MAILBOX_FULL: IncidentSort.BOUNCE,
    AddressEvent.DOMAIN_ERROR: IncidentSort.BOUNCE,
    AddressEvent.HARD_BOUNCE: IncidentSort.BOUNCE,
    AddressEvent.LISTED: IncidentSort.BOUNCE,
    AddressEvent.UNLISTED: None,
    AddressEvent.COMPLAINT: IncidentSort.COMPLAINT,
    AddressEvent.LIFTED: None,
}

_WEEK = timedelta(days=7)

#: What time alone does to a state: after so long without anything new it is another. The states that are not here stay.
FADES: Mapping[State, tuple[timedelta, State]] = {
    State.SOFT_ONCE: (_WEEK, State.HEALTHY),
    State.SOFT_TWICE: (_WEEK, State.SOFT_ONCE),
    State.SOFT_OFTEN: (_WEEK, State.SOFT_TWICE),
    State.MAILBOX_FULL: (2 * _WEEK, State.HEALTHY),
    State.NO_DOMAIN: (_WEEK, State.HEALTHY),
}


class Channel(StrEnum):
    """How we came to know of something."""

    SES_EVENT = "ses_event"  # from SES's own events: believed
    MAIL = "mail"  # a report that came as mail, and was proved to be about a mail of ours
    SES_LIST = "ses_list"  # from the account's suppression list
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What happened to an address, once.

    `id` is the same each time the same thing is told, whoever tells it; `at` is ISO 8601 in UTC. `reason` is one of
    `postroom.feedback.report.BounceReason`, `status` an enhanced status code, `diagnostic` the server's words, cut.
    `sent_id` is SES's id of the mail of ours that it is about. `by` and `why` are those of a person.
    """

    event: AddressEvent
    id: str
    at: str
    channel: Channel = Channel.SES_EVENT
    reason: str = ""
    permanence: str = ""
    status: str = ""
    smtp_code: str = ""
    feedback_type: str = ""
    diagnostic: str = ""
    sent_id: str = ""
    by: str = ""
    why: str = ""

    def by_then(self, now: datetime) -> "Incident":
        """Nothing has happened yet that is still to come: a date ahead is a wrong clock, or a stranger's."""
        return self if self.at <= iso(now) else replace(self, at=iso(now))

    @property
    def sort(self) -> IncidentSort | None:
        """Where it is listed. What SES's list or a person says is no bounce: nothing was sent."""
        return None if self.channel in (Channel.SES_LIST, Channel.PERSON) else SORTS[self.event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of an address: its state, since when (ISO 8601 in UTC; empty where nothing is known), by what.

    `lifted_at` is when a person last took it back into use, and `lifted_from` the state that it was in.
    """

    state: State = State.HEALTHY
    since: str = ""
    because: Incident | None = None
    lifted_at: str = ""
    lifted_from: State | None = None

    def at(self, now: datetime) -> "Record":
        """As it is at this moment, when what fades has faded."""
        faded = self
        while faded.since and faded.state in FADES:
            lasts, then = FADES[faded.state]
            ends = from_iso(faded.since) + lasts
            if now < ends:
                break
            faded = replace(faded, state=then, since=iso(ends))
        return faded

    @property
    def until(self) -> str:
        """When it is another by itself; empty for never."""
        fades = FADES.get(self.state) if self.since else None
        return iso(from_iso(self.since) + fades[0]) if fades else ""
