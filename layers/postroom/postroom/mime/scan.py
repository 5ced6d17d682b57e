"""The structure of a mail, found in its raw bytes: a tree of entities with absolute offsets.

A mail is nearly all base64, so the bodies are crossed by `bytes.find` for lines that begin with two hyphens; only the
header blocks are read line by line. Every boundary line is looked at once, for all open multiparts together, so time
is linear in the size of the mail however it is nested. The mail passes once: whoever wants what stands in a body
listens while it passes, and no body is held.

Source: RFC 2046 section 5.1, RFC 5322 section 2.1; where mail breaks the rules, as the mail clients read it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from postroom.message import Span
from postroom.mime import headers, transfer
from postroom.mime.boundaries import LONGEST_BOUNDARY, Boundaries, Delimiter, guess
from postroom.mime.leaf import Content, Leaf
from postroom.mime.tape import Tape, TooComplex

__all__ = ["IDENTITY", "MOST_FIELDS", "MOST_PARTS", "Entity", "Head", "TooComplex", "Wanted", "content", "scan"]

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
_STRANGE = b" \t>F\xef"  # how a header begins above which something may stand
_INDENTED = re.compile(rb"[ \t]{1,100}")
_MEDIA_TYPE = re.compile(r"[^\s/;,\"]{1,100}/[^\s/;,\"]{1,100}")
IDENTITY = frozenset({"7bit", "8bit", "binary"})  # transfer encodings that change nothing
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})


class Head(Struct, frozen=True, kw_only=True):
    """What the header of an entity says about it. `fields` are in order: lower-case name and raw unfolded value.

    `path` is "1" for a simple mail, "" for a multipart one, "2.1" for a part of a part; the parts of an attached
    message follow its holder's path and a slash.
    """

    path: str
    fields: tuple[tuple[str, bytes], ...]
    content_type: str
    params: Mapping[str, str]
    encoding: str
    disposition: str | None
    filename: str | None
    content_id: str | None

    @property
    def says_multipart(self) -> bool:
        """Whether it means to be one: it is one if it has parts."""
        return self.content_type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        return self.content_type in _MESSAGES

    @property
    def is_encoded_message(self) -> bool:
        """Whether it is an attached message whose bytes are no range of the mail, so that it has no children here."""
        return self.is_message and self.encoding not in IDENTITY


class Entity(Struct, frozen=True, kw_only=True):
    """A message or a part (RFC 2045 section 2.4).

    `span` is the range of the body in the raw mail, under the transfer encoding; `content` is what was wanted of it.
    """

    head: Head
    span: Span
    children: tuple["Entity", ...] = ()
    defects: tuple[str, ...] = ()
    content: Content | None = None

    def field(self, name: str) -> bytes | None:
        """The first value of a header field, by its lower-case name."""
        return next((value for key, value in self.head.fields if key == name), None)

    def walk(self) -> Iterator["Entity"]:
        """This entity and all that it holds, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def path(self) -> str:
        return self.head.path

    @property
    def fields(self) -> tuple[tuple[str, bytes], ...]:
        return self.head.fields

    @property
    def content_type(self) -> str:
        return self.head.content_type

    @property
    def params(self) -> Mapping[str, str]:
        return self.head.params

    @property
    def disposition(self) -> str | None:
        return self.head.disposition

    @property
    def is_message(self) -> bool:
        return self.head.is_message

    @property
    def is_multipart(self) -> bool:
        """Whether it was read as a multipart; one without a boundary is a leaf."""
        return bool(self.children) and self.head.says_multipart


#: Says what is wanted of an entity's body before it passes: a Leaf that listens, or None. The second argument tells
#: whether it is the mail itself. A multipart is asked about as the leaf that it is if no part follows.
Wanted = Callable[[Head, bool], Leaf | None]


def _nothing(head: Head, is_root: bool) -> None:
    """Only the structure is wanted."""


def scan(mail: bytes | Iterable[bytes], wanted: Wanted = _nothing) -> Entity:
    """The tree of a raw mail, which comes whole or in pieces. Raises TooComplex, and nothing else that the bytes could
    bring about."""
    tape = Tape((mail,) if isinstance(mail, bytes) else mail)
    root, _ = _Scan(tape, wanted).entity(0, "", 0, "text/plain")
    return root


def content(raw: bytes, entity: Entity) -> bytes:
    """The decoded bytes of an entity's body."""
    return transfer.decode(entity.span.encoding, raw[entity.span.start : entity.span.end])


