"""The structure of a mail, found in its raw bytes: a tree of entities with absolute offsets, and no body copied.

A mail is nearly all base64, so the bodies are crossed by `bytes.find` for lines that begin with two hyphens; only the
header blocks are read line by line. Every boundary line is looked at once, for all open multiparts together, so time
is linear in the size of the mail however it is nested.

Source: RFC 2046 section 5.1, RFC 5322 section 2.1; where mail breaks the rules, as the mail clients read it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from postroom.message import Span
from postroom.mime import headers, transfer
from postroom.mime.boundaries import LONGEST_BOUNDARY, Boundaries, Delimiter, guess

DEEPEST = 100  # entities inside each other: what lies deeper is one leaf. Honest mail stays below ten
MOST_PARTS = 10_000
MOST_FIELDS = 200_000  # header fields of the whole mail
LONGEST_FIELD = 2_000_000  # bytes that are kept of one; 20,000 recipients take half of that

# A field with its continuation lines: those that are indented, and parameters that lost their indent. The possessive
# quantifiers keep it linear.
_FIELD = re.compile(
    rb"""([!-9;-~]{1,500}+)[ \t]*+:
    ([^\n]*+ (?:\n (?: [ \t] | (?:(?<=;\n)|(?<=;\r\n)) (?=[A-Za-z0-9*_-]{1,40}=) ) [^\n]*+ )*+ )
    \n?""",
    re.VERBOSE,
)
_INDENTED = re.compile(rb"[ \t]{1,100}")
_MEDIA_TYPE = re.compile(r"[^\s/;,\"]{1,100}/[^\s/;,\"]{1,100}")
_IDENTITY = frozenset({"7bit", "8bit", "binary"})
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})


class TooComplex(Exception):
    """The mail has more parts or header fields than any honest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A message or a part (RFC 2045 section 2.4).

    `fields` are the header fields in order: lower-case name and raw unfolded value. `span` is the range of the body in
    the raw mail, under the transfer encoding. `path` is "1" for a simple mail, "" for a multipart one, "2.1" for a part
    of a part; the parts of an attached message follow its holder's path and a slash.
    """

    path: str
    fields: tuple[tuple[str, bytes], ...]
    content_type: str
    params: Mapping[str, str]
    encoding: str
    disposition: str | None
    filename: str | None
    content_id: str | None
    span: Span
    children: tuple["Entity", ...] = ()
    defects: tuple[str, ...] = ()

    def field(self, name: str) -> bytes | None:
        """The first value of a header field, by its lower-case name."""
        return next((value for key, value in self.fields if key == name), None)

    def walk(self) -> Iterator["Entity"]:
        """This entity and all that it holds, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def is_multipart(self) -> bool:
        """Whether it was read as a multipart; one without a boundary is a leaf."""
        return self.content_type.startswith("multipart/") and bool(self.children)

    @property
    def is_message(self) -> bool:
        return self.content_type in _MESSAGES

    @property
    def is_encoded_message(self) -> bool:
        """Whether it is an attached message whose bytes are no range of the mail, so that it has no children here."""
        return self.is_message and self.encoding not in _IDENTITY


def scan(raw: bytes) -> Entity:
    """The tree of a raw mail. Raises TooComplex, and nothing else, whatever the bytes are."""
    root, _ = _Scan(raw).entity(0, "", 0, "text/plain")
    return root


def content(raw: bytes, entity: Entity) -> bytes:
    """The decoded bytes of an entity's body."""
    return transfer.decode(entity.span.encoding, raw[entity.span.start : entity.span.end])


class _Scan:
    """One pass over a raw mail."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.boundaries = Boundaries(raw)
        self.parts = 0
        self.fields = 0

    def entity(self, start: int, path: str, depth: int, default: str) -> tuple[Entity, Delimiter | None]:
        """The entity that begins here, and the delimiter that ends it (None: the end of the mail)."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise TooComplex(f"over {MOST_PARTS} parts")
        fields, body, defects = read_fields(self.raw, start)
        self.fields += len(fields)
        if self.fields > MOST_FIELDS:
            raise TooComplex(f"over {MOST_FIELDS} header fields")
        head = _Head(fields, default)
        multipart, deep = head.content_type.startswith("multipart/"), depth >= DEEPEST
        path = path if multipart else _leaf(path)
        boundary = self._boundary(head, body, depth) if multipart and not deep else b""
        if boundary:
            children, end, after, closed = self._multipart(body, path, depth, boundary, head.content_type)
            defects = defects if closed else (*defects, "unclosed_multipart")
        elif head.content_type in _MESSAGES and head.encoding in _IDENTITY and not deep:
            child, after = self.entity(body, f"{path}/", depth + 1, "text/plain")
            children, end = (child,), after.start if after else len(self.raw)
        else:
            after = self.boundaries.next(body)
            children, end = (), after.start if after else len(self.raw)
        if multipart and not children:
            defects, path = (*defects, "multipart_without_parts"), _leaf(path)
        return head.entity(path, Span(start=body, end=max(body, end), encoding=head.encoding), children, defects), after

    def _multipart(
        self, body: int, path: str, depth: int, boundary: bytes, content_type: str
    ) -> tuple[tuple[Entity, ...], int, Delimiter | None, bool]:
        """Children, the end of the body, the delimiter of an outer multipart that follows, whether it was closed."""
        default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        children: list[Entity] = []
        self.boundaries.open(boundary)
        found = self.boundaries.next(body)
        while found and found.boundary == boundary and not found.closes:
            child, found = self.entity(found.end, _below(path, len(children) + 1), depth + 1, default)
            children.append(child)
        self.boundaries.close(boundary)
        if not found:
            return tuple(children), len(self.raw), None, False
        if found.boundary != boundary:
            return tuple(children), found.start, found, False
        return tuple(children), found.end, self.boundaries.next(found.end), True

    def _boundary(self, head: "_Head", body: int, depth: int) -> bytes:
        declared = head.params.get("boundary", "").rstrip()
        if declared:
            return declared.encode("utf-8", "replace")[:LONGEST_BOUNDARY]
        return b"" if depth else guess(self.raw, body)


