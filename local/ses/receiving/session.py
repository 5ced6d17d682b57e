"""One SMTP session: what the protocol asks, before any rule is. RFC 5321, STARTTLS by RFC 3207."""

import asyncio
import re
import ssl
from collections import defaultdict
from dataclasses import dataclass

from local.ses.content import Reading
from local.ses.receiving import replies
from local.ses.receiving.limits import Limits
from local.ses.values import MAX_MESSAGE_BYTES

# RFC 5321 section 4.1.2: a path, with a source route that is ignored, then the parameters.
_PATH = re.compile(r"<(?:@[^:>]{1,255}:)?([^>]{0,998})>(.{0,1000})\Z", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Door:
    """What all sessions share: the name and the certificate, what a client may ask, and how many are in."""

    hostname: str
    context: ssl.SSLContext
    limits: Limits
    open: int = 0


class Inbound(Reading):
    """aiosmtpd's protocol, as wide as SES is: real mail has endless lines, and addresses that no grammar allows."""

    command_size_limits: dict[str, int] = defaultdict(lambda: 2048)  # noqa: RUF012 (aiosmtpd's attribute)

    def __init__(self, handler: object, door: Door, loop: asyncio.AbstractEventLoop) -> None:
        """`handler` has aiosmtpd's hooks."""
        super().__init__(
            handler,
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            hostname=door.hostname,
            ident="ESMTP Amazon SES, played locally",
            tls_context=door.context,
            timeout=door.limits.idle_seconds,
            command_call_limit=dict(door.limits.commands),
            loop=loop,
        )
        self._door = door
        self._errors = 0

    async def _handle_client(self) -> None:
        """One session, unless there are too many."""
        if self._door.open >= self._door.limits.connections:
            await self._end("421 4.7.0 Too many connections at once, please try again later")
            return
        self._door.open += 1
        try:
            await super()._handle_client()
        finally:
            self._door.open -= 1

    async def push(self, status: str | bytes) -> None:
        """Answers. Whoever makes too many errors is sent away."""
        if isinstance(status, bytes):
            await super().push(status)
            return
        self._errors += replies.is_error(status)
        if self._errors > self._door.limits.errors:
            await self._end("421 4.7.0 Too many errors, goodbye")
            return
        await super().push(replies.enhanced(status))

    async def _end(self, status: str) -> None:
        await super().push(status)
        if self.transport is not None:
            self.transport.close()

    def _timeout_cb(self) -> None:
        """RFC 5321 section 3.8: a server that closes says 421 first."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(b"421 4.4.2 Nothing was said for too long, goodbye\r\n")
        super()._timeout_cb()  # type: ignore[no-untyped-call]  # aiosmtpd has no annotation for it

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """RFC 3207 section 4.2: TLS is started once."""
        if self._tls_protocol is not None:
            await self.push("503 5.5.1 TLS is active already")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, _arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """Senders of mail to us have no account."""
        await self.push("502 5.5.1 AUTH is not for receiving mail")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The address and the parameters of MAIL and RCPT; (None, None) is answered with 553.

        aiosmtpd parses the address with `email`'s grammar: that refuses addresses in daily use (`a..b@`, `a.@`), and
        its recursion has no depth.
        """
        found = _PATH.match(arg.strip())
        if found is None:
            return None, None
        address, parameters = found.group(1).strip(), found.group(2).strip()
        if not address:
            return "<>", parameters  # aiosmtpd's word for the null return path: "" means a syntax error to it
        local, _, domain = address.rpartition("@")
        if not local or not domain or any(char.isspace() and char != " " for char in address):
            return None, None
        return address, parameters
