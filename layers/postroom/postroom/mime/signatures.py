"""Where a signature starts: a delimiter, a closing above a name, the footer of a list, the line of an app."""

import re
from collections.abc import Sequence

from postroom.mime import clients
from postroom.mime.quotes import any_of, is_rule

APP_LINES = 15  # below the line of an app, or a rule, there is at most so much
NAME_LINES = 6  # below a closing
CONTACT_LINES = 8
MAX_NAME = 60
NAME_WORDS = 5

DRAWN = "-–—_=*"  # a delimiter or a rule starts with one of them
DELIMITER = re.compile(r"(?:--|—|––)\s{0,3}$")
SHORT_RULE = re.compile(r"[-–—_*]{3,40}\s{0,3}$")
SENT_FROM = re.compile(any_of(clients.flat(clients.SENT_FROM)))
SENT_FROM_STARTS = frozenset(word[:2] for word in clients.flat(clients.SENT_FROM))
CLOSING = re.compile(f"(?:{any_of(clients.flat(clients.CLOSINGS))})")
DASHED_NAME = re.compile(r"(?:[-–—~]{1,3} ?|/ ?)[^\W\d_][^\W\d_.'-]{0,20}(?: [^\W\d_][^\W\d_.'-]{0,20}){0,2}\.?$")
FULL_NAME = re.compile(r"[^\W\d_]\w{0,20}\.?(?: [^\W\d_]\w{0,20}\.?){1,3}(?:, [\w. ]{2,20})?$")
#: A line that is an address, a link or a telephone number, and nothing else but its label.
CONTACT = re.compile(
    r"(?:[\w. -]{0,14}: ?)?(?:\S{1,40}@\S{3,50}|(?:https?://|www\.)\S{4,}|[+(]?\d[\d ()/.-]{6,20})$", re.IGNORECASE
)
FOOTER = re.compile(r"https?://|@|unsubscribe|mailing list|mailman", re.IGNORECASE)


def signature_start(texts: Sequence[str], start: int, stop: int, *, alone: bool = True) -> int | None:
    """The line in `[start, stop)` at which a signature begins, else None.

    There is always text above it; where the stretch is not `alone` that may stand in an earlier one.
    """
    written = [at for at in range(start, stop) if texts[at].strip()]
    if len(written) < 2:
        return None
    lines = [texts[at].strip() for at in written]
    for at, line in zip(written[alone:], lines[alone:], strict=True):
        if line[0] in DRAWN and DELIMITER.match(line[:8]):
            return at
    found = _footer(lines)
    found = _app(lines[:found]) if found is None else found
    found = _closing(lines[:found], found)
    return _contacts(texts, written) if found is None else written[found]


def _contacts(texts: Sequence[str], written: Sequence[int]) -> int | None:
    """A last paragraph of short lines: a name on the first, how to reach its owner below."""
    start, stop = written[-1], written[-1] + 1
    while start > max(written[0], stop - CONTACT_LINES - 1) and texts[start - 1].strip():
        start -= 1
    lines = [line.strip() for line in texts[start:stop]]
    if start <= written[0] or not 2 <= len(lines) <= CONTACT_LINES or not FULL_NAME.match(lines[0]):
        return None
    short = all(len(line) <= MAX_NAME for line in lines)
    return start if short and any(CONTACT.match(line) for line in lines[1:]) else None


def _footer(lines: Sequence[str]) -> int | None:
    """A rule with links or addresses below it, near the end."""
    for at in range(len(lines) - 1, max(0, len(lines) - APP_LINES - 1), -1):
        ruled = lines[at][0] in DRAWN and (is_rule(lines[at]) or SHORT_RULE.match(lines[at]) is not None)
        below = lines[at + 1 :]
        if ruled and below and (any(FOOTER.search(line[:300]) for line in below) or all(map(_is_name, below))):
            return at
    return None


def _app(lines: Sequence[str]) -> int | None:
    """`Sent from my phone`, near the end."""
    for at in range(max(1, len(lines) - APP_LINES), len(lines)):
        if is_app_line(lines[at]):
            return at
    return None


def _closing(lines: Sequence[str], otherwise: int | None) -> int | None:
    """The last closing with a name below it, or a name behind a dash, at the end of what is left of the text."""
    if (
        len(lines) > 1
        and len(lines[-1]) <= MAX_NAME
        and DASHED_NAME.match(lines[-1])
        and lines[-2][:1] != lines[-1][:1]
    ):
        return len(lines) - 1
    for at in range(len(lines) - 2, max(0, len(lines) - NAME_LINES - 1), -1):
        if not _is_name(lines[at + 1]):
            continue
        if is_closing(lines[at]) and not any(map(_is_sentence, lines[at + 2 :])):
            return at
    return otherwise


def _is_sentence(line: str) -> bool:
    return len(line) > MAX_NAME or (line.endswith((".", "!", "?")) and len(line.split()) > NAME_WORDS)


def is_app_line(line: str) -> bool:
    """Whether an app or a phone wrote this line. A sentence that goes on after a comma was written by a person."""
    start = line[:2]
    # Two letters are what `fold` makes of them, whatever follows: they decide for most lines.
    if len(line) > 120 or (start.isalpha() and start.lower()[:2] not in SENT_FROM_STARTS):
        return False
    text = clients.fold(line).lstrip("[(<*_ ")
    return SENT_FROM.match(text) is not None and ", " not in text


def is_closing(line: str) -> bool:
    """Whether a line is nothing but a closing: `Kind regards,`."""
    text = clients.fold(line[:80]).strip(" ,.!;-–—*_/")
    found = CLOSING.match(text)
    return found is not None and len(text) - found.end() <= 14 and len(text.split()) <= 6


def _is_name(line: str) -> bool:
    """Whether a line may be a name: few words, the first and the last not in lower case ("Anna van der Berg")."""
    if len(line) > MAX_NAME or line.endswith(("?", ":", ";")):
        return False
    words = line.strip(" .!*_-–—").split()
    return 1 <= len(words) <= NAME_WORDS and (
        len(words) == 1 or not (words[0][:1].islower() or words[-1][:1].islower())
    )
