"""What the stages need from outside, as protocols. Each has two adapters that pass one contract test: AWS's in
`postroom.aws`, and one in `postroom.memory` for tests and the command line."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from postroom.address import Incident, IncidentSort, Record
from postroom.address import State as AddressState
from postroom.breaker import Breaker, Tally
from postroom.conversation import Conversation, Entry, State
from postroom.envelope import Received
from postroom.events import Event, MessageClassified
from postroom.ids import ConversationId, MessageId, SentId, SesId
from postroom.keys import Keys
from postroom.opinion import NoOpinion, Opinion, Question
from postroom.outcome import MailRow, StageRecord


class NotFound(Exception):
    """The object or row is not there. A fact, not a fault: the stage decides what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    key: str
    size: int
    modified_at: str  # ISO 8601 in UTC


class Objects(Protocol):
    """A bucket. Keys are whole; sizes and offsets are in bytes."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        """The bytes `[start, end)`, or all; NotFound where there is no such object."""

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes `[start, end)` in pieces of at most 1 MiB."""

    def written_at(self, key: str) -> str | None:
        """When the object was last written (ISO 8601 in UTC); None where there is none."""

    def write(self, key: str, body: bytes, content_type: str) -> None:
        """Writes the object whole; the same key with the same bytes changes nothing."""

    def write_stream(self, key: str, chunks: Iterable[bytes], content_type: str) -> None:
        """Writes the object from pieces, never holding more than a few MiB."""

    def remove(self, key: str, needed: Callable[[], bool] = lambda: False) -> bool:
        """Removes the object with all of its versions, and gives whether it did. `needed` is asked once nobody sees the
        object any more: if it is needed after all, it is there again as it was. What is written meanwhile stays."""

    def listing(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object under the prefix, by key."""


class RawMail(Protocol):
    """One stored raw mail, readable by ranges. Sizes and offsets are in bytes of the mail itself, as it was sent."""

    @property
    def size(self) -> int: ...

    def read(self, start: int, end: int) -> bytes:
        """The bytes `[start, end)`, as far as there are any."""

    def stream(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes `[start, end)`, as far as there are any, in pieces of at most 1 MiB."""


class RawMails(Protocol):
    """The raw mails of the bucket, plain or sealed (encrypted by SES): who reads them can't tell which."""

    def open(self, key: str) -> AbstractContextManager[RawMail]:
        """The raw mail under this key, until the context ends.

        NotFound where there is none, Poison where it is sealed and can never be read, Retryable where it can't be read
        now. What is given is whole: a seal has been verified to its last byte.
        """


class Bus(Protocol):
    """The event bus."""

    def publish(self, events: Sequence[Event]) -> None:
        """Publishes all of them, or raises Retryable; after that any of them may have been published."""


class Ledger(Protocol):
    """One row a mail (see `postroom.outcome`)."""

    def record(self, ses_id: SesId, received_at: str, record: StageRecord) -> None:
        """Sets this stage's record, and makes the row where it is the first. A repeat replaces the stage's own."""

    def first_of(self, fingerprint: str, ses_id: SesId) -> SesId:
        """The first mail that came with this fingerprint: `ses_id` itself if it is new (RFC 5322 resubmissions)."""

    def row(self, ses_id: SesId) -> MailRow | None: ...

    def rows(self, ses_ids: Sequence[SesId]) -> Mapping[SesId, MailRow]:
        """The rows of these mails, as far as there are any."""

    def forget(self, ses_id: SesId) -> None:
        """Removes the row of this mail."""

    def rows_since(self, received_at: str) -> Iterator[MailRow]:
        """Rows of mails received at or after this moment, newest first."""


class Conversations(Protocol):
    """Conversations, and what stands in them. One that was merged is followed: every id leads to where it is now."""

    def known(self, ids: Sequence[MessageId]) -> Mapping[MessageId, Conversation]:
        """The conversations of these ids (100 at most), as far as the ids are known."""

    def get(self, id_: ConversationId) -> Conversation | None:
        """The conversation of this id, or the one that it was merged into."""

    def open(self, conversation: Conversation) -> Conversation:
        """Makes it, unless its id exists; gives what is stored."""

    def change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation:
        """Replaces the conversation by what `to` makes of it; gives what is stored then.

        `to` is called again where somebody else was quicker, so it must be pure. What it gives back unchanged is not
        written. NotFound where there is none, Retryable where others were quicker too often.
        """

    def add(self, conversation: ConversationId, entry: Entry) -> bool:
        """Puts an entry into the conversation; False where it was there already: then nothing is changed. NotFound
        where there is no such conversation."""

    def entries(self, conversation: ConversationId) -> Iterator[Entry]:
        """What stands in it, by time, what was merged into it included."""

    def amend(self, conversation: ConversationId, entry: Entry, to: Entry | None) -> None:
        """Puts `to` into the place of an entry (the same `at` and `id`), or with None takes it out. What isn't there
        stays away; NotFound where there is no such conversation."""

    def prove(self, conversation: ConversationId, ids: Sequence[MessageId]) -> None:
        """Makes the conversation known by these ids; one that is known already stays with its conversation."""

    def lead(self, ids: Sequence[MessageId], conversation: ConversationId, to: ConversationId | None) -> None:
        """Makes those of the ids (100 at most) that lead to `conversation` lead to another, or with None nowhere.
        NotFound where one of the two isn't there: then nothing is changed."""

    def in_state(self, desk: str, state: State, before: str | None = None) -> Iterator[Conversation]:
        """The conversations of a desk in this state, those that changed last first; `before` a moment, if given."""

    def of_customer(self, customer: str) -> Iterator[Conversation]:
        """The conversations of a customer (`as_person`), those that changed last first; of nobody ("") none."""

    def due(self, desk: str, day: str) -> Iterator[Conversation]:
        """The conversations of a desk that are to be looked at again on this day (`2026-12-01`) or were before, the
        longest due first."""

    def merge(self, ids: Sequence[ConversationId], into: ConversationId, at: str) -> Conversation:
        """Makes each a part of `into`, and gives that. Their ids and proofs lead there from then on, for ever.

        What it is then is `postroom.conversation.absorb`. A repeat changes nothing; `into` itself is skipped, and so is
        what would give it more than MOST_PARTS. NotFound where one of them isn't there: then none is merged. Retryable
        where others were quicker too often: a repeat goes on.
        """

    def forget(self, id_: ConversationId) -> None:
        """Removes the conversation with all that stands in it, and all that was merged with it; its proofs lead nowhere
        then. It is gone at once; a repeat goes on where one was cut off."""


class ThreadKeys(Protocol):
    """Where the keys of thread tokens are."""

    def keys(self) -> Keys:
        """The keys as they are now. Retryable where they can't be had, Misconfigured where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A rules file as its bytes, and a tag that changes with them."""

    text: bytes
    tag: str


class RuleFiles(Protocol):
    """Where a desk keeps its rules file, with its earlier versions."""

    def newest(self, known: str = "") -> RuleFile | None:
        """The file; None where it still is the one of the tag `known`. NotFound where there is none."""

    def earlier(self) -> Iterator[RuleFile]:
        """The versions before the newest, the last first; ten at most."""

    def put(self, text: bytes) -> None:
        """Makes this the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendState:
    """The ledger row of an automatic reply: begun at `since` (ISO 8601 in UTC), and sent once it has SES's id."""

    since: str
    sent_id: SentId | None = None


class Sends(Protocol):
    """At most once: the rows around every automatic reply, and the budgets that bound them."""

    def begin(self, key: str, at: str) -> SendState | None:
        """Marks `key` as begun at this moment and gives None; where it is marked already, its state instead."""

    def finish(self, key: str, sent_id: SentId, recipient: str) -> None:
        """Marks `key` as sent, and remembers to whom SES's id went (folded)."""

    def state(self, key: str) -> SendState | None:
        """The row of `key`, if there is one."""

    def recipient(self, sent_id: SentId) -> str | None:
        """To whom we sent the mail that SES gave this id; None for an id that is not of ours."""

    def forget(self, key: str) -> None:
        """Removes the row of `key`, and to whom that was sent."""

    def abandon(self, key: str) -> None:
        """Takes the mark back: SES has said that it did not send."""

    def take(self, budget: str, limit: int, seconds: int, at: float) -> bool:
        """Takes one from a budget of `limit` per window of `seconds`; `at` is Unix time. False if none is left."""

    def give_back(self, budget: str, seconds: int, at: float) -> None:
        """Puts one back that was taken at `at`: SES took nothing."""


class Mailer(Protocol):
    """Sending through SES."""

    def send(self, raw: bytes, mail_from: str, rcpt_to: Sequence[str], tags: Sequence[tuple[str, str]]) -> SentId:
        """Sends a raw message and gives SES's id. Poison(SEND_REFUSED) where SES will never take it, Retryable where
        it said so before it took anything, Unanswered where nobody knows. Any other failure is uncertain as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What speaks for or against a mail to an address: its own state, that of its domain, and the desk's breaker.
    `domain_failing`: mails to several addresses of the domain failed today because of it, and none got through."""

    address: AddressState
    breaker: Breaker
    domain_failing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What SES says of the account. `enforcement` is its own word, an open list. `daily` is how many mails it may send
    in 24 hours, 0 for any number, and `left` how many of those."""

    sending: bool = True
    enforcement: str = "HEALTHY"
    daily: int = 0
    left: int = 0


class SendingAccount(Protocol):
    """What SES knows beside each mail. It is asked seldom, and where it gives no answer nothing is held against us: SES
    itself refuses what it doesn't want."""

    def account(self) -> Account:
        """As it was some minutes ago at most; the mere `Account()` where SES doesn't say."""

    def lists(self, address: str) -> bool:
        """Whether the address is on the account's suppression list, as far as SES says so."""


class ListReason(StrEnum):
    """Why an address is on SES's list, in SES's words (SES v2 API reference, SuppressedDestination)."""

    BOUNCE = "BOUNCE"
    COMPLAINT = "COMPLAINT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An address on SES's list, as SES writes it; `since` is ISO 8601 in UTC."""

    address: str
    reason: ListReason
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressedPage:
    """A part of SES's list, in no order; `token` is where the next begins, empty for the last."""

    listed: Sequence[Suppressed]
    token: str = ""


class SuppressionList(Protocol):
    """The account's suppression list at SES, which tells no case apart. Every call may raise Retryable."""

    def get(self, address: str) -> Suppressed | None:
        """What it says of the address; None where it is not listed."""

    def put(self, address: str, reason: ListReason) -> None:
        """Lists the address; one that is listed gets this reason. Poison where SES will never list such an address."""

    def delete(self, address: str) -> bool:
        """Takes the address off; False where it was not listed."""

    def page(self, since: str = "", token: str = "") -> SuppressedPage:
        """What was listed since this moment (ISO 8601 in UTC; empty for all), from the place of `token` on. NotFound
        where SES knows that place no more: then it is to be read from its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One event, to be counted once per `id`: on this day (in UTC) under these names, for domains under those.
    `exact`: in one transaction, so that no crash loses it; that costs twice as much."""

    day: str
    id: str
    names: Sequence[str]
    domains: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exact: bool = False


class AddressBook(Protocol):
    """The state of the addresses that we write to (see `postroom.feedback.table`). Addresses are folded."""

    def state(self, address: str) -> AddressState:
        """As it is now; HEALTHY for an address that nothing is known of."""

    def standing(self, address: str) -> Standing:
        """The state of an address and of its domain, and the breaker, in one request."""

    def record(self, address: str) -> Record:
        """The state as it is now, since when, and by what."""

    def move(self, address: str, incident: Incident) -> tuple[AddressState, AddressState]:
        """Applies an incident once per its id; gives the state before and after. What is dated ahead happened now.

        A delivery to a healthy address may go unnoted: it is no news.
        """

    def history(self, address: str) -> Iterator[Incident]:
        """What happened to the address, the last first, as far back as it is kept; a thousand at most."""

    def in_state(self, state: AddressState) -> Iterator[tuple[str, Record]]:
        """The addresses that were moved to this state, the last first; none for HEALTHY, which most are. What has faded
        since may still be among them."""

    def incidents(self, sort: IncidentSort, day: str) -> Iterator[tuple[str, Incident]]:
        """What happened on a day (in UTC) to which address, the last first."""

    def forget(self, address: str) -> None:
        """Removes what is known of the address: it is healthy then."""

    def count(self, counted: Count) -> None:
        """Adds one to each of its counters, once per its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the exchange with SES's list has come.

    All that was listed before `known_to` has been read. `began` and `token` are of the pass that is under way: when it
    began, and SES's place in it. Of the addresses that SES lists those since `checked_to` have had their turn.
    """

    known_to: str = ""
    began: str = ""
    token: str = ""
    checked_to: str = ""


class Exchange(Protocol):
    """What of the exchange with SES's suppression list outlives a run (see `postroom.stages.listing`)."""

    def progress(self) -> Progress: ...

    def keep(self, progress: Progress) -> None: ...

    def owe(self, address: str) -> None:
        """Notes that SES is to be told of the address; before anything happens to it, so that no crash loses that."""

    def owed(self) -> Iterator[str]:
        """The addresses that were noted, in no order."""

    def settle(self, address: str) -> None:
        """It is owed no more."""


class Statistics(Protocol):
    """What the address book has counted."""

    def days(self, days: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """By day and name; days of which nothing is counted are left out."""

    def domains(self, days: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """By domain and name, of all these days."""


class Breakers(Protocol):
    """Where the breaker of a desk is (see `postroom.breaker`), and what it is judged by."""

    def breaker(self) -> Breaker:
        """As it stands; closed where nothing ever moved it."""

    def counted(self, days: Sequence[str]) -> Mapping[str, Tally]:
        """What the address book has counted on these days (DAYS + 1 at most) as `postroom.feedback.faults` names it."""

    def replace(self, before: Breaker, after: Breaker) -> bool:
        """Puts `after` into the place of `before`, and keeps it as a move; False where somebody was quicker."""

    def moves(self) -> Iterator[Breaker]:
        """How it was moved, the last first."""


class Holders(Protocol):
    """Which mails have an attachment, by its SHA-256: its bytes are stored once, whoever sends them."""

    def hold(self, sha256: str, ses_id: SesId) -> None:
        """Notes that this mail has it: before its bytes are looked for, so that nobody removes them meanwhile."""

    def let_go(self, sha256: str, ses_id: SesId) -> None: ...

    def holders(self, sha256: str) -> Iterator[SesId]:
        """The mails that have it, as they are now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A person was erased. `who` is the SHA-256 of the address (`as_person`); `ended` is empty until it is done."""

    who: str
    at: str
    by: str
    counts: Mapping[str, int]
    ended: str = ""


class Erasures(Protocol):
    """What is kept of erasures."""

    def bury(self, tombstone: Tombstone) -> None:
        """Puts the tombstone, in the place of an earlier one of the same moment."""

    def of(self, who: str) -> Iterator[Tombstone]:
        """The tombstones of this person, by time."""


class Requeue(Protocol):
    """The way back to the start of the pipeline."""

    def put(self, received: Received) -> None:
        """Sends the mail to the parse stage once more, as SES's notification would."""


class Outgoing(Protocol):
    """The way to the reply stage, past all others."""

    def put(self, event: Event) -> None:
        """Hands it to the reply stage, as the bus would."""


class Postponed(Protocol):
    """Mails whose acknowledgement waits until quiet hours are over."""

    def put(self, event: MessageClassified) -> None:
        """Keeps it; a repeat changes nothing."""

    def all(self) -> Iterator[MessageClassified]:
        """Every one of them, in no order."""

    def remove(self, ses_id: SesId) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What a virus scanner says of a file: the name of what it found, and whether it has looked at all of it."""

    found: str | None = None
    whole: bool = True


class Scanner(Protocol):
    """A virus scanner."""

    def scan(self, pieces: Iterable[bytes]) -> ScanResult:
        """Looks at a file that comes in pieces. Retryable where the scanner can't be asked."""


class Classifier(Protocol):
    """Somebody who can be asked what a mail is about. What is done with the answer is `postroom.opinions.effect`."""

    def opinion(self, question: Question) -> Opinion | NoOpinion:
        """One opinion, made of the question's own names, or why there is none: failures are told and not raised."""
