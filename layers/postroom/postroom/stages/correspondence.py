"""What goes out about a mail where people work at the desk: an agent's answer is sent on, a customer's mail is
acknowledged, and told to those who want to know."""

from collections.abc import Callable
from dataclasses import dataclass

from postroom.events import ConversationAssigned, MessageClassified
from postroom.message import Parsed
from postroom.outcome import Decision
from postroom.ports import Objects
from postroom.stages import documents
from postroom.stages.by_mail import ByMail
from postroom.stages.notifying import Notifying


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """The reply stage of a desk that has agents. Every part of it may be done again."""

    objects: Objects
    by_mail: ByMail
    acknowledge: Callable[[MessageClassified, Parsed], Decision]
    notifying: Notifying
    assigned: Callable[[ConversationAssigned], Decision]

    def __call__(self, event: MessageClassified) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        decision = self.by_mail(event, parsed) or self.acknowledge(event, parsed)
        self.notifying(event, parsed)
        return decision
