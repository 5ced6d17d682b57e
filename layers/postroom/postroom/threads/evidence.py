"""What a mail itself shows of where it belongs: our tokens, and the ids that it names. Pure: nothing is looked up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postroom.desk import Desk
from postroom.ids import MessageId, is_of_ses
from postroom.message import Message
from postroom.threads.admission import Proof
from postroom.threads.tokens import Token, Tokens

FRESH_DAYS = 45  # a token is fresh for so long: an answer after a holiday still is one
IDS = 40  # ids of one mail that are looked up; BatchGetItem takes a hundred
_TEXT = 100_000  # characters of a body that are looked through for a token
_ADDRESSES = 50


class Place(StrEnum):
    """Where in a mail a proof stood. The value stands in records for ever."""

    ADDRESS = "address"
    REFERENCES = "references"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A token of ours, with where it stood and how good it still is."""

    token: Token
    proof: Proof
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a mail shows. `ids` has what it answers, the nearest first; `own` is its own Message-ID."""

    tokens: tuple[Shown, ...]
    ids: tuple[MessageId, ...]
    own: MessageId | None


def evidence(message: Message, rcpt_to: Sequence[str], desk: Desk, tokens: Tokens | None, today: date) -> Evidence:
    """`tokens` is None for a desk without a key, such as the command line has it."""
    return Evidence(
        tokens=() if tokens is None else tuple(_shown(message, rcpt_to, desk, tokens, today)),
        ids=_ids(message),
        own=message.message_id,
    )


def proof_by_id(id_: MessageId) -> Proof:
    """What it proves to know this id."""
    return Proof.OUR_MAIL if is_of_ses(id_) else Proof.REFERENCE


def _shown(message: Message, rcpt_to: Sequence[str], desk: Desk, tokens: Tokens, today: date) -> Iterator[Shown]:
    addresses = (*rcpt_to, *(each.address for each in (*message.to, *message.cc)))
    ours = [address for address in addresses[:_ADDRESSES] if desk.owns(address)]
    body = (message.text or "")[:_TEXT], (message.html or "")[:_TEXT] if message.text is None else ""
    for place, texts in ((Place.ADDRESS, ours), (Place.REFERENCES, _ids(message)), (Place.BODY, body)):
        for token in dict.fromkeys(tokens.found(texts)):
            fresh = token.is_fresh(today, FRESH_DAYS)
            yield Shown(token=token, proof=Proof.FRESH_TOKEN if fresh else Proof.STALE_TOKEN, place=place)


def _ids(message: Message) -> tuple[MessageId, ...]:
    """The nearest first: In-Reply-To, then References from its end (RFC 5322 section 3.6.4). iOS sends one of them."""
    nearest = (*message.in_reply_to, *reversed(message.references))
    return tuple(dict.fromkeys(id_ for id_ in nearest if id_ != message.message_id))[:IDS]
