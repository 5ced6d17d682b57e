"""The raw bytes of a mail become a Message: its addresses, its text, what is attached, and what was wrong with it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from postroom.ids import MessageId
from postroom.message import Address, Message, Reply
from postroom.mime import forward, headers, reply, secured, trace
from postroom.mime.facts import facts
from postroom.mime.parts import Parts
from postroom.mime.scan import Entity, scan

_MOST_ADDRESS_BYTES = 1_000_000  # of all fields of one name: 25,000 recipients
_MOST_PARAMS, _LONGEST_PARAM = 20, 300


def read(mail: bytes | Iterable[bytes]) -> Message:
    """The message in these bytes, which come whole or in pieces: memory follows the text of a mail, not its size.

    Raises TooComplex, and nothing else that the bytes could bring about.
    """
    message, parts = _unquoted(mail)
    text = message.text or ""
    return replace(message, reply=_cut(message, parts), forwarded=forward.find(text, message.subject))


def _cut(message: Message, parts: Parts) -> Reply:
    """Where there is only HTML, what the client's own markup says of its quotes counts."""
    if parts.lines is not None:
        return reply.cut_lines(parts.lines)
    return reply.cut_html(message.html) if message.html and parts.only_html else reply.cut(message.text or "")


def _unquoted(mail: bytes | Iterable[bytes]) -> tuple[Message, Parts]:
    """The message before its quotes and forwards are looked for."""
    parts = Parts()
    root = scan(mail, parts.wanted)
    parts.sort(root)
    message = _message(root)
    found = dict(message.facts)
    if parts.actions:
        found["dsn-action"] = parts.actions
    if parts.secured_by:
        found[secured.FACT] = tuple(parts.secured_by)
    return replace(
        message,
        text=parts.text(),
        html=parts.html(),
        attachments=tuple(parts.attachments),
        defects=tuple(dict.fromkeys((*parts.defects, *_header_defects(message, root)))),
        calendar_method=parts.calendar_method,
        facts=found,
    ), parts


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


def _message(root: Entity) -> Message:
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
