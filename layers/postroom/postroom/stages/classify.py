"""classify: a parsed mail gets its kind, language, category and disposition, and its place in a conversation."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from postroom.address import fold
from postroom.clock import Clock, iso
from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.events import MessageClassified, MessageParsed, MessageQuarantined
from postroom.ids import ConversationId, MessageId, SesId
from postroom.kinds.kind import Finding, kind_of
from postroom.kinds.language import language_of
from postroom.message import Message, Parsed
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Conversations, Ledger, Objects
from postroom.reasons import Disposition, Reason
from postroom.rules.rules import CategoryFinding, RuleSet
from postroom.stages import documents

_PARTICIPANTS = 50  # a mail to thousands makes no thousands of participants: items stay small
_PROOFS = 20  # ids of References that are looked up, the nearest first (RFC 5322 section 3.6.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the content says, before any state is asked."""

    finding: Finding
    language: str | None
    category: CategoryFinding


def read(message: Message, rules: RuleSet, mail_from: str | None) -> Reading:
    """Kind, language and category of a message. `mail_from` is None for the null return path."""
    finding = kind_of(message, mail_from)
    language = language_of(message.reply.visible or message.text or message.subject)
    return Reading(finding=finding, language=language, category=rules.apply(message, finding.kind, language))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyStage:
    """The classify stage. A repeat stays with the conversation that the ledger has of an earlier run."""

    objects: Objects
    ledger: Ledger
    conversations: Conversations
    rules: RuleSet
    desk: Desk
    clock: Clock

    def __call__(self, event: MessageParsed) -> Decision:
        parsed = documents.load(self.objects, event.parsed_key)
        reading = read(parsed.message, self.rules, parsed.received.envelope.mail_from)
        if reason := parsed.received.verdicts.unwanted:
            record = self._record(reading, Disposition.QUARANTINED, reason, {})
            quarantined = MessageQuarantined(ses_id=event.ses_id, stage=Stage.CLASSIFY, reason=reason)
            return Decision(
                ses_id=event.ses_id, received_at=parsed.received.received_at, record=record, event=quarantined
            )
        conversation, opened = self._conversation(parsed)
        facts = {"conversation": conversation.id, "opened": "yes" if opened else "no"}
        if conversation.linked_to:
            facts["linked_to"] = conversation.linked_to
        return Decision(
            ses_id=event.ses_id,
            received_at=parsed.received.received_at,
            record=self._record(reading, Disposition.ACCEPTED, Reason.ORDINARY, facts),
            event=MessageClassified(
                ses_id=event.ses_id,
                bucket=event.bucket,
                raw_key=event.raw_key,
                parsed_key=event.parsed_key,
                kind=reading.finding.kind,
                category=reading.category.category,
                language=reading.language,
                conversation=conversation.id,
                opened=opened,
            ),
        )

    def _conversation(self, parsed: Parsed) -> tuple[Conversation, bool]:
        """The mail's conversation, and whether the mail opened it. The mail is put into it."""
        received, message = parsed.received, parsed.message
        conversation = self._chosen_before(received.ses_id) or self._found_or_opened(parsed)
        self.conversations.add(conversation.id, received.ses_id, received.received_at)
        if message.message_id:
            self.conversations.prove(conversation.id, [message.message_id])
        opened = conversation.id == conversation_id(received.ses_id)
        return conversation, opened and not self._is_a_copy(conversation, message.message_id)

    def _is_a_copy(self, conversation: Conversation, own: MessageId | None) -> bool:
        """Whether the same mail came under another SES id at the same moment, and that one was put down first."""
        holder = self.conversations.by_proofs([own]) if own else None
        return holder is not None and holder.id != conversation.id and conversation.customer in holder.participants

    def _chosen_before(self, ses_id: SesId) -> Conversation | None:
        """What an earlier run chose stays, though later mails may have made other ids known."""
        row = self.ledger.row(ses_id)
        chosen = row.fact(Stage.CLASSIFY, "conversation") if row else ""
        return self.conversations.get(ConversationId(chosen)) if chosen else None

    def _found_or_opened(self, parsed: Parsed) -> Conversation:
        author = parsed.message.author
        sender = fold(author.address) if author else ""
        found = self.conversations.by_proofs(proofs(parsed.message))
        if found and sender in found.participants:
            return found
        # Nobody gets into somebody else's conversation by quoting its ids.
        return self.conversations.open(self._new(parsed, sender, found))

    def _new(self, parsed: Parsed, sender: str, quoted: Conversation | None) -> Conversation:
        message = parsed.message
        people = (sender, *(fold(a.address) for a in (*message.reply_to, *message.to, *message.cc)))
        theirs = dict.fromkeys(p for p in people if p and not self.desk.owns(p))
        return Conversation(
            id=conversation_id(parsed.received.ses_id),
            customer=sender,
            participants=tuple(theirs)[:_PARTICIPANTS],
            subject=message.subject[:200],
            created_at=parsed.received.received_at,
            linked_to=quoted.id if quoted else None,
        )

    def _record(
        self, reading: Reading, disposition: Disposition, reason: Reason, facts: Mapping[str, str]
    ) -> StageRecord:
        finding, category = reading.finding, reading.category
        return StageRecord(
            stage=Stage.CLASSIFY,
            at=iso(self.clock()),
            disposition=disposition,
            reason=reason,
            rule=finding.rule,
            signals=(*finding.signals, *category.signals)[:40],
            facts={
                "kind": finding.kind,
                "confidence": str(finding.confidence),
                "language": reading.language or "",
                "category": category.category or "",
                "category_rule": category.rule,
                "priority": category.priority or "",
                "rule_set": self.rules.version,
                **facts,
            },
        )


def proofs(message: Message) -> tuple[MessageId, ...]:
    """The ids that may show where a mail belongs, the nearest first; its own id last, for a resubmission."""
    nearest = (*message.in_reply_to, *reversed(message.references))[:_PROOFS]
    return tuple(dict.fromkeys((*nearest, *((message.message_id,) if message.message_id else ()))))


def conversation_id(ses_id: SesId) -> ConversationId:
    """The id of the conversation that this mail opens: the same at every try. It is a name and no secret.

    80 bits in 16 letters and digits, without a look-alike (RFC 4648 base 32 in lower case).
    """
    digest = hashlib.sha256(f"conversation {ses_id}".encode()).digest()[:10]
    return ConversationId(base64.b32encode(digest).decode().lower())
