"""The second engine: mail-parser reads what ours could not, so that a fault of ours is a defect and no lost mail.

It is slower and holds a mail several times over; it is imported only when it is needed. Attachments have no span here,
so they are listed with their hashes and stay in the raw mail.
"""

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from email.message import Message as StandardMessage
from typing import Any

from postroom.message import Address, Attachment, Message, Span
from postroom.mime import facts, headers, html, reply
from postroom.mime.detect import detected_type
from postroom.mime.names import safe_filename
from postroom.mime.scan import Entity, Head

DEFECT = "second_engine"
_MOST_ATTACHMENTS = 1_000


def read(raw: bytes) -> Message:
    """The message in these bytes, as mail-parser sees it. May raise anything: it is the caller's last try."""
    import mailparser  # 58 ms of a cold start, for a path that hardly any mail takes

    parsed = mailparser.parse_from_bytes(raw)
    head = _head(parsed.message)
    text = "\n".join(parsed.text_plain) or "\n".join(html.to_text(part) for part in parsed.text_html)
    message_ids = headers.message_ids(head.field("message-id") or b"")
    return Message(
        message_id=next(iter(message_ids), None),
        in_reply_to=headers.message_ids(head.field("in-reply-to") or b""),
        references=headers.message_ids(head.field("references") or b""),
        date=headers.date(head.field("date") or b""),
        subject=headers.text(head.field("subject") or b""),
        from_=_addresses(head, "from"),
        sender=next(iter(_addresses(head, "sender")), None),
        reply_to=_addresses(head, "reply-to"),
        to=_addresses(head, "to"),
        cc=_addresses(head, "cc"),
        bcc=_addresses(head, "bcc"),
        text=text or None,
        html="\n".join(parsed.text_html) or None,
        reply=reply.cut(text),
        attachments=tuple(_attachments(parsed.attachments)),
        defects=(DEFECT, *sorted(parsed.defects_categories)),
        content_type=head.content_type,
        facts=facts.facts(head),
    )


def _head(message: "StandardMessage[str, str]") -> Entity:
    """The header as our own code reads it, so that decisions see the same facts whoever parsed the body."""
    fields = tuple((name.lower(), str(value).encode("utf-8", "surrogateescape")) for name, value in message.raw_items())
    head = Head(
        path="1",
        fields=fields,
        content_type=message.get_content_type(),
        params={},
        encoding="7bit",
        disposition=None,
        filename=None,
        content_id=None,
    )
    return Entity(head=head, span=Span(start=0, end=0, encoding="7bit"))


def _addresses(head: Entity, name: str) -> tuple[Address, ...]:
    return headers.addresses(head.field(name) or b"")


def _attachments(found: list[Mapping[str, Any]]) -> Iterator[Attachment]:
    for number, one in enumerate(found[:_MOST_ATTACHMENTS], start=1):
        body = _body(str(one.get("payload") or ""), bool(one.get("binary")))
        name, content_type = str(one.get("filename") or "") or None, str(one.get("mail_content_type") or "")
        yield Attachment(
            path=str(number),
            filename=name,
            safe_filename=safe_filename(name, content_type),
            content_type=content_type,
            detected_type=detected_type(body[:4096]),
            disposition=str(one.get("content-disposition") or "").partition(";")[0].strip().lower() or None,
            content_id=str(one.get("content-id") or "").strip("<> ") or None,
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
        )


def _body(payload: str, binary: bool) -> bytes:
    """mail-parser gives binary parts as base64, and the others as text."""
    if not binary:
        return payload.encode("utf-8", "surrogateescape")
    try:
        return b64decode(payload)
    except binascii.Error:
        return payload.encode("ascii", "replace")
