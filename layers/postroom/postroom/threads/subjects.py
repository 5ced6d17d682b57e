"""The subject as a proof: the weakest, for clients that keep no References."""

import re
from collections.abc import Iterable
from datetime import timedelta

from postroom.clock import from_iso
from postroom.conversation import Conversation

WINDOW = timedelta(days=14)  # how long after its last change a conversation is found by its subject

_LONGEST = 1000
# "Re:" and its kin in the languages that mail clients write, with Outlook's and Lotus's counters: Re[2]:, Re(3):
_ANSWER = re.compile(
    r"\s{0,9}(?:re|aw|antw|antwort|sv|vs|r|rif|res|odp|ynt|回复|答复|回覆|返信|답장) ?(?:[\[(]\d{1,3}[\])])? ?[:：]",
    re.IGNORECASE,
)


def is_an_answer(subject: str) -> bool:
    """Whether the subject says that the mail answers another."""
    return _ANSWER.match(subject[:_LONGEST]) is not None


def unmarked(subject: str) -> str:
    """The subject without the marks of answers before it, however many there are, in whatever language."""
    plain = subject[:_LONGEST]
    while found := _ANSWER.match(plain):  # each turn takes a part away
        plain = plain[found.end() :]
    return plain.strip()


def bare(subject: str) -> str:
    """The subject as it is compared: unmarked, without case and double spaces."""
    return " ".join(unmarked(subject).casefold().split())


def alike(conversations: Iterable[Conversation], subject: str, people: tuple[str, ...], at: str) -> Conversation | None:
    """The first of these conversations that has this subject, only these people in it, and changed not long before."""
    wanted, since = bare(subject), from_iso(at) - WINDOW
    return next(
        (
            each
            for each in conversations
            if wanted
            and bare(each.subject) == wanted
            and set(people) <= set(each.participants)
            and from_iso(each.changed_at) >= since
        ),
        None,
    )
