"""How long a desk waits for its customers before a conversation closes by itself, and when it tells them. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from postroom.clock import from_iso, iso
from postroom.conversation import Conversation, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """In days. `days` is without a change, 0 for ever; `notice` is how long before its customer is told, 0 is never."""

    days: int
    notice: int = 0

    def tells_at(self, conversation: Conversation) -> str | None:
        """Since when its customer is to be told that it will close; None where nothing is to be told."""
        waits = conversation.state is State.PENDING and not conversation.follow_up_on
        if not (self.days and self.notice and waits) or decided(conversation):
            return None
        return _after(conversation.changed_at, max(self.days - self.notice, 0))

    def closes_at(self, conversation: Conversation) -> str:
        """When it closes, if nothing happens until then. Who is told has the whole notice from then on; where it could
        not be decided yet whether to tell them, that is waited for, but for no longer than the notice is."""
        idle = _after(conversation.changed_at, self.days)
        if not self.notice or conversation.state is not State.PENDING:
            return idle
        if not decided(conversation):
            return _after(idle, self.notice)
        return max(idle, _after(conversation.notice_at or "", self.notice))


def decided(conversation: Conversation) -> bool:
    """Whether its customer was told, or won't be, since it changed last."""
    return conversation.notice_at is not None and conversation.notice_at >= conversation.changed_at


def _after(moment: str, days: int) -> str:
    return iso(from_iso(moment) + timedelta(days=days))
