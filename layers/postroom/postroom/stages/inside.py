"""What an agent's mail does in its conversation where nothing goes to the customer: a note, a state, or the trace of
what was not sent. Each may be done again: it stands there once, at the moment at which the mail came."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from postroom.address import as_person
from postroom.conversation import LONGEST_TEXT, Conversation, Entry, EntryKind, State
from postroom.ids import ConversationId, SesId
from postroom.ports import Conversations
from postroom.replies.lines import cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """By this mail of this agent, received at this moment."""

    conversations: Conversations
    mail: SesId
    agent: str
    at: str

    def note(self, id_: ConversationId, text: str) -> None:
        """Puts what they wrote there as a note, beside the mail. Without a text there is none."""
        if text:
            self.conversations.add(id_, self._entry(EntryKind.NOTE, "note", cut(text, LONGEST_TEXT)))

    def state(self, id_: ConversationId, state: State) -> None:
        """Sets the state; a repeat doesn't set it again, whatever came meanwhile."""
        key, before = f"{self.mail}/state", state

        def change(was: Conversation) -> Conversation:
            nonlocal before
            if key in was.recent:
                return was
            before = was.state
            at = max(was.updated_at, self.at)
            return replace(was, state=state, updated_at=at, recent=was.recent_with(key))

        self.conversations.change(id_, change)
        if before is not state:
            facts = {"from": str(before), "to": str(state)}
            self.conversations.add(id_, self._entry(EntryKind.CHANGE, "state", f"{before} to {state}", facts))

    def _entry(self, kind: EntryKind, what: str, text: str, facts: Mapping[str, str] | None = None) -> Entry:
        id_, author = f"{self.mail}/{what}", as_person(self.agent)
        return Entry(at=self.at, kind=kind, id=id_, author=author, text=text, facts=facts or {})
