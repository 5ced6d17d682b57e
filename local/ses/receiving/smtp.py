"""The SMTP side of receiving: what a sending server talks to.

RFC 5321, with SIZE, 8BITMIME, SMTPUTF8, PIPELINING, STARTTLS (RFC 3207) and ENHANCEDSTATUSCODES (RFC 2034).
"""

import asyncio
import logging
import ssl
from concurrent.futures import Executor

from aiosmtpd.smtp import SMTP, Envelope, Session, TLSSetupException

from local.ses.cloud import CloudError
from local.ses.mail import Delivery
from local.ses.receiving.actions.action import Rejected
from local.ses.receiving.limits import Limits
from local.ses.receiving.receive import Receiver
from local.ses.receiving.session import Door, Inbound
from local.ses.values import MAX_MESSAGE_BYTES, ascii_line, now, received_id
from local.ses.verdicts import asked

log = logging.getLogger(__name__)

_LIMITS = Limits()


class Mailroom:
    """aiosmtpd's hooks: a recipient that no rule takes is refused at once, a mail is answered when it is safe."""

    def __init__(self, receiver: Receiver, workers: Executor, limits: Limits) -> None:
        self._receiver = receiver
        self._workers = workers
        self._limits = limits

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
        if len(envelope.rcpt_tos) >= self._limits.recipients:
            return "452 4.5.3 Too many recipients"
        if self._receiver.comes_back(address):
            return None
        if self._receiver.filters.blocks(_client_ip(session)):
            return f"550 5.7.1 An IP address filter blocks mail from {_client_ip(session)}"
        rules = self._receiver.taking(address)
        if not rules:
            return f"550 5.1.1 mailbox unavailable: no receipt rule takes {ascii_line(address)}"
        if not session.ssl and any(rule.tls_policy == "Require" for rule in rules):
            return f"530 5.7.0 Must issue a STARTTLS command first: a receipt rule wants TLS for {ascii_line(address)}"
        return None

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        try:
            delivery = await session.loop.run_in_executor(self._workers, self._deliver, session, envelope)
        except Rejected as rejected:
            return str(rejected)
        except CloudError as error:
            log.warning("not received, the client is told to come again: %s", error)
            return "451 4.3.0 Temporary service failure, please try again later"
        return f"250 2.0.0 OK {delivery.ses_id}"

    def _deliver(self, session: Session, envelope: Envelope) -> Delivery:
        """Blocks. Raises Rejected, CloudError."""
        delivery = _delivery(session, envelope)
        if (wrong := asked.misunderstood(delivery)) is not None:
            raise Rejected(f"554 5.6.0 {ascii_line(wrong)}")
        self._receiver.deliver(delivery)
        return delivery

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong, the mail isn't lost: the client keeps it."""
        if isinstance(error, TLSSetupException):
            log.info("a client wanted TLS, and then not: %s", error.__cause__)
            return "454 4.7.0 TLS was not started"
        log.exception("an SMTP session failed", exc_info=error)
        return "451 4.3.0 Temporary service failure, please try again later"


def _delivery(session: Session, envelope: Envelope) -> Delivery:
    sender, raw = envelope.mail_from or "", envelope.original_content or b""
    return Delivery(
        ses_id=received_id(),
        received_at=now(),
        client_ip=asked.client_ip(raw) or _client_ip(session),
        helo=session.host_name or "",
        mail_from="" if sender == "<>" else sender,
        rcpt_to=tuple(dict.fromkeys(envelope.rcpt_tos)),
        raw=raw,
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
    door = Door(hostname=f"inbound-smtp.{receiver.place.region}.amazonaws.com", context=context, limits=limits)
    mailroom = Mailroom(receiver, workers, limits)
    return await loop.create_server(lambda: Inbound(mailroom, door, loop), host, port, backlog=512)
