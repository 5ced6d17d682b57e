"""Threads by what the mails say alone: those that name one id are together. No guard, no memory of a desk."""

import hashlib
from collections.abc import Iterable, Sequence

from postroom.ids import MessageId, proof_of
from postroom.message import Message


def threads(messages: Iterable[Message]) -> list[str]:
    """The name of each message's thread, in their order; equal for those that belong together, whatever the order.

    A message is tied to its own id, and to those of In-Reply-To and References (RFC 5322 section 3.6.4). A thread is
    named after the id that it began with, as far as anybody still names that one: so two runs give the same name.
    """
    parent: dict[str, str] = {}
    answers: set[str] = set()  # ids of mails that answer another: no thread began with them
    members = []
    for message in messages:
        names = [proof_of(id_) for id_ in _oldest_first(message)] or [_of_itself(message)]
        answers.update(names[1:])
        for name in names:
            parent[_root(parent, name)] = _root(parent, names[0])
        members.append(names[0])
    began: dict[str, str] = {}
    for name in sorted(parent, key=lambda name: (name in answers, name), reverse=True):
        began[_root(parent, name)] = name
    return [_short(began[_root(parent, name)]) for name in members]


def _oldest_first(message: Message) -> Sequence[MessageId]:
    """References begin with the first mail of the thread; In-Reply-To has the last, the mail itself comes after it."""
    own = (message.message_id,) if message.message_id else ()
    return tuple(dict.fromkeys((*message.references, *message.in_reply_to, *own)))


def _of_itself(message: Message) -> str:
    """A name for a message that has no id and answers none: it is alone, but for a copy of it."""
    return repr((message.date, message.subject, message.from_, message.text))


def _root(parent: dict[str, str], name: str) -> str:
    """The name that stands for all that are tied to this one. Halves the way while it goes, so ways stay short."""
    parent.setdefault(name, name)
    while parent[name] != name:
        parent[name] = parent[parent[name]]
        name = parent[name]
    return name


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
