"""Bounces on their way out: what receiving asks of the sending side."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery status notification, composed. It goes out with the null return path (RFC 3464 section 2)."""

    sender: str
    recipient: str
    raw: bytes


class Bouncer(Protocol):
    """Whoever sends bounces. Blocks, and is called from the threads that deliver mail only."""

    def bounce(self, bounce: Bounce) -> str:
        """The id of the sent mail. Raises Refused where SES doesn't send it."""
        ...
