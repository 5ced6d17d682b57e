"""Which sorts of mail somebody waits behind: only these can have an answer that is due.

It is not the question whether an automatic answer may go out (`postroom.replies.preflight`): a person may owe one where
a machine must be silent, such as to a customer whose mail came over a group's address.
"""

from collections.abc import Mapping

from postroom.kinds.kind import Kind

#: Total. In doubt somebody waits: an answer that is owed and forgotten costs more than one that nobody wants.
WANTS_AN_ANSWER: Mapping[Kind, bool] = {
    Kind.PERSON: True,
    Kind.UNKNOWN: True,
    Kind.LIST: True,  # a customer's mail to an address that is a group comes as one
    Kind.CALENDAR: True,  # who invites wants to know who comes
    Kind.AUTO_REPLY: False,
    Kind.OUT_OF_OFFICE: False,
    Kind.BOUNCE: False,
    Kind.DELIVERY_REPORT: False,
    Kind.COMPLAINT: False,
    Kind.BULK: False,
    Kind.NOTIFICATION: False,
    Kind.CHALLENGE: False,
}
