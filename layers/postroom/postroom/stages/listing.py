"""The exchange with the account's suppression list at SES, once an hour and both ways.

Out: what SES doesn't know (a report that came as mail) is told to it. In: what it has listed since, the first time all
from before Postroom came. And by turns it is asked whether it still lists what is `listed` here: who took an address
off there wants it written to again. What a person adds or lifts goes to SES at once (`postroom.stages.suppressing`).

SES takes each of these calls once a second from a whole account, so a run makes a few, a second apart, and the next run
goes on where it ended. Every step may be done again: an entry of the list is the same incident each time it is read.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain, islice

from postroom.address import AddressEvent, Channel, Incident, Record, State, fold
from postroom.clock import Clock, from_iso, iso
from postroom.errors import Poison, Retryable
from postroom.ports import AddressBook, Exchange, ListReason, NotFound, Suppressed, SuppressionList

#: What a state is to SES; None where that doesn't concern it. Total.
DUE: Mapping[State, ListReason | None] = {
    State.HEALTHY: None,
    State.SOFT_ONCE: None,
    State.SOFT_TWICE: None,
    State.SOFT_OFTEN: None,
    State.MAILBOX_FULL: None,
    State.NO_DOMAIN: None,  # it is over in a week, and SES's list never is
    State.HARD: ListReason.BOUNCE,
    State.LISTED: None,  # it comes from there
    State.COMPLAINED: ListReason.COMPLAINT,
}

#: What an entry of SES's list is to us. Total.
MEANS: Mapping[ListReason, AddressEvent] = {
    ListReason.BOUNCE: AddressEvent.LISTED,
    ListReason.COMPLAINT: AddressEvent.COMPLAINT,
}

REQUESTS = {"told": 60, "read": 30, "checked": 60}  # of one run, at most
LASTS = timedelta(seconds=180)  # of one run
_SECOND = 1.1  # between two requests, with a little room
_OVERLAP = timedelta(hours=1)  # SES may show an entry later than it dates it
_PASSED_OVER = 10_000  # of the addresses listed here, those that the turns come to,
_LOOKED_AT = 500  # and those of one run
_LONGEST = 320  # characters of an address (RFC 5321 section 4.5.3.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What one run did, in addresses: told to SES, read from its list, and taken off there by somebody else.

    `broke_off` says why SES gave no more answers; the next run goes on there.
    """

    told: int = 0
    read: int = 0
    unlisted: int = 0
    broke_off: str = ""


