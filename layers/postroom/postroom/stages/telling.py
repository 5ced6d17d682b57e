"""What came back about a reply, told in the conversation that the reply stands in."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice

from postroom.feedback.delivery import Delivery, bounced, deliveries, once
from postroom.feedback.report import Feedback, Source
from postroom.ids import ConversationId, SentId, sent_message_id
from postroom.outcome import Stage
from postroom.ports import Conversations, Ledger, NotFound
from postroom.stages.drafts import Drafts

_ENTRIES = 2_000  # of a conversation that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Puts what became of a reply into its conversation. Every step may be done again: an entry is there once, and the
    state changes once by an event, also where a run broke off between the two."""

    ledger: Ledger
    conversations: Conversations
    drafts: Drafts

    def tell(self, feedback: Feedback, at: str) -> None:
        """What is about no mail of ours, or stands in a conversation that was forgotten, is told nowhere."""
        self._find(feedback)
        told = deliveries(feedback, at)
        where = self._where(feedback, told)
        for id_ in dict.fromkeys(where.values()):
            with suppress(NotFound):
                self._tell(id_, [each for each in told if where.get(each.sent_id) == id_], feedback.event_id, at)

    def _find(self, feedback: Feedback) -> None:
        """That SES speaks of a person's answer is news, where whoever sent it did not live to note that."""
        if feedback.draft and feedback.about and feedback.source is Source.SES_EVENT:
            self.drafts.found(feedback.draft, feedback.about)

    def _tell(self, id_: ConversationId, told: Sequence[Delivery], event_id: str, at: str) -> None:
        told = self._news(id_, told)
        for each in told:
            self.conversations.add(id_, each.entry)
        if any(each.failed for each in told):
            self.conversations.change(id_, partial(bounced, event_id=event_id, at=at))

    def _news(self, id_: ConversationId, told: Sequence[Delivery]) -> Sequence[Delivery]:
        """Without what somebody else has told already: SES and a server's own mail tell of one bounce. What stands
        there under its own name is told again: a run may have broken off behind it."""
        if not any(each.once for each in told):
            return told
        there = {once(entry): entry.id for entry in islice(self.conversations.entries(id_), _ENTRIES) if once(entry)}
        return [each for each in told if there.get(each.once, each.entry.id) == each.entry.id]

    def _where(self, feedback: Feedback, told: Sequence[Delivery]) -> Mapping[SentId, ConversationId]:
        """The conversations that these mails of ours stand in, as far as they are known."""
        sent = {sent_message_id(each.sent_id): each.sent_id for each in told}
        if not sent:
            return {}
        if tagged := self._tagged(feedback):
            return dict.fromkeys(sent.values(), tagged)
        return {sent[id_]: found.id for id_, found in self.conversations.known(list(sent)).items()}

    def _tagged(self, feedback: Feedback) -> ConversationId | None:
        """The conversation of the mail that was answered, by the tag of our reply. It leads there also where the event
        is quicker than the reply function, which notes what it sent. In a mail such a tag is anybody's word."""
        if feedback.source is not Source.SES_EVENT or not feedback.answers:
            return None
        row = self.ledger.row(feedback.answers)
        id_ = row.fact(Stage.CLASSIFY, "conversation") if row else ""
        return ConversationId(id_) if id_ else None
