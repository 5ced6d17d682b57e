"""The raw bytes of a mail become a Message: its addresses, its text, what is attached, and what was wrong with it."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from postroom.ids import MessageId
from postroom.message import Address, Attachment, Message, Span
from postroom.mime import charsets, forward, headers, html, reply, trace, transfer, winmail
from postroom.mime.detect import REACH, detected_type
from postroom.mime.facts import facts
from postroom.mime.flowed import unflowed
from postroom.mime.names import safe_filename
from postroom.mime.scan import MOST_PARTS, Entity, TooComplex, content, scan

MOST_TEXT = 4 << 20  # bytes of a mail's text parts that are read: four long novels. The raw mail has the rest
_CHUNK = 1 << 20  # bytes that are decoded at once: memory follows the text of a mail, not its attachments
_DEEPEST_DECODING = 8  # attached messages that are encoded, inside each other
_MOST_ADDRESS_BYTES = 1_000_000  # of all fields of one name: 25,000 recipients
_MOST_ATTACHED = 12  # times the mail: each attached message is stored whole, and what it holds again
_MOST_PAGES = 500  # HTML parts that become text
_MOST_PARAMS, _LONGEST_PARAM = 20, 300
_BODIES = frozenset({"text/plain", "text/html"})
_CALENDARS = frozenset({"text/calendar", "application/ics"})
_METHOD = re.compile(rb"^METHOD[ \t]*:[ \t]*([A-Za-z-]{1,20})", re.MULTILINE | re.IGNORECASE)
_ACTION = re.compile(rb"^Action[ \t]*:[ \t]*([A-Za-z-]{1,20})", re.MULTILINE | re.IGNORECASE)


def read(raw: bytes) -> Message:
    """The message in these bytes. Raises TooComplex, and nothing else that the bytes could bring about."""
    root = scan(raw)
    parts = _Parts(raw)
    parts.add(root)
    message = parts.onto(_head(root))
    text = message.text or ""
    # Where there is only HTML, what the client's own markup says of its quotes counts.
    cut = reply.cut_html(message.html) if message.html and parts.only_html else reply.cut(text)
    return replace(message, reply=cut, forwarded=forward.find(text, message.subject))


def fingerprint(message: Message) -> str:
    """SHA-256 over Message-ID, sender and content: equal for the same mail that was sent again, over whatever way."""
    digest = hashlib.sha256()
    sender = message.author.address if message.author else ""
    hashes = (a.sha256 for a in message.attachments)
    for value in (message.message_id or "", sender, message.text or "", message.html or "", *hashes):
        encoded = value.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded) + encoded)
    return digest.hexdigest()


# --- The header ------------------------------------------------------------------------------------------------------


def _head(root: Entity) -> Message:
    """What the header says; body and attachments are still missing."""
    charset = next((e.params["charset"] for e in root.walk() if "charset" in e.params), None)
    date = root.field("date")
    message_id = headers.message_ids(root.field("message-id") or b"")
    return Message(
        message_id=message_id[0] if message_id else None,
        in_reply_to=_ids(root, "in-reply-to"),
        references=_ids(root, "references"),
        date=headers.date(date) if date else None,
        subject=headers.text(root.field("subject") or b"", charset),
        from_=_addresses(root, "from", charset),
        sender=next(iter(_addresses(root, "sender", charset)), None),
        reply_to=_addresses(root, "reply-to", charset),
        to=_addresses(root, "to", charset),
        cc=_addresses(root, "cc", charset),
        bcc=_addresses(root, "bcc", charset),
        content_type=root.content_type,
        content_params={k: v[:_LONGEST_PARAM] for k, v in list(root.params.items())[:_MOST_PARAMS]},
        facts=facts(root),
        hops=trace.hops(root.fields),
    )


def _ids(root: Entity, name: str) -> tuple[MessageId, ...]:
    return headers.message_ids(root.field(name) or b"")


def _addresses(root: Entity, name: str, charset: str | None) -> tuple[Address, ...]:
    """The mailboxes of every field of this name: some mails have several From or To lines."""
    fields = (value for key, value in _bounded(root.fields, name))
    return tuple(islice((a for value in fields for a in headers.addresses(value, charset)), headers.MOST_ADDRESSES))


def _bounded(fields: Iterable[tuple[str, bytes]], name: str) -> Iterator[tuple[str, bytes]]:
    """The fields of this name, as far as _MOST_ADDRESS_BYTES of them reach."""
    left = _MOST_ADDRESS_BYTES
    for key, value in fields:
        if key == name and left > 0:
            yield key, value[:left]
            left -= len(value)


def _header_defects(message: Message, root: Entity) -> Iterator[str]:
    if not message.from_:
        yield "no_from"
    if not message.message_id:
        yield "no_message_id"
    if not message.date:
        yield "bad_date" if root.field("date") else "no_date"
    if sum(name == "from" for name, _ in root.fields) > 1:
        yield "several_from"


# --- The parts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Body:
    """One part of the text of a mail. `alternative` is the path of the multipart/alternative around it."""

    text: str
    is_html: bool
    alternative: str | None


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


@dataclass(slots=True)
class _Parts:
    """The parts of one raw mail, sorted into its text and its attachments."""

    raw: bytes
    bodies: list[_Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    attached: int = 0  # bytes of all attachments, those inside attached messages again for each message around them
    defects: dict[str, None] = field(default_factory=dict)
    calendar_method: str | None = None
    actions: list[str] = field(default_factory=list)
    left: int = MOST_TEXT
    root: Entity | None = None
    envelope: winmail.Envelope | None = None  # the mail's own winmail.dat, the first of them

    def add(self, root: Entity) -> None:
        self.root = root
        for entity in root.walk():
            self.defects.update(dict.fromkeys(entity.defects))
        self._sort(root, top=True, alternative=None)
        if self.envelope and not any(body.text.strip() for body in self.bodies):
            self._enveloped(self.envelope)

    @property
    def only_html(self) -> bool:
        return all(body.is_html for body in self.bodies)

    def onto(self, message: Message) -> Message:
        """The message with its text, attachments and what they tell."""
        if self.root is not None:
            self.defects.update(dict.fromkeys(_header_defects(message, self.root)))
        found = dict(message.facts)
        if self.actions:
            found["dsn-action"] = tuple(self.actions[:10])
        return replace(
            message,
            text=_plain(self.bodies),
            html=_joined([body.text for body in self.bodies if body.is_html]),
            attachments=tuple(self.attachments),
            defects=tuple(self.defects),
            calendar_method=self.calendar_method,
            facts=found,
        )

    def _sort(self, entity: Entity, top: bool, alternative: str | None) -> None:
        """Depth first. `top` is False inside an attached message: its text is not ours."""
        if entity.is_multipart:
            inner = entity.path if entity.content_type == "multipart/alternative" else alternative
            for child in entity.children:
                self._sort(child, top, inner)
            return
        if _is_body(entity, entity is self.root):
            if top:
                self.bodies.append(self._body(entity, alternative))
            return
        attachment = _attachment(self.raw, entity)
        self._attach(attachment)
        if top:
            self._signs(entity)
        if envelope := _envelope(self.raw, entity, attachment):
            self._open(envelope, top)
        for child in entity.children:
            self._sort(child, top=False, alternative=None)
        if entity.is_encoded_message:
            for attachment in _encoded_message(content(self.raw, entity), entity.path, 1):
                self._attach(attachment)

    def _open(self, envelope: winmail.Envelope, top: bool) -> None:
        for attachment in envelope.attachments():
            self._attach(attachment)
        if not envelope.tnef.whole:
            self.defects["tnef_cut"] = None
        if top and not self.envelope:
            self.envelope = envelope

    def _enveloped(self, envelope: winmail.Envelope) -> None:
        """The text of the mail is in its winmail.dat only."""
        bodies = [_Body(text, is_html, envelope.path) for text, is_html in envelope.bodies()]
        if bodies:
            self.defects["tnef"] = None
            self.bodies = [replace(body, text=self._within(body.text)) for body in bodies]

    def _within(self, text: str) -> str:
        """As much of a text as there is room for, a character taken for a byte."""
        if len(text) > self.left:
            self.defects["text_cut"] = None
        within = text[: self.left]
        self.left -= len(within)
        return within

    def _attach(self, attachment: Attachment) -> None:
        if len(self.attachments) >= MOST_PARTS:
            raise TooComplex(f"over {MOST_PARTS} attachments")
        self.attached += attachment.size
        if self.attached > _MOST_ATTACHED * max(len(self.raw), 1 << 20):
            raise TooComplex("attachments inside attachments come to many times the mail's own size")
        self.attachments.append(attachment)

    def _body(self, entity: Entity, alternative: str | None) -> _Body:
        text = charsets.to_text(self._text(entity), entity.params.get("charset"))
        if entity.content_type == "text/html":
            return _Body(text, True, alternative)
        if entity.params.get("format", "").lower() == "flowed":
            return _Body(unflowed(text, entity.params.get("delsp", "").lower() == "yes"), False, alternative)
        return _Body(text.replace("\r\n", "\n"), False, alternative)

    def _text(self, entity: Entity) -> bytes:
        """The decoded bytes of a text part, as far as there is room: memory follows the text that is read."""
        pieces: list[bytes] = []
        for piece in _decoded(self.raw, entity.span):
            pieces.append(piece[: self.left])
            self.left -= len(pieces[-1])
            if len(piece) > len(pieces[-1]):
                self.defects["text_cut"] = None
                break
        return b"".join(pieces)

    def _signs(self, entity: Entity) -> None:
        """What decisions ask of a calendar object (RFC 5546) and of a delivery status (RFC 3464)."""
        if entity.content_type in _CALENDARS and self.calendar_method is None:
            named = _METHOD.search(content(self.raw, entity)[:20_000])
            method = entity.params.get("method") or (named.group(1).decode("ascii") if named else "")
            self.calendar_method = method.upper()[:20] or None
        if entity.content_type in ("message/delivery-status", "message/global-delivery-status"):
            found = _ACTION.findall(content(self.raw, entity)[:200_000])
            self.actions.extend(action.decode("ascii").lower() for action in found)


def _is_body(entity: Entity, is_root: bool) -> bool:
    """Whether this leaf is shown as text. A named part is a file, and so is one that is sent as an attachment."""
    if entity.disposition == "attachment" or (entity.filename and not is_root):
        return False
    if entity.content_type in _BODIES or entity.content_type.startswith("multipart/"):
        return True
    # RFC 2046 section 4.1.4: the text of a mail in an unknown subtype is read as plain text.
    return is_root and entity.content_type.startswith("text/") and entity.content_type not in _CALENDARS


def _encoded_message(raw: bytes, holder: str, depth: int) -> Iterator[Attachment]:
    """What lies inside an attached message whose bytes are no range of the mail: without spans."""
    if depth > _DEEPEST_DECODING:
        return
    root = scan(raw)
    for entity in root.walk():
        if entity.is_multipart or _is_body(entity, entity is root):
            continue
        path = f"{holder}/{entity.path}"
        attachment = replace(_attachment(raw, entity), path=path, span=None)
        yield attachment
        if envelope := _envelope(raw, entity, attachment):
            yield from envelope.attachments()
        if entity.is_encoded_message:
            yield from _encoded_message(content(raw, entity), path, depth + 1)


def _envelope(raw: bytes, entity: Entity, attachment: Attachment) -> winmail.Envelope | None:
    return winmail.opened(attachment.path, content(raw, entity)) if winmail.is_named_so(attachment) else None


def _attachment(raw: bytes, entity: Entity) -> Attachment:
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in _decoded(raw, entity.span):
        digest.update(piece)
        size += len(piece)
        if len(head) < REACH:
            head += piece[:REACH]
    return Attachment(
        path=entity.path,
        filename=entity.filename,
        safe_filename=safe_filename(entity.filename, entity.content_type),
        content_type=entity.content_type,
        detected_type=detected_type(head),
        disposition=entity.disposition,
        content_id=entity.content_id,
        size=size,
        sha256=digest.hexdigest(),
        span=entity.span,
    )


def _decoded(raw: bytes, span: Span) -> Iterator[bytes]:
    """The decoded bytes in pieces, by the same decoder that the attachments stage streams them with."""
    decoder = transfer.decoder(span.encoding)
    for start in range(span.start, span.end, _CHUNK):
        yield decoder.feed(raw[start : min(start + _CHUNK, span.end)])
    yield decoder.finish()
