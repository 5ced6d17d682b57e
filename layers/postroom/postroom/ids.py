"""Ids that must not be mixed, though all of them are strings."""

from typing import NewType

#: SES's id of a received mail: the name of the raw object, and the key of everything we know about that mail.
SesId = NewType("SesId", str)

#: SES's id of a mail that we sent: the local part of the Message-ID that SES gives it.
SentId = NewType("SentId", str)

#: The id of an RFC 5322 Message-ID field, without angle brackets.
MessageId = NewType("MessageId", str)

ConversationId = NewType("ConversationId", str)
