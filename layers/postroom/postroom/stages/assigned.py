"""Somebody was given a conversation: they are told by mail, if the desk tells its agents, and may answer from there."""

from dataclasses import dataclass

from postroom.address import as_person
from postroom.clock import Clock, iso
from postroom.conversation import Conversation
from postroom.events import ConversationAssigned
from postroom.ids import SesId
from postroom.message import Message
from postroom.outcome import Decision, Stage, StageRecord
from postroom.ports import Conversations, Objects
from postroom.reasons import Disposition, Reason
from postroom.stages.notices import Notices
from postroom.stages.notifying import Notify
from postroom.stages.original import original
from postroom.threads.people import vouched_for
from postroom.vouching import Vouched

_NOBODYS = SesId("")  # no mail came


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Tells whom a conversation was given to. It may be done again: each assignment is told once."""

    objects: Objects
    conversations: Conversations
    notices: Notices
    notify: Notify
    clock: Clock

    def __call__(self, event: ConversationAssigned) -> Decision:
        there = self.conversations.get(event.conversation)
        told = there is not None and self._wanted(event, there) and self._told(event, there)
        at, reason = iso(self.clock()), Reason.AGENT_TOLD if told else Reason.AGENT_NOT_TOLD
        record = StageRecord(stage=Stage.REPLY, at=at, disposition=Disposition.ACCEPTED, reason=reason)
        return Decision(ses_id=_NOBODYS, received_at=at, record=record, event=None)

    def _wanted(self, event: ConversationAssigned, there: Conversation) -> bool:
        """It may be somebody else's by now, or they took it themselves."""
        if self.notify is Notify.NOBODY or there.assignee != event.assignee or as_person(event.by) == event.assignee:
            return False
        return self.notices.desk.employs(event.assignee)

    def _told(self, event: ConversationAssigned, there: Conversation) -> bool:
        """With the last mail of the customer's, as far as there is still one."""
        parsed = original(self.conversations, self.objects, there).parsed
        message = parsed.message if parsed else Message(subject=there.subject)
        proven = parsed is not None and vouched_for(parsed, self.notices.desk) is Vouched.PROVEN
        key = f"{there.id}/assigned/{event.assignee}/{event.at}"
        return self.notices.given(key, event.assignee, event.by, message, there, proven)
