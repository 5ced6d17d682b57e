"""What both APIs ask for when they send: who, to whom, and the parts of a mail."""

from dataclasses import dataclass, replace

from local.ses import headers
from local.ses.api.fields import Fields
from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.sending import outgoing
from local.ses.sending.compose import Attachment, Simple

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends to whom. The addresses are as they were written, with names."""

    source: str | None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    return_path: str | None = None
    tags: Pairs = ()
    configuration_set: str | None = None

    def addressed(self, destination: Fields) -> "Envelope":
        """The same to those whom a Destination names."""
        to, cc, bcc = (destination.texts(f"{name}Addresses") for name in ("To", "Cc", "Bcc"))
        return replace(self, to=to, cc=cc, bcc=bcc)

    def retagged(self, tags: Pairs) -> "Envelope":
        """The same with these tags instead of its own of the same name."""
        return replace(self, tags=tuple({**dict(self.tags), **dict(tags)}.items()))

    def outgoing(self, raw: bytes = b"") -> Outgoing:
        """A mail on its way; what the envelope leaves open is taken from the fields of a raw one."""
        fields, _ = headers.split(raw)
        listed = [headers.address(one) for one in (*self.to, *self.cc, *self.bcc)]
        to = listed or headers.addresses(fields, ["To", "Cc", "Bcc"])
        source = self.source or next(iter(headers.addresses(fields, ["From"])), "")
        return Outgoing(
            source=headers.address(source),
            destination=tuple(dict.fromkeys(to)),
            raw=raw,
            tags=self.tags or outgoing.tags_in(fields),
            configuration_set=self.configuration_set or outgoing.configuration_set_in(fields),
        )

    def parts(self) -> Simple:
        """A mail without content yet."""
        if not self.source:
            raise Refused("InvalidParameterValue", "The sender's address is required.")
        return Simple(
            source=self.source,
            to=self.to,
            cc=self.cc,
            reply_to=self.reply_to,
            return_path=self.return_path,
            subject="",
        )


def with_message(parts: Simple, message: Fields) -> Simple:
    """The mail with subject and bodies: a Message, which is the same in both APIs."""
    bodies = message.object("Body")
    text, html = bodies.object("Text"), bodies.object("Html")
    return replace(
        parts,
        subject=message.object("Subject").text("Data") or "",
        text=text.text("Data"),
        html=html.text("Data"),
        text_charset=text.text("Charset") or "utf-8",
        html_charset=html.text("Charset") or "utf-8",
    )


def with_extras(parts: Simple, content: Fields, more: Pairs = ()) -> Simple:
    """The mail with the Headers and Attachments of a content of API v2. Headers in `more` go before those."""
    overridden = {name.lower() for name, _ in more}
    own = tuple(pair for pair in content.pairs("Headers") if pair[0].lower() not in overridden)
    attachments = tuple(_attachment(one) for one in content.objects("Attachments"))
    return replace(parts, fields=(*more, *own), attachments=attachments)


def _attachment(asked: Fields) -> Attachment:
    return Attachment(
        name=asked.required("FileName"),
        content=asked.bytes("RawContent"),
        content_type=asked.text("ContentType"),
        inline=asked.text("ContentDisposition") == "INLINE",
        content_id=asked.text("ContentId"),
        description=asked.text("ContentDescription"),
        encoding=asked.text("ContentTransferEncoding") or "BASE64",
    )
