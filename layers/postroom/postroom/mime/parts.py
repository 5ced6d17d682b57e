"""The parts of a mail, sorted into its text and what is attached to it."""

import hashlib
import re
from dataclasses import dataclass, field, replace

from postroom.message import Attachment, Span
from postroom.mime import charsets, cms, html, inline_files, secured, transfer, winmail
from postroom.mime.detect import REACH, detected_type
from postroom.mime.flowed import unflowed
from postroom.mime.leaf import Content, Leaf, Room
from postroom.mime.names import safe_filename
from postroom.mime.scan import IDENTITY, MOST_PARTS, Entity, Head, TooComplex, scan

MOST_TEXT = 4 << 20  # bytes of a mail's text parts that are read: four long novels. The raw mail has the rest
_DEEPEST_DECODING = 8  # mails inside each other that must be decoded first
_MOST_ATTACHED = 12  # times the mail: as the tape bounds it, but for what had to be decoded first, too
_MOST_PAGES = 500  # HTML parts that become text
_MOST_CALENDAR, _MOST_STATUS = 20_000, 200_000  # bytes that are looked at
_MOST_ACTIONS = 10
_BODIES = frozenset({"text/plain", "text/html"})
_CALENDARS = frozenset({"text/calendar", "application/ics"})
_STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_METHOD = re.compile(rb"^METHOD[ \t]*:[ \t]*([A-Za-z-]{1,20})", re.MULTILINE | re.IGNORECASE)
_ACTION = re.compile(rb"^Action[ \t]*:[ \t]*([A-Za-z-]{1,20})", re.MULTILINE | re.IGNORECASE)
_UU = "x-uuencode"
_NOTHING = Content(kept=b"", size=0, sha256="")


@dataclass(frozen=True, slots=True)
class _Body:
    """One part of the text of a mail. `alternative` is the path of the multipart/alternative around it."""

    text: str
    is_html: bool
    alternative: str | None


