"""What leaves the pipeline, kept in lists: published events, sent mails, requeued mails, and the address book."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from postroom.address import AddressEvent, State
from postroom.breaker import Breaker, Tally
from postroom.envelope import Received
from postroom.events import Event
from postroom.feedback import faults
from postroom.feedback.table import next_state
from postroom.ids import SentId
from postroom.ports import Account, Standing


@dataclass(slots=True)
class MemoryBus:
    """`postroom.ports.Bus`."""

    events: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        self.events.extend(events)


@dataclass(slots=True)
class MemoryMailer:
    """`postroom.ports.Mailer`; set `failure` to have the next send raise it, `failure_after` once the mail is out."""

    sent: list[tuple[bytes, str, tuple[str, ...]]] = field(default_factory=list)
    tags: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    failure: Exception | None = None
    failure_after: Exception | None = None

    def send(self, raw: bytes, mail_from: str, rcpt_to: Sequence[str], tags: Sequence[tuple[str, str]]) -> SentId:
        if self.failure:
            failure, self.failure = self.failure, None
            raise failure
        self.sent.append((raw, mail_from, tuple(rcpt_to)))
        self.tags.append(tuple(tags))
        if self.failure_after:
            failure, self.failure_after = self.failure_after, None
            raise failure
        return SentId(f"sent-{len(self.sent)}")


@dataclass(slots=True)
class MemoryAccount:
    """`postroom.ports.SendingAccount`."""

    known: Account = field(default_factory=Account)
    listed: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def account(self) -> Account:
        return self.known

    def lists(self, address: str) -> bool:
        self.asked.append(address)
        return address in self.listed


@dataclass(slots=True)
class MemoryRequeue:
    """`postroom.ports.Requeue`."""

    mails: list[Received] = field(default_factory=list)

    def put(self, received: Received) -> None:
        self.mails.append(received)


@dataclass(slots=True)
class MemoryOutgoing:
    """`postroom.ports.Outgoing`."""

    events: list[Event] = field(default_factory=list)

    def put(self, event: Event) -> None:
        self.events.append(event)


@dataclass(slots=True)
class MemoryAddressBook:
    """`postroom.ports.AddressBook`."""

    states: dict[str, State] = field(default_factory=dict)
    noted: set[tuple[str, str]] = field(default_factory=set)
    counted: set[tuple[str, str]] = field(default_factory=set)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: list[Breaker] = field(default_factory=list)

    def state(self, address: str) -> State:
        return self.states.get(address, State.HEALTHY)

    def standing(self, address: str) -> Standing:
        return Standing(address=self.state(address), breaker=self.moved[-1] if self.moved else Breaker())

    def move(self, address: str, event: AddressEvent, event_id: str, at: str) -> tuple[State, State]:
        before = self.state(address)
        if (address, event_id) in self.noted:
            return before, before
        self.noted.add((address, event_id))
        self.states[address] = next_state(before, event)
        return before, self.states[address]

    def forget(self, address: str) -> None:
        self.states.pop(address, None)
        self.noted = {(whose, event) for whose, event in self.noted if whose != address}

    def count(self, day: str, name: str, event_id: str) -> None:
        if (name, event_id) not in self.counted:
            self.counted.add((name, event_id))
            self.counters[day, name] += 1


@dataclass(slots=True)
class MemoryBreakers:
    """`postroom.ports.Breakers`, over the counters of an address book."""

    book: MemoryAddressBook

    def breaker(self) -> Breaker:
        return self.book.moved[-1] if self.book.moved else Breaker()

    def counted(self, days: Sequence[str]) -> Mapping[str, Tally]:
        of_day = {day: {name: self.book.counters[day, name] for name in faults.NAMES} for day in days}
        return {day: faults.tally(counters) for day, counters in of_day.items() if any(counters.values())}

    def replace(self, before: Breaker, after: Breaker) -> bool:
        if self.breaker().since != before.since:
            return False
        self.book.moved.append(after)
        return True

    def moves(self) -> Iterator[Breaker]:
        return reversed(self.book.moved)
