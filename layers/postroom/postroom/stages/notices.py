"""Notices to agents: each goes out once at most, to whom we may write, and not too many in an hour."""

from contextlib import suppress
from dataclasses import dataclass

from postroom.address import as_person, fold
from postroom.clock import Clock, iso
from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.errors import Poison, Retryable
from postroom.message import Message
from postroom.ports import AddressBook, Mailer, Sends, ThreadKeys
from postroom.replies import notice
from postroom.replies.addresses import sendable
from postroom.replies.compose import Submitted, Thread
from postroom.replies.notice import Notice
from postroom.threads.tokens import Tokens

_PER_HOUR, _HOUR = 100, 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Writes to the desk's agents. What can't be told to one of them stops nothing: the conversation has it."""

    sends: Sends
    addresses: AddressBook
    mailer: Mailer
    desk: Desk
    keys: ThreadKeys
    clock: Clock

    def customer_wrote(self, key: str, agent: str, message: Message, conversation: Conversation) -> bool:
        """Tells an agent of a customer's mail; False where it was told before, or can't be."""
        text = notice.of_mail(message, conversation, conversation.customer)
        return self._tell(key, self._notice(agent, message.subject, text, conversation, Submitted.GENERATED))

    def not_sent(self, key: str, agent: str, message: Message, conversation: Conversation, why: str) -> bool:
        """Tells an agent that what they wrote did not go out."""
        text = notice.of_refusal(message.reply.visible, conversation.id, why)
        return self._tell(
            key, self._notice(agent, message.subject, text, conversation, Submitted.REPLIED, answers=message)
        )

    def _notice(
        self,
        agent: str,
        subject: str,
        text: str,
        conversation: Conversation,
        submitted: Submitted,
        answers: Message | None = None,
    ) -> Notice:
        tokens, at = Tokens(keys=self.keys.keys(), desk=self.desk.address), self.clock()
        return Notice(
            to=agent,
            subject=subject,
            text=text,
            thread=Thread(conversation=conversation.id, token=tokens.sign(conversation.id, at)),
            agent_token=tokens.sign_for(as_person(agent), conversation.id, at),
            submitted=submitted,
            answers=answers,
        )

    def _tell(self, key: str, told: Notice) -> bool:
        """Retryable where SES takes nothing at the moment. What may have gone out is not repeated."""
        at = self.clock()
        if not sendable(told.to) or self.desk.owns(told.to) or self.addresses.state(fold(told.to)).suppressed:
            return False
        raw = notice.composed(told, self.desk)  # before anything is marked
        if self.sends.begin(key, iso(at)):
            return False
        budget = f"notices/{fold(told.to)}"
        if not self.sends.take(budget, _PER_HOUR, _HOUR, at.timestamp()):
            return False  # and it stays marked: there are a hundred others of this hour to look at
        try:
            sent_id = self.mailer.send(raw, self.desk.address, (told.to,), ())
        except Retryable:
            self.sends.give_back(budget, _HOUR, at.timestamp())
            self.sends.abandon(key)
            raise
        except Poison:
            return False
        with suppress(Retryable):  # it is out, and nobody asks for this row but a repeat
            self.sends.finish(key, sent_id, fold(told.to))
        return True
