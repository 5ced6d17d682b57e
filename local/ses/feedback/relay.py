"""Relaying: mail that is sent here goes on to a real server over SMTP, and what that server says is what is told of it.

`--relay HOST:PORT`. Only mail that would be delivered goes on: addresses of the simulator and under `.invalid` keep
their fates. As at SES, a reply of 5xx is a bounce, 4xx a delay and another attempt, and a bounce after the last one.

What the server finds out later comes back as a mail to the envelope sender, which is one of two:

- `ses` (as SES does it): an address of our own for every mail, `<sent id>@bounces.ses.test`. Notifications to it that
  reach our SMTP port become Bounce events with the server's own diagnostics. The name can't exist (RFC 6761), so a
  server that isn't told to bring it here can't bother anybody else's.
- `source`: the mail's own sender. Notifications arrive as any mail does: by receipt rules, in S3.
"""

import asyncio
import logging
import smtplib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from local.ses import headers
from local.ses.feedback.answers import answered, given_up
from local.ses.feedback.client import Client
from local.ses.feedback.steps import Delayed, Step
from local.ses.mail import Sent

log = logging.getLogger(__name__)

BOUNCES = "bounces.ses.test"
AT_ONCE = 4  # connections
MAX_WAITING = 1000  # mails
TIMEOUT = 30.0  # seconds
RETRY_AFTER = (0.5, 2.0, 8.0)  # seconds; SES tries for hours, a test can't wait

Told: TypeAlias = Callable[[Sent, Step, Sequence[str]], None]
Answer: TypeAlias = tuple[int, str, str | None]  # code, text, address of the server


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server that mail is relayed to, and whom its notifications go to."""

    host: str
    port: int
    bounces: Literal["ses", "source"] = "ses"

    @classmethod
    def of(cls, text: str, bounces: Literal["ses", "source"] = "ses") -> "Target":
        """From `HOST:PORT`; raises ValueError."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) <= 65535:
            raise ValueError(f"HOST:PORT is wanted, not {text!r}")
        return cls(host=host.strip("[]"), port=int(port), bounces=bounces)

    def mail_from(self, sent: Sent) -> str:
        return f"{sent.sent_id}@{BOUNCES}" if self.bounces == "ses" else sent.outgoing.source


@dataclass(slots=True, kw_only=True)
class Relay:
    """For one event loop. `told` hears of every answer; `fetch` gives the mail of an id as its recipients get it."""

    target: Target
    told: Told
    fetch: Callable[[str], bytes | None]
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "relay"))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, sent: Sent, recipients: Sequence[str]) -> None:
        """Sees a mail off, by itself."""
        if len(self._tasks) >= MAX_WAITING:
            log.warning("%s is not relayed: %d mails are waiting already", sent.sent_id, MAX_WAITING)
            busy = answered(421, f"4.3.2 {MAX_WAITING} mails are waiting to be relayed")
            self.told(sent, given_up(busy) if isinstance(busy, Delayed) else busy, recipients)
            return
        task = asyncio.get_running_loop().create_task(self._relay(sent, list(recipients)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, sent: Sent, recipients: list[str]) -> None:
        loop = asyncio.get_running_loop()
        for wait in (*RETRY_AFTER, None):
            answers = await loop.run_in_executor(self._threads, self._attempt, sent, recipients)
            recipients = self._tell(sent, answers, last=wait is None)
            if not recipients or wait is None:
                return
            await asyncio.sleep(wait)

    def _tell(self, sent: Sent, answers: Mapping[str, Answer], *, last: bool) -> list[str]:
        """Tells of every answer, of equal ones together; gives those that are to be tried again."""
        groups: dict[tuple[str, Answer], list[str]] = {}
        for address, answer in answers.items():
            groups.setdefault((address.lower().rpartition("@")[2], answer), []).append(address)
        again: list[str] = []
        for (_, (code, text, ip)), addresses in groups.items():
            step = answered(code, text, ip)
            if isinstance(step, Delayed):
                self.told(sent, given_up(step) if last else step, addresses)
                again += addresses
            else:
                self.told(sent, step, addresses)
        return again

    def _attempt(self, sent: Sent, recipients: Sequence[str]) -> dict[str, Answer]:
        raw = self.fetch(sent.sent_id)
        if raw is None:
            # Our own fault, not the recipients': they don't go on the suppression list for it.
            return dict.fromkeys(recipients, (451, "4.3.0 the mail is not in the outbox any more", None))
        return relayed(self.target, self.target.mail_from(sent), recipients, raw)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)


def relayed(target: Target, mail_from: str, recipients: Sequence[str], raw: bytes) -> dict[str, Answer]:
    """One attempt: the server's answer for every recipient. Blocks; never raises. No TLS: the server is nearby."""
    try:
        with Client(target.host, target.port, local_hostname="smtp-out.local", timeout=TIMEOUT) as client:
            ip = str(client.sock.getpeername()[0]) if client.sock is not None else None
            return _conversation(client, ip, mail_from, recipients, raw)
    except smtplib.SMTPResponseException as error:
        return dict.fromkeys(recipients, (error.smtp_code, _text(error.smtp_error), None))
    except RecursionError:  # smtplib reads comments within comments so
        return dict.fromkeys(recipients, (553, "5.1.3 An address can't be read", None))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return dict.fromkeys(recipients, (421, f"4.4.1 {target.host}:{target.port} can't be reached: {error}", None))


def _conversation(
    client: smtplib.SMTP, ip: str | None, mail_from: str, recipients: Sequence[str], raw: bytes
) -> dict[str, Answer]:
    client.ehlo_or_helo_if_needed()
    wide = not all(one.isascii() for one in (mail_from, *recipients))
    if wide and not client.has_extn("smtputf8"):
        return dict.fromkeys(recipients, (553, "5.6.7 The server takes no addresses but those of ASCII", ip))
    options = [name for name, wanted in (("BODY=8BITMIME", client.has_extn("8bitmime")), ("SMTPUTF8", wide)) if wanted]
    if wide:
        client.command_encoding = "utf-8"  # as smtplib.sendmail does (RFC 6531)
    code, said = client.mail(mail_from, options)
    if code != 250:
        return dict.fromkeys(recipients, (code, _text(said), ip))
    answers: dict[str, Answer] = {}
    for address in recipients:
        code, said = client.rcpt(address)
        answers[address] = (code, _text(said), ip)
    taken = [address for address, (code, _, _) in answers.items() if code in (250, 251)]
    if taken:
        code, said = client.data(headers.crlf(raw))
        answers |= dict.fromkeys(taken, (code, _text(said), ip))
    return answers


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
