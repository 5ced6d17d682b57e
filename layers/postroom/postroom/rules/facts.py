"""A mail as the rules see it: what the reader sees of it, what SES says, and what is known of the customer.

Each is worked out when a rule first asks, and kept. None is "nobody knows": what asks for it gets neither yes nor no.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from postroom.envelope import UNKNOWN_SENDER, Verdict, Verdicts
from postroom.kinds.kind import Kind
from postroom.kinds.words import flat
from postroom.message import Address, Attachment, Message
from postroom.rules.history import History
from postroom.rules.hours import ALWAYS_OPEN, Hours
from postroom.vouching import Vouched

UNKNOWN_LANGUAGE = "unknown"
NULL_RETURN_PATH = "<>"


def unknown_history() -> History | None:
    """Of a file nobody knows who wrote before."""
    return None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One mail. Not slotted: what is worked out once is kept.

    `mail_from` is None for the null return path; `rcpt_to`, `verdicts`, `received_at`, `size` (bytes) and `vouched` are
    None for a file that nobody received; `ask_history` is called once at most, and only where a rule asks.
    """

    message: Message
    kind: Kind
    language: str | None = None
    mail_from: str | None = UNKNOWN_SENDER
    rcpt_to: tuple[str, ...] | None = None
    verdicts: Verdicts | None = None
    vouched: Vouched | None = None
    received_at: datetime | None = None
    size: int | None = None
    hours: Hours = ALWAYS_OPEN
    ask_history: Callable[[], History | None] = unknown_history

    def words(self, place: str) -> tuple[str, frozenset[str]]:
        """The `flat` words of "subject" or "text", and each once."""
        return self._subject if place == "subject" else self._text

    @cached_property
    def _subject(self) -> tuple[str, frozenset[str]]:
        return _words(self.message.subject)

    @cached_property
    def _text(self) -> tuple[str, frozenset[str]]:
        """What the sender wrote and the reader sees; not what was quoted."""
        return _words(self.message.reply.visible or self.message.text or "")

    @cached_property
    def history(self) -> History | None:
        return self.ask_history()

    @cached_property
    def local_parts(self) -> frozenset[str]:
        return frozenset(_local_parts(self.message))

    @cached_property
    def attached(self) -> tuple[Attachment, ...]:
        """The attachments, but for the pictures that stand in the text."""
        return tuple(a for a in self.message.attachments if a.disposition != "inline" or a.content_id is None)

    @cached_property
    def local_time(self) -> datetime | None:
        """When the mail was received, by the desk's clock."""
        return self.hours.local(self.received_at) if self.received_at else None

    def verdict(self, name: str) -> str | None:
        found: Verdict | None = getattr(self.verdicts, name, None)
        return found.value.lower() if found else None

    def addresses(self, fact: str) -> tuple[str, ...] | None:
        """The addresses of `from`, `mail_from` (`<>` for the null return path) or `rcpt_to`."""
        match fact:
            case "from":
                return tuple(each.address for each in self.message.from_)
            case "mail_from":
                known = self.mail_from != UNKNOWN_SENDER
                return (self.mail_from or NULL_RETURN_PATH,) if known else None
            case _:
                return self.rcpt_to

    def header(self, name: str) -> tuple[str, ...]:
        """The values of a header field, as far as the parsed document keeps it."""
        if name in _OF_MESSAGE:
            return tuple(filter(None, _OF_MESSAGE[name](self.message)))
        return self.message.facts.get(name, ())


def _words(text: str) -> tuple[str, frozenset[str]]:
    words = flat(text)
    return words, frozenset(words.split())


def _people(*people: Address | None) -> tuple[str, ...]:
    return tuple(f"{each.name} <{each.address}>".strip() for each in people if each)


#: Header fields that stand in the message itself.
_OF_MESSAGE: dict[str, Callable[[Message], tuple[str, ...]]] = {
    "subject": lambda m: (m.subject,),
    "from": lambda m: _people(*m.from_),
    "sender": lambda m: _people(m.sender),
    "reply-to": lambda m: _people(*m.reply_to),
    "to": lambda m: _people(*m.to),
    "cc": lambda m: _people(*m.cc),
    "message-id": lambda m: (str(m.message_id or ""),),
    "in-reply-to": lambda m: tuple(map(str, m.in_reply_to)),
    "references": lambda m: tuple(map(str, m.references)),
    "date": lambda m: (m.date or "",),
    "content-type": lambda m: (m.content_type,),
}
MESSAGE_HEADERS = frozenset(_OF_MESSAGE)


def _local_parts(message: Message) -> Iterator[str]:
    """The local parts that the mail was written to, each whole and without its plus-label."""
    written = (*(a.address for a in (*message.to, *message.cc)), *message.facts.get("delivered-to", ()))
    for address in written:
        local = address.strip().rpartition("@")[0].casefold()
        yield local
        yield local.partition("+")[0]
