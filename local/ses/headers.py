"""The header section of a raw mail, as SES reports it: fields in order, their values unfolded.

Everything here is linear in the size of the header section, and never raises: what it sees comes from strangers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from local.ses.values import Json

MAX_HEADERS_IN_JSON = 10 * 1024  # "headersTruncated": over 10 KB the notification goes without headers

_END = re.compile(rb"\r?\n\r?\n")
_FIELD_START = re.compile(rb"^(?![ \t])", re.MULTILINE)
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_MAX_VALUE = 64 * 1024  # characters of one value that are looked into for addresses or encoded words


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One header field. `raw` is all of it with its line ends; `value` is unfolded and not decoded."""

    name: str
    value: str
    raw: bytes


def split(raw: bytes) -> tuple[tuple[Field, ...], int]:
    """The fields of the header section, and where it ends: the offset of the empty line (or of the end)."""
    if raw.startswith((b"\r\n", b"\n")):
        return (), 0
    found = _END.search(raw)
    end = found.start() + raw[found.start() : found.end()].index(b"\n") + 1 if found else len(raw)
    section = raw[:end]
    starts = [match.start() for match in _FIELD_START.finditer(section) if match.start() < end]
    pieces = (section[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True))
    return tuple(field for piece in pieces if (field := _field(piece)) is not None), end


def _field(piece: bytes) -> Field | None:
    name, colon, value = piece.partition(b":")
    if not colon or not name.strip() or b"\n" in name:
        return None
    text = _FOLD.sub(" ", value.decode("utf-8", "replace")).strip()
    return Field(name=name.decode("ascii", "replace").strip(), value=text, raw=piece)


def without(fields: Iterable[Field], names: Iterable[str]) -> bytes:
    """The header section again, byte for byte, without the fields of these names (any case)."""
    gone = {name.lower() for name in names}
    return b"".join(field.raw for field in fields if field.name.lower() not in gone)


def first(fields: Iterable[Field], name: str) -> str | None:
    return next((field.value for field in fields if field.name.lower() == name.lower()), None)


def mailboxes(value: str) -> list[str]:
    """The members of an address list, as written: split at commas outside quotes, comments and angle brackets."""
    members: list[str] = []
    start, depth, quoted, escaped = 0, 0, False, False
    for position, char in enumerate(value[:_MAX_VALUE]):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "(<":
            depth += 1
        elif not quoted and char in ")>":
            depth = max(0, depth - 1)
        elif char == "," and not quoted and not depth:
            members.append(value[start:position])
            start = position + 1
    return [member.strip() for member in [*members, value[start:_MAX_VALUE]] if member.strip()]


def address(mailbox: str) -> str:
    """The bare address of one member: what stands in the last angle brackets, or all of it."""
    if mailbox.endswith(">"):
        return mailbox[mailbox.rfind("<") + 1 : -1].strip()
    return mailbox.strip()


def addresses(fields: Iterable[Field], names: Iterable[str]) -> list[str]:
    """Every address in the fields of these names, in their order, once."""
    wanted = {name.lower() for name in names}
    found = (address(member) for field in fields if field.name.lower() in wanted for member in mailboxes(field.value))
    return list(dict.fromkeys(one for one in found if "@" in one))


def decoded(value: str) -> str:
    """RFC 2047 words read; the value itself where they are broken."""
    try:
        return str(make_header(decode_header(value[:_MAX_VALUE])))
    except (HeaderParseError, LookupError, ValueError):
        return value


def headers_json(fields: Iterable[Field]) -> list[Json]:
    return [{"name": field.name, "value": field.value} for field in fields]


def common_headers_json(fields: tuple[Field, ...]) -> dict[str, Json]:
    """`commonHeaders`: only the fields that the mail has; lists for those that hold addresses."""
    common: dict[str, Json] = {}
    if (return_path := first(fields, "Return-Path")) is not None:
        common["returnPath"] = address(return_path)
    for name, key in (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"), ("Reply-To", "replyTo")):
        if (value := first(fields, name)) is not None:
            common[key] = [decoded(member) for member in mailboxes(value)]
    for name, key in (("Sender", "sender"), ("Date", "date"), ("Message-ID", "messageId"), ("Subject", "subject")):
        if (value := first(fields, name)) is not None:
            common[key] = decoded(value) if key == "subject" else value
    return common
