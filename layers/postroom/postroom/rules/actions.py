"""What follows from a rule. What one rule has set no later one changes; tags and notices add up."""

from dataclasses import dataclass
from enum import StrEnum

NO_REPLY = "none"  # in the place of a template's name
_MOST_TAGS, _MOST_NOTICES = 20, 10  # of one mail


class Priority(StrEnum):
    """From the least to the most pressing."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Handling(StrEnum):
    """What a rule may do with a mail as a whole. There is no "drop": nothing is lost."""

    HANDLE = "handle"  # also where SES took it for spam; a virus is never handled
    QUARANTINE = "quarantine"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """All that rules may do. None, or empty, is "says nothing of it".

    `assign` is an agent's folded address, `reply` a template's name or NO_REPLY, `notify` are names that events on the
    bus bear, so that a desk's own EventBridge rules find them.
    """

    disposition: Handling | None = None
    category: str | None = None
    priority: Priority | None = None
    assign: str | None = None
    reply: str | None = None
    tags: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()

    def then(self, later: "Actions") -> "Actions":
        """Both, where the earlier has the word. Associative, and a repeat changes nothing."""
        return Actions(
            disposition=self.disposition or later.disposition,
            category=self.category or later.category,
            priority=self.priority or later.priority,
            assign=self.assign or later.assign,
            reply=self.reply or later.reply,
            tags=tuple(dict.fromkeys((*self.tags, *later.tags)))[:_MOST_TAGS],
            notify=tuple(dict.fromkeys((*self.notify, *later.notify)))[:_MOST_NOTICES],
        )

    @property
    def settled(self) -> frozenset[str]:
        """The names of what is set once and for all by these."""
        return frozenset(name for name in SINGLE if getattr(self, name) is not None)


#: Actions of which the first counts, and those that add up.
SINGLE = ("disposition", "category", "priority", "assign", "reply")
LISTED = ("tags", "notify")