@dataclass(slots=True)
class Parts:
    """What a mail holds: first it says what it wants of each entity while the mail passes, then it sorts them."""

    attachments: list[Attachment] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)
    calendar_method: str | None = None
    lines: list[html.Line] | None = None
    secured_by: dict[secured.Secured, None] = field(default_factory=dict)
    depth: int = 0  # of mails inside each other whose bytes are no range of the outer one
    _bodies: list[_Body] = field(default_factory=list)
    _actions: list[str] = field(default_factory=list)
    _room: Room = field(default_factory=lambda: Room(MOST_TEXT))
    _size: int = 0  # bytes of the mail, up to where its body ends
    _attached: int = 0  # bytes of all attachments, those inside attached messages again for each message around them
    _envelope: winmail.Envelope | None = None  # the mail's own winmail.dat, the first of them

    def wanted(self, head: Head, is_root: bool) -> Leaf | None:
        """`postroom.mime.scan.Wanted`: the text, and of all else its hash and how it begins."""
        if not is_body(head, is_root):
            return _attached_leaf(head)
        return Leaf(head.encoding, self._room, hashed=False) if _is_ours(head) else None

    def sort(self, root: Entity) -> None:
        """Takes in the tree that was scanned with `wanted`. Raises TooComplex."""
        self._size = root.span.end
        for entity in root.walk():
            self.defects.update(dict.fromkeys(entity.defects))
        self._sort(root, True, None)
        if self._envelope and not any(body.text.strip() for body in self._bodies):
            self._enveloped(self._envelope)

    def text(self) -> str | None:
        """The text of the mail; where that is one page of HTML, its `lines` are known from now on."""
        if len(self._bodies) == 1 and self._bodies[0].is_html:
            self.lines = html.lines(self._bodies[0].text)
            return "\n".join(line.text for line in self.lines)
        return _plain(self._bodies)

    def html(self) -> str | None:
        return _joined([body.text for body in self._bodies if body.is_html])

    @property
    def only_html(self) -> bool:
        return all(body.is_html for body in self._bodies)

    @property
    def actions(self) -> tuple[str, ...]:
        """What a delivery status says was done (RFC 3464 section 2.3.3)."""
        return tuple(self._actions[:_MOST_ACTIONS])

    def _sort(self, entity: Entity, is_root: bool, alternative: str | None) -> None:
        """Depth first. The text of an attached message is not ours."""
        if entity.is_multipart:
            if _is_ours(entity.head) and (how := secured.of_multipart(entity)):
                self.secured_by[how] = None
            inner = entity.path if entity.content_type == "multipart/alternative" else alternative
            for child in entity.children:
                self._sort(child, False, inner)
            return
        if is_body(entity.head, is_root):
            if _is_ours(entity.head):
                self._bodies.append(self._body(entity, alternative))
            return
        self._attachment(entity)
        for child in entity.children:
            self._sort(child, False, None)

    def _attachment(self, entity: Entity) -> None:
        kept = (entity.content or _NOTHING).kept
        attachment = _attachment(entity)
        self._attach(attachment)
        if _is_ours(entity.head):
            self._signs(entity, kept)
            if secured.is_smime(entity.head):
                self._open_smime(entity, kept)
        if envelope := _envelope(attachment, kept):
            self._open(envelope, _is_ours(entity.head))
        if entity.head.is_encoded_message:
            self._inside(entity, kept, Room(0))  # its text is not ours

    def _open_smime(self, entity: Entity, kept: bytes) -> None:
        """What an opaque signature holds is the mail (RFC 8551 section 3.5.2)."""
        opened = cms.open(kept)
        if how := secured.of_smime(entity, opened):
            self.secured_by[how] = None
        inner = self._inside(entity, opened.content, self._room) if opened and opened.content is not None else None
        if opened and inner:
            self._bodies += inner._bodies
            self.secured_by |= inner.secured_by
            self.defects |= inner.defects | ({} if opened.whole else {"cms_cut": None})

    def _inside(self, entity: Entity, mail: bytes, room: Room) -> "Parts | None":
        """A mail whose bytes are no range of ours: what is attached to it is attached to ours, without spans."""
        if self.depth >= _DEEPEST_DECODING:
            return None
        inner = Parts(depth=self.depth + 1, _room=room)
        inner.sort(scan(mail, inner.wanted))
        for attachment in inner.attachments:
            self._attach(replace(attachment, path=f"{entity.path}/{attachment.path}", span=None))
        return inner

    def _open(self, envelope: winmail.Envelope, is_ours: bool) -> None:
        for attachment in envelope.attachments():
            self._attach(attachment)
        if not envelope.tnef.whole:
            self.defects["tnef_cut"] = None
        if is_ours and not self._envelope:
            self._envelope = envelope

    def _enveloped(self, envelope: winmail.Envelope) -> None:
        """The text of the mail is in its winmail.dat only."""
        bodies = [_Body(text, is_html, envelope.path) for text, is_html in envelope.bodies()]
        if bodies:
            self.defects["tnef"] = None
            self._bodies = [replace(body, text=self._within(body.text)) for body in bodies]

    def _within(self, text: str) -> str:
        """As much of a text as there is room for, a character taken for a byte."""
        if len(text) > self._room.left:
            self.defects["text_cut"] = None
        within = text[: self._room.left]
        self._room.left -= len(within)
        return within

    def _attach(self, attachment: Attachment) -> None:
        if len(self.attachments) >= MOST_PARTS:
            raise TooComplex(f"over {MOST_PARTS} attachments")
        self._attached += attachment.size
        if self._attached > _MOST_ATTACHED * max(self._size, 1 << 20):
            raise TooComplex("attachments inside attachments come to many times the mail's own size")
        self.attachments.append(attachment)

    def _body(self, entity: Entity, alternative: str | None) -> _Body:
        body = entity.content or _NOTHING
        if body.is_cut:
            self.defects["text_cut"] = None
        charset = entity.params.get("charset")
        if entity.content_type == "text/html":
            return _Body(charsets.to_text(body.kept, charset), True, alternative)
        text = charsets.to_text(self._without_files(entity, body.kept), charset)
        if entity.params.get("format", "").lower() == "flowed":
            text = unflowed(text, entity.params.get("delsp", "").lower() == "yes")
        shown = secured.unarmoured(text.replace("\r\n", "\n"))
        self.secured_by.update(dict.fromkeys(shown.secured))
        return _Body(shown.text, False, alternative)

    def _without_files(self, entity: Entity, body: bytes) -> bytes:
        """The text without the files that stand in it, which are attached."""
        found = inline_files.opened(body)
        for number, file in enumerate(found.files, 1):
            self._attach(_inline(f"{entity.path}/{number}", file, _inline_span(entity, body, file)))
            self.defects.update(dict.fromkeys(file.defects))
        return found.text

    def _signs(self, entity: Entity, kept: bytes) -> None:
        """What decisions ask of a calendar object (RFC 5546) and of a delivery status (RFC 3464)."""
        if entity.content_type in _CALENDARS and self.calendar_method is None:
            named = _METHOD.search(kept)
            method = entity.params.get("method") or (named.group(1).decode("ascii") if named else "")
            self.calendar_method = method.upper()[:20] or None
        if entity.content_type in _STATUSES:
            self._actions.extend(action.decode("ascii").lower() for action in _ACTION.findall(kept))


