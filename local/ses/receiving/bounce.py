"""Bounces on their way out: what receiving asks of the sending side."""

from typing import Protocol

from local.ses.mail import Outgoing


def outgoing(sender: str, recipient: str, raw: bytes) -> Outgoing:
    """A delivery status notification, composed. It goes out with the null return path (RFC 3464 section 2)."""
    return Outgoing(source=sender, destination=(recipient,), raw=raw, null_return_path=True)


class Bouncer(Protocol):
    """Whoever sends bounces. Blocks, and is called from the threads that deliver mail only."""

    def bounce(self, mail: Outgoing) -> str:
        """The id of the sent mail. Raises Refused where SES doesn't send it."""
        ...
