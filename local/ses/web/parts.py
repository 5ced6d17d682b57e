"""A mail taken apart to be looked at: its text, its HTML, its files. Pure, bounded, and never in the way: what can't be
taken apart is shown as its source.

The standard library's parser does the work (`email`, policy compat32: it takes anything).
"""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from local.ses import headers
from local.ses.values import MAX_MESSAGE_BYTES

MAX_PARTS = 500
MAX_TEXT = 1024 * 1024  # characters of a text or of HTML
_ROOM_FOR_STAMPS = 64 * 1024  # what SES put on top of a mail of the largest size

# Reading the parameters of a field takes the square of its length; a name of 255 characters has 2,300 here.
_MAX_VALUE = 4000

# The parser holds every line against the boundary of every multipart that is open: lines times boundaries is its work.
# 20 million take it some ten seconds; a mail of 40 MB with one file has one million.
MAX_WORK = 20_000_000


class _Clipped(email.policy.Compat32):
    """The fields of MIME are read as far as they are of a length that means something."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MAX_VALUE] if name.lower().startswith("content-") else value


_POLICY = _Clipped()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A leaf of the mail. `name` is as the sender wrote it, decoded: text to show, never a path."""

    number: int
    kind: str  # text/plain, image/png, ...
    name: str
    content_id: str  # without its angle brackets; "" where it has none
    attached: bool
    charset: str
    content: bytes

    def text(self) -> str:
        """Its characters, at most MAX_TEXT of them; what its charset can't say is a replacement character."""
        content = self.content[: 4 * MAX_TEXT]
        try:
            known = self.charset if headers.is_charset(self.charset) else ""
            found = content.decode(known or "utf-8", "replace")
        except (LookupError, ValueError):
            found = content.decode("utf-8", "replace")
        return found[:MAX_TEXT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`broken` says why the mail couldn't be taken apart, or is empty; then there are no leaves."""

    leaves: tuple[Part, ...]
    broken: str = ""

    def text(self) -> Part | None:
        return self._body("text/plain")

    def html(self) -> Part | None:
        return self._body("text/html")

    def _body(self, kind: str) -> Part | None:
        return next((leaf for leaf in self.leaves if leaf.kind == kind and not leaf.attached), None)

    def files(self) -> list[Part]:
        """All but the text and the HTML that are shown."""
        shown = (self.text(), self.html())
        return [leaf for leaf in self.leaves if leaf not in shown]

    def numbered(self, number: int) -> Part | None:
        return next((leaf for leaf in self.leaves if leaf.number == number), None)


def parts(raw: bytes) -> Parts:
    """Takes a mail apart. Never raises."""
    if len(raw) > MAX_MESSAGE_BYTES + _ROOM_FOR_STAMPS:
        return Parts(leaves=(), broken=f"A mail of {len(raw)} bytes is shown as its source only.")
    if (raw.count(b"\n") + raw.count(b"\r")) * (1 + raw.lower().count(b"boundary")) > MAX_WORK:
        return Parts(leaves=(), broken="A mail of so many lines and boundaries is shown as its source only.")
    try:
        message = email.message_from_bytes(raw, policy=_POLICY)
        return Parts(leaves=tuple(_leaves(message)))
    except (
        Exception
    ) as error:  # what a stranger's mail does to the parser is his affair: RecursionError, ValueError, ...
        return Parts(leaves=(), broken=f"It can't be taken apart ({type(error).__name__}); this is its source.")


def _leaves(message: "Message[str, str]") -> Iterator[Part]:
    """Depth first, with a stack of its own."""
    waiting, number = [message], 0
    while waiting and number < MAX_PARTS:
        part = waiting.pop()
        inside = part.get_payload()
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting.extend(one for one in reversed(inside) if isinstance(one, Message))
        else:
            number += 1
            yield _leaf(number, part)


def _leaf(number: int, part: "Message[str, str]") -> Part:
    name = headers.decoded(part.get_filename() or "")
    kind = part.get_content_type()
    return Part(
        number=number,
        kind=kind,
        name=name[:255],
        content_id=str(part.get("Content-ID", "")).strip().strip("<>")[:998],
        attached=part.get_content_disposition() == "attachment" or bool(name),
        charset=str(part.get_content_charset() or ""),
        content=_content(part),
    )


def _content(part: "Message[str, str]") -> bytes:
    """The bytes of a leaf; a mail inside the mail (message/rfc822) is one file."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return b"\n".join(one.as_bytes() for one in inside if isinstance(one, Message))
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""
