"""The mail of a conversation that an answer answers: whom it goes to, what it threads with, and what is quoted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from postroom.address import as_person
from postroom.clock import from_iso
from postroom.conversation import Conversation, Entry, EntryKind
from postroom.ids import SesId
from postroom.message import Address, Message, Parsed
from postroom.mime import dates
from postroom.ports import Conversations, Objects
from postroom.replies.quoting import Quoted
from postroom.stages import documents
from postroom.stages.documents import parsed_key
from postroom.threads.joining import BY_A_PERSON

_ASKED = 3  # addresses of Reply-To that an answer goes to
_LOOKED_AT = 10  # mails whose document is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """`threads_with` is None where the customer knows nothing of that mail: an agent forwarded it to us. `parsed` is
    None where retention has taken every mail. `writer` are the addresses that the answer to it goes to, as they were
    written; `spelled` is every address in it by `as_person`."""

    ses_id: SesId | None = None
    parsed: Parsed | None = None
    threads_with: Message | None = None
    subject: str = ""
    quoted: Quoted | None = None
    writer: tuple[str, ...] = ()
    people: tuple[Address, ...] = ()

    def spelled(self, person: str) -> str:
        """The address of this person (`as_person`) as it was written last: its local part may need its capitals."""
        return next((each.address for each in self.people if as_person(each.address) == as_person(person)), person)


def original(conversations: Conversations, objects: Objects, conversation: Conversation) -> Original:
    """The last mail of somebody who takes part, a person's before a robot's."""
    mails = [e for e in conversations.entries(conversation.id) if e.kind is EntryKind.MAIL and _is_theirs(e)]
    for entry in islice(_likeliest(mails, conversation.participants), _LOOKED_AT):
        if parsed := documents.stored(objects, parsed_key(SesId(entry.id))):
            return _of(entry, parsed, conversation)
    return Original(subject=conversation.subject)


def _is_theirs(entry: Entry) -> bool:
    return entry.facts.get("internal") != "yes"


def _likeliest(mails: Sequence[Entry], participants: Iterable[str]) -> Iterator[Entry]:
    people = frozenset(participants)
    theirs = [each for each in mails if each.author in people]
    by_people = [each for each in theirs if each.facts.get("kind") in BY_A_PERSON]
    return iter({each.id: each for each in (*reversed(by_people), *reversed(theirs), *reversed(mails))}.values())


def _of(entry: Entry, parsed: Parsed, conversation: Conversation) -> Original:
    message = parsed.message
    forwarded = message.forwarded if "forwarded_by" in entry.facts else None
    if forwarded is not None and forwarded.sender is not None:
        return Original(
            ses_id=SesId(entry.id),
            parsed=parsed,
            subject=forwarded.subject or message.subject,
            quoted=Quoted(who=_name(forwarded.sender), when=dates.moment(forwarded.date), text=forwarded.body),
            writer=(forwarded.sender.address,),
            people=(forwarded.sender, *forwarded.to, *forwarded.cc),
        )
    author = message.author
    who = _name(author) if author else ""
    when = _moment(message.date) or _moment(parsed.received.received_at)
    return Original(
        ses_id=SesId(entry.id),
        parsed=parsed,
        threads_with=message,
        subject=message.subject,
        quoted=Quoted(who=who, when=when, text=message.reply.visible or message.text or ""),
        writer=writer(message, conversation),
        people=(*((author,) if author else ()), *message.reply_to, *message.to, *message.cc),
    )


def writer(message: Message, conversation: Conversation) -> tuple[str, ...]:
    """Where its author wants the answer, if those take part: Reply-To is anybody's word until they do. A few of them:
    who opens a conversation brings in whomever they name there, and no answer of ours shall be a mailing of theirs."""
    asked = message.reply_to[:_ASKED]
    wanted = [each.address for each in asked if as_person(each.address) in conversation.participants]
    return tuple(wanted) or ((message.author.address,) if message.author else ())


def _name(address: Address) -> str:
    return address.name or address.address


def _moment(written: str | None) -> datetime | None:
    """In the zone of whoever wrote it: that is the time that they remember."""
    try:
        return from_iso(written or "")
    except ValueError:
        return None
