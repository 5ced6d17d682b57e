"""What a mail is made of: its parts, each with its type, name and size."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from itertools import islice

_MOST = 500  # parts that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`size` is in bytes, decoded; None for what has parts of its own. `depth` is 0 for the mail itself."""

    depth: int
    type: str
    name: str
    size: int | None

    @property
    def text(self) -> str:
        told = (self.type, self.name, "" if self.size is None else f"({self.size:,} bytes)")
        return f"{'  ' * self.depth}{'  '.join(filter(None, told))}"


def parts(raw: bytes) -> tuple[Part, ...]:
    """Every part of a mail that we composed, from the outside in; none of an empty one."""
    if not raw:
        return ()
    return tuple(islice(_parts(message_from_bytes(raw, policy=policy.default), 0), _MOST))


def page(raw: bytes) -> str:
    """The HTML in it, as the recipient's client gets it."""
    body = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


def _parts(part: "Message[str, str]", depth: int) -> Iterator[Part]:
    """Only what we composed comes here, so it is never deep."""
    inside = part.get_payload()
    if not isinstance(inside, list):
        content = part.get_payload(decode=True)
        size = len(content) if isinstance(content, bytes) else 0
        yield Part(depth=depth, type=part.get_content_type(), name=part.get_filename() or "", size=size)
        return
    yield Part(depth=depth, type=part.get_content_type(), name="", size=None)
    for each in inside:
        if isinstance(each, Message):
            yield from _parts(each, depth + 1)
