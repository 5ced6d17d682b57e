"""Everything in one event loop: the SMTP port, the HTTP port, and what stands behind them."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.ses.account import Account
from local.ses.api.v1 import ApiV1
from local.ses.api.v1_bounce import BounceCalls
from local.ses.api.v1_receipt_filters import FilterCalls
from local.ses.api.v1_receiving import ReceivingCalls
from local.ses.api.v1_sending import SendingCalls
from local.ses.api.v2 import ApiV2
from local.ses.cloud import CONNECTIONS, Cloud
from local.ses.feedback.control import EventsControl
from local.ses.feedback.publish import Publisher
from local.ses.feedback.relay import Relay, Target
from local.ses.feedback.reporter import Reporter
from local.ses.feedback.returned import Returned
from local.ses.feedback.track import Tracks
from local.ses.feedback.tracking import Tracker
from local.ses.journal import Journal
from local.ses.journal.shelf import GIGABYTE
from local.ses.mail import Place
from local.ses.receiving import smtp, tls
from local.ses.receiving.receive import Receiver
from local.ses.receiving.rules import RuleBook
from local.ses.sending.bounces import SentBounces
from local.ses.sending.send import Sender
from local.ses.values import MAX_MESSAGE_BYTES, SentIds
from local.ses.verdicts.check import Asked, Checks, Once, by_eicar, by_gtube
from local.ses.verdicts.clamd import Clamd
from local.ses.verdicts.findings import Checker
from local.ses.verdicts.rspamd import Rspamd
from local.ses.verdicts.zone import ZoneFile
from local.ses.web import page

MAX_REQUEST_BYTES = 2 * MAX_MESSAGE_BYTES  # a mail of 40 MB is a third larger in base64, and then there is the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to listen (port 0: any that is free), and what to be."""

    host: str = "127.0.0.1"
    smtp_port: int = 0
    http_port: int = 0
    state: Path
    keep: int = 10_000
    keep_bytes: int = GIGABYTE
    region: str = "us-east-1"
    account: str = "000000000000"
    relay: Target | None = None
    zone: Path | None = None  # the DNS of spf, dkim and dmarc; without one they all pass
    clamd: str | None = None  # HOST:PORT or the path of a socket; without one EICAR is the only virus
    rspamd: str | None = None  # http://HOST:PORT; without one GTUBE is the only spam


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    smtp: int
    http: int


@asynccontextmanager
async def running(settings: Settings, cloud: Cloud) -> AsyncIterator[Ports]:
    """SES, from here to the end of the block. Raises OSError where a port is taken, ZoneError."""
    checker = _checker(settings)
    threads = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="ses")
    asyncio.get_running_loop().set_default_executor(threads)
    # Their own: an action may wait for what the loop does in its executor, such as sending a bounce.
    deliveries = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="ses-mail")
    place = Place(region=settings.region, account=settings.account)
    rules, account = RuleBook(), Account()
    journal = Journal(settings.state, settings.keep, settings.keep_bytes)
    loop = asyncio.get_running_loop()
    publisher = Publisher(cloud=cloud, told=journal.event)
    reporter = Reporter(publisher=publisher, account=account, place=place)
    ids = SentIds(settings.region)
    sender = Sender(cloud=cloud, account=account, journal=journal, place=place, ids=ids, reporter=reporter)
    bouncer = SentBounces(sender=sender, loop=loop)
    receiver = Receiver(
        cloud=cloud,
        rules=rules,
        place=place,
        checker=checker,
        journal=journal,
        bouncer=bouncer,
        returned=Returned(recent=reporter.recent, told=reporter.happened, loop=loop),
    )
    context = tls.server_context(settings.region, settings.state / "tls" / "inbound-smtp.pem")

    http_socket = _bound(settings.host, settings.http_port)
    try:
        mail = await smtp.listen(receiver, settings.host, settings.smtp_port, context=context, workers=deliveries)
    except OSError:
        http_socket.close()
        raise
    ports = Ports(smtp=mail.sockets[0].getsockname()[1], http=http_socket.getsockname()[1])

    calls = {
        **ReceivingCalls(rules=rules, receiver=receiver).calls(),
        **FilterCalls(filters=receiver.filters).calls(),
        **BounceCalls(originals=receiver.originals, send=bouncer.send, place=place).calls(),
        **SendingCalls(account=account).calls(),
    }
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.router.add_post("/", ApiV1(calls=calls).handle)
    app.router.add_routes(ApiV2(sender=sender).routes())
    app.router.add_routes(EventsControl(publisher=publisher).routes())
    if settings.relay is not None:
        reporter.relay = Relay(target=settings.relay, told=reporter.happened, fetch=journal.outbox.raw)
    reporter.tracker = Tracker(base_url=f"http://{_named(settings.host)}:{ports.http}", key=secrets.token_bytes(32))
    app.router.add_routes(Tracks(reporter=reporter, key=reporter.tracker.key).routes())
    listed = {"smtp": ports.smtp, "http": ports.http}
    page.install(app, journal, settings.host, listed)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, http_socket).start()
    try:
        yield ports
    finally:
        mail.close()
        await runner.cleanup()
        await reporter.close()
        for pool in (deliveries, threads):
            pool.shutdown(wait=False, cancel_futures=True)
        # At its end the loop waits for its default executor: an empty one, not a call to S3 that hangs.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))


def _named(host: str) -> str:
    """The host as it stands in an address that a browser on this machine can open."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    return f"[{host}]" if ":" in host else host


def _checker(settings: Settings) -> Checker:
    """Who looks at a mail. Raises ZoneError."""
    checks = Checks(
        zone=ZoneFile(settings.zone) if settings.zone is not None else None,
        virus=Clamd(settings.clamd) if settings.clamd is not None else by_eicar,
        spam=Rspamd(settings.rspamd) if settings.rspamd is not None else by_gtube,
    )
    return Asked(Once(checks))


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
