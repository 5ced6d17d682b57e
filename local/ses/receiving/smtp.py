"""The SMTP side of receiving: what a sending server talks to (RFC 5321, with SIZE, 8BITMIME and SMTPUTF8)."""

import asyncio
import logging
import re
from collections import defaultdict

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.ses.cloud import CloudError
from local.ses.mail import Delivery
from local.ses.receiving.receive import Receiver
from local.ses.values import MAX_MESSAGE_BYTES, now, received_id
from local.ses.verdicts import asked

log = logging.getLogger(__name__)

MAX_RECIPIENTS = 1000  # of one mail; RFC 5321 section 4.5.3.1.8 asks for 100 at least

# RFC 5321 section 4.1.2: a path, with a source route that is ignored, then the parameters.
_PATH = re.compile(r"<(?:@[^:>]{1,255}:)?([^>]{0,998})>(.{0,1000})\Z", re.DOTALL)


class Inbound(SMTP):
    """aiosmtpd's protocol, as wide as SES is: real mail has endless lines, and addresses that no grammar allows."""

    # A line may be as long as a mail. aiosmtpd's 1001 (RFC 5321) would refuse much of what SES takes; a mail that is
    # too long in all, in one line or in many, is refused with 552.
    line_length_limit = 2 * MAX_MESSAGE_BYTES
    command_size_limits: dict[str, int] = defaultdict(lambda: 2048)  # noqa: RUF012 (aiosmtpd's attribute)

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

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not self._receiver.takes(address):
            return f"550 5.1.1 mailbox unavailable: no receipt rule takes {_printable(address)}"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        delivery = _delivery(session, envelope)
        if (wrong := asked.misunderstood(delivery)) is not None:
            return f"554 5.6.0 {_printable(wrong)}"
        try:
            await asyncio.to_thread(self._receiver.deliver, delivery)
        except CloudError as error:
            log.warning("not received, the client is told to come again: %s", error)
            return "451 4.3.0 Temporary service failure, please try again later"
        return f"250 OK {delivery.ses_id}"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong, the mail isn't lost: the client keeps it."""
        log.exception("an SMTP session failed", exc_info=error)
        return "451 4.3.0 Temporary service failure, please try again later"


def _delivery(session: Session, envelope: Envelope) -> Delivery:
    sender = envelope.mail_from or ""
    peer = session.peer
    raw = envelope.original_content or b""
    return Delivery(
        ses_id=received_id(),
        received_at=now(),
        client_ip=asked.client_ip(raw) or (str(peer[0]) if peer else "127.0.0.1"),
        helo=session.host_name or "",
        mail_from="" if sender == "<>" else sender,
        rcpt_to=tuple(dict.fromkeys(envelope.rcpt_tos)),
        raw=raw,
    )


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() and char.isascii() else "?" for char in text[:320])


async def listen(receiver: Receiver, host: str, port: int) -> asyncio.Server:
    """Starts to listen. Raises OSError where the port is taken."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes every command of every client at INFO
    loop = asyncio.get_running_loop()

    def session() -> Inbound:
        return Inbound(
            Mailroom(receiver),
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            hostname="inbound-smtp.local",
            ident="Amazon SES, played locally",
            timeout=300,
            loop=loop,
        )

    return await loop.create_server(session, host, port, backlog=512)
