"""The header section of a raw mail, as SES reports it: fields in order, their values unfolded.

Everything here is linear in the size of the header section, and never raises: what it sees comes from strangers.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from itertools import islice

from local.ses.values import Json

MAX_HEADERS_IN_JSON = 10 * 1024  # "headersTruncated": of more than 10 KB the rest is left out

_FIELD_START = re.compile(rb"^(?![ \t])", re.MULTILINE)
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_MAX_SECTION = 4 * 1024 * 1024  # bytes of a header section in which fields are looked for; likewise
_MAX_FIELDS = 5000  # fields that are looked at: what comes after them stays in the mail, and is not reported
_MAX_LISTS = 20  # fields of one name that are looked into for addresses
_MAX_ADDRESS = 998  # characters: what a line can hold
_MAX_FIELD = 256 * 1024  # bytes of a field that its value has
_MAX_VALUE = 64 * 1024  # characters of one value that are looked into for addresses or encoded words


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One header field. `raw` is all of it with its line ends; `value` is unfolded and not decoded.

    A line that is no field (without a colon, or folded onto nothing) is here too, without a name: no byte is lost.
    """

    name: str
    value: str
    raw: bytes


def crlf(raw: bytes) -> bytes:
    """The mail with CRLF at the end of every line (RFC 5321 section 2.3.8)."""
    if raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r"):
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def split(raw: bytes) -> tuple[tuple[Field, ...], int]:
    """The fields of the header section, and where it ends: the offset of the empty line (or of the end).

    Joined, the fields' `raw` are the section.
    """
    if raw.startswith((b"\r\n", b"\n")):
        return (), 0
    end = _end(raw)
    section, rest = raw[: min(end, _MAX_SECTION)], raw[_MAX_SECTION:end]
    found_starts = (match.start() for match in _FIELD_START.finditer(section))
    starts = [0, *islice((start for start in found_starts if 0 < start < len(section)), _MAX_FIELDS)]
    pieces = [section[start:stop] for start, stop in zip(starts, [*starts[1:], len(section)], strict=True)]
    fields = [_field(piece) for piece in pieces[:_MAX_FIELDS] if piece]
    others = [piece for piece in (*pieces[_MAX_FIELDS:], rest) if piece]
    return (*fields, *(Field(name="", value="", raw=piece) for piece in others)), end


def _end(raw: bytes) -> int:
    """Where the first empty line begins, whichever line ends the mail has."""
    wide = raw.find(b"\n\r\n")
    narrow = raw.find(b"\n\n", 0, wide + 2 if wide >= 0 else len(raw))
    found = narrow if narrow >= 0 else wide
    return len(raw) if found < 0 else found + 1


def _field(piece: bytes) -> Field:
    name, colon, value = piece.partition(b":")
    if not colon or not name.strip() or b"\n" in name:
        return Field(name="", value="", raw=piece)
    text = _FOLD.sub(" ", value[:_MAX_FIELD].decode("utf-8", "replace")).strip()
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
    lists = islice((field for field in fields if field.name.lower() in wanted), _MAX_LISTS)
    found = (address(member) for field in lists for member in mailboxes(field.value))
    return list(dict.fromkeys(one for one in found if "@" in one and len(one) <= _MAX_ADDRESS))


def decoded(value: str) -> str:
    """RFC 2047 words read; the value itself where they are broken."""
    if not is_charset(value):
        return value
    try:
        return str(make_header(decode_header(value[:_MAX_VALUE])))
    except (HeaderParseError, LookupError, ValueError):
        return value


def is_charset(text: str) -> bool:
    """Whether Python may read a charset of this name, or of a name in this text: by the square of their length it takes
    time for those that are in Punycode (RFC 3492), which is for host names and no charset of mail.
    """
    return "punycode" not in text.lower()


def reported(fields: tuple[Field, ...], message_id: str | None = None) -> dict[str, Json]:
    """`headersTruncated`, `headers` and `commonHeaders`, of the first 10 KB of the header section.

    The `messageId` among the common headers is the mail's own, unless another is given.
    """
    kept: list[Field] = []
    room = MAX_HEADERS_IN_JSON
    named = [field for field in fields if field.name]
    for field in named:
        room -= len(field.raw)
        if room < 0:
            break
        kept.append(field)
    return {
        "headersTruncated": len(kept) < len(named),
        "headers": [{"name": field.name, "value": field.value} for field in kept],
        "commonHeaders": {**_common(kept), **({"messageId": message_id} if message_id is not None else {})},
    }


def _common(fields: Sequence[Field]) -> dict[str, Json]:
    """Only the fields that the mail has; lists for those that hold addresses."""
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
