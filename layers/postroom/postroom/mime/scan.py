"""The structure of a mail, found in its raw bytes: a tree of entities with absolute offsets, and no body copied.

A mail is nearly all base64, so the bodies are crossed by `bytes.find` for lines that begin with two hyphens; only the
header blocks are read line by line. Every boundary line is looked at once, for all open multiparts together, so time
is linear in the size of the mail however it is nested.

Source: RFC 2046 section 5.1, RFC 5322 section 2.1; where mail breaks the rules, as the mail clients read it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from postroom.message import Span
from postroom.mime import headers, transfer

DEEPEST = 100  # entities inside each other: what lies deeper is one leaf. Honest mail stays below ten
MOST_PARTS = 10_000

_FIELD = re.compile(rb"([!-9;-~]{1,500})[ \t]*:")
_PARAMETER = re.compile(rb"[A-Za-z0-9*_-]{1,40}=")
_INDENTED = re.compile(rb"[ \t]{1,100}")
_MEDIA_TYPE = re.compile(r"[^\s/;,\"]{1,100}/[^\s/;,\"]{1,100}")
_LONGEST_BOUNDARY = 500  # bytes; RFC 2046 allows 70
_IDENTITY = frozenset({"7bit", "8bit", "binary"})
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})


class TooComplex(Exception):
    """The mail has more parts than any honest one."""


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


@dataclass(frozen=True, slots=True)
class _Delimiter:
    start: int  # of the line break before it, which belongs to it
    end: int  # after its own line break
    boundary: bytes
    closes: bool


@dataclass(slots=True)
class _Scan:
    raw: bytes
    open: dict[bytes, int] = field(default_factory=dict)  # boundary -> how many open multiparts have it
    parts: int = 0

    def entity(self, start: int, path: str, depth: int, default: str) -> tuple[Entity, _Delimiter | None]:
        """The entity that begins here, and the delimiter that ends it (None: the end of the mail)."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise TooComplex(f"over {MOST_PARTS} parts")
        fields, body, defects = read_fields(self.raw, start)
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
            after = self._next(body)
            children, end = (), after.start if after else len(self.raw)
        if multipart and not children:
            defects, path = (*defects, "multipart_without_parts"), _leaf(path)
        return head.entity(path, Span(start=body, end=max(body, end), encoding=head.encoding), children, defects), after

    def _multipart(
        self, body: int, path: str, depth: int, boundary: bytes, content_type: str
    ) -> tuple[tuple[Entity, ...], int, _Delimiter | None, bool]:
        """Children, the end of the body, the delimiter of an outer multipart that follows, whether it was closed."""
        default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        children: list[Entity] = []
        self.open[boundary] = self.open.get(boundary, 0) + 1
        found = self._next(body)
        while found and found.boundary == boundary and not found.closes:
            child, found = self.entity(found.end, _below(path, len(children) + 1), depth + 1, default)
            children.append(child)
        self._close(boundary)
        if not found:
            return tuple(children), len(self.raw), None, False
        if found.boundary != boundary:
            return tuple(children), found.start, found, False
        return tuple(children), found.end, self._next(found.end), True

    def _close(self, boundary: bytes) -> None:
        self.open[boundary] -= 1
        if not self.open[boundary]:
            del self.open[boundary]

    def _boundary(self, head: "_Head", body: int, depth: int) -> bytes:
        declared = head.params.get("boundary", "").rstrip()
        if declared:
            return declared.encode("utf-8", "replace")[:_LONGEST_BOUNDARY]
        return b"" if depth else _guess(self.raw, body)

    def _next(self, position: int) -> _Delimiter | None:
        """The next line from here on that is a delimiter of any open multipart."""
        raw = self.raw
        if not self.open:
            return None
        # The line at `position` itself counts: a part may be empty, without even its blank line.
        at = position if raw.startswith(b"--", position) else self._hyphens(position)
        while at >= 0:
            stop = raw.find(b"\n", at, at + _LONGEST_BOUNDARY + 10)
            line = raw[at + 2 : stop if stop >= 0 else at + _LONGEST_BOUNDARY + 10].rstrip(b" \t\r")
            if found := self._boundary_of(line):
                end = stop + 1 if stop >= 0 else at + 2 + len(line)
                return _Delimiter(_line_break(raw, at, position), end, *found)
            at = self._hyphens(at)
        return None

    def _boundary_of(self, line: bytes) -> tuple[bytes, bool] | None:
        """Which open boundary stands in a line without its two hyphens, and whether the line closes it.

        The whole line is compared, so that one boundary may begin like another; then its first word, and what stands
        before other hyphens, since RFC 2046 lets a reader ignore what follows.
        """
        if line in self.open:
            return line, False
        closed = line.rpartition(b"--")[0]
        if closed in self.open:
            return closed, True
        if b" " in line or b"\t" in line:
            return self._boundary_of((line.split(None, 1) or [b""])[0])
        return None

    def _hyphens(self, position: int) -> int:
        found = self.raw.find(b"\n--", position)
        return found + 1 if found >= 0 else -1


def _line_break(raw: bytes, line: int, floor: int) -> int:
    """Where the line break before this line starts (RFC 2046: it belongs to the delimiter)."""
    start = line
    if start > floor and raw[start - 1 : start] == b"\n":
        start -= 1
        if start > floor and raw[start - 1 : start] == b"\r":
            start -= 1
    return start


def _guess(raw: bytes, body: int) -> bytes:
    """The boundary of a multipart that names none: the first line with two hyphens that is closed further down."""
    at = body if raw.startswith(b"--", body) else raw.find(b"\n--", body) + 1
    line = raw[at + 2 : at + 2 + _LONGEST_BOUNDARY].partition(b"\n")[0].rstrip() if at or not body else b""
    return line if line and raw.find(b"\n--" + line + b"--", body) >= 0 else b""


def _leaf(path: str) -> str:
    """A message that is one part has it under the number 1."""
    return f"{path}1" if not path or path.endswith("/") else path


def _below(path: str, number: int) -> str:
    return f"{path}{number}" if not path or path.endswith("/") else f"{path}.{number}"


def read_fields(raw: bytes, start: int) -> tuple[tuple[tuple[str, bytes], ...], int, tuple[str, ...]]:
    """The header fields from here on, where the body begins, and what was wrong between them."""
    fields: list[tuple[str, bytes]] = []
    name, lines = "", [b""]
    position = _first_field(raw, start)
    while position < len(raw):
        stop = raw.find(b"\n", position) + 1 or len(raw)
        if found := _FIELD.match(raw, position, stop):
            _keep(fields, name, lines)
            name, lines = found.group(1).decode("ascii").lower(), [raw[found.end() : stop].strip()]
        elif _continues(raw, position, name, lines[-1]):
            lines.append(raw[position:stop].rstrip(b"\r\n"))
        elif not (name and raw.startswith(b"From ", position)):  # an mbox line that slipped in is passed over
            _keep(fields, name, lines)
            blank = not raw[position:stop].strip(b"\r\n")
            return tuple(fields), stop if blank else position, () if blank else ("no_blank_line",)
        position = stop
    _keep(fields, name, lines)
    return tuple(fields), len(raw), ()


def _continues(raw: bytes, position: int, name: str, before: bytes) -> bool:
    """Whether this line belongs to the field above: it is indented, or a parameter that lost its indent."""
    if not name:
        return False
    return raw[position] in b" \t" or (before.endswith(b";") and _PARAMETER.match(raw, position) is not None)


def _keep(fields: list[tuple[str, bytes]], name: str, lines: list[bytes]) -> None:
    if name:
        fields.append((name, b"".join(lines).strip()))


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
