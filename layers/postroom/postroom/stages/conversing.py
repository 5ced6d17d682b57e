"""A mail and its conversation: found or opened, the mail put into it, and the proofs on which that rests told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from postroom.clock import from_iso
from postroom.conversation import MOST_TAGS, Conversation
from postroom.desk import Desk
from postroom.ids import ConversationId, MessageId, SesId, conversation_named_after
from postroom.kinds.kind import Kind
from postroom.message import Parsed
from postroom.outcome import StageRecord
from postroom.ports import Conversations, ThreadKeys
from postroom.rules.actions import Priority
from postroom.rules.history import History, history_of
from postroom.rules.rules import CategoryFinding
from postroom.signals import Kept, kept
from postroom.threads.evidence import Evidence, asked_for, evidence, proofs_of
from postroom.threads.joining import Arrival, arrival, entries, joined, opened
from postroom.threads.people import agents_forward, standing
from postroom.threads.placing import NOWHERE, Judged, Placement, claims, place
from postroom.threads.subjects import alike, is_an_answer
from postroom.threads.tokens import Tokens
from postroom.threads.wishes import wished

_ALIKE = 10  # conversations of a customer whose subjects are compared
_BEFORE = 50  # conversations of a customer that rules are told of
_JUDGED = 10  # proofs of one mail that its record tells of
_PRIORITIES = tuple(Priority)
_FACTS = ("conversation", "opened", "state", "linked_to", "proof", "standing", "follow_up_on", "proofs_left_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a mail went, whether it opened that conversation, and what the record of classify says about it.

    `signals` are the proofs that were shown, the one that decided first, then the strongest, each with what came of it.
    """

    conversation: Conversation
    opened: bool
    facts: Mapping[str, str]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversing:
    """Puts mails into conversations. Every step may be done again, and by two at once."""

    conversations: Conversations
    desk: Desk
    keys: ThreadKeys

    def put(self, parsed: Parsed, kind: Kind, language: str | None, category: CategoryFinding) -> Placed:
        received = parsed.received
        mail = arrival(parsed, kind, language, self.desk)
        day = from_iso(received.received_at).date()
        tokens = Tokens(keys=self.keys.keys(), desk=self.desk.address)
        shown = evidence(parsed.message, received.envelope.rcpt_to, self.desk, tokens, day)
        placement = self._placement(parsed, mail, shown)
        own = conversation_id(received.ses_id)
        new = replace(opened(mail, own, self.desk, placement.linked_to), language=language, category=category.category)
        conversation = self._joined(mail, placement, new, category)
        self.conversations.prove(conversation.id, proofs_of(shown))
        first = conversation.id == own and not self._is_a_copy(conversation, shown.own)
        proofs = proofs_told(placement)
        return Placed(
            conversation=conversation,
            opened=first,
            facts=_facts(conversation, first, placement, proofs.left_out),
            signals=proofs.signals,
        )

    def history(self, parsed: Parsed, kind: Kind, language: str | None) -> History:
        """What came from this customer before. A few conversations tell it; older ones are not counted."""
        mail = arrival(parsed, kind, language, self.desk)
        return history_of(islice(self.conversations.of_customer(mail.customer), _BEFORE), mail.id, mail.at)

    def wished(self, parsed: Parsed) -> Conversation | None:
        """The conversation of the survey of which its reader wants no more, if that is what the mail says."""
        return wished(parsed.message, self.conversations, self.keys, self.desk)

    def again(self, record: StageRecord) -> Placed | None:
        """Where an earlier run put the mail, by the record that it left; None where that names no conversation."""
        id_ = record.facts.get("conversation")
        conversation = self.conversations.get(ConversationId(id_)) if id_ else None
        if conversation is None:
            return None
        facts = {name: record.facts[name] for name in _FACTS if name in record.facts}
        first = record.facts.get("opened") == "yes"
        signals = tuple(filter(Judged.is_told_by, record.signals))
        return Placed(conversation=conversation, opened=first, facts=facts, signals=signals)

    def _joined(self, mail: Arrival, placement: Placement, new: Conversation, said: CategoryFinding) -> Conversation:
        """The conversation with the mail in it: the one that it belongs to, or else the new one."""
        into = placement.into
        if into is None:
            # With the mail in it: it needs no change after that, which would cost as much as to open it.
            into = self.conversations.open(joined(marked(new, said), mail, placement))
        elif placement.merge:
            into = self.conversations.merge(placement.merge, into.id, mail.at)
        for entry in entries(into, mail, placement):
            self.conversations.add(into.id, entry)
        if mail.id in into.recent:
            return into
        return self.conversations.change(into.id, lambda now: marked(joined(now, mail, placement), said))

    def _placement(self, parsed: Parsed, mail: Arrival, shown: Evidence) -> Placement:
        """Where the mail belongs. The subject is asked only where nothing else is shown."""
        if there := self.wished(parsed):
            return Placement(into=there, linked_to=None, merge=(), judged=())
        if agents_forward(parsed, self.desk) is not None:
            return NOWHERE  # whatever the agent has quoted with it, it is this customer's own
        known = self.conversations.known(asked_for(shown))
        named = {each.token.conversation for each in shown.tokens}
        by_token = {id_: found for id_ in named if (found := self.conversations.get(id_)) is not None}
        who = partial(standing, parsed, self.desk)
        placement = place(claims(shown, known, by_token, mail.people), who)
        if placement.judged or not is_an_answer(mail.subject):
            return placement
        recent = islice(self.conversations.of_customer(mail.customer), _ALIKE)
        same = alike(recent, mail.subject, mail.people, mail.at)
        return place(claims(shown, {}, {}, mail.people, same), who)

    def _is_a_copy(self, conversation: Conversation, own: MessageId | None) -> bool:
        """Whether the same mail came under another SES id at the same moment, and that one was put down first."""
        holder = self.conversations.known([own]).get(own) if own else None
        if holder is None or holder.id == conversation.id:
            return False
        return holder.customer == conversation.customer and holder.customer in holder.participants


def marked(conversation: Conversation, said: CategoryFinding) -> Conversation:
    """The conversation with what the rules say of a mail in it: a priority only rises, tags add up, and what somebody
    has already stays theirs."""
    return replace(
        conversation,
        priority=max((conversation.priority, said.priority), key=_rank),
        tags=tuple(dict.fromkeys((*conversation.tags, *said.tags)))[:MOST_TAGS],
        assignee=conversation.assignee or said.assign,
    )


def _rank(priority: str | None) -> int:
    return _PRIORITIES.index(priority) if priority in _PRIORITIES else -1


def proofs_told(placement: Placement) -> Kept:
    """The claims as a record has them: the one that decided first, then the strongest."""
    by = placement.decided_by
    return kept([str(by)] if by else (), map(str, placement.judged), _JUDGED)


def _facts(conversation: Conversation, first: bool, placement: Placement, left_out: int) -> dict[str, str]:
    by = placement.decided_by
    told = {
        "conversation": conversation.id,
        "opened": "yes" if first else "no",
        "state": conversation.state,
        "linked_to": conversation.linked_to or "",
        "proof": by.claim.proof if by else "",
        "standing": by.standing if by else "",
        "follow_up_on": conversation.follow_up_on or "",
        "proofs_left_out": left_out or "",
    }
    return {name: str(value) for name, value in told.items() if value}


def conversation_id(ses_id: SesId) -> ConversationId:
    """The id of the conversation that this mail opens."""
    return conversation_named_after(f"conversation {ses_id}")
