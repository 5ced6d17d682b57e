"""Everything in one event loop: the SMTP port, the HTTP port, and what stands behind them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from local.ses.account import Account, Limits, SigningKey
from local.ses.api.query import Call
from local.ses.api.v1 import ApiV1
from local.ses.api.v1_configuration_sets import ConfigurationSetCalls
from local.ses.api.v1_identities import IdentityCalls
from local.ses.api.v1_receiving import ReceivingCalls
from local.ses.api.v1_sending import SendingCalls
from local.ses.api.v1_templates import TemplateCalls
from local.ses.api.v2 import ApiV2
from local.ses.cloud import CONNECTIONS, Cloud
from local.ses.journal import Journal
from local.ses.mail import Place
from local.ses.receiving import smtp, tls
from local.ses.receiving.receive import Receiver
from local.ses.receiving.rules import RuleBook
from local.ses.sending import submission
from local.ses.sending.credentials import Credentials
from local.ses.sending.report import EventReporter
from local.ses.sending.send import Sender
from local.ses.sending.signing import AmazonKey
from local.ses.sending.zone import ZoneFile
from local.ses.values import MAX_MESSAGE_BYTES, SentIds
from local.ses.verdicts.check import Asked
from local.ses.web.control import Control

MAX_REQUEST_BYTES = 2 * MAX_MESSAGE_BYTES  # a mail of 40 MB is a third larger in base64, and then there is the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to listen (port 0: any that is free), and what to be."""

    host: str = "127.0.0.1"
    smtp_port: int = 0
    http_port: int = 0
    submission_port: int | None = None  # None: no SMTP interface for sending
    state: Path
    keep: int = 10_000
    region: str = "us-east-1"
    account: str = "000000000000"
    limits: Limits = field(default_factory=Limits)
    credentials: Credentials = field(default_factory=Credentials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    smtp: int
    http: int
    submission: int | None = None


@asynccontextmanager
async def running(settings: Settings, cloud: Cloud) -> AsyncIterator[Ports]:
    """SES, from here to the end of the block. Raises OSError where a port is taken."""
    threads = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="ses")
    asyncio.get_running_loop().set_default_executor(threads)
    place = Place(region=settings.region, account=settings.account)
    rules = RuleBook()
    journal = Journal(settings.state, settings.keep)
    receiver = Receiver(cloud=cloud, rules=rules, place=place, checker=Asked(), journal=journal)
    sender = _sender(settings, cloud, journal, place)

    http_socket = _bound(settings.host, settings.http_port)
    listening: list[asyncio.Server] = []
    try:
        listening.append(await smtp.listen(receiver, settings.host, settings.smtp_port))
        if settings.submission_port is not None:
            listening.append(await _submission(settings, sender))
    except OSError:
        http_socket.close()
        _close(listening)
        raise
    ports = Ports(http=http_socket.getsockname()[1], **_ports(listening))

    calls = {**ReceivingCalls(rules=rules, receiver=receiver).calls(), **_sending_calls(sender, cloud)}
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.router.add_post("/", ApiV1(calls=calls).handle)
    app.router.add_routes(ApiV2(sender=sender, cloud=cloud).routes())
    listed = {"http": ports.http, **_ports(listening)}
    app.router.add_routes(Control(journal=journal, ports=listed).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, http_socket).start()
    try:
        yield ports
    finally:
        _close(listening)
        await runner.cleanup()
        await sender.reporter.close()
        threads.shutdown(wait=False, cancel_futures=True)
        # At its end the loop waits for its default executor: an empty one, not a call to S3 that hangs.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))


async def _submission(settings: Settings, sender: Sender) -> asyncio.Server:
    context = tls.server_context(settings.region, settings.state / "tls" / "email-smtp.pem")
    port = settings.submission_port or 0
    return await submission.listen(sender, settings.credentials, settings.host, port, context)


def _ports(listening: Iterable[asyncio.Server]) -> dict[str, int]:
    """The ports by name: SMTP comes first, and submission where there is any."""
    return dict(zip(("smtp", "submission"), (one.sockets[0].getsockname()[1] for one in listening), strict=False))


def _close(listening: Iterable[asyncio.Server]) -> None:
    for server in listening:
        server.close()


def _sender(settings: Settings, cloud: Cloud, journal: Journal, place: Place) -> Sender:
    """Sending, with the account that it is for; the DNS records of its identities are in DIR/dns."""
    account = Account(limits=settings.limits)
    amazon = AmazonKey(selector="local", key=SigningKey.made(1024))  # as long as Amazon's own is
    zone = ZoneFile(settings.state / "dns", amazon, place)
    zone.write(account.identities.all())
    account.identities.changed = zone.write
    reporter = EventReporter(cloud=cloud, account=account, place=place)
    ids = SentIds(settings.region)
    return Sender(account=account, journal=journal, place=place, ids=ids, reporter=reporter, amazon=amazon)


def _sending_calls(sender: Sender, cloud: Cloud) -> Mapping[str, Call]:
    account = sender.account
    return {
        **SendingCalls(sender=sender).calls(),
        **TemplateCalls(account=account).calls(),
        **IdentityCalls(account=account).calls(),
        **ConfigurationSetCalls(account=account, cloud=cloud).calls(),
    }


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
