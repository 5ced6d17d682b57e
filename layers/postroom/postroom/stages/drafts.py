"""A person's answer on its way, and what the conversation shows of it: begun, then sent, refused, or uncertain.

The row of `Sends` stands around the send as around an automatic reply; beside it stands an entry that everybody sees.
What is begun and never ended is uncertain: nobody sends it again by itself. If SES has taken it, its first event says
so (`found`), by the tags that the mail bears.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from postroom.address import fold
from postroom.clock import from_iso
from postroom.conversation import LONGEST_TEXT, Conversation, Entry, EntryKind, State
from postroom.ids import CONVERSATION_TAG, DRAFT_TAG, ConversationId, SentId, sent_message_id
from postroom.ports import Conversations, NotFound, Sends, SendState
from postroom.reasons import Reason
from postroom.replies.lines import cut
from postroom.stages.told import UNDER_WAY

_READ = 5_000  # entries of a conversation that are read
DRAFT, FATE, THEN, ANSWERS, TO = "draft", "fate", "then", "answers", "to"  # facts of the entry
TRIES, LAST = "tries", "last"  # of one that was refused more than once: how often, and when the last time


class Fate(StrEnum):
    """What became of an answer. The value stands in entries for ever."""

    BEGUN = "begun"
    SENT = "sent"
    REFUSED = "refused"  # nothing was sent, for the reason that stands beside it
    UNCERTAIN = "uncertain"  # SES gave no answer: it may have been sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One answer. `id` is 32 hex digits, made of what it says: the same answer is the same draft. `at` is the moment of
    this try, `then` the state that the conversation has once it is sent, `facts` what the entry tells beside."""

    id: str
    conversation: ConversationId
    at: str
    author: str
    said: str
    to: tuple[str, ...]
    then: State
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Of its row, and of its mail in the bucket."""
        return f"{self.conversation}/{self.id}"

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        return (CONVERSATION_TAG, self.conversation), (DRAFT_TAG, self.id)

    def entry(self, fate: Fate, **more: str) -> Entry:
        """What the conversation shows of it, until SES has given it an id."""
        told = {FATE: fate, DRAFT: self.key, TO: ", ".join(self.to), THEN: self.then, **self.facts, **more}
        text = cut(self.said, LONGEST_TEXT)
        return Entry(
            at=self.at, kind=EntryKind.REPLY, id=_entry_id(self.key), author=self.author, text=text, facts=told
        )


def sent_key(key: str) -> str:
    """Where the bucket has the mail of this draft, whole."""
    return f"sent/{key}.eml"


def fate_of(entry: Entry, at: datetime) -> Fate | None:
    """What became of the answer that this entry shows, seen at this moment; None for an automatic reply."""
    if entry.kind is not EntryKind.REPLY or FATE not in entry.facts:
        return None
    fate = Fate(entry.facts[FATE])
    return Fate.UNCERTAIN if fate is Fate.BEGUN and at - from_iso(entry.at) > UNDER_WAY else fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Every step may be done again."""

    conversations: Conversations
    sends: Sends

    def begin(self, draft: Draft) -> SendState | None:
        """Shows and marks it as begun. Where it is marked already, gives that instead, and shows nothing new."""
        if there := self.sends.state(draft.key):
            return there
        self._show(draft, draft.entry(Fate.BEGUN))  # before the mark: no mark is ever without it
        there = self.sends.begin(draft.key, draft.at)
        if there:
            self.conversations.amend(draft.conversation, draft.entry(Fate.BEGUN), None)
        return there

    def sent(self, draft: Draft, sent_id: SentId) -> None:
        self._stands(draft.conversation, draft.entry(Fate.BEGUN), sent_id)
        self.sends.finish(draft.key, sent_id, fold(draft.to[0]))  # last: what is cut off before is done by `found`

    def refused(self, draft: Draft, reason: Reason, detail: str) -> None:
        """SES has said that it did not send; a later try is a new one."""
        self.sends.abandon(draft.key)
        self.not_sent(draft, reason, detail)

    def not_sent(self, draft: Draft, reason: Reason, detail: str) -> None:
        """Shows that it was not even tried: in one entry, however often that is so, and without what is said above."""
        refused = draft.entry(Fate.REFUSED, reason=reason, detail=detail[:300])
        others = self._other_tries(draft)
        earlier = next((each for each in others if each.facts[FATE] == Fate.REFUSED), None)
        if earlier is None:
            self._show(draft, replace(refused, text="") if others else refused)
            return
        self.conversations.amend(draft.conversation, earlier, _again(earlier, refused))
        self.conversations.amend(draft.conversation, refused, None)  # where it was begun

    def uncertain(self, draft: Draft) -> None:
        self.conversations.amend(draft.conversation, draft.entry(Fate.BEGUN), draft.entry(Fate.UNCERTAIN))

    def found(self, key: str, sent_id: SentId) -> None:
        """SES speaks of the mail of this draft, so it was sent. Does what whoever sent it did not live to do."""
        row = self.sends.state(key)
        if row is None or row.sent_id:
            return
        conversation = ConversationId(key.partition("/")[0])
        shown = [e for e in self.conversations.entries(conversation) if (e.at, e.facts.get(DRAFT)) == (row.since, key)]
        if not shown:  # it was forgotten meanwhile
            return
        begun = next((each for each in shown if each.id == _entry_id(key)), shown[0])
        self._stands(conversation, begun, sent_id)
        self.sends.finish(key, sent_id, fold(begun.facts.get(TO, "").partition(",")[0]))

    def _other_tries(self, draft: Draft) -> list[Entry]:
        """What the conversation shows of other tries to send the same."""
        there = islice(self.conversations.entries(draft.conversation), _READ)
        return [e for e in there if e.facts.get(DRAFT) == draft.key and FATE in e.facts and e.at != draft.at]

    def _show(self, draft: Draft, entry: Entry) -> None:
        if not self.conversations.add(draft.conversation, entry):
            self.conversations.amend(draft.conversation, entry, entry)

    def _stands(self, conversation: ConversationId, begun: Entry, sent_id: SentId) -> None:
        """Puts the answer into its conversation under SES's id, by which it is found, and sets the state."""
        facts = {**begun.facts, FATE: Fate.SENT}
        with suppress(NotFound):  # it was forgotten meanwhile
            self.conversations.prove(conversation, [sent_message_id(sent_id)])
            self.conversations.add(conversation, replace(begun, id=sent_id, facts=facts))
            if begun.id != sent_id:
                self.conversations.amend(conversation, begun, None)
            self.conversations.change(conversation, lambda was: _answered(was, begun))


def _answered(was: Conversation, begun: Entry) -> Conversation:
    """The state follows once, whoever finds the answer sent."""
    key = begun.facts[DRAFT]
    if key in was.recent:
        return was
    at = max(was.updated_at, begun.at)
    return replace(was, state=State(begun.facts[THEN]), updated_at=at, recent=was.recent_with(key))


def _again(earlier: Entry, refused: Entry) -> Entry:
    """The entry of the first refusal, with what was said the last time."""
    tries = str(int(earlier.facts.get(TRIES, "1")) + 1)
    said = {name: refused.facts[name] for name in ("reason", "detail")}
    return replace(earlier, facts={**earlier.facts, **said, TRIES: tries, LAST: refused.at})


def _entry_id(key: str) -> str:
    return f"draft/{key.partition('/')[2]}"
