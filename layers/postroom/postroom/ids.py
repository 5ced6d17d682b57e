"""Ids that must not be mixed, though all of them are strings."""

import base64
import hashlib
from typing import NewType

#: SES's id of a received mail: the name of the raw object, and the key of everything we know about that mail.
SesId = NewType("SesId", str)

#: SES's id of a mail that we sent: the local part of the Message-ID that SES gives it.
SentId = NewType("SentId", str)

#: The id of an RFC 5322 Message-ID field, without angle brackets.
MessageId = NewType("MessageId", str)

ConversationId = NewType("ConversationId", str)

#: The SES message tag of a reply that names the mail it answers: it comes back in every event of that reply.
ANSWERS_TAG = "postroom-mail"

#: The tags of an answer of a person: its conversation, and its id there. By them its first event finds it, also where
#: whoever sent it did not live to note what SES said.
CONVERSATION_TAG = "postroom-conversation"
DRAFT_TAG = "postroom-draft"

_SES_DOMAIN = ".amazonses.com"


def conversation_named_after(said: str) -> ConversationId:
    """The id of a conversation, made of what it came from: the same at every try. It is a name and no secret.

    80 bits in 16 letters and digits, without a look-alike (RFC 4648 base 32 in lower case).
    """
    digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()[:10]
    return ConversationId(base64.b32encode(digest).decode().lower())


def is_of_ses(id_: MessageId) -> bool:
    """Whether SES gave this id: it rewrites the Message-ID of what it sends."""
    return id_.lower().endswith(_SES_DOMAIN)


def sent_message_id(sent_id: SentId) -> MessageId:
    """The Message-ID of a mail that we sent, in one of the forms that SES writes (see `proof_of`)."""
    return MessageId(f"{sent_id}@email{_SES_DOMAIN}")


def proof_of(id_: MessageId) -> str:
    """What is compared of a Message-ID. SES writes `@email.amazonses.com` or `@<region>.amazonses.com` behind the same
    id, by region; so of an id of SES only the part before the @ counts."""
    return f"{id_.partition('@')[0]}@ses" if is_of_ses(id_) else id_
