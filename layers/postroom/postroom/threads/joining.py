"""What a mail does to the conversation that it comes into, or opens. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from postroom.address import as_person
from postroom.clock import from_iso
from postroom.conversation import LONGEST_TEXT, MOST_PARTICIPANTS, Conversation, Entry, EntryKind
from postroom.desk import Desk
from postroom.ids import ConversationId
from postroom.kinds.kind import BY_PEOPLE, Kind
from postroom.message import Address, Parsed
from postroom.threads.admission import Proof, Standing
from postroom.threads.life import AFTER, Happening
from postroom.threads.people import agents_forward, person, vouched_for
from postroom.threads.placing import Placement
from postroom.vouching import Vouched

SUBJECT = 200  # characters of a subject that are kept

#: Kinds that a person wrote; what we can't name is a person's mail more often than not.
BY_A_PERSON = BY_PEOPLE | {Kind.LIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A received mail, as a conversation sees it.

    `customer` is who wrote it (`as_person`), or who wrote what an agent forwarded; `people` are all that it
    is between, but for the desk and its agents. `agent` is the agent who wrote or forwarded it, and `note` what they
    wrote for their colleagues. `vouched` says whether its sender is who they say. `back_on` is the first day on which
    the author of an out-of-office is back.
    """

    id: str
    at: str
    kind: Kind
    customer: str
    people: tuple[str, ...]
    subject: str
    vouched: Vouched
    agent: str | None = None
    note: str = ""
    back_on: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


def arrival(parsed: Parsed, kind: Kind, language: str | None, desk: Desk) -> Arrival:
    """The mail, for its conversation. An agent's forward is the mail of the customer who wrote it first."""
    received, message, author = parsed.received, parsed.message, person(parsed.message, desk)
    forwarded = agents_forward(parsed, desk)
    if forwarded is not None and forwarded.sender is not None and author is not None:
        return Arrival(
            id=received.ses_id,
            at=received.received_at,
            kind=Kind.PERSON,
            customer=as_person(forwarded.sender.address),
            people=_theirs((forwarded.sender, *forwarded.to, *forwarded.cc), desk),
            subject=forwarded.subject or message.subject,
            vouched=Vouched.PROVEN,
            agent=as_person(author.address),
            note=forwarded.note,
            facts={"forwarded_by": as_person(author.address), "written": forwarded.date[:100]},
        )
    return Arrival(
        id=received.ses_id,
        at=received.received_at,
        kind=kind,
        customer=as_person(author.address) if author else "",
        people=_theirs((*((author,) if author else ()), *message.reply_to, *message.to, *message.cc), desk),
        subject=message.subject,
        vouched=vouched_for(parsed, desk),
        back_on=_back_on(parsed, language) if kind is Kind.OUT_OF_OFFICE else None,
    )


def opened(mail: Arrival, id_: ConversationId, desk: Desk, linked_to: ConversationId | None) -> Conversation:
    """The conversation that this mail opens, before the mail is in it.

    Who is not proven brings nobody in, here neither; and what is forged opens one in which not even its customer takes
    part: else their next mail would join it, and bring it into the one that the guard kept it out of.
    """
    customer = (mail.customer,) if mail.customer in mail.people else ()
    people = {Vouched.PROVEN: mail.people, Vouched.UNPROVEN: customer, Vouched.FORGED: ()}
    return Conversation(
        id=id_,
        customer=mail.customer,
        participants=people[mail.vouched],
        subject=mail.subject[:SUBJECT],
        created_at=mail.at,
        updated_at=mail.at,
        desk=desk.address.lower(),
        linked_to=linked_to,
    )


def joined(conversation: Conversation, mail: Arrival, placement: Placement) -> Conversation:
    """The conversation with this mail in it; the same one where it has seen the mail already."""
    if mail.id in conversation.recent:
        return conversation
    happening = happening_of(conversation, mail, placement)
    return replace(
        conversation,
        state=AFTER[conversation.state, happening],
        participants=_united(conversation, mail, placement),
        updated_at=max(conversation.updated_at, mail.at),
        mails=conversation.mails + 1,
        recent=conversation.recent_with(mail.id),
        follow_up_on=_follow_up(conversation, mail, happening),
    )


def happening_of(conversation: Conversation, mail: Arrival, placement: Placement) -> Happening:
    """What this mail is to the conversation: a customer's, a robot's, an agent's answer, or an agent's note."""
    if mail.kind not in BY_A_PERSON:
        return Happening.AUTOMATIC_MAIL
    if placement.standing is Standing.AGENT and mail.agent is None:
        return Happening.DESK_REPLY if conversation.customer in mail.people else Happening.NOTE
    return Happening.CUSTOMER_MAIL


def entries(conversation: Conversation, mail: Arrival, placement: Placement) -> tuple[Entry, ...]:
    """What stands in the conversation for it: the mail, and what an agent wrote above a forward."""
    facts = {"subject": mail.subject[:SUBJECT], "kind": str(mail.kind), **mail.facts}
    happened = happening_of(conversation, mail, placement)
    came = Entry(
        at=mail.at,
        kind=EntryKind.MAIL,
        id=mail.id,
        author=mail.customer,
        facts={**facts, **({"internal": "yes"} if happened is Happening.NOTE else {})},
    )
    if not mail.note or mail.agent is None:
        return (came,)
    text = mail.note[:LONGEST_TEXT]
    return (came, Entry(at=mail.at, kind=EntryKind.NOTE, id=f"{mail.id}/note", author=mail.agent, text=text))


def _back_on(parsed: Parsed, language: str | None) -> date | None:
    from postroom.kinds.absence import returns_on  # only here: its tables are the slowest part of a cold start

    told = parsed.message.reply.visible or parsed.message.text or ""
    return returns_on(told, from_iso(parsed.received.received_at).date(), language)


def _theirs(people: tuple[Address, ...], desk: Desk) -> tuple[str, ...]:
    """Those who are neither the desk nor its agents, by `as_person`, once each, in their order."""
    theirs = dict.fromkeys(as_person(each.address) for each in people if "@" in each.address)
    return tuple(each for each in theirs if not desk.owns(each) and not desk.employs(each))[:MOST_PARTICIPANTS]


def _united(conversation: Conversation, mail: Arrival, placement: Placement) -> tuple[str, ...]:
    """A customer whom the participants add in Cc takes part. Who is not proven adds nobody: a forged mail with a leaked
    id would bring its writer in."""
    by = placement.decided_by
    trusted = by is not None and (
        by.claim.proof is Proof.FRESH_TOKEN or by.standing in (Standing.AGENT, Standing.PARTICIPANT)
    )
    new = mail.people if trusted else ()
    return tuple(dict.fromkeys((*conversation.participants, *new)))[:MOST_PARTICIPANTS]


def _follow_up(conversation: Conversation, mail: Arrival, happening: Happening) -> str | None:
    """Nobody has to look at a conversation before its customer is back; once they have written, they are."""
    if happening is Happening.CUSTOMER_MAIL:
        return None
    return mail.back_on.isoformat() if mail.back_on is not None else conversation.follow_up_on