def is_body(head: Head, is_root: bool) -> bool:
    """Whether this leaf is shown as text. A named part is a file, and so is one that is sent as an attachment."""
    if head.disposition == "attachment" or (head.filename and not is_root):
        return False
    if head.content_type in _BODIES or head.says_multipart:
        return True
    # RFC 2046 section 4.1.4: the text of a mail in an unknown subtype is read as plain text.
    return is_root and head.content_type.startswith("text/") and head.content_type not in _CALENDARS


def _is_ours(head: Head) -> bool:
    """Whether it is the mail's own, and not part of an attached message."""
    return "/" not in head.path


# --- What is attached ------------------------------------------------------------------------------------------------


def _attached_leaf(head: Head) -> Leaf:
    return Leaf(head.encoding, Room(_reach(head)), hashed=True)


def _reach(head: Head) -> int:
    """How many bytes of an attachment are looked at."""
    if head.is_encoded_message or secured.is_smime(head) or winmail.is_named_so(head.content_type, head.filename):
        return winmail.LARGEST
    if head.content_type in _STATUSES:
        return _MOST_STATUS
    return _MOST_CALENDAR if head.content_type in _CALENDARS else REACH


def _attachment(entity: Entity) -> Attachment:
    head, content = entity.head, entity.content or _NOTHING
    return Attachment(
        path=head.path,
        filename=head.filename,
        safe_filename=safe_filename(head.filename, head.content_type),
        content_type=head.content_type,
        detected_type=detected_type(content.kept[:REACH]),
        disposition=head.disposition,
        content_id=head.content_id,
        size=content.size,
        sha256=content.sha256,
        span=entity.span,
    )


def _inline_span(entity: Entity, body: bytes, file: inline_files.InlineFile) -> Span | None:
    """Where the file stands in the raw mail, if it can be read from there: uuencoded, in a text that isn't encoded."""
    if entity.head.encoding not in IDENTITY or transfer.decode(_UU, body[file.start : file.end]) != file.data:
        return None
    return Span(start=entity.span.start + file.start, end=entity.span.start + file.end, encoding=_UU)


def _inline(path: str, file: inline_files.InlineFile, span: Span | None) -> Attachment:
    """A file that stood in the text."""
    detected = detected_type(file.data[:REACH])
    content_type = detected or "application/octet-stream"
    return Attachment(
        path=path,
        filename=file.name or None,
        safe_filename=safe_filename(file.name, content_type),
        content_type=content_type,
        detected_type=detected,
        disposition=None,
        content_id=None,
        size=len(file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
        span=span,
    )


def _envelope(attachment: Attachment, kept: bytes) -> winmail.Envelope | None:
    if attachment.size > len(kept) or not winmail.is_named_so(attachment.content_type, attachment.filename):
        return None
    return winmail.opened(attachment.path, kept)


# --- The text --------------------------------------------------------------------------------------------------------


def _plain(bodies: list[_Body]) -> str | None:
    """The text of all parts in order; HTML is turned into text where no alternative says the same in plain text.

    A list's footer in plain text is no alternative to the HTML above it (RFC 2046 section 5.1.4: only within one
    multipart/alternative).
    """
    told = {b.alternative for b in bodies if b.alternative is not None and not b.is_html and b.text.strip()}
    shown = [b for b in bodies if not b.is_html or b.alternative not in told]
    texts, left = list[str](), html.MAX_CHARACTERS  # of all HTML parts together: each alone takes seconds at its bound
    pages = _MOST_PAGES
    for body in shown:
        if not body.is_html:
            texts.append(body.text)
        elif left > 0 and pages > 0:
            texts.append(html.to_text(body.text[:left]))
            left, pages = left - len(body.text), pages - 1
    return _joined(texts)


def _joined(texts: list[str]) -> str | None:
    if len(texts) == 1:
        return texts[0]
    return "\n".join(text.rstrip("\n") for text in texts if text.strip()) if texts else None
