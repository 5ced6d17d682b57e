"""A customer has written: the agents who want to know are told by mail, and may answer from there."""

from dataclasses import dataclass
from enum import StrEnum

from postroom.address import as_person
from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.events import MessageClassified
from postroom.kinds.kind import BY_PEOPLE
from postroom.message import Parsed
from postroom.ports import Conversations
from postroom.stages.notices import Notices
from postroom.threads.people import person, vouched_for
from postroom.vouching import Vouched

_MOST = 20  # agents that are told of one mail: each is a mail more


class Notify(StrEnum):
    """Whom the desk tells of a customer's mail."""

    NOBODY = "nobody"
    ASSIGNED = "assigned"  # the agent whose conversation it is
    ALL = "all"  # every agent that the desk knows by an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifying:
    """Tells agents. A repeat tells nobody twice."""

    conversations: Conversations
    notices: Notices
    notify: Notify

    def __call__(self, event: MessageClassified, parsed: Parsed) -> int:
        """How many agents were told of this mail now."""
        if self.notify is Notify.NOBODY or event.kind not in BY_PEOPLE:
            return 0
        there = self.conversations.get(event.conversation)
        agents = told_of(there, self.notices.desk, self.notify) if there else ()
        if there is None or not agents:
            return 0
        desk = self.notices.desk
        author = person(parsed.message, desk)
        if author is None or desk.employs(author.address):
            return 0  # colleagues see it in the conversation
        proven = vouched_for(parsed, desk) is Vouched.PROVEN
        return sum(
            self.notices.customer_wrote(f"{event.ses_id}/notice/{agent}", agent, parsed.message, there, proven)
            for agent in agents
        )


def told_of(conversation: Conversation, desk: Desk, notify: Notify) -> tuple[str, ...]:
    """The agents who are told, once each. Who isn't the desk's agent any more is told nothing."""
    assigned = (conversation.assignee,) if conversation.assignee and desk.employs(conversation.assignee) else ()
    everybody = tuple(each for each in desk.agents if "@" in each) if notify is Notify.ALL else ()
    return tuple({as_person(each): each for each in (*assigned, *everybody)}.values())[:_MOST]
