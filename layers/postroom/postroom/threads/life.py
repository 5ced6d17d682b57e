"""The state of a conversation: one total table, (state, happening) to state."""

from collections.abc import Mapping
from enum import StrEnum

from postroom.conversation import State


class Happening(StrEnum):
    CUSTOMER_MAIL = "customer_mail"  # a person wrote: the customer, or somebody else who takes part
    AUTOMATIC_MAIL = "automatic_mail"  # a robot wrote: an out-of-office, a receipt, a notification
    DESK_REPLY = "desk_reply"  # a person of the desk answered
    NOTE = "note"  # a person of the desk wrote something for the others
    BOUNCE = "bounce"  # a reply of ours did not arrive
    FOLLOW_UP = "follow_up"  # the day has come to look at it again
    IDLE = "idle"  # nothing has happened for as long as the desk waits


_N, _O, _P, _S, _C = State.NEW, State.OPEN, State.PENDING, State.SOLVED, State.CLOSED
_ROWS: Mapping[Happening, tuple[State, ...]] = {
    #                          new, open, pending, solved, closed
    Happening.CUSTOMER_MAIL: (_N, _O, _O, _O, _O),
    # An out-of-office never reopens: two desks would keep each other awake.
    Happening.AUTOMATIC_MAIL: (_N, _O, _P, _S, _C),
    Happening.DESK_REPLY: (_P, _P, _P, _P, _P),
    Happening.NOTE: (_N, _O, _P, _S, _C),
    # The customer knows nothing of the answer, so it is the desk's turn; a closed one too: it was closed on an answer
    # that nobody got. What nobody has answered stays new: only an acknowledgement came back.
    Happening.BOUNCE: (_N, _O, _O, _O, _O),
    Happening.FOLLOW_UP: (_N, _O, _O, _S, _C),
    # Only what the customer leaves unanswered closes by itself; what waits for the desk never does.
    Happening.IDLE: (_N, _O, _C, _C, _C),
}

AFTER: Mapping[tuple[State, Happening], State] = {
    (state, happening): row[column] for happening, row in _ROWS.items() for column, state in enumerate(State)
}
"""What a person of the desk sets is not here: a person may set any state."""
