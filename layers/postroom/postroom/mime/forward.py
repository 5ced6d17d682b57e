"""A mail forwarded inside plain text: who wrote it, to whom, when, about what, and the note above it. Linear."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postroom.message import Address, Forwarded
from postroom.mime import clients
from postroom.mime.clients import Role
from postroom.mime.quotes import (
    DATE,
    FORWARDED,
    MAX_LINE,
    OPENER,
    ORIGINAL,
    WROTE,
    banner,
    is_attribution,
    is_header_block,
    is_rule,
    role_of,
    roles_of,
    telling,
)

MAX_NOTE_LINES = 400  # a forward that stands deeper in a mail than this is not looked for
HEADER_LINES = 40
MAX_VALUE = 4000

MAILBOX = re.compile(r"<?(?:mailto:)?([^\s<>\[\]():;,\"']{1,64}@[^\s<>\[\]():;,\"']{1,255})>?", re.IGNORECASE)
WROTE_ANYWHERE = re.compile(WROTE.pattern, re.IGNORECASE)
QUOTE = re.compile(r"^[ \t]{0,8}(?:>[ \t]?)")
SUBJECT_PREFIX = re.compile(
    r"^\s{0,9}\[?(" + "|".join(re.escape(word) for word in clients.flat(clients.FORWARD_SUBJECTS)) + r")\s{0,3}[:：\]]",
    re.IGNORECASE,
)
#: `...GMT+3Subject: x`: a name that is long enough may follow a letter where it starts with a capital.
NAMES_INLINE = re.compile(
    r"(?<![^\W\d_])("
    + "|".join(
        map(
            re.escape,
            sorted(
                (n for name in clients.ROLES for n in (name, name.capitalize(), name.upper())), key=len, reverse=True
            ),
        )
    )
    + ")\\s?[:：]"
    + "|("
    + "|".join(sorted((re.escape(name.capitalize()) for name in clients.ROLES if len(name) > 3), key=len, reverse=True))
    + ")\\s?[:：]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where a forwarded mail starts: the line where the note ends, the line where its headers start."""

    note_end: int
    headers: int
    sure: bool  # the banner, or the subject, says that it is a forward
    inline: str = ""  # headers that stand on the banner's own line (Yahoo)
    attribution: str = ""  # "On ... wrote:" is all that there is of headers (Outlook for the Mac)


def find(text: str, subject: str = "") -> Forwarded | None:
    """The mail forwarded in `text`, or None. A reply that quotes is no forward.

    What Outlook writes above a reply and above a forward is the same: there it is a forward if nothing was written
    above it, or if the mail's own `subject` says so ("Fwd:", "WG:", ...).
    """
    lines = clients.visible(clients.line_feeds(text)).split("\n")
    start = _start(lines, says_forwarded(subject))
    if start is None:
        return None
    fields, body = _headers(lines, start)
    if not fields or (not start.sure and not _is_whole(fields, lines[body:])):
        return None
    return Forwarded(
        sender=sender_of(fields.get(Role.FROM, "")),
        to=addresses_of(fields.get(Role.TO, "")),
        cc=addresses_of(fields.get(Role.CC, "")),
        subject=fields.get(Role.SUBJECT, ""),
        date=fields.get(Role.DATE, ""),
        body=_body(lines, body),
        note="\n".join(lines[: start.note_end]).strip(" \t\n_"),
    )


def says_forwarded(subject: str) -> bool:
    """Whether a subject starts as a client makes it for a forward, in any language."""
    return SUBJECT_PREFIX.match(subject[:40]) is not None


def _start(lines: Sequence[str], said_so: bool) -> _Start | None:
    """The first thing in a mail that a client writes above another mail decides: only a forward's own counts."""
    head = lines[: MAX_NOTE_LINES + HEADER_LINES]
    signs = telling(head)
    roles = roles_of(head, signs)
    looked, written = 0, False
    for at in sorted({*signs, *(at - 1 for at in signs if at)}):  # an attribution may be wrapped: the line above counts
        line = head[at]
        if at >= MAX_NOTE_LINES or not line.strip():
            continue
        while looked < at and not written:
            written = head[looked].strip() != "" and not is_rule(head[looked])
            looked += 1
        may_be = said_so or not written
        if (inline := banner(line, FORWARDED)) is not None:
            return _Start(note_end=at, headers=at + 1, sure=True, inline=inline)
        if (inline := banner(line, ORIGINAL)) is not None:
            return _Start(note_end=at, headers=at + 1, sure=said_so, inline=inline) if may_be else None
        if roles[at] is not None and is_header_block(head, roles, at):
            return _Start(note_end=at, headers=at, sure=said_so) if may_be else None
        if (attribution := _attribution(head, at)) is not None:
            return _Start(note_end=at, headers=at + 1, sure=True, attribution=attribution) if said_so else None
    return None


def _is_whole(fields: Mapping[Role, str], body: Sequence[str]) -> bool:
    """Whether what Outlook writes above any mail stands above a forwarded one: complete, and nothing answered below."""
    marked = [QUOTE.match(line) is not None for line in body if line.strip()]
    answered = bool(marked) and marked[0] and not all(marked)
    complete = Role.FROM in fields and len(fields.keys() & {Role.DATE, Role.TO, Role.SUBJECT}) >= 2
    return complete and not answered


