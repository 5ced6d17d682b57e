"""The way of a mail from server to server, told by its Received fields (RFC 5321 section 4.4).

Ours and not mail-parser's: three words and a date are asked, and importing that library for them costs a cold start
58 ms, which is what this module takes for some hundred mails.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from postroom.message import Hop
from postroom.mime import dates, headers

MOST_HOPS = 50  # RFC 5321 section 6.3: over 100 is a loop; people look at the first few
_LONGEST = 4000  # bytes of one field
_LONGEST_DATE = 200  # characters

_COMMENT = re.compile(r"\([^()]*\)")
_FROM = re.compile(r"^\s*from\s+(?!by\s)(\S{1,300})", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+(\S{1,300})", re.IGNORECASE)
_DATE_AT_END = re.compile(r"(?<!\S)\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d[^;]{0,60}$")


def hops(fields: Iterable[tuple[str, bytes]]) -> tuple[Hop, ...]:
    """One Hop for each Received field, the first hop first: a server writes its own on top of the older ones."""
    received = [value for name, value in fields if name == "received"][:MOST_HOPS]
    found: list[Hop] = []
    before: datetime | None = None
    for value in reversed(received):
        hop, before = _hop(headers.text(value[:_LONGEST]), before)
        found.append(hop)
    return tuple(found)


def told(found: tuple[Hop, ...]) -> str:
    """The way in one line for people: how many hops, how long they took together, and which took the longest.

    Clocks differ: a negative delay is no time at all.
    """
    if not found:
        return ""
    count = f"{len(found)} hop{'' if len(found) == 1 else 's'}"
    delays = [(max(hop.delay, 0), hop.by or "?") for hop in found if hop.delay is not None]
    if not delays:
        return count
    slowest, by = max(delays)
    return f"{count} in {sum(delay for delay, _ in delays)} s" + (f", {slowest} s of them to {by}" if slowest else "")


def _hop(text: str, before: datetime | None) -> tuple[Hop, datetime | None]:
    route, semicolon, written = text.rpartition(";")
    if not semicolon:
        route, written = _without_semicolon(text)
    moment = dates.moment(written[:_LONGEST_DATE].strip())
    delay = int((moment - before).total_seconds()) if moment and before else None
    said = _COMMENT.sub(" ", route)
    if "(" in said:  # one stood inside another
        said = _COMMENT.sub(" ", said)
    source, by = _FROM.search(said), _BY.search(said)
    hop = Hop(by=_host(by), source=_host(source), date=moment.isoformat() if moment else None, delay=delay)
    return hop, moment or before


def _without_semicolon(text: str) -> tuple[str, str]:
    """Route and date where nothing parts them: the date is at the end."""
    found = _DATE_AT_END.search(text)
    return (text[: found.start()], found.group()) if found else (text, "")


def _host(found: re.Match[str] | None) -> str | None:
    return found.group(1).strip("();,") or None if found else None
