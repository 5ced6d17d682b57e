"""An address that we write to: how it is compared, what state it can be in, and what can happen to it.

How one follows from the other is `postroom.feedback.table`.
"""

from enum import StrEnum


def fold(address: str) -> str:
    """The address as a key: the domain in lower case, without its final dot. The local part is its owner's (RFC 5321
    section 2.4). Only ASCII has a case in a domain (RFC 4343): the Kelvin sign is no `k`, which DMARC knows."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    folded = domain.lower() if domain.isascii() else "".join(c.lower() if c.isascii() else c for c in domain)
    return f"{local}{at}{folded.rstrip('.')}"


def as_person(address: str) -> str:
    """The address as the key of a person in conversations: without regard to case, also of the local part. People and
    their clients write it as they like, and no provider of note gives two boxes by it. To whom we write, and to whom
    not, stays `fold`. Only ASCII has a case here, too."""
    return "".join(c.lower() if c.isascii() else c for c in fold(address))


class State(StrEnum):
    """The state of an address that we write to."""

    HEALTHY = "healthy"
    SOFT_ONCE = "soft_once"  # soft bounces since the last delivery: one,
    SOFT_TWICE = "soft_twice"  # two,
    SOFT_OFTEN = "soft_often"  # three or more: a person should look, and may still write
    MAILBOX_FULL = "mailbox_full"
    HARD = "hard"
    LISTED = "listed"  # on a suppression list of SES: what we send is accepted and thrown away
    COMPLAINED = "complained"

    @property
    def suppressed(self) -> bool:
        """Whether nothing may be sent to an address in this state."""
        return self in (State.HARD, State.LISTED, State.COMPLAINED)


class AddressEvent(StrEnum):
    """What can happen to an address."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    BLAMED_ON_US = "blamed_on_us"  # our reputation, our mail's size or content: says nothing about the address
    SOFT_BOUNCE = "soft_bounce"
    MAILBOX_FULL = "mailbox_full"
    HARD_BOUNCE = "hard_bounce"
    LISTED = "listed"
    COMPLAINT = "complaint"
    LIFTED = "lifted"  # a person took the address back into use, and gave a reason
