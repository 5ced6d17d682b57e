"""What goes out about a mail where people work at the desk: an agent's answer is sent on, a customer's mail is
acknowledged, and told to those who want to know."""

from collections.abc import Callable
from dataclasses import dataclass

from postroom.events import MessageClassified
from postroom.outcome import Decision
from postroom.stages.by_mail import ByMail
from postroom.stages.notifying import Notifying


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """The reply stage of a desk that has agents. Every part of it may be done again."""

    by_mail: ByMail
    acknowledge: Callable[[MessageClassified], Decision]
    notifying: Notifying

    def __call__(self, event: MessageClassified) -> Decision:
        decision = self.by_mail(event) or self.acknowledge(event)
        self.notifying(event)
        return decision
