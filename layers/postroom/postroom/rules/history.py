"""What a desk has had from a customer before a mail. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from postroom.clock import from_iso
from postroom.conversation import Conversation, State

_WAITING = frozenset({State.NEW, State.OPEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Days are whole; None where there was nothing to count from. `tags` are those of all their conversations."""

    mails: int = 0
    days_since_last: int | None = None
    open_conversations: int = 0  # that wait for the desk
    waiting_days: int | None = None  # of the one that has waited longest
    tags: frozenset[str] = frozenset()


def history_of(conversations: Iterable[Conversation], mail: str, at: str) -> History:
    """The history before this mail, which came at this moment (ISO 8601). At a repeat it is in a conversation already,
    and not counted; the conversation that it opened then is left out."""
    before = [each for each in conversations if each.merged_into is None and not _opened_by(each, mail)]
    waiting = [each for each in before if each.state in _WAITING]
    return History(
        mails=sum(each.mails - (mail in each.recent) for each in before),
        days_since_last=min((_days(each.updated_at, at) for each in before), default=None),
        open_conversations=len(waiting),
        waiting_days=max((_days(_since(each), at) for each in waiting), default=None),
        tags=frozenset(tag for each in before for tag in each.tags),
    )


def _opened_by(conversation: Conversation, mail: str) -> bool:
    return conversation.mails <= 1 and mail in conversation.recent


def _since(conversation: Conversation) -> str:
    """A new one has waited since it was opened, one that was answered before since it last changed."""
    return conversation.created_at if conversation.state is State.NEW else conversation.updated_at


def _days(since: str, at: str) -> int:
    return max((from_iso(at) - from_iso(since or at)).days, 0)
