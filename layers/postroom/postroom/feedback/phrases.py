"""What a server's answer says: by its provider's own codes, then by the wordings of `postroom.feedback.answers`, which
are English, then by those of other languages."""

import re
from functools import cache

from postroom.feedback.answers import ANSWERS
from postroom.feedback.providers import CODES
from postroom.feedback.report import BounceReason
from postroom.feedback.wordings import any_of

_LONGEST_ANSWER = 2_000  # characters; servers say less, and what a mail quotes below is not their answer

_PATTERNS = (
    *((code.reason, re.compile(code.pattern)) for code in CODES),
    *((reason, any_of(lines)) for reason, lines in ANSWERS),
)

_VACATION = re.compile(
    r"\bout[ -]of[ -](?:the[ -])?office\b|\bauto(?:matic|mated)?[ -]?(?:reply|response|responder)\b"
    r"|\bon (?:vacation|holiday|leave)\b"
    r"|\bvacation (?:message|reply|notice)\b|\babwesenheit|\bautomatische antwort\b|\babsence du bureau\b|不在"
)
_ADDRESS_OR_URL = re.compile(
    r"<[^<>\s]{1,320}@[^<>\s]{1,255}>|[\w.+=/'-]{1,64}@[\w.-]{1,255}|\bhttps?://[^\s<>\"]{1,500}"
)
#: Who said it, in Postfix's and Exim's words: "host mx.example.com[192.0.2.1] said:". It is no part of the answer.
_SPEAKER = re.compile(r"\bhost ([\w.-]{1,255}) {0,2}(?:\[[^\]\s]{1,45}\])?(?: said)?: ", re.IGNORECASE)
#: What an answer was given to, in the words of Exim and Postfix. "No such user" after MAIL FROM is about us: it
#: condemns no recipient.
_TO_THE_SENDER = re.compile(r"\b(?:after|in reply to) (?:mail from|helo|ehlo)\b")
_OF_THE_RECIPIENT = frozenset({BounceReason.NO_SUCH_USER, BounceReason.MAILBOX_INACTIVE, BounceReason.DOMAIN_ERROR})
_CODE_PREFIX = re.compile(r"[245]\d\d-(?:[245]\.\d{1,3}\.\d{1,3} )?")


def plain(words: str) -> str:
    """The answer as the wordings are compared with it: lower case, single spaces, no address, no continuation codes."""
    text = _ADDRESS_OR_URL.sub(_masked, words[:_LONGEST_ANSWER])
    text = _CODE_PREFIX.sub(" ", _SPEAKER.sub(" ", text))
    return " ".join(text.lower().split())


def _masked(found: re.Match[str]) -> str:
    """An address may hold any word ("spam@"). An URL is kept: block lists are known by theirs."""
    return found[0] if found[0].startswith("http") else "<>"


def reason_of_words(words: str) -> BounceReason | None:
    """The reason that a server's words give, or None where they are none that we know."""
    text = plain(words)
    if not text:
        return None
    reason = _first(_PATTERNS, text) or _first(_of_other_languages(), text)
    if reason in _OF_THE_RECIPIENT and _TO_THE_SENDER.search(text):
        return BounceReason.REJECTED_POLICY
    return reason


_Patterns = tuple[tuple[BounceReason, re.Pattern[str]], ...]


def _first(patterns: _Patterns, text: str) -> BounceReason | None:
    return next((reason for reason, pattern in patterns if pattern.search(text)), None)


@cache
def _of_other_languages() -> _Patterns:
    """Compiled when an answer is none of English: few are, and it takes a while."""
    from postroom.feedback.languages import answers

    return tuple((reason, re.compile(pattern)) for reason, pattern in answers())


def speaker_in(words: str) -> str | None:
    """The name of the server that a notice lets speak."""
    found = _SPEAKER.search(" ".join(words[:_LONGEST_ANSWER].split()))
    return found[1] if found else None


def is_vacation(words: str) -> bool:
    """Whether the words are those of an out-of-office reply."""
    return bool(_VACATION.search(words[:_LONGEST_ANSWER].lower()))
