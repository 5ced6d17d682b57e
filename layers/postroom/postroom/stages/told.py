"""What SES has told of a mail of ours that nobody lived to note as sent.

Whoever sends is cut off at the worst moment now and then: SES has the mail, and we have no id of it. Its events bring
the id back, into the conversation that the mail stands in.
"""

from collections import deque
from datetime import timedelta
from itertools import islice

from postroom.address import fold
from postroom.clock import from_iso, iso
from postroom.conversation import Entry, EntryKind
from postroom.ids import ConversationId, SentId
from postroom.ports import Conversations

UNDER_WAY = timedelta(seconds=90)  # how long a try may take, its function's time-out included
_READ, _LOOKED_AT = 5_000, 200  # entries of a conversation that are read, and of those the last that are looked at
_SKEW = timedelta(minutes=1)  # between our clock and that of SES


def told_by_ses(
    conversations: Conversations, conversation: ConversationId, recipient: str, since: str
) -> SentId | None:
    """The one mail to this recipient that SES has told of since then, and that no reply of the conversation is. What
    came back before is of another one; where there are two, nobody knows which it is."""
    begun = iso(from_iso(since) - _SKEW)
    there = islice(conversations.entries(conversation), _READ)
    standing = deque((e for e in there if e.kind is EntryKind.REPLY or e.at >= begun), _LOOKED_AT)
    told = {
        e.facts["sent_id"] for e in standing if _came_back(e) and fold(e.facts.get("recipient", "")) == fold(recipient)
    }
    unknown = told - {e.id for e in standing if e.kind is EntryKind.REPLY}
    return SentId(unknown.pop()) if len(unknown) == 1 else None


def _came_back(entry: Entry) -> bool:
    return entry.kind is EntryKind.DELIVERY and bool(entry.facts.get("sent_id"))
