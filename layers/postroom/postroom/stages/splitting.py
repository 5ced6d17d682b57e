"""Mails that don't belong to their conversation leave it: with what answers them, and what proves them.

Every step may be done again. What leaves stands in the new conversation before it goes from the old one, so whoever is
cut off loses nothing, and a repeat with the same mails goes on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice

from postroom.clock import iso
from postroom.conversation import MOST_PARTICIPANTS, MOST_PARTS, MOST_RECENT, Conversation, Entry, EntryKind
from postroom.ids import ConversationId, MessageId, SentId, SesId, conversation_named_after, sent_message_id
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import Stage
from postroom.stages import documents
from postroom.stages.automatic import Purpose, key_of
from postroom.stages.documents import parsed_key
from postroom.stages.drafts import ANSWERS
from postroom.stages.work import Refused, Work
from postroom.threads.joining import arrival

_MOST = 50  # mails that leave at once
_TOGETHER = 100  # ids of one request


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitting:
    """The splitting of one conversation, as a part of an agent's work."""

    work: Work

    def split(self, source: Conversation, mails: Sequence[SesId]) -> Conversation:
        """Makes a conversation of these mails. Refused where they are none of it, or all of it."""
        new_id = self._id(source, mails)
        here = list(self.work.conversations.entries(source.id))
        leaving = self._leaving(here, mails)
        self._check(source, mails, here, new_id)
        found = (documents.stored(self.work.objects, parsed_key(mail)) for mail in mails)
        stored = [parsed for parsed in found if parsed is not None]
        new = self.work.conversations.open(self._opened(source, new_id, here, mails, stored))
        for entry in leaving:
            self.work.conversations.add(new.id, entry)
        own = [parsed.message.message_id for parsed in stored if parsed.message.message_id]
        by_hand = [sent_message_id(SentId(entry.id)) for entry in leaving if entry.kind is EntryKind.REPLY]
        self._lead(list(dict.fromkeys((*own, *self._answers(mails), *by_hand))), source.id, new.id)
        self._note_in_rows(mails, new.id)
        gone = [entry for entry in leaving if entry.kind is EntryKind.MAIL]
        if gone:
            self.work.conversations.change(source.id, lambda was: self._without(was, len(gone), new.id))
        for entry in leaving:
            self.work.conversations.amend(source.id, entry, None)
        if gone:  # else an earlier try took them out, and said so
            self._record(source.id, new.id, len(mails))
        return new

    def _lead(self, ids: Sequence[MessageId], source: ConversationId, new: ConversationId) -> None:
        for start in range(0, len(ids), _TOGETHER):
            self.work.conversations.lead(ids[start : start + _TOGETHER], source, new)

    def _check(
        self, source: Conversation, mails: Sequence[SesId], here: Sequence[Entry], new_id: ConversationId
    ) -> None:
        if not mails:
            raise Refused("name the mails that shall leave: `postroom conversation ID` has their ids")
        if len(mails) > _MOST:
            raise Refused(f"{_MOST} mails at most leave at once, and these are {len(mails)}")
        standing = {entry.id for entry in here if entry.kind is EntryKind.MAIL}
        moved = {entry.id for entry in self.work.conversations.entries(new_id) if entry.kind is EntryKind.MAIL}
        if missing := [mail for mail in mails if mail not in standing | moved]:
            raise Refused(
                f"mail {missing[0]} is not in conversation {source.id}: `postroom conversation` has its mails"
            )
        if not standing - set(mails):
            raise Refused(f"no mail would stay in conversation {source.id}: leave at least one")

    def _id(self, source: Conversation, mails: Sequence[SesId]) -> ConversationId:
        """The id of the new one: the same at every try; another where an earlier one has been merged back."""
        for number in islice(count(), MOST_PARTS + 1):
            id_ = conversation_named_after("\0".join(("split", source.id, str(number), *sorted(mails))))
            if (there := self.work.conversations.get(id_)) is None or there.id == id_:
                return id_
        raise Refused(f"these mails have left conversation {source.id} and come back too often: take others along")

    def _leaving(self, here: Iterable[Entry], mails: Sequence[SesId]) -> list[Entry]:
        """The mails, what was written above them, what answered them, and what became of that."""
        ids = {str(mail) for mail in mails} | {f"{mail}/note" for mail in mails}
        answers = {str(id_) for id_ in self._sent(mails)} | {e.id for e in here if _answers_one_of(e, ids)}
        return [
            entry
            for entry in here
            if (entry.kind in (EntryKind.MAIL, EntryKind.NOTE) and entry.id in ids)
            or (entry.kind is EntryKind.REPLY and entry.id in answers)
            or (entry.kind is EntryKind.DELIVERY and entry.facts.get("sent_id") in answers)
        ]

    def _sent(self, mails: Sequence[SesId]) -> Iterator[SentId]:
        for mail in mails:
            states = (self.work.sends.state(key_of(mail, purpose)) for purpose in Purpose)
            yield from (state.sent_id for state in states if state and state.sent_id)

    def _answers(self, mails: Sequence[SesId]) -> list[MessageId]:
        return [sent_message_id(id_) for id_ in self._sent(mails)]

    def _opened(
        self,
        source: Conversation,
        new_id: ConversationId,
        here: Iterable[Entry],
        mails: Sequence[SesId],
        stored: Sequence[Parsed],
    ) -> Conversation:
        """The new one: customer and subject of its first mail, those of its people who take part, the rest as is."""
        came = [entry for entry in here if entry.kind is EntryKind.MAIL and entry.id in mails]
        arrived = [arrival(each, Kind.PERSON, source.language, self.work.desk) for each in stored]
        people = dict.fromkeys((*(e.author for e in came if e.author), *(p for mail in arrived for p in mail.people)))
        first = came[0] if came else None
        at = iso(self.work.clock())
        return Conversation(
            id=new_id,
            customer=first.author if first else "",
            participants=tuple(each for each in people if each in source.participants)[:MOST_PARTICIPANTS],
            subject=first.facts.get("subject", "") if first else "",
            created_at=first.at if first else at,
            updated_at=at,
            desk=source.desk,
            state=source.state,
            mails=len(mails),
            language=source.language,
            category=source.category,
            priority=source.priority,
            assignee=source.assignee,
            split_from=source.id,
            recent=tuple(mails)[-MOST_RECENT:],
        )

    def _without(self, was: Conversation, mails: int, new: ConversationId) -> Conversation:
        """Counts what left, once: a repeat finds its mark among what came last."""
        mark = f"split/{new}"
        if mark in was.recent:
            return was
        at = max(was.updated_at, iso(self.work.clock()))
        return replace(was, mails=max(was.mails - mails, 0), recent=was.recent_with(mark), updated_at=at)

    def _note_in_rows(self, mails: Sequence[SesId], new: ConversationId) -> None:
        """The ledger names where each mail is now: there a repeat of classify stays."""
        for mail, row in self.work.ledger.rows(mails).items():
            record = row.records.get(Stage.CLASSIFY)
            if record is not None and record.facts.get("conversation") != new:
                moved = replace(record, facts={**record.facts, "conversation": new})
                self.work.ledger.record(mail, row.received_at, moved)

    def _record(self, source: ConversationId, new: ConversationId, mails: int) -> None:
        many = "1 mail" if mails == 1 else f"{mails} mails"
        out = self.work.entry(EntryKind.CHANGE, f"{many} split off into {new}", {"split_into": new})
        self.work.conversations.add(source, out)
        self.work.conversations.add(
            new, self.work.entry(EntryKind.CHANGE, f"split off from {source}", {"split_from": source})
        )


def _answers_one_of(entry: Entry, mails: set[str]) -> bool:
    """Whether a person answered one of these mails with it."""
    return entry.kind is EntryKind.REPLY and entry.facts.get(ANSWERS) in mails
