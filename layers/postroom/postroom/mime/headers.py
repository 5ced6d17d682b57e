"""Values of header fields: text, parameters, addresses, ids and dates, in every form that mail has.

Everything here takes raw bytes, never raises on them, and takes time linear in their length.
"""

import re

from postroom.ids import MessageId
from postroom.mime import dates
from postroom.mime.addresses import MOST_ADDRESSES, addresses
from postroom.mime.parameters import parameters
from postroom.mime.words import text

__all__ = ["MOST_ADDRESSES", "addresses", "date", "message_ids", "parameters", "text"]

_ID = re.compile(r"<([^<>]{1,998})>")
_MOST_IDS = 1000
_DATE_LENGTH = 200  # characters; the longest honest ones have 60


def message_ids(value: bytes) -> tuple[MessageId, ...]:
    """The ids of Message-ID, In-Reply-To or References without angle brackets, in order, each once."""
    decoded = text(value)
    found = ["".join(i.split()) for i in _ID.findall(decoded)]
    if not found:
        words = decoded.split()
        found = [word.strip("<>,;\"'") for word in words if "@" in word or len(words) == 1]
    return tuple(MessageId(i) for i in list(dict.fromkeys(i for i in found if i))[:_MOST_IDS])


def date(value: bytes) -> str | None:
    """A Date field as ISO 8601 with its offset (+00:00 where none is given); None for what is no date."""
    found = dates.moment(text(value[:_DATE_LENGTH]))
    return found.isoformat() if found else None
