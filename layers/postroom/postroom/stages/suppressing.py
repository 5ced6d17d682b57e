"""What a person does with the address of somebody else: hold it back, or take it back into use, here and at SES.

Over ports only, as `postroom.stages.work`. Our own book comes first: by it every send is judged. Where SES can't be
asked then, the same call again does the rest.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from postroom.address import AddressEvent, Channel, Incident, State, fold
from postroom.clock import Clock, iso
from postroom.errors import Retryable
from postroom.ports import AddressBook, ListReason, Suppressed, SuppressionList
from postroom.stages.work import Refused, address_of

LONGEST_WHY = 500  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an address (folded), and whether SES's list was changed with it."""

    address: str
    before: State
    after: State
    listing_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressing:
    """The acts of one agent; `agent` is their address, for the record. Every call raises Refused with what can be done
    instead, and Retryable where it may be made again."""

    addresses: AddressBook
    suppression_list: SuppressionList
    clock: Clock
    agent: str

    def add(self, address: str, why: str, *, complaint: bool = False) -> Outcome:
        """Holds the address back until a person lifts it. `complaint`: its owner has asked for that."""
        whose, said = address_named(address), _reason(why)
        event = AddressEvent.COMPLAINT if complaint else AddressEvent.HARD_BOUNCE
        before, after = self.addresses.move(whose, self._act(whose, event, said))
        reason = ListReason.COMPLAINT if after is State.COMPLAINED else ListReason.BOUNCE
        with _said_twice(f"{whose} is held back here"):
            listed = self.suppression_list.get(whose)
            changes = listed is None or (listed.reason is not reason and reason is ListReason.COMPLAINT)
            if changes:
                self.suppression_list.put(whose, reason)
        return Outcome(address=whose, before=before, after=after, listing_changed=changes)

    def lift(self, address: str, why: str, *, complaint: bool = False) -> Outcome:
        """Takes the address back into use. A complaint is a person's wish: it is lifted only where `complaint` says so
        besides."""
        whose, said = address_named(address), _reason(why)
        before, listed = self.addresses.state(whose), self.suppression_list.get(whose)
        if _is_wish(before, listed) and not complaint:
            raise Refused(f"{whose} complained, and wants no mail: lift that only where they ask for it (--complaint)")
        if before is not State.HEALTHY:
            self.addresses.move(whose, self._act(whose, AddressEvent.LIFTED, said))
        with _said_twice(f"{whose} is in use again here"):
            taken_off = listed is not None and self.suppression_list.delete(whose)
        return Outcome(address=whose, before=before, after=self.addresses.state(whose), listing_changed=taken_off)

    def _act(self, whose: str, event: AddressEvent, why: str) -> Incident:
        at = iso(self.clock())
        return Incident(
            event=event, id=act_id(whose, event, at, self.agent), at=at, channel=Channel.PERSON, by=self.agent, why=why
        )


def address_named(text: str) -> str:
    """The address as the address book has it; Refused where it is none."""
    return fold(address_of(text.strip()))


def act_id(*parts: str) -> str:
    """The id of what a person did: the same each time the same is told."""
    return "person/" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _reason(why: str) -> str:
    said = " ".join(why.split())[:LONGEST_WHY]
    if not said:
        raise Refused("a reason is needed (--reason): whoever looks at the address later wants to know why")
    return said


def _is_wish(state: State, listed: Suppressed | None) -> bool:
    return state is State.COMPLAINED or (listed is not None and listed.reason is ListReason.COMPLAINT)


@contextmanager
def _said_twice(done: str) -> Iterator[None]:
    try:
        yield
    except Retryable as error:
        raise Retryable(f"{done}, but SES's list is as it was ({error}): repeat the command") from error
