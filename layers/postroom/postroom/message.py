"""What the bytes of a mail say, as values. `Parsed` is the one document that the parse stage writes for the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from postroom.envelope import Received
from postroom.ids import MessageId

#: The fact that has the results in SES's own Authentication-Results, one by one: "dkim=pass example.com".
AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox: display name (decoded, may be empty) and addr-spec (RFC 5322 section 3.4)."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where the encoded bytes of a leaf stand in the raw mail: `[start, end)`, under this transfer encoding."""

    start: int
    end: int
    encoding: str  # lower case: 7bit, 8bit, binary, base64, quoted-printable, x-uuencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is not the text of the mail. `size` and `sha256` speak of the decoded bytes.

    `path` is the part's number ("1.2"; inside an attached message "2/1.3"). `span` is None where the bytes are not a
    range of the raw mail (inside an encoded attached message or a winmail.dat): then the holder has them.
    """

    path: str
    filename: str | None
    safe_filename: str
    content_type: str
    detected_type: str | None
    disposition: str | None
    content_id: str | None
    size: int
    sha256: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The text of a mail, cut: what the sender wrote, what was quoted, how it was signed. Nothing is thrown away."""

    visible: str
    quoted: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The mail that was forwarded inline. `date` is as written there; `note` is the text above it."""

    sender: Address | None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    date: str = ""
    body: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One Received field, the first hop first. `delay` is in seconds since the hop before, None where unknown."""

    by: str | None
    source: str | None
    date: str | None
    delay: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One RFC 5322 message. Ids are without angle brackets; `date` is ISO 8601 with its offset.

    `facts` holds the header fields that decisions look at (see `postroom.mime.facts`), lower-case name to decoded
    values in the order of the mail; each is bounded in number and length.
    """

    message_id: MessageId | None = None
    in_reply_to: tuple[MessageId, ...] = ()
    references: tuple[MessageId, ...] = ()
    date: str | None = None
    subject: str = ""
    from_: tuple[Address, ...] = ()
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    text: str | None = None
    html: str | None = None
    reply: Reply = field(default_factory=lambda: Reply(visible=""))
    forwarded: Forwarded | None = None
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()
    content_type: str = "text/plain"
    content_params: Mapping[str, str] = field(default_factory=dict)
    calendar_method: str | None = None
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hops: tuple[Hop, ...] = ()

    @property
    def author(self) -> Address | None:
        """The first From address that could be written to, else the Sender."""
        return next((a for a in self.from_ if "@" in a.address), self.sender)

    def fact(self, name: str) -> str:
        """The first value of a header field that decisions look at, or an empty string."""
        return next(iter(self.facts.get(name, ())), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The parsed document `parsed/<ses id>.json`: what SES said, what the bytes say. `size` is the raw mail's."""

    VERSION: ClassVar[int] = 1

    version: int = VERSION
    received: Received
    message: Message
    size: int
    fingerprint: str  # SHA-256 over Message-ID, sender and body: the same for a resubmission (see mime.fingerprint)
