"""A person is erased: their mails, what only those had attached, their conversations, and what is known of the address.

First everything is found, and nothing changed: that is the dry run. Then it goes, in an order in which what is left can
still be found, so a repeat goes on where one was cut off. What stays, and for how long: docs/conversations.md.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from postroom.address import as_person, fold
from postroom.clock import Clock, iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.desk import Desk
from postroom.ids import ConversationId, MessageId, SesId, sent_message_id
from postroom.message import Parsed
from postroom.outcome import Stage
from postroom.ports import (
    AddressBook,
    Conversations,
    Erasures,
    Holders,
    Ledger,
    NotFound,
    Objects,
    Sends,
    Tombstone,
)
from postroom.stages import documents, surveys
from postroom.stages.attachments import attachment_key, quarantine_key
from postroom.stages.automatic import Purpose, key_of
from postroom.stages.documents import parsed_key
from postroom.stages.drafts import DRAFT, sent_key
from postroom.stages.ledger import RAW
from postroom.stages.work import Refused, address_of
from postroom.threads.evidence import answered

PLACEHOLDER = "erased"  # no address: nobody is let in by it
_TOGETHER = 100  # ids of one request


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that there is of a person. `own` are the conversations of this customer, `shared` others that they take part
    in; `mails` are theirs, each with the conversation that it stands in, if there is one. `others` wrote mails that
    stand in `own`: those mails stay, and lose the conversation that they are in. `spellings` are the folded addresses
    by which they wrote: a local part may have come in capitals."""

    address: str
    own: tuple[ConversationId, ...]
    shared: tuple[ConversationId, ...]
    mails: Mapping[SesId, ConversationId | None]
    others: Mapping[str, int] = field(default_factory=dict)
    spellings: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        return {"conversations": len(self.own), "shared": len(self.shared), "mails": len(self.mails)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Erases people from one desk. `agent` is who does it, for the tombstone."""

    conversations: Conversations
    objects: Objects
    ledger: Ledger
    sends: Sends
    addresses: AddressBook
    holders: Holders
    erasures: Erasures
    desk: Desk
    clock: Clock
    agent: str

    def find(self, address: str, since: str) -> Found:
        """What there is of this person, in every conversation of the desk, and in the rows of mails that came since."""
        who = as_person(address_of(address))
        if self.desk.owns(who) or self.desk.employs(who):
            raise Refused(f"{who} is the desk's own address, or an agent's: only customers are erased")
        own = {each.id: each for each in self.conversations.of_customer(who)}
        shared: dict[ConversationId, Conversation] = {}
        for each in self._all():
            if each.customer == who:
                own[each.id] = each
            elif who in each.participants:
                shared[each.id] = each
        mails, others = dict[SesId, ConversationId | None](), Counter[str]()
        for id_ in (*own, *shared):
            for entry in self.conversations.entries(id_):
                if entry.kind is EntryKind.MAIL and entry.author == who:
                    mails[SesId(entry.id)] = id_
                elif entry.kind is EntryKind.MAIL and id_ in own:
                    others[entry.author] += 1
        spellings = {who, fold(address)}
        for row in self.ledger.rows_since(since):
            if as_person(written := row.fact(Stage.PARSE, "from")) == who:
                mails.setdefault(row.ses_id, None)
                spellings.add(fold(written))
        return Found(
            address=who,
            own=tuple(own),
            shared=tuple(shared),
            mails=mails,
            others=others,
            spellings=tuple(sorted(spellings)),
        )

    def erase(self, found: Found) -> Mapping[str, int]:
        """Erases it, and gives how many: what `counts` has, and `attachments`, `attachments_shared` and
        `attachments_kept`, as far as there are any."""
        stone = Tombstone(who=hash_of(found.address), at=iso(self.clock()), by=self.agent, counts=found.counts)
        self.erasures.bury(stone)
        done = Counter(found.counts)
        for mail, conversation in found.mails.items():
            done.update(self._erase_mail(mail, conversation))  # `+=` would drop what is zero
        for id_ in found.shared:
            self._leave(id_, found.address)
        for id_ in found.own:
            self._erase_answers(id_)
            self.conversations.forget(id_)
        for spelling in found.spellings:
            self.addresses.forget(spelling)
        surveys.forget(self.sends, found.address)
        self.erasures.bury(replace(stone, counts=dict(done), ended=iso(self.clock())))
        return done

    def _all(self) -> Iterator[Conversation]:
        """Every conversation of the desk: an index for the people in it would cost a write for each mail."""
        for state in State:
            yield from self.conversations.in_state(self.desk.address.lower(), state)

    def _erase_answers(self, id_: ConversationId) -> None:
        """What people answered in it: the mails, and to whom they went. Before the entries that name them go."""
        for key in {entry.facts[DRAFT] for entry in self.conversations.entries(id_) if DRAFT in entry.facts}:
            self.sends.forget(key)
            self.objects.remove(sent_key(key))

    def _erase_mail(self, mail: SesId, conversation: ConversationId | None) -> Counter[str]:
        """The document goes after all that is found by it, and the row after the raw mail: a raw mail without a row
        would be sent round again."""
        parsed = documents.stored(self.objects, parsed_key(mail))
        done = self._erase_attachments(mail, parsed) if parsed else Counter[str]()
        if conversation is not None:
            self._disprove(mail, parsed, conversation)
        for purpose in Purpose:
            self.sends.forget(key_of(mail, purpose))
        self.objects.remove(f"{RAW}{mail}")
        self.objects.remove(parsed_key(mail))
        self.ledger.forget(mail)
        return done

    def _erase_attachments(self, mail: SesId, parsed: Parsed) -> Counter[str]:
        """What no other mail has. Of what was stored before it was noted who has it nobody knows that: it is kept."""
        done = Counter[str]()
        for sha256 in dict.fromkeys(each.sha256 for each in parsed.message.attachments):
            holders = set(self.holders.holders(sha256))
            if not holders:
                stored = any(self.objects.written_at(place(sha256)) for place in (attachment_key, quarantine_key))
                done["attachments_kept"] += stored
                continue
            if holders == {mail}:
                needed = partial(self._others, sha256, mail)
                done["attachments"] += sum(
                    self.objects.remove(place(sha256), needed) for place in (attachment_key, quarantine_key)
                )
            done["attachments_shared"] += holders != {mail}
            self.holders.let_go(sha256, mail)
        return done

    def _others(self, sha256: str, mail: SesId) -> bool:
        return any(holder != mail for holder in self.holders.holders(sha256))

    def _disprove(self, mail: SesId, parsed: Parsed | None, conversation: ConversationId) -> None:
        """The ids of the mail, of those that it answers, and of our answers lead nowhere from now on."""
        states = [self.sends.state(key_of(mail, purpose)) for purpose in Purpose]
        ids = [sent_message_id(sent.sent_id) for sent in states if sent and sent.sent_id]
        if parsed is not None:
            message = parsed.message
            own = (message.message_id,) if message.message_id else ()
            ids += [*own, *map(answered, (*message.in_reply_to, *message.references))]
        for start in range(0, len(ids), _TOGETHER):
            self._lead_nowhere(ids[start : start + _TOGETHER], conversation)

    def _lead_nowhere(self, ids: list[MessageId], conversation: ConversationId) -> None:
        try:
            self.conversations.lead(ids, conversation, None)
        except NotFound:  # it has been forgotten since, and its proofs lead nowhere
            return

    def _leave(self, id_: ConversationId, address: str) -> None:
        """The conversation stays its customer's. Its people are changed last: by them it is found."""
        try:
            for entry in list(self.conversations.entries(id_)):
                if entry.kind is EntryKind.MAIL and entry.author == address:
                    self.conversations.amend(id_, entry, None)
                elif (after := _without(entry, address)) != entry:
                    self.conversations.amend(id_, entry, after)
            self.conversations.change(id_, lambda was: _left(was, address))
        except NotFound:
            return


def hash_of(address: str) -> str:
    """What a tombstone has of the address (`as_person`): who guesses it can check it, nobody can read it off."""
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()


def _left(was: Conversation, address: str) -> Conversation:
    people = (PLACEHOLDER if each == address else each for each in was.participants)
    return replace(was, participants=tuple(dict.fromkeys(people)))


def _without(entry: Entry, address: str) -> Entry:
    """The entry with a placeholder wherever the address stands in it. Its place, its time and id, stays."""
    written = re.compile(re.escape(address), re.IGNORECASE)
    facts = {name: written.sub(PLACEHOLDER, value) for name, value in entry.facts.items()}
    author = PLACEHOLDER if entry.author == address else entry.author
    return replace(entry, author=author, text=written.sub(PLACEHOLDER, entry.text), facts=facts)