def _attribution(lines: Sequence[str], at: int) -> str | None:
    """The line "On ... wrote:", or one that was wrapped once."""
    for stop in (at + 1, at + 2):
        line = " ".join(lines[at:stop]).strip()[:MAX_LINE]
        if is_attribution(clients.fold(line), over_marks=False):
            return line
    return None


def _headers(lines: Sequence[str], start: _Start) -> tuple[dict[Role, str], int]:
    """The header lines of the forwarded mail, and the line after them. Wrapped values are joined."""
    if start.attribution:
        return _attributed(start.attribution), start.headers
    if NAMES_INLINE.search(start.inline):
        return _inline_headers(start.inline), start.headers
    fields: dict[Role, str] = {}
    last: Role | None = None
    at = first = _after_blank(lines, start.headers)
    while at < min(len(lines), first + HEADER_LINES):
        line = _unquoted(lines[at])
        role = role_of(line)
        if role is not None:
            fields.setdefault(role, _value(line))
        elif last is None or not _goes_on(lines, at, fields.get(last, "")):
            break
        elif line.strip():
            fields[last] += " " + line.strip()
        last = role or last
        at += 1
    return fields, at


def _goes_on(lines: Sequence[str], at: int, value: str) -> bool:
    """Whether a line without a name of its own still belongs to the headers: the rest of a value, or one blank line."""
    following = _unquoted(lines[at + 1]) if at + 1 < len(lines) else ""
    line = _unquoted(lines[at]).strip()
    if role_of(following) is not None:
        return True
    return line != "" and (value.endswith((",", ";")) or (line.startswith("<") and value != ""))


def _after_blank(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not _unquoted(lines[at]).strip(" \t_"):
        at += 1
    return at


def _unquoted(line: str) -> str:
    return QUOTE.sub("", line, count=1)


def _value(line: str) -> str:
    return line[:MAX_VALUE].replace("：", ":", 1).partition(":")[2].strip(" \t*\xa0")


def _attributed(line: str) -> dict[Role, str]:
    """What "On <date>, <name> <address> wrote:" says."""
    said = WROTE_ANYWHERE.sub(" ", line.strip(" -–—:：\t"))
    opener = OPENER.match(said.lower())
    said = said[opener.end() :] if opener else said
    dates = list(DATE.finditer(said[:MAX_VALUE]))[:6]
    mailbox = MAILBOX.search(said)
    stop = next((at for at, character in enumerate(said) if character in '"«“<'), len(said))
    date_end = max((one.end() for one in dates if one.end() <= stop), default=0)
    sender = said[date_end : mailbox.end() if mailbox else len(said)]
    return {Role.FROM: sender.strip(" ,:"), Role.DATE: said[:date_end].strip(" ,:")}


def _inline_headers(line: str) -> dict[Role, str]:
    """Headers run together on one line: `From: A <a@b>To: C <c@d>Subject: E`."""
    found = list(NAMES_INLINE.finditer(line))[:HEADER_LINES]
    fields: dict[Role, str] = {}
    for one, following in zip(found, [*found[1:], None], strict=True):
        value = line[one.end() : following.start() if following else None].strip(" \t*\xa0")
        fields.setdefault(clients.ROLES[clients.fold(one.group(1) or one.group(2))], value)
    return fields


def _body(lines: Sequence[str], start: int) -> str:
    """The text of the forwarded mail. One level of quote marks is the forwarder's own, where the headers had it too,
    or where every line has it; below the last mark the forwarder may have gone on."""
    body = lines[start:]
    marked = [at for at, line in enumerate(body) if QUOTE.match(line)]
    in_marks = start > 0 and QUOTE.match(lines[start - 1]) is not None
    if marked and (in_marks or all(QUOTE.match(line) for line in body if line.strip())):
        body = [_unquoted(line) for line in body[: marked[-1] + 1]]
    return "\n".join(body).strip()


def addresses_of(value: str) -> tuple[Address, ...]:
    """The mailboxes in a header value as clients show it: `Ann <a@b>`, `Ann [mailto:a@b]`, `a@b; c@d`. Doubles go."""
    found: dict[str, Address] = {}
    at = 0
    for one in MAILBOX.finditer(value[:MAX_VALUE]):
        address = one.group(1).strip(".")
        name = _name(value[at : one.start()], address)
        known = found.get(address.lower())
        if known is None or not known.name:
            found[address.lower()] = Address(name=name, address=address)
        at = one.end()
    return tuple(found.values())


def sender_of(value: str) -> Address | None:
    """The first mailbox; a name without an address is kept too."""
    mailboxes = addresses_of(value)
    if mailboxes:
        return mailboxes[0]
    return Address(name=_name(value, ""), address="") if value.strip() else None


def _name(text: str, address: str) -> str:
    name = text.strip(" \t,;<>()[]\"'«»*")
    return "" if name.lower() == address.lower() else name
