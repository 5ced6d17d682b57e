"""Who gets into a conversation, with what in hand: one total table.

A proof says which conversation a mail speaks of; a standing says who speaks. A leaked id, or a forged sender with
one, opens a side conversation that is linked to the first: it reads nothing and writes nothing there, and a person
sees both.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product


class Proof(StrEnum):
    """What shows that a mail belongs to a conversation, the strongest first. The value stands in records for ever."""

    FRESH_TOKEN = "fresh_token"  # noqa: S105 (no secret)  signed by us, some weeks old at most
    STALE_TOKEN = "stale_token"  # noqa: S105 (no secret)  signed by us, before that
    OUR_MAIL = "our_mail"  # the id that SES gave to a mail of ours, in either form of its domain
    REFERENCE = "reference"  # the Message-ID of another mail of the conversation
    NOTICE = "notice"  # it is to the address that a notice gave to an agent, perhaps another, and perhaps made up
    SIBLING = "sibling"  # it answers, or is, a mail that another mail of the conversation answers, and that never came
    SUBJECT = "subject"  # an answer with the subject of a conversation, among the same people, soon after

    @property
    def score(self) -> int:
        """How much it counts, 0 to 100: the strongest is heard first. What comes of it stands in ADMISSION."""
        return _SCORES[self]


_SCORES = {
    Proof.FRESH_TOKEN: 100,
    Proof.STALE_TOKEN: 80,
    Proof.OUR_MAIL: 70,
    Proof.REFERENCE: 60,
    Proof.NOTICE: 55,
    Proof.SIBLING: 50,
    Proof.SUBJECT: 30,
}


class Standing(StrEnum):
    """Who a mail's author is to the conversation that the proof names."""

    AGENT = "agent"  # one of the desk's people, and authenticated
    PARTICIPANT = "participant"  # takes part, and is authenticated
    UNPROVEN = "unproven"  # says so, from a domain that lets nobody check it: most small senders
    FORGED = "forged"  # says so, and the domain's own policy says otherwise (DMARC FAIL)
    STRANGER = "stranger"  # does not take part


class Admission(StrEnum):
    JOIN = "join"  # the mail goes into the conversation
    SIDE = "side"  # it opens one of its own, linked to that
    NEW = "new"  # it opens one of its own, and the proof counts for nothing


_J, _S, _N = Admission.JOIN, Admission.SIDE, Admission.NEW
_ROWS: Mapping[Proof, tuple[Admission, ...]] = {
    #                   agent, participant, unproven, forged, stranger
    # Only who got a mail of ours has it. A customer's colleague to whom it was forwarded answers with it, and a
    # mailing list that breaks the signature of a participant carries it through.
    Proof.FRESH_TOKEN: (_J, _J, _J, _J, _J),
    # Old mail has had time to be forwarded, sold and leaked.
    Proof.STALE_TOKEN: (_J, _J, _J, _S, _S),
    # An id is no secret: it stands in logs and archives. It is enough for whom nothing speaks against.
    Proof.OUR_MAIL: (_J, _J, _J, _S, _S),
    Proof.REFERENCE: (_J, _J, _J, _S, _S),
    # The id of the conversation that stands in it is no secret either.
    Proof.NOTICE: (_J, _J, _J, _S, _S),
    # Two people who answer one newsletter have nothing to do with each other.
    Proof.SIBLING: (_J, _J, _J, _N, _N),
    # Anybody can write `Re: Invoice`; only who is proven to be that customer means that invoice. An agent's subject
    # names no conversation: agents write about many.
    Proof.SUBJECT: (_N, _J, _N, _N, _N),
}

ADMISSION: Mapping[tuple[Proof, Standing], Admission] = {
    (proof, standing): _ROWS[proof][column]
    for proof, (column, standing) in product(Proof, enumerate(Standing))
}  # fmt: skip
