"""What is told of sent mail: the seam between sending and what becomes of it."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from local.ses.feedback.fates import Fate
from local.ses.mail import Sent

Fated: TypeAlias = Sequence[tuple[str, Fate]]


class Reporter(Protocol):
    """Whoever tells of sent mail. `sent` and `rendering_failed` are called in the event loop, and never raise; what
    they tell follows by itself.
    """

    def refuse(self, recipients: Sequence[str]) -> None:
        """Raises Refused where a call for these recipients is to fail. To be asked once for each call."""
        ...

    def marked(self, sent: Sent, raw: bytes) -> bytes:
        """The mail as it goes out, with what lets it be heard of again. Blocks, any thread; signing comes after it."""
        ...

    def sent(self, sent: Sent, fated: Fated) -> None:
        """A mail was taken, and this becomes of it, recipient by recipient."""
        ...

    def rendering_failed(self, sent: Sent, template: str, message: str) -> None:
        """A mail was taken, and its template could not be filled in: it has no `raw`, and nobody gets it."""
        ...

    async def close(self) -> None:
        """Ends what is still to be told."""
        ...