class _Scan:
    """One pass over a raw mail."""

    def __init__(self, tape: Tape, wanted: Wanted) -> None:
        self.tape = tape
        self.wanted = wanted
        self.boundaries = Boundaries(tape)
        self.parts = 0
        self.fields = 0

    def entity(self, start: int, path: str, depth: int, default: str) -> tuple[Entity, Delimiter | None]:
        """The entity that begins here, and the delimiter that ends it (None: the end of the mail)."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise TooComplex(f"over {MOST_PARTS} parts")
        fields, body, defects = _read_fields(self.tape, start)
        self.fields += len(fields)
        if self.fields > MOST_FIELDS:
            raise TooComplex(f"over {MOST_FIELDS} header fields")
        head = _head(path, fields, default)
        if head.says_multipart and depth < DEEPEST and (boundary := self._boundary(head, body, depth)):
            return self._multipart(head, body, depth, boundary, defects)
        if head.is_message and head.encoding in IDENTITY and depth < DEEPEST:
            return self._message(head, body, depth, defects)
        return self._leaf(head, body, depth, defects)

    def _leaf(self, head: Head, body: int, depth: int, defects: tuple[str, ...]) -> tuple[Entity, Delimiter | None]:
        leaf = self._listen(head, body, depth)
        after = self.boundaries.next(body, hyphens=head.encoding != "base64")
        return self._entity(head, body, after.start if after else self.tape.end, defects, leaf), after

    def _message(self, head: Head, body: int, depth: int, defects: tuple[str, ...]) -> tuple[Entity, Delimiter | None]:
        """An attached message: its body is a leaf, and an entity stands in it."""
        leaf = self._listen(head, body, depth)
        child, after = self.entity(body, f"{_leaf_path(head.path)}/", depth + 1, "text/plain")
        end = after.start if after else self.tape.end
        return self._entity(head, body, end, defects, leaf, (child,)), after

    def _multipart(
        self, head: Head, body: int, depth: int, boundary: bytes, defects: tuple[str, ...]
    ) -> tuple[Entity, Delimiter | None]:
        leaf = self._listen(head, body, depth)
        self.boundaries.open(boundary)
        found = self.boundaries.next(body)
        children: tuple[Entity, ...] = ()
        if found and found.boundary == boundary and not found.closes:
            self._forget(leaf)
            leaf = None
            children, found = self._children(head, found, depth)
        self.boundaries.close(boundary)
        if found and found.boundary == boundary:
            entity = self._entity(head, body, found.end, defects, leaf, children)
            return entity, self.boundaries.next(found.end)
        end = found.start if found else self.tape.end
        return self._entity(head, body, end, (*defects, "unclosed_multipart"), leaf, children), found

    def _children(self, head: Head, first: Delimiter, depth: int) -> tuple[tuple[Entity, ...], Delimiter | None]:
        """The parts of a multipart, and the delimiter that ends the last of them."""
        default = "message/rfc822" if head.content_type == "multipart/digest" else "text/plain"
        children: list[Entity] = []
        found: Delimiter | None = first
        while found and found.boundary == first.boundary and not found.closes:
            child, found = self.entity(found.end, _below(head.path, len(children) + 1), depth + 1, default)
            children.append(child)
        return tuple(children), found

    def _boundary(self, head: Head, body: int, depth: int) -> bytes:
        declared = head.params.get("boundary", "").rstrip()
        if declared:
            return declared.encode("utf-8", "replace")[:LONGEST_BOUNDARY]
        return b"" if depth else guess(self.tape, body)

    def _listen(self, head: Head, body: int, depth: int) -> Leaf | None:
        self.tape.pass_to(body)
        leaf = self.wanted(_as_leaf(head), not depth)
        if leaf:
            self.tape.hand_to(leaf)
        return leaf

    def _forget(self, leaf: Leaf | None) -> None:
        """What it heard was a preamble, which nobody wants."""
        if leaf:
            self.tape.leave()
            leaf.forget()

    def _entity(
        self,
        head: Head,
        body: int,
        end: int,
        defects: tuple[str, ...],
        leaf: Leaf | None,
        children: tuple[Entity, ...] = (),
    ) -> Entity:
        """The entity, whose body ends here."""
        end = max(body, end)
        if leaf:
            self.tape.pass_to(end)
            self.tape.leave()
        if not children or not head.says_multipart:
            defects = (*defects, "multipart_without_parts") if head.says_multipart else defects
            head = _as_leaf(head)
        return Entity(
            head=head,
            span=Span(start=body, end=end, encoding=head.encoding),
            children=children,
            defects=defects,
            content=leaf.content() if leaf else None,
        )


def _as_leaf(head: Head) -> Head:
    path = _leaf_path(head.path)
    return head if path == head.path else replace(head, path=path)


def _leaf_path(path: str) -> str:
    """A message that is one part has it under the number 1."""
    return f"{path}1" if not path or path.endswith("/") else path


def _below(path: str, number: int) -> str:
    return f"{path}{number}" if not path or path.endswith("/") else f"{path}.{number}"


# --- The header ------------------------------------------------------------------------------------------------------

_Fields = tuple[tuple[str, bytes], ...]


def _read_fields(tape: Tape, start: int) -> tuple[_Fields, int, tuple[str, ...]]:
    """The header fields from here on, where the body begins, and what was wrong between them. Raises TooComplex."""
    tape.pass_to(start)
    while True:
        fields, body, defects, looked = _fields(tape.held, start - tape.base, top=not start)
        # What the next bytes are may change how the last line is to be understood.
        if looked < len(tape.held) or not tape.load(twice=True):
            return fields, tape.base + body, defects


def _fields(raw: bytes, start: int, *, top: bool) -> tuple[_Fields, int, tuple[str, ...], int]:
    """As `_read_fields` in these bytes, and how far they were looked at."""
    fields: list[tuple[str, bytes]] = []
    position = _first_field(raw, start, top) if raw[start : start + 1] in _STRANGE else start
    match = _FIELD.match
    while position < len(raw):
        if found := match(raw, position):
            fields.append((found[1].decode("ascii").lower(), _unfolded(found[2])))
            position = found.end()
            if len(fields) > MOST_FIELDS:
                raise TooComplex(f"over {MOST_FIELDS} header fields")
            continue
        stop = raw.find(b"\n", position) + 1 or len(raw) + 1
        if not raw[position:stop].strip(b"\r\n"):
            return tuple(fields), min(stop, len(raw)), (), stop - 1
        if not (fields and raw.startswith(b"From ", position)):  # an mbox line that slipped in is passed over
            return tuple(fields), position, ("no_blank_line",), stop
        position = min(stop, len(raw))
    return tuple(fields), len(raw), (), len(raw)


def _unfolded(value: bytes) -> bytes:
    """RFC 5322 section 2.2.3; some senders break lines with a lone CR."""
    value = value[:LONGEST_FIELD].strip()
    if b"\n" in value or b"\r" in value:
        return value.replace(b"\n", b"").replace(b"\r", b"")
    return value


def _first_field(raw: bytes, start: int, top: bool) -> int:
    """Past what may stand above a header: a byte order mark, an mbox line ("From x@y Mon ..."), a stray space."""
    if top and raw.startswith(b"\xef\xbb\xbf"):
        start = 3
    if raw.startswith((b"From ", b">From "), start):
        start = raw.find(b"\n", start) + 1 or len(raw)
    indented = _INDENTED.match(raw, start)
    return indented.end() if indented and _FIELD.match(raw, indented.end()) else start


def _head(path: str, fields: _Fields, default: str) -> Head:
    first = dict(reversed(fields))
    declared, params = headers.parameters(first["content-type"]) if "content-type" in first else ("", {})
    disposition, more = headers.parameters(first["content-disposition"]) if "content-disposition" in first else ("", {})
    return Head(
        path=path,
        fields=fields,
        content_type=_media_type(declared, default),
        params=params,
        encoding=_encoding(first.get("content-transfer-encoding", b"")),
        disposition=_disposition(disposition),
        filename=more.get("filename") or params.get("name") or more.get("name") or None,
        content_id=headers.text(first["content-id"]).strip("<> ") or None if "content-id" in first else None,
    )


def _encoding(value: bytes) -> str:
    """Mostly one word; some senders add a comment or a parameter."""
    if value.isalnum() or not value:
        return transfer.normal(value.decode("ascii", "replace"))
    return transfer.normal(headers.parameters(value)[0])


def _media_type(declared: str, default: str) -> str:
    """RFC 2045 section 5.2: what is missing or malformed is text/plain."""
    found = _MEDIA_TYPE.match(declared)
    return found.group() if found else default


def _disposition(value: str) -> str | None:
    """RFC 2183 section 2.8: an unknown disposition is an attachment."""
    if not value:
        return None
    return "inline" if value == "inline" else "attachment"