@dataclass(slots=True, kw_only=True)
class _Turns:
    """The requests of one run: a second apart, so many of each sort, and no more when its time is over."""

    clock: Clock
    pause: Callable[[float], None]
    until: str
    left: dict[str, int] = field(default_factory=lambda: dict(REQUESTS))
    asked: bool = False

    def next(self, sort: str) -> bool:
        """Waits for the next request, if there is one left."""
        if self.left[sort] < 1 or iso(self.clock()) >= self.until:
            return False
        self.left[sort] -= 1
        if self.asked:
            self.pause(_SECOND)
        self.asked = True
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """An address that is `listed` here."""

    address: str
    record: Record
    history: Callable[[str], Iterator[Incident]]

    @property
    def place(self) -> str:
        """In the order of turns. Of what was imported together many have one moment."""
        return f"{self.record.since} {self.address}"

    @property
    def spelled(self) -> str:
        """The address as SES's list has it, which knows it by that spelling alone ("Managing tenant suppression list
        entries", SES developer guide). Empty where we never saw it there: what only a bounce told may stand on SES's
        global list, which can't be asked."""
        because = (self.record.because,) if self.record.because else ()
        seen = (each for each in chain(because, self.history(self.address)) if each.channel is Channel.SES_LIST)
        return next((each.diagnostic for each in seen if each.diagnostic), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The scheduled exchange. Running it twice at once does no harm."""

    addresses: AddressBook
    suppression_list: SuppressionList
    exchange: Exchange
    clock: Clock
    pause: Callable[[float], None]

    def __call__(self) -> Exchanged:
        turns = _Turns(clock=self.clock, pause=self.pause, until=iso(self.clock() + LASTS))
        done, broke_off = Counter[str](), ""
        try:
            for step in (self._tell, self._read, self._check):
                done.update(step(turns))
        except Retryable as error:  # mostly: somebody else of the account asks, too
            broke_off = str(error)
        return Exchanged(told=done["told"], read=done["read"], unlisted=done["unlisted"], broke_off=broke_off)

    def _tell(self, turns: _Turns) -> Iterator[str]:
        for address in self.exchange.owed():
            if reason := DUE[self.addresses.state(address)]:
                if not turns.next("told"):
                    return
                listed = self.suppression_list.get(address)
                missing = listed is None or (listed.reason is not reason and reason is ListReason.COMPLAINT)
                if missing and self._put(address, reason, turns):
                    yield "told"
            self.exchange.settle(address)

    def _put(self, address: str, reason: ListReason, turns: _Turns) -> bool:
        """Whether SES lists it now. One that it never lists must not keep all others from their turn."""
        turns.pause(_SECOND)
        with suppress(Poison):
            self.suppression_list.put(address, reason)
            return True
        return False

    def _read(self, turns: _Turns) -> Iterator[str]:
        """One pass over what is new, as far as it goes in one run."""
        stands = self.exchange.progress()
        if not stands.token:
            stands = replace(stands, began=iso(self.clock()))
        while turns.next("read"):
            try:
                page = self.suppression_list.page(stands.known_to, stands.token)
            except NotFound:  # the pass begins anew: what was read is known by its id
                stands = replace(stands, token="", began=iso(self.clock()))
                continue
            for listed in page.listed:
                self._take_in(listed)
                yield "read"
            stands = replace(stands, token=page.token)
            if not page.token:
                known_to = iso(from_iso(stands.began) - _OVERLAP)
                self.exchange.keep(replace(stands, known_to=known_to, began=""))
                return
            self.exchange.keep(stands)

    def _take_in(self, listed: Suppressed) -> None:
        address = fold(listed.address)
        if "@" in address and len(address) <= _LONGEST:
            self.addresses.move(address, _entry(listed, address))

    def _check(self, turns: _Turns) -> Iterator[str]:
        """Those that were listed last first; after the last one's turn it is the first one's again."""
        stands = self.exchange.progress()
        waiting = [each for each in self._listed() if not stands.checked_to or each.place < stands.checked_to]
        for each in waiting[:_LOOKED_AT]:
            spelled = each.spelled
            if spelled and not turns.next("checked"):
                return
            if spelled and self.suppression_list.get(spelled) is None:
                self.addresses.move(each.address, self._unlisted(each))
                yield "unlisted"
            self.exchange.keep(replace(stands, checked_to=each.place))
        if len(waiting) <= _LOOKED_AT:
            self.exchange.keep(replace(stands, checked_to=""))

    def _listed(self) -> Sequence[_Listed]:
        found = islice(self.addresses.in_state(State.LISTED), _PASSED_OVER)
        listed = (_Listed(address=address, record=record, history=self.addresses.history) for address, record in found)
        return sorted(listed, key=lambda each: each.place, reverse=True)

    def _unlisted(self, each: _Listed) -> Incident:
        return Incident(
            event=AddressEvent.UNLISTED,
            id=_id("unlisted", each.place),
            at=iso(self.clock()),
            channel=Channel.SES_LIST,
        )


def _entry(listed: Suppressed, address: str) -> Incident:
    return Incident(
        event=MEANS[listed.reason],
        id=_id("listed", address, listed.reason, listed.since),
        at=listed.since,
        channel=Channel.SES_LIST,
        diagnostic=listed.address[:_LONGEST],
    )


def _id(*parts: str) -> str:
    return "ses_list/" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]
