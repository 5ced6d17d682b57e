"""A mail by which an agent answers a customer from their own mail client: which mail is one, what it asks for. Pure.

The token in its recipient is the one that a notice of the desk to this very agent had in its Reply-To, and the agent is
proven to have written it. A token that a customer has, or a forged agent, starts nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postroom.address import as_person
from postroom.conversation import State
from postroom.desk import Desk
from postroom.ids import ConversationId
from postroom.kinds.kind import BY_PEOPLE
from postroom.message import Message, Parsed
from postroom.threads.evidence import FRESH_DAYS
from postroom.threads.subjects import unmarked
from postroom.threads.tokens import Tokens
from postroom.vouching import Vouched, voucher

_ADDRESSES = 50
# Whatever begins like a command is one, so that a slip sends nothing: `# note`, `*#note*`, `#note, she is angry`, and
# what clients and keyboards put before it or make of it.
_COMMAND = re.compile(r"[^\w#\uff03\n]{0,9}[#\uff03][ \t\xa0]{0,3}([^\W\d_][^\s:,;.*\u2013\u2014]{0,30})\*{0,2}")
_AFTER = " \t\xa0:,;.\u2013\u2014"  # what parts a command and the text


class Does(StrEnum):
    """What an agent's mail does."""

    SENDS = "sends"  # what they wrote goes to the customer
    NOTES = "notes"  # it stays inside the desk
    MOVES = "moves"  # it sets the state, and has nothing to send


class Address(StrEnum):
    """Which address of the desk an agent's answer to a notice came to."""

    THEIRS = "theirs"  # the one that a notice gave to them
    ANOTHERS = "anothers"  # the one that a notice gave to a colleague, or to them long ago
    DESKS = "desks"  # the desk's own: their client kept nothing but the id of the notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What becomes of the text: it is sent, or stays. `then` is the conversation's state once it is sent; with `moves`
    it is so also where there is no text."""

    does: Does = Does.SENDS
    then: State = State.PENDING
    moves: bool = False


#: By the word at the start of the first line, or of the subject. Without one, it is sent.
COMMANDS: Mapping[str, Command] = {
    "": Command(),
    "#note": Command(does=Does.NOTES),
    "#pending": Command(moves=True),
    "#solved": Command(moves=True, then=State.SOLVED),
    "#open": Command(moves=True, then=State.OPEN),
}
_IN_SUBJECT = re.compile(
    rf"[#\uff03][#\uff03\s]{{0,9}}(?={'|'.join(word[1:] for word in COMMANDS if word)})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the agent asks for. `command` is None where the word is none that we know. `text` is what they wrote,
    without the command, their quote and their signature."""

    agent: str
    conversation: ConversationId
    command: Command | None
    text: str
    address: Address

    @property
    def does(self) -> Does:
        if self.command is None:
            return Does.SENDS
        return Does.MOVES if self.command.moves and not self.text else self.command.does


def author(parsed: Parsed, kind: str, desk: Desk) -> str | None:
    """The agent who wrote this mail, if one is proven to have written it to the desk alone; None otherwise."""
    found = parsed.message.author
    # An agent's out-of-office is no answer to a customer.
    if found is None or kind not in BY_PEOPLE or not desk.employs(found.address) or desk.owns(found.address):
        return None
    proven = voucher(parsed).vouched is Vouched.PROVEN and _is_to_the_desk_alone(parsed, desk)
    return found.address if proven else None


def asked(parsed: Parsed, agent: str, desk: Desk, tokens: Tokens, today: date) -> Asked | None:
    """What this mail of an agent's asks for; None where it is to no address that a notice of ours gave to anybody."""
    to = tuple(_recipients(parsed.message, desk))
    own = next((each for each in tokens.of_agent(as_person(agent), to) if each.is_fresh(today, FRESH_DAYS)), None)
    if own is not None:
        return said(parsed, agent, own.conversation, Address.THEIRS)
    named = next(tokens.named(to), None)
    return said(parsed, agent, named.conversation, Address.ANOTHERS) if named else None


def said(parsed: Parsed, agent: str, conversation: ConversationId, address: Address) -> Asked:
    """What the text asks for, of a mail that is known to be an agent's answer in this conversation."""
    word, text = _read(parsed)
    return Asked(agent=agent, conversation=conversation, command=COMMANDS.get(word), text=text, address=address)


def without_commands(subject: str) -> str:
    """A subject whose answer asks for nothing: whoever began it, a customer perhaps, gives no commands to the desk."""
    return _IN_SUBJECT.sub("", subject)


def _is_to_the_desk_alone(parsed: Parsed, desk: Desk) -> bool:
    """Whoever else it is to has it already: then it is the desk's answer as it is, or a note among colleagues."""
    message = parsed.message
    people = [each.address for each in (*message.to, *message.cc) if "@" in each.address]
    return bool(people) and all(map(desk.owns, people))


def _recipients(message: Message, desk: Desk) -> Iterator[str]:
    """Ours, of To. A token anywhere else in a mail is a quote; and in the envelope, which no signature covers, somebody
    else may have put it, who sends an old mail of the agent's once more."""
    return (each.address for each in message.to[:_ADDRESSES] if desk.owns(each.address))


def _read(parsed: Parsed) -> tuple[str, str]:
    """The command and the text. The first line counts before the subject, and loses its command. A customer may have
    begun the subject, with whatever word."""
    text = parsed.message.reply.visible.strip()
    if found := _COMMAND.match(text):
        return f"#{found[1].lower()}", text[found.end() :].lstrip(_AFTER).strip()
    in_subject = _COMMAND.match(unmarked(parsed.message.subject))
    word = f"#{in_subject[1].lower()}" if in_subject else ""
    return (word if word in COMMANDS else ""), text
