"""What a desk has learned so far, as examples for a model: its mails, and the categories that they had in the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from postroom.categories.example import Example, is_label
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Poison
from postroom.ids import SesId
from postroom.kinds.kind import BY_PEOPLE
from postroom.outcome import Stage
from postroom.ports import Conversations, Ledger, Objects
from postroom.rules.rules import FOR_THE_REST
from postroom.stages import documents
from postroom.stages.categorising import MODEL, seen
from postroom.stages.documents import parsed_key
from postroom.stages.work import CATEGORY

_MOST_ENTRIES = 200  # of a conversation that are looked through for a correction


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The conversations of a desk. Each gives its first mail: what follows is about the answers."""

    conversations: Conversations
    ledger: Ledger
    objects: Objects
    desk: str  # its address, folded

    def examples(self, most: int) -> Iterator[Example]:
        """Of the `most` conversations of each state that changed last. A model's own answers teach it nothing, nor does
        the rule for all the rest: both are left out until a person has said that they are right."""
        for state in State:
            for each in islice(self.conversations.in_state(self.desk, state), most):
                if each.category and is_label(each.category) and (example := self._example(each, each.category)):
                    yield example

    def _example(self, of: Conversation, label: str) -> Example | None:
        entries = list(islice(self.conversations.entries(of.id), _MOST_ENTRIES))
        first = next((entry for entry in entries if entry.kind is EntryKind.MAIL), None)
        if first is None or first.facts.get("kind") not in BY_PEOPLE:
            return None
        corrected = any(entry.kind is EntryKind.CHANGE and CATEGORY in entry.facts for entry in entries)
        if not corrected and not self._by_a_rule(first):
            return None
        try:
            message = documents.load(self.objects, parsed_key(first.id)).message
        except Poison:  # kept no longer, or erased
            return None
        subject, text = seen(message)
        return Example(subject=subject, text=text, label=label, corrected=corrected)

    def _by_a_rule(self, mail: Entry) -> bool:
        """Whether a rule knew the category: not a model, and not the rule for all the rest."""
        if (row := self.ledger.row(SesId(mail.id))) is None:
            return False
        by, confidence = (row.fact(Stage.CLASSIFY, f"category_{name}") for name in ("rule", "confidence"))
        return not by.startswith(MODEL) and confidence.isdecimal() and int(confidence) > FOR_THE_REST
