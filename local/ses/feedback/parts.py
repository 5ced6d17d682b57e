"""The text parts of a raw mail, by where they stand, so that one can be changed and the others stay byte for byte.

RFC 2046 section 5.1. Linear and bounded: what it doesn't understand stays as it is. Attached mails are not looked into.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message

from local.ses import headers

MAX_PARTS = 200
MAX_DEPTH = 10
_MAX_HEAD = 64 * 1024
_MAX_VALUE = 2000  # characters of a Content-Type that are looked at: email's reading of parameters is quadratic
_LONE_NEWLINE = re.compile(rb"(?<!\r)\n")
# Charsets in which a byte under 128 isn't always the ASCII character.
_NOT_ASCII = ("utf-16", "utf-32", "utf-7", "utf16", "utf32", "utf7", "iso-2022", "hz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`raw[start:body]` is its header section, `raw[body:end]` its body, still encoded."""

    start: int
    body: int
    end: int
    content_type: str
    charset: str
    encoding: str
    attached: bool
    boundary: bytes | None


def parts(raw: bytes) -> Iterator[Part]:
    """The parts that hold no others, in their order."""
    waiting = [(0, len(raw), 0)]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        start, end, depth = waiting.pop()
        part = _part(raw, start, end)
        if part is None:
            continue
        if part.boundary is None:
            yield part
        elif depth < MAX_DEPTH:
            waiting += [(first, last, depth + 1) for first, last in reversed(_inside(raw, part, part.boundary))]


def _part(raw: bytes, start: int, end: int) -> Part | None:
    head = raw[start : min(end, start + _MAX_HEAD)]
    fields, blank = headers.split(head)
    if blank >= len(head):
        return None
    body = start + blank + (2 if head.startswith(b"\r\n", blank) else 1)
    said = Message()
    for name in ("Content-Type", "Content-Disposition"):
        if (value := headers.first(fields, name)) is not None:
            said[name] = value[:_MAX_VALUE]
    boundary = said.get_boundary() if said.get_content_maintype() == "multipart" else None
    return Part(
        start=start,
        body=body,
        end=end,
        content_type=said.get_content_type(),
        charset=(said.get_content_charset() or "utf-8").lower(),
        encoding=(headers.first(fields, "Content-Transfer-Encoding") or "7bit").strip().lower(),
        attached=said.get_content_disposition() == "attachment",
        boundary=boundary.encode("ascii", "replace") if boundary else None,
    )


def _inside(raw: bytes, part: Part, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts between the boundaries of a multipart begin and end."""
    line = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    found: list[tuple[int, int]] = []
    start: int | None = None
    for match in line.finditer(raw, part.body - 1, part.end):
        if start is not None:
            end = match.start() - (1 if raw[match.start() - 1 : match.start()] == b"\r" else 0)
            found.append((start, max(start, end)))
        if match.group(1) or len(found) >= MAX_PARTS:
            return found
        start = raw.find(b"\n", match.end()) + 1
    return [*found, (start, part.end)] if start else found


def changed(raw: bytes, content_types: tuple[str, ...], change: Callable[[Part, str], str]) -> bytes:
    """The mail with its texts of these types changed; a part that comes back the same stays byte for byte.

    The text is the body, decoded from its transfer encoding, a character for each byte: tags and ASCII words can be
    read in it in any charset that is an extension of ASCII. Parts in others are left alone, and so are attachments.
    """
    pieces: list[bytes] = []
    done = 0
    for part in parts(raw):
        if part.attached or part.content_type not in content_types or part.charset.startswith(_NOT_ASCII):
            continue
        body = _decoded(raw[part.body : part.end], part.encoding)
        text = None if body is None else body.decode("latin-1")
        if text is None or (fresh := change(part, text)) == text:
            continue
        pieces += [raw[done : part.start], _written(raw, part, fresh.encode("latin-1"))]
        done = part.end
    return b"".join([*pieces, raw[done:]])


def _decoded(body: bytes, encoding: str) -> bytes | None:
    match encoding:
        case "7bit" | "8bit" | "binary":
            return body
        case "quoted-printable":
            return quopri.decodestring(body)
        case "base64":
            try:
                return base64.b64decode(body)
            except binascii.Error:
                return None
        case _:
            return None


def _written(raw: bytes, part: Part, body: bytes) -> bytes:
    """The part with another body: as quoted-printable, whatever it was, since links make lines long."""
    fields, _ = headers.split(raw[part.start : part.body])
    encoded = binascii.b2a_qp(_LONE_NEWLINE.sub(b"\r\n", body), istext=True)
    head = headers.without(fields, ["Content-Transfer-Encoding"])
    head += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + _LONE_NEWLINE.sub(b"\r\n", encoded)
