"""Notices to agents: each goes out once at most, to whom we may write, and not too many in an hour."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from postroom.address import as_person, fold
from postroom.clock import Clock, from_iso, iso
from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.errors import Poison, Retryable
from postroom.ids import SentId, sent_message_id
from postroom.message import Message
from postroom.ports import AddressBook, Conversations, Mailer, SendingAccount, Sends, SendState, ThreadKeys
from postroom.reasons import Reason
from postroom.replies import departure, notice
from postroom.replies.addresses import sendable
from postroom.replies.compose import Submitted, Thread
from postroom.replies.notice import Notice
from postroom.stages.budgets import Budget, give_back, spent
from postroom.stages.original import writer
from postroom.stages.told import UNDER_WAY
from postroom.threads.tokens import Tokens

_HOUR = 3_600
#: How many in an hour, of whose. The narrowest is asked first: a flood in one conversation, or two machines that answer
#: each other, end there, and the agent hears of everything else.
_PER_HOUR = (("notices/{agent}/{conversation}", 20), ("notices/{agent}", 100), ("notices", 1_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Writes to the desk's agents. What can't be told to one of them stops nothing: the conversation has it."""

    conversations: Conversations
    sends: Sends
    addresses: AddressBook
    mailer: Mailer
    desk: Desk
    keys: ThreadKeys
    clock: Clock
    account: SendingAccount

    def customer_wrote(
        self, key: str, agent: str, message: Message, conversation: Conversation, proven: bool = True
    ) -> bool:
        """Tells an agent of a customer's mail; False where it was told before, or can't be. `proven`: whether its
        author is shown to have written it."""
        text = notice.of_mail(message, conversation, self.desk, _whom(message, conversation), proven)
        return self._tell(key, self._notice(agent, message.subject, text, conversation, Submitted.GENERATED))

    def given(self, key: str, agent: str, by: str, message: Message, conversation: Conversation, proven: bool) -> bool:
        """Tells an agent that somebody gave them the conversation, and what its customer wrote last."""
        whom = _whom(message, conversation)
        text = notice.of_assignment(by, message, conversation, self.desk, whom, proven)
        return self._tell(key, self._notice(agent, conversation.subject, text, conversation, Submitted.GENERATED))

    def not_sent(
        self, key: str, agent: str, message: Message, conversation: Conversation, why: str, invites: bool = True
    ) -> bool:
        """Tells an agent that what they wrote did not go out. With `invites`, they may answer that again; it hands no
        token to somebody who had none."""
        text = notice.of_refusal(message.reply.visible, conversation.id, why)
        told = self._notice(agent, message.subject, text, conversation, Submitted.REPLIED, answers=message)
        return self._tell(key, told if invites else replace(told, agent_token=""))

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
        """Retryable where SES takes nothing at the moment. What may have gone out is not repeated, a refusal aside."""
        at = self.clock()
        if not self._may_write_to(told.to):
            return False
        raw = notice.composed(told, self.desk)  # before anything is marked
        if (before := self.sends.begin(key, iso(at))) and self._is_enough(before, told, at):
            return False
        try:
            if spent(self.sends, _budgets(told), at.timestamp()):
                return False  # and it stays marked: there are enough others of this hour to look at
            sent_id = self._sent(raw, told, at.timestamp())
        except Retryable:  # nothing was sent
            self.sends.abandon(key)
            raise
        except Poison:
            return False
        with suppress(Retryable):  # it is out, and nobody asks for this row but a repeat
            self.sends.finish(key, sent_id, fold(told.to))
            self.conversations.prove(told.thread.conversation, [sent_message_id(sent_id)])  # by it an answer finds it
        return True

    def _may_write_to(self, agent: str) -> bool:
        """While the account is paused nobody is told: a mail of a customer's would wait for that in the queue."""
        if not sendable(agent) or self.desk.owns(agent) or self.addresses.state(fold(agent)).suppressed:
            return False
        return not departure.paused(self.account.account())

    def _is_enough(self, before: SendState, told: Notice, at: datetime) -> bool:
        """Whether another try has told it. Who wrote an answer that did not go out must hear of it, perhaps twice; a
        customer's mail stands in the inbox too."""
        if before.sent_id or told.submitted is not Submitted.REPLIED:
            return True
        if at - from_iso(before.since) < UNDER_WAY:
            raise Retryable("another try to tell an agent is under way")
        return False

    def _sent(self, raw: bytes, told: Notice, at: float) -> SentId:
        try:
            return self.mailer.send(raw, self.desk.address, (told.to,), ())
        except Retryable:
            give_back(self.sends, _budgets(told), at)
            raise


def _whom(message: Message, conversation: Conversation) -> tuple[str, ...]:
    """Whom an answer goes to if nobody else writes before."""
    people = {as_person(each): each for each in (conversation.customer, *writer(message, conversation))}
    return tuple(each for person, each in people.items() if person in conversation.participants)


def _budgets(told: Notice) -> Iterator[Budget]:
    agent, conversation = fold(told.to), told.thread.conversation
    names = ((name.format(agent=agent, conversation=conversation), limit) for name, limit in _PER_HOUR)
    return (Budget(name, limit, _HOUR, Reason.AGENT_NOT_TOLD) for name, limit in names)
