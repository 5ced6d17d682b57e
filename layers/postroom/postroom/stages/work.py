"""What a person of the desk does with a conversation: notes, tags, states, whose it is, merging and splitting.

Over ports only: the command line and a web desk call the same. Each is made first and recorded then, as an entry by the
one who did it; what changes nothing is not recorded. What can't be done is a `Refused`, whose text says what can.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from postroom.address import as_person
from postroom.categories.example import LONGEST_LABEL, is_label
from postroom.clock import Clock, iso
from postroom.conversation import (
    LONGEST_TAG,
    LONGEST_TEXT,
    MOST_PARTS,
    MOST_TAGS,
    TAG,
    Conversation,
    Entry,
    EntryKind,
    State,
)
from postroom.desk import Desk
from postroom.errors import PostroomError
from postroom.events import ConversationAssigned
from postroom.ids import ConversationId, SesId
from postroom.ports import Conversations, Ledger, NotFound, Objects, Sends

CATEGORY = "category"  # in the facts of an entry: what a person said that the category is
_LONGEST_ADDRESS = 254  # characters, RFC 3696 erratum 1690
_ADDRESS = re.compile(r"[^\s@<>,;\x00-\x1f\x7f\ud800-\udfff]{1,64}@[^\s@<>,;\x00-\x1f\x7f\ud800-\udfff]{1,189}")


class Refused(PostroomError):
    """It was asked for something that can't be done; the text says why, and what can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The work of one agent at one desk. `agent` is the address of who acts. Every call raises NotFound where there is
    no such conversation, and Retryable where others were quicker too often; it may then be made again."""

    conversations: Conversations
    objects: Objects
    ledger: Ledger
    sends: Sends
    desk: Desk
    clock: Clock
    agent: str

    def __post_init__(self) -> None:
        address_of(self.agent)

    def note(self, id_: ConversationId, text: str) -> Entry:
        """Puts an internal note into the conversation; the customer never sees it."""
        if not (wanted := text.strip()):
            raise Refused("a note needs a text")
        if any("\ud800" <= letter <= "\udfff" for letter in wanted):  # so Python has what it could not decode
            raise Refused("the note is not UTF-8: write it in that, or convert it with iconv")
        if len(wanted) > LONGEST_TEXT:
            raise Refused(
                f"a note has {LONGEST_TEXT:,} characters at most, and this one {len(wanted):,}: cut it in two"
            )
        entry = self.entry(EntryKind.NOTE, text=wanted)
        self.conversations.add(self.there(id_).id, entry)
        return entry

    def assign(self, id_: ConversationId, assignee: str | None) -> Conversation:
        """Gives the conversation to an agent, or with None to nobody."""
        whose = None if assignee is None else as_person(address_of(assignee))
        if whose and self.desk.agents and not self.desk.employs(whose):
            raise Refused(f"{whose} is none of the desk's agents: those are {', '.join(self.desk.agents)}")
        return self._changed(id_, lambda was: replace(was, assignee=whose), _assigned)

    def to_tell(self, before: Conversation, after: Conversation) -> ConversationAssigned | None:
        """What the reply stage has to know, so that who has the conversation now is told; None where nobody is: they
        had it before, took it themselves, or are no agent."""
        whose = after.assignee
        if not whose or whose in (before.assignee, as_person(self.agent)) or not self.desk.employs(whose):
            return None
        return ConversationAssigned(
            ses_id=SesId(""), conversation=after.id, assignee=whose, by=self.agent, at=after.changed_at
        )

    def tag(self, id_: ConversationId, *tags: str) -> Conversation:
        wanted = tuple(map(tag_of, tags))

        def to(was: Conversation) -> Conversation:
            united = tuple(dict.fromkeys((*was.tags, *wanted)))
            if len(united) > MOST_TAGS:
                raise Refused(f"a conversation has {MOST_TAGS} tags at most: take some away first")
            return replace(was, tags=united)

        return self._changed(id_, to, _tagged)

    def untag(self, id_: ConversationId, *tags: str) -> Conversation:
        away = frozenset(map(tag_of, tags))
        return self._changed(id_, lambda was: replace(was, tags=tuple(t for t in was.tags if t not in away)), _tagged)

    def state(self, id_: ConversationId, state: State) -> Conversation:
        """Sets the state: a person may set any."""
        return self._changed(id_, lambda was: replace(was, state=state), _moved)

    def categorise(self, id_: ConversationId, category: str) -> Conversation:
        """Sets the category. It is recorded even where it changes nothing: that a person agrees is worth knowing, and
        the next model learns from it (see `postroom.stages.history`)."""
        if not is_label(wanted := category.strip()):
            raise Refused(f"{category!r} is no category: 1 to {LONGEST_LABEL} characters, all of which can be seen")
        before = self.there(id_)
        after = self._changed(id_, lambda was: replace(was, category=wanted), _categorised)
        if after.category == before.category:
            self.conversations.add(after.id, self.entry(EntryKind.CHANGE, *_categorised(before, after)))
        return after

    def merge(self, ids: Sequence[ConversationId], into: ConversationId) -> Conversation:
        """Makes each a part of `into`; their ids and proofs lead there from then on. A repeat changes nothing."""
        whole = self.there(into)
        before = {id_: self.there(id_).id for id_ in dict.fromkeys(ids)}
        if not before or (len(before) == 1 and into in before):
            raise Refused(f"conversation {into} can't be merged into itself: name another")
        merged = self.conversations.merge(list(before), whole.id, iso(self.clock()))
        after = {id_: self.there(id_).id for id_ in before}
        if joined := sorted({was for id_, was in before.items() if was != after[id_] == merged.id}):
            said = f"{', '.join(joined)} merged into it; {merged.state} from then on"
            told = self.entry(EntryKind.CHANGE, said, {"merged": " ".join(joined)})
            self.conversations.add(merged.id, told)
        if left := [id_ for id_, now in after.items() if now != merged.id]:
            full = f"it takes {MOST_PARTS} parts, theirs included"
            raise Refused(f"conversation {merged.id} has no room for {', '.join(left)}: {full}")
        return merged

    def split(self, id_: ConversationId, mails: Sequence[SesId]) -> Conversation:
        """Takes these mails out into a new conversation, and gives that (see `postroom.stages.splitting`)."""
        from postroom.stages.splitting import Splitting  # here, since it is made of Work

        return Splitting(work=self).split(self.there(id_), tuple(dict.fromkeys(mails)))

    # What the others are made of

    def there(self, id_: ConversationId) -> Conversation:
        if (found := self.conversations.get(id_)) is None:
            raise NotFound(f"there is no conversation {id_}: `postroom conversations` lists them")
        return found

    def entry(self, kind: EntryKind, text: str = "", facts: Mapping[str, str] | None = None) -> Entry:
        """An entry by this agent, now. The same again in the same millisecond is the same entry."""
        at = iso(self.clock())
        said = hashlib.sha256("\0".join((self.agent, kind, text)).encode("utf-8", "surrogatepass")).hexdigest()
        return Entry(at=at, kind=kind, id=f"{kind}/{said[:16]}", author=self.agent, text=text, facts=facts or {})

    def _changed(
        self,
        id_: ConversationId,
        to: Callable[[Conversation], Conversation],
        told: Callable[[Conversation, Conversation], tuple[str, dict[str, str]]],
    ) -> Conversation:
        at, before = iso(self.clock()), self.there(id_)

        def change(was: Conversation) -> Conversation:
            nonlocal before
            before, now = was, to(was)
            return was if now == was else replace(now, updated_at=max(was.updated_at, at))

        after = self.conversations.change(id_, change)
        if after != before:
            self.conversations.add(after.id, self.entry(EntryKind.CHANGE, *told(before, after)))
        return after


def tag_of(text: str) -> str:
    """The tag as it is stored; Refused where it is none."""
    folded = text.strip().casefold()
    if not TAG.fullmatch(folded):
        raise Refused(f"{text!r} is no tag: 1 to {LONGEST_TAG} letters, digits and _ - . : / and no spaces")
    return folded


def address_of(text: str) -> str:
    """The address, if it is one that a person may have; Refused otherwise."""
    if len(text) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(text):
        raise Refused(f"{text!r} is no address: write one such as ann@example.com")
    return text


def _assigned(before: Conversation, after: Conversation) -> tuple[str, dict[str, str]]:
    facts = {"from": before.assignee or "", "to": after.assignee or ""}
    return (f"assigned to {after.assignee}" if after.assignee else "assigned to nobody"), facts


def _categorised(before: Conversation, after: Conversation) -> tuple[str, dict[str, str]]:
    told = "is right" if before.category == after.category else f"instead of {before.category or 'none'}"
    return f"category {after.category} {told}", {"from": before.category or "", CATEGORY: after.category or ""}


def _tagged(before: Conversation, after: Conversation) -> tuple[str, dict[str, str]]:
    added = [tag for tag in after.tags if tag not in before.tags]
    removed = [tag for tag in before.tags if tag not in after.tags]
    told = [f"tagged {', '.join(added)}"] * bool(added) + [f"untagged {', '.join(removed)}"] * bool(removed)
    return "; ".join(told), {"added": " ".join(added), "removed": " ".join(removed)}


def _moved(before: Conversation, after: Conversation) -> tuple[str, dict[str, str]]:
    return f"{before.state} to {after.state}", {"from": str(before.state), "to": str(after.state)}
