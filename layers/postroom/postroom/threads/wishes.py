"""The mail by which somebody wants no more surveys: mail programs write it, to the address of our List-Unsubscribe."""

from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.message import Message
from postroom.ports import Conversations, ThreadKeys
from postroom.threads.tokens import Tokens, names_a_wish


def wished(message: Message, conversations: Conversations, keys: ThreadKeys, desk: Desk) -> Conversation | None:
    """The conversation of the survey of which its reader wants no more, if that is what the mail says in its subject.

    It needs no other proof: the token went to them alone. The keys are asked for only where one seems to be there.
    """
    if not names_a_wish(message.subject):
        return None
    token = next(Tokens(keys=keys.keys(), desk=desk.address).wishes([message.subject]), None)
    return conversations.get(token.conversation) if token else None
