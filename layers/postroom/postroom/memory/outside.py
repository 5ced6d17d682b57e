"""What leaves the pipeline, kept in lists: published events, sent mails, requeued mails, and the address book."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from postroom.address import Incident, IncidentSort, Record, State, domain_of
from postroom.breaker import Breaker, Tally
from postroom.clock import Clock, iso
from postroom.envelope import Received
from postroom.events import Event
from postroom.feedback import faults
from postroom.feedback.domains import FailingDomain
from postroom.feedback.table import after, is_nothing
from postroom.ids import SentId
from postroom.ports import Account, Count, ListReason, NotFound, Progress, Standing, Suppressed, SuppressedPage


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
class MemorySuppressionList:
    """`postroom.ports.SuppressionList`; set `failure` to have every call raise it."""

    clock: Clock
    entries: dict[str, Suppressed] = field(default_factory=dict)
    failure: Exception | None = None
    page_size: int = 100
    forgotten: set[str] = field(default_factory=set)  # tokens that it knows no more

    def get(self, address: str) -> Suppressed | None:
        self._fail()
        return self.entries.get(address.lower())

    def put(self, address: str, reason: ListReason) -> None:
        self._fail()
        self.entries[address.lower()] = Suppressed(address=address, reason=reason, since=iso(self.clock()))

    def delete(self, address: str) -> bool:
        self._fail()
        return self.entries.pop(address.lower(), None) is not None

    def page(self, since: str = "", token: str = "") -> SuppressedPage:
        self._fail()
        if token in self.forgotten:
            raise NotFound("SES knows that place of its list no more")
        listed = [each for each in self.entries.values() if each.since >= since]
        end = int(token or 0) + self.page_size
        return SuppressedPage(listed=listed[int(token or 0) : end], token=str(end) if end < len(listed) else "")

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


@dataclass(slots=True)
class MemoryExchange:
    """`postroom.ports.Exchange`."""

    stands: Progress = field(default_factory=Progress)
    owing: dict[str, None] = field(default_factory=dict)

    def progress(self) -> Progress:
        return self.stands

    def keep(self, progress: Progress) -> None:
        self.stands = progress

    def owe(self, address: str) -> None:
        self.owing[address] = None

    def owed(self) -> Iterator[str]:
        return iter(list(self.owing))

    def settle(self, address: str) -> None:
        self.owing.pop(address, None)


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
    """`postroom.ports.AddressBook` and `Statistics`. Without a `clock` nothing fades."""

    states: dict[str, State] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    noted: dict[tuple[str, str], Incident] = field(default_factory=dict)
    failing: dict[str, FailingDomain] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    of_domains: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    moved: list[Breaker] = field(default_factory=list)
    clock: Clock | None = None

    def state(self, address: str) -> State:
        return self.record(address).state

    def standing(self, address: str) -> Standing:
        breaker = self.moved[-1] if self.moved else Breaker()
        failing = self.failing.get(domain_of(address), FailingDomain())
        held = failing.held(self.clock()) if self.clock else failing.full
        return Standing(address=self.state(address), breaker=breaker, domain_failing=held)

    def record(self, address: str) -> Record:
        record = self._record(address)
        return record.at(self.clock()) if self.clock else record

    def move(self, address: str, incident: Incident) -> tuple[State, State]:
        incident = incident.by_then(self.clock()) if self.clock else incident
        before, record = self.state(address), self._record(address)
        if (address, incident.id) in self.noted:
            return before, before
        self._domain(address, incident)
        moved = after(record, incident)
        if is_nothing(record, moved, incident):
            return before, before
        self.noted[address, incident.id] = incident
        if moved != record:
            self.records[address], self.states[address] = moved, moved.state
        return before, self.state(address)

    def history(self, address: str) -> Iterator[Incident]:
        there = (incident for (whose, _), incident in self.noted.items() if whose == address)
        return iter(sorted(there, key=lambda each: each.at, reverse=True))

    def in_state(self, state: State) -> Iterator[tuple[str, Record]]:
        listed = () if state is State.HEALTHY else self.states.items()
        there = [(address, self._record(address)) for address, each in listed if each is state]
        return iter(sorted(there, key=lambda each: each[1].since, reverse=True))

    def incidents(self, sort: IncidentSort, day: str) -> Iterator[tuple[str, Incident]]:
        there = [(whose, i) for (whose, _), i in self.noted.items() if i.sort is sort and i.at[:10] == day]
        return iter(sorted(there, key=lambda each: each[1].at, reverse=True))

    def forget(self, address: str) -> None:
        self.states.pop(address, None)
        self.records.pop(address, None)
        self.noted = {key: incident for key, incident in self.noted.items() if key[0] != address}

    def count(self, counted: Count) -> None:
        if counted.id in self.counted:
            return
        self.counted.add(counted.id)
        self.counters.update((counted.day, name) for name in counted.names)
        for domain, names in counted.domains.items():
            self.of_domains.update((counted.day, domain, name) for name in names)

    def days(self, days: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        of_day: dict[str, dict[str, int]] = {}
        for (day, name), number in self.counters.items():
            if day in days:
                of_day.setdefault(day, {})[name] = number
        return of_day

    def domains(self, days: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        of_domain: dict[str, Counter[str]] = {}
        for (day, domain, name), number in self.of_domains.items():
            if day in days:
                of_domain.setdefault(domain, Counter())[name] += number
        return of_domain

    def _domain(self, address: str, incident: Incident) -> None:
        domain = domain_of(address)
        self.failing[domain] = self.failing.get(domain, FailingDomain()).after(address, incident)

    def _record(self, address: str) -> Record:
        """As it was written, or as a test has set it."""
        state = self.states.get(address, State.HEALTHY)
        record = self.records.get(address, Record())
        return record if record.state is state else Record(state=state)


@dataclass(slots=True)
class MemoryBreakers:
    """`postroom.ports.Breakers`, over the counters of an address book."""

    book: MemoryAddressBook

    def breaker(self) -> Breaker:
        return self.book.moved[-1] if self.book.moved else Breaker()

    def counted(self, days: Sequence[str]) -> Mapping[str, Tally]:
        tallies = {day: faults.tally(counters) for day, counters in self.book.days(days).items()}
        return {day: tally for day, tally in tallies.items() if tally != Tally()}

    def replace(self, before: Breaker, after: Breaker) -> bool:
        if self.breaker().since != before.since:
            return False
        self.book.moved.append(after)
        return True

    def moves(self) -> Iterator[Breaker]:
        return reversed(self.book.moved)
