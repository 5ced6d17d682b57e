"""What a conversation shows of what came back about a mail of ours, and what it does to its state. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from postroom.address import SORTS, AddressEvent, IncidentSort, fold
from postroom.conversation import Conversation, Entry, EntryKind
from postroom.feedback import table
from postroom.feedback.advice import ADVICE
from postroom.feedback.report import Feedback, FeedbackKind, Report, Source
from postroom.ids import MessageId, SentId, is_of_ses
from postroom.threads.life import AFTER, Happening

MOST = 50  # recipients of one mail that are shown; SES takes no more in a send
_AUTHOR = "feedback"

_FAILED = "delivery to {whom} failed: {why}. {advice}"
_REJECTED = (
    "SES rejected the mail to {whom}, and sent it to nobody: it found a virus in it. Leave the files out that may have "
    "one, or send a link to them, and answer again"
)
# Without LIFTED and UNLISTED: no report says either.
_SAID: Mapping[AddressEvent, str] = {
    AddressEvent.DELIVERED: "delivered to {whom}",
    AddressEvent.DELAYED: "delivery to {whom} is delayed: {why}",
    AddressEvent.COMPLAINT: "complaint of {whom}: {why}. {advice}",
    AddressEvent.BLAMED_ON_US: _FAILED,
    AddressEvent.SOFT_BOUNCE: _FAILED,
    AddressEvent.MAILBOX_FULL: _FAILED,
    AddressEvent.DOMAIN_ERROR: _FAILED,
    AddressEvent.HARD_BOUNCE: _FAILED,
    AddressEvent.LISTED: _FAILED,
}

#: What happens once to a mail at a recipient, by the event's name.
_ONCE: Mapping[str, str] = {
    str(event): str(sort) for event, sort in SORTS.items() if sort in (IncidentSort.BOUNCE, IncidentSort.COMPLAINT)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of the mail `sent_id` at one recipient. `failed`: it did not arrive, and nobody tries any more."""

    sent_id: SentId
    entry: Entry
    failed: bool

    @property
    def once(self) -> tuple[str, str, str] | None:
        """What it has in common with the same thing told by somebody else: SES tells of a bounce, and a server may
        write one as well. None for what is told as often as it is said."""
        return once(self.entry)


def once(entry: Entry) -> tuple[str, str, str] | None:
    """See `Delivery.once`; None for entries of other kinds, too."""
    facts = entry.facts
    sort = _ONCE.get(facts.get("event", "")) if entry.kind is EntryKind.DELIVERY else None
    sort = "rejected" if "rejected" in facts else sort
    return (facts.get("sent_id", ""), facts.get("recipient", ""), sort) if sort else None


def deliveries(feedback: Feedback, at: str) -> tuple[Delivery, ...]:
    """One for each recipient that something is said of. `at` is the same each time the same thing is read, since it
    is a part of the entries' names. What says nothing of an address says nothing here: an out-of-office, say."""
    return tuple(islice(_each(feedback, at), MOST))


def _each(feedback: Feedback, at: str) -> Iterator[Delivery]:
    for index, report in enumerate(feedback.reports):
        sent_id, event = sent_id_of(feedback, report), table.event_of(report)
        if sent_id and report.recipient and event is not None:
            said = _REJECTED if feedback.kind is FeedbackKind.REJECTED else _SAID[event]
            entry = _entry(f"{feedback.event_id}/{index}", at, said, sent_id, event, report)
            if said is _REJECTED:
                entry = replace(entry, facts={**entry.facts, "rejected": "yes"})
            yield Delivery(sent_id=sent_id, entry=entry, failed=said in (_FAILED, _REJECTED))


def _entry(id_: str, at: str, said: str, sent_id: SentId, event: AddressEvent, report: Report) -> Entry:
    whom = fold(report.recipient or "")
    return Entry(
        at=at,
        kind=EntryKind.DELIVERY,
        id=id_,
        author=_AUTHOR,
        text=said.format(whom=whom, why=report.reason.text, advice=ADVICE[report.reason]),
        facts={"recipient": whom, "event": event, "reason": report.reason, "sent_id": sent_id},
    )


def sent_id_of(feedback: Feedback, report: Report) -> SentId | None:
    """SES's id of the mail of ours that is reported on. An event of SES names it; a mail does only by quoting the
    Message-ID that SES gave it, and whatever else it says of that may be made up."""
    if feedback.source is Source.SES_EVENT:
        return feedback.about
    id_ = MessageId(report.original_message_id or "")
    return SentId(id_.partition("@")[0]) if is_of_ses(id_) else None


def bounced(conversation: Conversation, event_id: str, at: str) -> Conversation:
    """The conversation after a reply did not arrive; the same one where it has seen this event already."""
    if event_id in conversation.recent:
        return conversation
    return replace(
        conversation,
        state=AFTER[conversation.state, Happening.BOUNCE],
        updated_at=max(conversation.updated_at, at),
        recent=conversation.recent_with(event_id),
    )
