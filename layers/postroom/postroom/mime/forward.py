"""A mail forwarded inside plain text: who wrote it, to whom, when, about what, and the note above it. Linear in the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from postroom.message import Address, Forwarded
from postroom.mime import clients
from postroom.mime.clients import Role
from postroom.mime.reply import is_attribution, is_header_block, role_of

MAX_NOTE_LINES = 400  # a forward that stands deeper in a mail than this is not looked for
HEADER_LINES = 40
MAX_VALUE = 4000

FORWARDED = re.compile("|".join(re.escape(word) for word in clients.flat(clients.FORWARDED)))
ORIGINAL = re.compile("|".join(re.escape(word) for word in clients.flat(clients.ORIGINAL)))
MAILBOX = re.compile(r"<?(?:mailto:)?([^\s<>\[\]():;,\"']{1,64}@[^\s<>\[\]():;,\"']{1,255})>?", re.IGNORECASE)
QUOTE = re.compile(r"^[ \t]{0,8}(?:>[ \t]?)")
SUBJECT_PREFIX = re.compile(
    r"^\s{0,9}\[?(" + "|".join(re.escape(word) for word in clients.FORWARD_SUBJECTS) + r")\s{0,3}[:：\]]", re.IGNORECASE
)
NAMES_INLINE = re.compile(
    r"(?<![^\W\d_])("
    + "|".join(re.escape(name) for name in sorted(clients.ROLES, key=len, reverse=True))
    + r")\s?[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a forwarded mail starts: the line of its banner or first header, and where its headers start."""

    note_end: int
    headers: int
    inline: str = ""  # headers that stand on the banner's own line (Yahoo)


def find(text: str, subject: str = "") -> Forwarded | None:
    """The mail forwarded in `text`, or None. A reply that quotes is no forward.

    What Outlook writes above a reply and above a forward is the same: there it is a forward if nothing was written above it,
    or if the mail's own `subject` says so ("Fwd:", "WG:", ...).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(clients.INVISIBLE).split("\n")
    start = _start(lines, SUBJECT_PREFIX.match(subject[:40]) is not None)
    if start is None:
        return None
    fields, body = _headers(lines, start)
    if Role.FROM not in fields and len(fields) < 2:
        return None
    return Forwarded(
        sender=sender_of(fields.get(Role.FROM, "")),
        to=addresses_of(fields.get(Role.TO, "")),
        cc=addresses_of(fields.get(Role.CC, "")),
        subject=fields.get(Role.SUBJECT, ""),
        date=fields.get(Role.DATE, ""),
        body=_body(lines[body:]),
        note="\n".join(lines[: start.note_end]).strip(),
    )


def _start(lines: Sequence[str], said_so: bool) -> _Start | None:
    """The first thing in a mail that a client writes above another mail decides: only a forward's own counts."""
    roles = [role_of(line) for line in lines[: MAX_NOTE_LINES + HEADER_LINES]]
    written = False
    for at, line in enumerate(lines[:MAX_NOTE_LINES]):
        if not line.strip():
            continue
        banner = _banner(line)
        if banner is not None:
            sure, inline = banner
            return _Start(at, at + 1, inline) if sure or said_so or not written else None
        if roles[at] is not None and is_header_block(lines[: MAX_NOTE_LINES + HEADER_LINES], roles, at):
            return _Start(at, at) if said_so or not written else None
        if is_attribution(clients.fold(line[:500]), over_marks=False):
            return None
        written = written or line.strip("_-=* \t>") != ""
    return None


def _banner(line: str) -> tuple[bool, str] | None:
    """Whether a line announces a mail: (surely a forward, headers on the same line)."""
    text = line[:MAX_VALUE].strip(" \t>*\xa0")
    dashed = text.startswith(("--", "__", "==", "——"))
    if not dashed and not text.endswith((":", "：")):
        return None
    words = clients.fold(text.lstrip("-_=—–* \t"))
    found = FORWARDED.match(words) or ORIGINAL.match(words)
    if found is None:
        return None
    rest = words[found.end() :].strip("-_=—–:：* .\t")
    if rest and not dashed:
        return None
    tail = text.lstrip("-_=—–* \t")[found.end() :].lstrip("-_=—–* \t:：") if rest else ""
    return FORWARDED.match(words) is not None, tail


def _headers(lines: Sequence[str], start: _Start) -> tuple[dict[Role, str], int]:
    """The header lines of the forwarded mail, and the line after them. Wrapped values are joined."""
    if start.inline and NAMES_INLINE.search(start.inline):
        return _inline_headers(start.inline), start.headers
    fields: dict[Role, str] = {}
    last: Role | None = None
    at = _after_blank(lines, start.headers)
    for at in range(at, min(len(lines), at + HEADER_LINES)):
        line = _unquoted(lines[at])
        role = role_of(line)
        if role is None and not line.strip():
            following = _after_blank(lines, at)
            if following - at > 1 or following >= len(lines) or role_of(_unquoted(lines[following])) is None:
                return fields, at
            continue
        if role is None:
            if last not in (Role.TO, Role.CC) or not _continues(fields.get(last, ""), line):
                return fields, at
            fields[last] += " " + line.strip()
            continue
        last = role
        fields.setdefault(role, _value(line))
    return fields, min(len(lines), at + 1)


def _continues(value: str, line: str) -> bool:
    """Whether a line goes on with a list of addresses."""
    return value.rstrip().endswith((",", ";")) or line.lstrip().startswith("<")


def _after_blank(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not _unquoted(lines[at]).strip(" \t_"):
        at += 1
    return at


def _unquoted(line: str) -> str:
    return QUOTE.sub("", line, count=1)


def _value(line: str) -> str:
    return line[:MAX_VALUE].replace("：", ":", 1).partition(":")[2].strip(" \t*\xa0")


def _inline_headers(line: str) -> dict[Role, str]:
    """Headers run together on one line: `From: A <a@b>To: C <c@d>Subject: E`."""
    found = list(NAMES_INLINE.finditer(line))[:HEADER_LINES]
    fields: dict[Role, str] = {}
    for one, following in zip(found, [*found[1:], None], strict=True):
        value = line[one.end() : following.start() if following else None].strip(" \t*\xa0")
        fields.setdefault(clients.ROLES[clients.fold(one.group(1))], value)
    return fields


def _body(lines: Sequence[str]) -> str:
    """The text of the forwarded mail. One level of quote marks is the forwarder's, where every line has it."""
    written = [line for line in lines if line.strip()]
    if written and all(QUOTE.match(line) for line in written):
        lines = [_unquoted(line) for line in lines]
    return "\n".join(lines).strip()


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