def _leaf(path: str) -> str:
    """A message that is one part has it under the number 1."""
    return f"{path}1" if not path or path.endswith("/") else path


def _below(path: str, number: int) -> str:
    return f"{path}{number}" if not path or path.endswith("/") else f"{path}.{number}"


def read_fields(raw: bytes, start: int) -> tuple[tuple[tuple[str, bytes], ...], int, tuple[str, ...]]:
    """The header fields from here on, where the body begins, and what was wrong between them. Raises TooComplex."""
    fields: list[tuple[str, bytes]] = []
    position = _first_field(raw, start)
    while position < len(raw):
        if found := _FIELD.match(raw, position):
            fields.append((found.group(1).decode("ascii").lower(), _unfolded(raw, *found.span(2))))
            position = found.end()
            if len(fields) > MOST_FIELDS:
                raise TooComplex(f"over {MOST_FIELDS} header fields")
            continue
        stop = raw.find(b"\n", position) + 1 or len(raw)
        if not raw[position:stop].strip(b"\r\n"):
            return tuple(fields), stop, ()
        if not (fields and raw.startswith(b"From ", position)):  # an mbox line that slipped in is passed over
            return tuple(fields), position, ("no_blank_line",)
        position = stop
    return tuple(fields), len(raw), ()


def _unfolded(raw: bytes, start: int, end: int) -> bytes:
    """RFC 5322 section 2.2.3; some senders break lines with a lone CR."""
    return raw[start : min(end, start + LONGEST_FIELD)].replace(b"\n", b"").replace(b"\r", b"").strip()


def _first_field(raw: bytes, start: int) -> int:
    """Past what may stand above a header: a byte order mark, an mbox line ("From x@y Mon ..."), a stray space."""
    if not start and raw.startswith(b"\xef\xbb\xbf"):
        start = 3
    if raw.startswith((b"From ", b">From "), start):
        start = raw.find(b"\n", start) + 1 or len(raw)
    indented = _INDENTED.match(raw, start)
    return indented.end() if indented and _FIELD.match(raw, indented.end()) else start


class _Head:
    """What a header block says about its body."""

    def __init__(self, fields: tuple[tuple[str, bytes], ...], default: str) -> None:
        self.fields = fields
        first = dict(reversed(fields))
        declared, self.params = headers.parameters(first.get("content-type", b""))
        self.content_type = _media_type(declared, default)
        value, params = headers.parameters(first.get("content-disposition", b""))
        self.disposition = _disposition(value)
        self.filename = params.get("filename") or self.params.get("name") or params.get("name") or None
        self.encoding = transfer.normal(headers.parameters(first.get("content-transfer-encoding", b""))[0])
        self.content_id = headers.text(first["content-id"]).strip("<> ") or None if "content-id" in first else None

    def entity(self, path: str, span: Span, children: tuple[Entity, ...], defects: tuple[str, ...]) -> Entity:
        return Entity(
            path=path,
            fields=self.fields,
            content_type=self.content_type,
            params=self.params,
            encoding=self.encoding,
            disposition=self.disposition,
            filename=self.filename,
            content_id=self.content_id,
            span=span,
            children=children,
            defects=defects,
        )


def _media_type(declared: str, default: str) -> str:
    """RFC 2045 section 5.2: what is missing or malformed is text/plain."""
    found = _MEDIA_TYPE.match(declared)
    return found.group() if found else default


def _disposition(value: str) -> str | None:
    """RFC 2183 section 2.8: an unknown disposition is an attachment."""
    if not value:
        return None
    return "inline" if value == "inline" else "attachment"
