"""The bounces of received mail, on their way out through the sending side."""

import asyncio
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass

from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.sending.send import Sender

_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBounces:
    """The Bouncer of a Sender that lives in `loop`."""

    sender: Sender
    loop: asyncio.AbstractEventLoop

    def bounce(self, mail: Outgoing) -> str:
        """For callers in a thread, but none of the loop's own executor: sending needs one of those."""
        try:
            return asyncio.run_coroutine_threadsafe(self.sender.send(mail), self.loop).result(_SECONDS)
        except TookTooLong as error:
            raise Refused("ServiceUnavailable", f"The bounce was not sent in {_SECONDS} seconds.", 503) from error
