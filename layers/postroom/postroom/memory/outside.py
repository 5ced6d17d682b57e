"""What leaves the pipeline, kept in lists: published events, sent mails, requeued mails, and the address book."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from postroom.envelope import Received
from postroom.events import Event
from postroom.feedback import table
from postroom.ids import SentId


@dataclass(slots=True)
class MemoryBus:
    """`postroom.ports.Bus`."""

    events: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        self.events.extend(events)


@dataclass(slots=True)
class MemoryMailer:
    """`postroom.ports.Mailer`; set `failure` to have the next send raise it."""

    sent: list[tuple[bytes, str, tuple[str, ...]]] = field(default_factory=list)
    failure: Exception | None = None

    def send(self, raw: bytes, mail_from: str, rcpt_to: Sequence[str], tags: Sequence[tuple[str, str]]) -> SentId:
        if self.failure:
            failure, self.failure = self.failure, None
            raise failure
        self.sent.append((raw, mail_from, tuple(rcpt_to)))
        return SentId(f"sent-{len(self.sent)}")


@dataclass(slots=True)
class MemoryRequeue:
    """`postroom.ports.Requeue`."""

    mails: list[Received] = field(default_factory=list)

    def put(self, received: Received) -> None:
        self.mails.append(received)


@dataclass(slots=True)
class MemoryAddressBook:
    """`postroom.ports.AddressBook`."""

    states: dict[str, str] = field(default_factory=dict)
    moved: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    counted: set[tuple[str, str, str]] = field(default_factory=set)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)

    def state(self, address: str) -> str:
        return self.states.get(address, table.State.HEALTHY.value)

    def move(self, address: str, event: str, event_id: str, at: str) -> tuple[str, str]:
        if (address, event_id) in self.moved:
            now = self.state(address)
            return now, now
        before = table.State(self.state(address))
        after = table.next_state(before, table.AddressEvent(event))
        self.states[address] = after.value
        self.moved[address, event_id] = (before.value, after.value)
        return before.value, after.value

    def count(self, day: str, name: str, event_id: str) -> None:
        if (day, name, event_id) not in self.counted:
            self.counted.add((day, name, event_id))
            self.counters[day, name] += 1
