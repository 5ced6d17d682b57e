"""What of our own mail a report gives back: the fields in which our thread tokens stand (`postroom.threads.tokens`)."""

from collections.abc import Iterator

from postroom.feedback import notice
from postroom.feedback.parts import look_at
from postroom.mime.scan import TooComplex

_FIELDS = ("reply-to", "references", "in-reply-to", "message-id")
_LONGEST = 8_000  # characters of a field


def marks(raw: bytes) -> tuple[str, ...]:
    """The texts of those fields, of the first message that is returned; empty where none is."""
    try:
        return tuple(_marks(raw))
    except TooComplex:
        return ()


def _marks(raw: bytes) -> Iterator[str]:
    mail = look_at(raw)
    returned = next((each for each in (*mail.originals, notice.split(mail.notice).returned) if each.values), None)
    if returned is not None:
        yield from (value[:_LONGEST] for name in _FIELDS for value in returned.values.get(name, ()))
