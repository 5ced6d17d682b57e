"""Signed thread tokens: the one proof of a conversation that only somebody who got a mail of ours can show.

A token stands in the Reply-To of what we send (`support+TOKEN@desk.example`), in an id of our own among its References
(SES overwrites Message-ID, and leaves References alone), and in the body, where a client that keeps neither quotes it.

It is `t`, 16 letters of the conversation's id, 4 for the day, 20 for the mark: RFC 4648's base 32 in lower case, since
a local part may lose its case on the way. The mark is the first 100 bits of an HMAC-SHA256 (RFC 2104 section 5 is on
cutting it) over the desk's address, the conversation and the day. Together that is 41 of the 64 characters of a local
part (RFC 5321 section 4.5.3.1.1).

The token in the links of a survey begins with `s`, and that by which its reader wants no more of them with `u`: whoever
has one of these gets into no conversation by it.

The token of an agent begins with `a`: it stands in the Reply-To of the desk's notices alone, and its mark is over the
agent's address too. A customer's token is never one, nor is another agent's.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from postroom.ids import ConversationId, MessageId
from postroom.keys import Keys

LOCAL_PART = 64  # characters, RFC 5321 section 4.5.3.1.1
TOKEN = 41  # characters of one
MOST = 20  # tokens that are read in one mail

_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_FOR_ANYBODY, _FOR_AGENT, _FOR_SURVEY, _FOR_WISH = "t", "a", "s", "u"
_PURPOSES: Mapping[str, str] = {
    _FOR_ANYBODY: "postroom thread token 1",
    _FOR_AGENT: "postroom agent token 1",
    _FOR_SURVEY: "postroom survey token 1",
    _FOR_WISH: "postroom unsubscribe token 1",
}
_FORM = r"(?<![a-z0-9])%s([a-z2-7]{16})([a-z2-7]{4})([a-z2-7]{20})(?![a-z0-9])"
# In ASCII: without regard to case `k` is the Kelvin sign too, and `s` the long s.
_TOKENS = {letter: re.compile(_FORM % letter, re.IGNORECASE | re.ASCII) for letter in _PURPOSES}
_CONVERSATION = re.compile(r"[a-z2-7]{16}")
_EPOCH = date(1970, 1, 1)
_MARK = 20  # letters of the mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that we have signed: for this conversation, on this day (UTC)."""

    conversation: ConversationId
    issued_on: date

    def is_fresh(self, today: date, days: int) -> bool:
        """Whether it is at most so many days old. One from tomorrow is: clocks differ."""
        return timedelta(days=-1) <= today - self.issued_on <= timedelta(days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Signs and reads the tokens of one desk. `desk` is its address: a token of another desk is none of ours."""

    keys: Keys
    desk: str

    def sign(self, conversation: ConversationId, at: datetime) -> str:
        """The token of this conversation for the day of this moment."""
        return self._signed(_FOR_ANYBODY, conversation, at)

    def sign_for(self, agent: str, conversation: ConversationId, at: datetime) -> str:
        """The same by which this agent (`as_person`) alone may answer in the desk's name."""
        return self._signed(_FOR_AGENT, conversation, at, agent)

    def sign_survey(self, conversation: ConversationId, at: datetime) -> str:
        """By which a survey knows what it is answered about, and that the desk asked."""
        return self._signed(_FOR_SURVEY, conversation, at)

    def sign_wish(self, conversation: ConversationId, at: datetime) -> str:
        """By which whoever got a survey in this conversation wants no more."""
        return self._signed(_FOR_WISH, conversation, at)

    def found(self, texts: Iterable[str]) -> Iterator[Token]:
        """Every token in these texts that we have signed, in their order; at most MOST are looked at."""
        return self._found(_FOR_ANYBODY, texts)

    def wishes(self, texts: Iterable[str]) -> Iterator[Token]:
        """Every token in these texts by which somebody wants no more surveys."""
        return self._found(_FOR_WISH, texts)

    def of_agent(self, agent: str, texts: Iterable[str]) -> Iterator[Token]:
        """Every token that we have signed for this agent."""
        return self._found(_FOR_AGENT, texts, agent) if agent else iter(())

    def named(self, texts: Iterable[str]) -> Iterator[Token]:
        """What has the form of an agent's token, whoever that is. It proves nothing: nobody asks for its mark, since
        that is over an address which the mail may not name."""
        for match in _candidates(_FOR_AGENT, texts):
            yield _read(match)

    def _signed(self, letter: str, conversation: ConversationId, at: datetime, agent: str = "") -> str:
        if not _CONVERSATION.fullmatch(conversation):
            raise ValueError(f"not an id of a conversation: {conversation!r}")
        return _text(letter, self.keys.current, self.desk, conversation, _day(at.astimezone(UTC).date()), agent)

    def _found(self, letter: str, texts: Iterable[str], agent: str = "") -> Iterator[Token]:
        for match in _candidates(letter, texts):
            found = _read(match)
            if self._is_ours(match[0].lower(), found.conversation, match[2].lower(), agent):
                yield found

    def _is_ours(self, token: str, conversation: ConversationId, day: str, agent: str) -> bool:
        # Every key is tried, whichever fits: how long it takes says nothing.
        texts = (_text(token[0], key, self.desk, conversation, day, agent) for key in self.keys.all())
        fits = [hmac.compare_digest(token, text) for text in texts]
        return any(fits)


def _candidates(letter: str, texts: Iterable[str]) -> Iterator[re.Match[str]]:
    return islice((match for text in texts for match in _TOKENS[letter].finditer(text)), MOST)


def _read(match: re.Match[str]) -> Token:
    conversation, day = ConversationId(match[1].lower()), match[2].lower()
    return Token(conversation=conversation, issued_on=_EPOCH + timedelta(days=_number(day)))


def reply_to(desk: str, token: str) -> str | None:
    """The desk's address with the token as its label; None where the local part would be too long to be mailed to."""
    local, _, domain = desk.rpartition("@")
    labelled = f"{local.partition('+')[0]}+{token}"
    return f"{labelled}@{domain}" if len(labelled) <= LOCAL_PART else None


def has_room(desk: str) -> bool:
    """Whether `reply_to` gives something for this desk: a token may make the local part too long."""
    return reply_to(desk, _FOR_ANYBODY * TOKEN) is not None


def reference(desk: str, token: str) -> MessageId:
    """An id for References that carries the token."""
    return MessageId(f"{token}@{desk.rpartition('@')[2]}")


def is_reference(desk: str, id_: MessageId) -> bool:
    """Whether the id has the form of `reference`. It proves nothing: whoever makes one up is taken at his word."""
    token, _, domain = id_.rpartition("@")
    return domain.lower() == desk.rpartition("@")[2].lower() and _TOKENS[_FOR_ANYBODY].fullmatch(token) is not None


def names_an_agent(text: str) -> bool:
    """Whether something with the form of an agent's token stands in the text: nobody else should read it."""
    return _TOKENS[_FOR_AGENT].search(text) is not None


def names_a_wish(text: str) -> bool:
    """Whether something with the form of a wish for no more surveys stands in the text."""
    return _TOKENS[_FOR_WISH].search(text) is not None


def _text(letter: str, key: bytes, desk: str, conversation: ConversationId, day: str, agent: str) -> str:
    """`agent` is empty where the token is for whoever has it. No two of these texts are alike: they begin apart."""
    whose = (_PURPOSES[letter], agent) if agent else (_PURPOSES[letter],)
    said = "\0".join((*whose, desk.lower(), conversation, day)).encode("utf-8", "surrogatepass")
    mark = base64.b32encode(hmac.digest(key, said, hashlib.sha256)).decode("ascii").lower()
    return f"{letter}{conversation}{day}{mark[:_MARK]}"


def _day(day: date) -> str:
    number = (day - _EPOCH).days
    return "".join(_DIGITS[number >> shift & 31] for shift in (15, 10, 5, 0))


def _number(day: str) -> int:
    number = 0
    for letter in day:
        number = number << 5 | _DIGITS.index(letter)
    return number
