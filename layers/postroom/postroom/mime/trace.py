"""The way of a mail from server to server, told by its Received fields (RFC 5321 section 4.4).

Ours and not mail-parser's: three words and a date are asked, and importing that library for them costs a cold start
58 ms, which is what this module takes for some hundred mails.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from postroom.message import Hop
from postroom.mime import headers

MOST_HOPS = 50  # RFC 5321 section 6.3: over 100 is a loop; people look at the first few
_LONGEST = 4000  # bytes of one field

_FROM = re.compile(r"^\s*from\s+(\S{1,300})", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+(\S{1,300})", re.IGNORECASE)


def hops(fields: Iterable[tuple[str, bytes]]) -> tuple[Hop, ...]:
    """One Hop for each Received field, the first hop first: a server writes its own on top of the older ones."""
    received = [value for name, value in fields if name == "received"][:MOST_HOPS]
    found: list[Hop] = []
    before: datetime | None = None
    for value in reversed(received):
        hop, before = _hop(headers.text(value[:_LONGEST]), before)
        found.append(hop)
    return tuple(found)


def _hop(text: str, before: datetime | None) -> tuple[Hop, datetime | None]:
    route, _, written = text.rpartition(";")
    date = headers.date(written.encode("utf-8", "replace"))
    moment = datetime.fromisoformat(date) if date else None
    delay = int((moment - before).total_seconds()) if moment and before else None
    source, by = _FROM.search(route or text), _BY.search(route or text)
    hop = Hop(by=_host(by), source=_host(source), date=date, delay=delay)
    return hop, moment or before


def _host(found: re.Match[str] | None) -> str | None:
    return found.group(1).strip("();,") or None if found else None
