"""The SMTP interface for sending: STARTTLS, AUTH, and then mail, in SES's words.

Source: "Using the Amazon SES SMTP interface to send email", "SMTP response codes returned by Amazon SES"; RFC 4954 for
AUTH. A configuration set and tags stand in fields of the mail (`X-SES-CONFIGURATION-SET`, `X-SES-MESSAGE-TAGS`).
"""

import asyncio
import logging
import ssl
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from local.ses import headers
from local.ses.content import Reading
from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.sending import outgoing
from local.ses.sending.credentials import Credentials
from local.ses.sending.outgoing import MAX_RECIPIENTS
from local.ses.sending.send import Sender
from local.ses.values import MAX_MESSAGE_BYTES, ascii_line

log = logging.getLogger(__name__)

_IDLE_SECONDS = 60  # "451 Timeout waiting for data from client"
_COMMANDS = {"*": 100, "MAIL": 10_000, "RCPT": 100_000, "DATA": 10_000, "RSET": 10_000, "NOOP": 1000, "AUTH": 10}

# How a refusal begins here: SES's API errors in the words of the SMTP interface.
_REPLIES: Mapping[str, str] = {
    "AccountSendingPausedException": "554 Sending paused for this account.",
    "AccountSuspendedException": "554 Access denied: Account is suspended.",
    "ConfigurationSetDoesNotExist": "554 Configuration set does not exist.",
    "ConfigurationSetSendingPausedException": "554 Configuration set sending paused.",
    "InternalFailure": "451 Temporary service failure",
    "MailFromDomainNotVerifiedException": "554 Mail from domain not verified.",
    "MessageRejected": "554 Message rejected:",
    "Throttling": "454 Throttling failure:",
}
_OWN_WORDS = {
    "530 5.7.0 Authentication required": "530 Authentication required",
    "552 Error: Too much mail data": "552 Message is too long.",
}
_OTHERWISE = "554 Transaction failed:"


def reply(error: Refused) -> str:
    """The reply to DATA for a mail that is refused, on one line."""
    return f"{_REPLIES.get(error.code, _OTHERWISE)} {ascii_line(str(error))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """aiosmtpd's hooks: who may send, and what becomes of the mail."""

    sender: Sender
    credentials: Credentials

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        region = self.sender.place.region
        known = isinstance(given, LoginPassword) and self.credentials.admit(given.login, given.password, region)
        message = "235 Authentication successful." if known else "535 Authentication Credentials Invalid"
        return AuthResult(success=known, handled=False, message=message)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 Too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        try:
            return f"250 Ok {await self.sender.send(_outgoing(envelope))}"
        except Refused as error:
            return reply(error)

    async def handle_exception(self, error: Exception) -> str:
        log.exception("an SMTP session failed", exc_info=error)
        return "451 Temporary service failure"


def _outgoing(envelope: Envelope) -> Outgoing:
    raw = envelope.original_content or b""
    fields, _ = headers.split(raw)
    return Outgoing(
        source=envelope.mail_from or "",
        destination=tuple(dict.fromkeys(envelope.rcpt_tos)),
        raw=raw,
        tags=outgoing.tags_in(fields),
        configuration_set=outgoing.configuration_set_in(fields),
    )


class Submission(Reading):
    """aiosmtpd's protocol, in which nothing is sent without TLS and a password."""

    command_size_limits: dict[str, int] = defaultdict(lambda: 4096)  # noqa: RUF012 (aiosmtpd's attribute)

    def __init__(self, desk: Desk, context: ssl.SSLContext, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            desk,
            data_size_limit=MAX_MESSAGE_BYTES,
            hostname=f"email-smtp.{desk.sender.place.region}.amazonaws.com",
            ident="ESMTP SimpleEmailService, played locally",
            tls_context=context,
            require_starttls=True,
            authenticator=desk.authenticate,
            auth_required=True,
            timeout=_IDLE_SECONDS,
            command_call_limit=dict(_COMMANDS),
            loop=loop,
        )

    async def push(self, status: str | bytes) -> None:
        """Answers; aiosmtpd's own words for who hasn't logged in are not SES's."""
        if isinstance(status, bytes):
            await super().push(status)
        else:
            await super().push(_OWN_WORDS.get(status, status))


async def listen(
    sender: Sender, credentials: Credentials, host: str, port: int, context: ssl.SSLContext
) -> asyncio.Server:
    """Starts to listen. Raises OSError where the port is taken."""
    # As receiving has it: aiosmtpd writes every command at INFO, and warns of a field of its own at every login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    desk = Desk(sender=sender, credentials=credentials)
    return await loop.create_server(lambda: Submission(desk, context, loop), host, port, backlog=128)
