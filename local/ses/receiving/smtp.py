"""The SMTP side of receiving: what a sending server talks to.

RFC 5321, with SIZE, 8BITMIME, SMTPUTF8, PIPELINING, STARTTLS (RFC 3207) and ENHANCEDSTATUSCODES (RFC 2034).
"""

import asyncio
import logging
import re
import ssl
from collections import defaultdict
from concurrent.futures import Executor
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session, TLSSetupException

from local.ses.cloud import CloudError
from local.ses.mail import Delivery
from local.ses.receiving import replies, tls
from local.ses.receiving.actions.action import Rejected
from local.ses.receiving.limits import Limits
from local.ses.receiving.receive import Receiver
from local.ses.values import MAX_MESSAGE_BYTES, now, received_id
from local.ses.verdicts import asked
from local.ses.verdicts.asked import CONTROL_FIELD

log = logging.getLogger(__name__)

_LIMITS = Limits()

# RFC 5321 section 4.1.2: a path, with a source route that is ignored, then the parameters.
_PATH = re.compile(r"<(?:@[^:>]{1,255}:)?([^>]{0,998})>(.{0,1000})\Z", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Door:
    """What all sessions share: how many are open, what they may ask, the certificate, and who takes the mails."""

    hostname: str
    context: ssl.SSLContext
    workers: Executor
    limits: Limits
    open: int = 0


class Inbound(SMTP):
    """aiosmtpd's protocol, as wide as SES is: real mail has endless lines, and addresses that no grammar allows."""

    # A line may be as long as a mail. aiosmtpd's 1001 (RFC 5321) would refuse much of what SES takes; a mail that is
    # too long in all, in one line or in many, is refused with 552.
    line_length_limit = 2 * MAX_MESSAGE_BYTES
    command_size_limits: dict[str, int] = defaultdict(lambda: 2048)  # noqa: RUF012 (aiosmtpd's attribute)

    def __init__(self, receiver: Receiver, door: Door, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            Mailroom(receiver, door),
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


class Mailroom:
    """aiosmtpd's hooks: a recipient that no rule takes is refused at once, a mail is answered when it is safe."""

    def __init__(self, receiver: Receiver, door: Door) -> None:
        self._receiver = receiver
        self._door = door

    async def handle_HELO(self, server: SMTP, session: Session, _envelope: Envelope, name: str) -> bytes:  # noqa: N802 (aiosmtpd's name)
        """As bytes, which stay as they are: this reply has no status code."""
        session.host_name = name
        return f"250 {server.hostname}".encode()

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, _envelope: Envelope, name: str, _responses: list[str]
    ) -> list[bytes]:
        session.host_name = name
        words = [f"SIZE {MAX_MESSAGE_BYTES}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
        lines = [server.hostname, *words, *([] if session.ssl else ["STARTTLS"])]
        return [f"250{' ' if line is lines[-1] else '-'}{line}".encode() for line in lines]

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._refusal(session, envelope, address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    def _refusal(self, session: Session, envelope: Envelope, address: str) -> str | None:
        """The reply to a recipient that isn't taken. Filters and rules are an account's, and it takes a recipient to
        know whose: SES can't refuse earlier, either."""
        if len(envelope.rcpt_tos) >= self._door.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if self._receiver.filters.blocks(_client_ip(session)):
            return f"550 5.7.1 An IP address filter blocks mail from {_client_ip(session)}"
        rules = self._receiver.taking(address)
        if not rules:
            return f"550 5.1.1 mailbox unavailable: no receipt rule takes {_printable(address)}"
        if not session.ssl and any(rule.tls_policy == "Require" for rule in rules):
            return f"530 5.7.0 Must issue a STARTTLS command first: a receipt rule wants TLS for {_printable(address)}"
        return None

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        delivery = _delivery(session, envelope)
        if wrong := asked.misunderstood(asked.field(delivery.raw) or ""):
            return f"554 5.6.0 {CONTROL_FIELD}: what is {_printable(wrong[0])!r}? Write spam=FAIL; dmarc=GRAY"
        try:
            await session.loop.run_in_executor(self._door.workers, self._receiver.deliver, delivery)
        except Rejected as rejected:
            return str(rejected)
        except CloudError as error:
            log.warning("not received, the client is told to come again: %s", error)
            return "451 4.3.0 Temporary service failure, please try again later"
        return f"250 2.0.0 OK {delivery.ses_id}"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong, the mail isn't lost: the client keeps it."""
        if isinstance(error, TLSSetupException):
            log.info("a client wanted TLS, and then not: %s", error.__cause__)
            return "454 4.7.0 TLS was not started"
        log.exception("an SMTP session failed", exc_info=error)
        return "451 4.3.0 Temporary service failure, please try again later"


def _delivery(session: Session, envelope: Envelope) -> Delivery:
    sender = envelope.mail_from or ""
    return Delivery(
        ses_id=received_id(),
        received_at=now(),
        client_ip=_client_ip(session),
        helo=session.host_name or "",
        mail_from="" if sender == "<>" else sender,
        rcpt_to=tuple(dict.fromkeys(envelope.rcpt_tos)),
        raw=envelope.original_content or b"",
        tls=_tls(session),
    )


def _client_ip(session: Session) -> str:
    peer = session.peer
    return str(peer[0]).partition("%")[0] if peer else "127.0.0.1"


def _tls(session: Session) -> str | None:
    """`TLSv1.3 TLS_AES_256_GCM_SHA384`, or None for a plain session."""
    secured = session.ssl.get("ssl_object") if session.ssl else None
    if not isinstance(secured, ssl.SSLObject):
        return None
    cipher = secured.cipher()
    return f"{secured.version()} {cipher[0] if cipher else '?'}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() and char.isascii() else "?" for char in text[:320])


async def listen(
    receiver: Receiver,
    host: str,
    port: int,
    *,
    context: ssl.SSLContext,
    workers: Executor,
    limits: Limits = _LIMITS,
) -> asyncio.Server:
    """Starts to listen. Raises OSError where the port is taken.

    Mails are delivered by `workers`, which nobody else may need for what an action waits for.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd writes every command of every client at INFO
    loop = asyncio.get_running_loop()
    hostname = tls.names(receiver.place.region)[0]
    door = Door(hostname=hostname, context=context, workers=workers, limits=limits)
    return await loop.create_server(lambda: Inbound(receiver, door, loop), host, port, backlog=512)
