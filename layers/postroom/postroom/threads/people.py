"""Who wrote a mail, and who that is to a conversation. Pure."""

from collections.abc import Iterator

from postroom.address import as_person
from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.message import Address, Forwarded, Message, Parsed
from postroom.mime.addresses import addresses
from postroom.threads.admission import Standing
from postroom.vouching import Vouched, aligned, voucher

_ASKED = 5  # addresses of Reply-To that are looked at
_STANDINGS = {
    Vouched.PROVEN: Standing.PARTICIPANT,
    Vouched.UNPROVEN: Standing.UNPROVEN,
    Vouched.FORGED: Standing.FORGED,
}


def rewritten_by_list(message: Message) -> bool:
    """Whether a mailing list wrote its own address into From, since the author's domain would have failed DMARC there:
    `'Ann' via Support <support@groups.example>`, as Google Groups, Mailman and others do."""
    names_list = any(name in message.facts for name in ("list-id", "list-post", "mailing-list"))
    return "x-original-from" in message.facts or (
        names_list and any(" via " in address.name for address in message.from_)
    )


def person(message: Message, desk: Desk) -> Address | None:
    """Who wrote the mail: the author; where a list put itself in the author's place, the person that it names."""
    author = message.author
    if author is None or not rewritten_by_list(message):
        return author
    named = (*_told(message), *message.reply_to[:_ASKED])
    others = (each for each in named if "@" in each.address and not desk.owns(each.address))
    return next((each for each in others if as_person(each.address) != as_person(author.address)), author)


def _told(message: Message) -> Iterator[Address]:
    for name in ("x-original-from", "x-original-sender"):
        yield from addresses(message.fact(name).encode())[:1]


def agents_forward(parsed: Parsed, desk: Desk) -> Forwarded | None:
    """What an agent forwards to the desk: a mail that a customer sent to them, and not to the desk. None where it isn't
    shown that the agent sent it, or where nobody else wrote it: then it is a mail like any other."""
    author, forwarded = parsed.message.author, parsed.message.forwarded
    if author is None or forwarded is None or forwarded.sender is None or not desk.employs(author.address):
        return None
    writer = forwarded.sender.address
    if "@" not in writer or desk.owns(writer) or desk.employs(writer):
        return None
    return forwarded if voucher(parsed).vouched is Vouched.PROVEN else None


def an_agents_own(parsed: Parsed, desk: Desk) -> bool:
    """Whether one of the desk's people is shown to have written this mail, and it is no forward of a customer's: then
    nobody waits for the desk to answer it."""
    someone = person(parsed.message, desk)
    if someone is None or not desk.employs(someone.address) or agents_forward(parsed, desk) is not None:
        return False
    return vouched_for(parsed, desk) is Vouched.PROVEN


def vouched_for(parsed: Parsed, desk: Desk) -> Vouched:
    """Who vouches for the person who wrote the mail, as far as conversations go: a From that is nobody's is forged
    there. Whom only a list names is never proven, and forged unless it is the desk's own list, or one of theirs."""
    author, someone = parsed.message.author, person(parsed.message, desk)
    if author is None or someone is None or not _is_of_one(parsed.message):
        return Vouched.FORGED
    vouched = voucher(parsed).vouched
    if someone == author:
        return vouched
    near = any(aligned(author.address, each) for each in (desk.address.rpartition("@")[2], someone.domain))
    return Vouched.UNPROVEN if near and vouched is Vouched.PROVEN else Vouched.FORGED


def _is_of_one(message: Message) -> bool:
    """Whether From has one address, as an address is written. None or several are nobody's (RFC 7489 section 6.6.1),
    and a domain with a final dot, which no address has (RFC 5321 section 4.1.2), is one that DMARC may not find."""
    authors = {each.address.lower() for each in message.from_ if "@" in each.address}
    return len(authors) == 1 and not authors.pop().endswith(".")


def standing(parsed: Parsed, desk: Desk, conversation: Conversation) -> Standing:
    """Who the author of this mail is to a conversation."""
    someone = person(parsed.message, desk)
    if someone is None:
        return Standing.STRANGER
    vouched = vouched_for(parsed, desk)
    if desk.employs(someone.address) and vouched is Vouched.PROVEN:
        return Standing.AGENT
    if as_person(someone.address) in conversation.participants:
        return _STANDINGS[vouched]
    return Standing.STRANGER
