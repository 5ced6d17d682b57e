"""What a mail itself shows of where it belongs: our tokens, and the ids that it names. Pure: nothing is looked up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postroom.address import as_person
from postroom.desk import Desk
from postroom.ids import MessageId, is_of_ses
from postroom.message import Message
from postroom.threads.admission import Proof
from postroom.threads.tokens import Token, Tokens

FRESH_DAYS = 45  # a token is fresh for so long: an answer after a holiday still is one
IDS = 40  # ids of one mail that are looked up; BatchGetItem takes a hundred
_TEXT = 100_000  # characters of a body that are looked through for a token
_ADDRESSES = 50
_ANSWERED = 3  # each is a write


class Place(StrEnum):
    """Where in a mail a proof stood. The value stands in records for ever."""

    ADDRESS = "address"
    REFERENCES = "references"
    BODY = "body"
    MESSAGE_ID = "message_id"  # its own
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A token of ours, or with NOTICE what has the form of one, with where it stood and how good it still is."""

    token: Token
    proof: Proof
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a mail shows. `ids` has what it answers, the nearest first; `own` is its own Message-ID."""

    tokens: tuple[Shown, ...]
    ids: tuple[MessageId, ...]
    own: MessageId | None


def evidence(message: Message, rcpt_to: Sequence[str], desk: Desk, tokens: Tokens, today: date) -> Evidence:
    return Evidence(
        tokens=tuple(_shown(message, rcpt_to, desk, tokens, today)),
        ids=_ids(message),
        own=message.message_id,
    )


def answered(id_: MessageId) -> MessageId:
    """The name under which a conversation is known that answers the mail with this id, and has not seen it.

    No Message-ID has a space in it (RFC 5322 section 3.6.4), so it is never one.
    """
    return MessageId(f"answered {id_}")


def proofs_of(shown: Evidence) -> tuple[MessageId, ...]:
    """What a conversation that takes this mail in is known by from then on: the nearest ids, and the one that the
    thread began with. Of two answers to a mail that we never saw the second then joins, and so does the mail itself."""
    others = dict.fromkeys((*shown.ids[:_ANSWERED], *shown.ids[-1:]))
    return (*((shown.own,) if shown.own else ()), *map(answered, others))


def asked_for(shown: Evidence) -> tuple[MessageId, ...]:
    """Every name under which a conversation of this mail may be known."""
    ids = (*shown.ids, *((shown.own,) if shown.own else ()))
    return (*ids, *map(answered, ids))


def proof_by_id(id_: MessageId) -> Proof:
    """What it proves to know this id."""
    return Proof.OUR_MAIL if is_of_ses(id_) else Proof.REFERENCE


def _shown(message: Message, rcpt_to: Sequence[str], desk: Desk, tokens: Tokens, today: date) -> Iterator[Shown]:
    addresses = (*rcpt_to, *(each.address for each in (*message.to, *message.cc)))
    ours = [address for address in addresses[:_ADDRESSES] if desk.owns(address)]
    author = as_person(message.author.address) if message.author else ""
    # In both: our mails had one unseen in their HTML for long, and who writes plain text beside it leaves it out there.
    body = (message.text or "")[:_TEXT], (message.html or "")[:_TEXT]
    found = (
        (Place.ADDRESS, (*tokens.found(ours), *tokens.of_agent(author, ours))),
        (Place.REFERENCES, tokens.found(_ids(message))),
        (Place.BODY, tokens.found(body)),
    )
    for place, each in found:
        for token in dict.fromkeys(each):
            fresh = token.is_fresh(today, FRESH_DAYS)
            yield Shown(token=token, proof=Proof.FRESH_TOKEN if fresh else Proof.STALE_TOKEN, place=place)
    for token in dict.fromkeys(tokens.named(ours)):
        yield Shown(token=token, proof=Proof.NOTICE, place=Place.ADDRESS)


def _ids(message: Message) -> tuple[MessageId, ...]:
    """The nearest first: In-Reply-To, then References from its end (RFC 5322 section 3.6.4). iOS sends one of them."""
    nearest = (*message.in_reply_to, *reversed(message.references))
    return tuple(dict.fromkeys(id_ for id_ in nearest if id_ != message.message_id))[:IDS]
