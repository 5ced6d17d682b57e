"""What became of each mail of ours, for each whom it went to: a fold over the entries of a conversation. Pure.

News come late and in any order, so the last one told decides nothing. Each outweighs those before it in `Became`: what
was delivered may still bounce, and who complains has had it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from postroom.address import AddressEvent, fold
from postroom.conversation import Entry, EntryKind
from postroom.ids import SentId


class Became(StrEnum):
    """The state of a mail at one recipient, what weighs less before what weighs more."""

    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REJECTED = "rejected"  # SES sent it to nobody
    COMPLAINED = "complained"


_WEIGHT = {each: weight for weight, each in enumerate(Became)}

#: What an event says of the mail. Total.
SAYS: Mapping[AddressEvent, Became] = {
    AddressEvent.DELIVERED: Became.DELIVERED,
    AddressEvent.DELAYED: Became.DELAYED,
    AddressEvent.BLAMED_ON_US: Became.BOUNCED,
    AddressEvent.SOFT_BOUNCE: Became.BOUNCED,
    AddressEvent.MAILBOX_FULL: Became.BOUNCED,
    AddressEvent.DOMAIN_ERROR: Became.BOUNCED,
    AddressEvent.HARD_BOUNCE: Became.BOUNCED,
    AddressEvent.LISTED: Became.BOUNCED,
    AddressEvent.UNLISTED: Became.SENT,  # of the address, and of no mail
    AddressEvent.COMPLAINT: Became.COMPLAINED,
    AddressEvent.LIFTED: Became.SENT,
}


def became(entries: Iterable[Entry]) -> Mapping[SentId, Mapping[str, Became]]:
    """By SES's id of the mail and by recipient (folded). Of an automatic mail that nothing is told of yet nobody is
    named: it went to the customer."""
    found: dict[SentId, dict[str, Became]] = {}
    for entry in entries:
        if entry.kind is EntryKind.REPLY:
            of_mail = found.setdefault(SentId(entry.id), {})
            for who in _recipients(entry):
                of_mail.setdefault(who, Became.SENT)
        elif entry.kind is EntryKind.DELIVERY and "sent_id" in entry.facts:
            of_mail = found.setdefault(SentId(entry.facts["sent_id"]), {})
            who = entry.facts.get("recipient", "")
            of_mail[who] = max(of_mail.get(who, Became.SENT), _said(entry), key=_WEIGHT.__getitem__)
    return found


def told(of_mail: Mapping[str, Became]) -> str:
    """In a few words: the one state that all have, or each with its own."""
    states = set(of_mail.values())
    if len(states) < 2:
        return next(iter(states), Became.SENT)
    return ", ".join(f"{state}: {who}" for who, state in of_mail.items())


def _said(entry: Entry) -> Became:
    if "rejected" in entry.facts:
        return Became.REJECTED
    event = entry.facts.get("event", "")
    return SAYS[AddressEvent(event)] if event in (*AddressEvent,) else Became.SENT


def _recipients(entry: Entry) -> Iterable[str]:
    told_of = f"{entry.facts.get('to', '')},{entry.facts.get('cc', '')}"
    return (fold(each) for each in told_of.split(",") if "@" in each)
