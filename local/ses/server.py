"""Everything in one event loop: the SMTP ports, the HTTP port, and what stands behind them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from aiohttp import web

from local.ses import tls
from local.ses.api.v1 import ApiV1
from local.ses.api.v2 import ApiV2
from local.ses.assembly import Parts, Settings, assembled
from local.ses.cloud import CONNECTIONS, Cloud
from local.ses.feedback.track import Tracks
from local.ses.host import bound, in_url
from local.ses.receiving import smtp
from local.ses.sending import submission
from local.ses.values import MAX_MESSAGE_BYTES
from local.ses.web import page
from local.ses.web.events import EventsControl

MAX_REQUEST_BYTES = 2 * MAX_MESSAGE_BYTES  # a mail of 40 MB is a third larger in base64, and then there is the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    smtp: int
    http: int
    submission: int | None = None


@asynccontextmanager
async def running(settings: Settings, cloud: Cloud) -> AsyncIterator[Ports]:
    """SES, from here to the end of the block. Raises OSError where a port is taken, ZoneError."""
    with _threads() as deliveries:
        parts = assembled(settings, cloud)
        http_socket = bound(settings.host, settings.http_port)
        listening: list[asyncio.Server] = []
        try:
            listening.extend([server async for server in _listening(settings, parts, deliveries)])
        except OSError:
            http_socket.close()
            _close(listening)
            raise
        ports = Ports(http=http_socket.getsockname()[1], **_ports(listening))
        runner = web.AppRunner(_app(settings, parts, ports), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, http_socket).start()
        try:
            yield ports
        finally:
            _close(listening)
            await runner.cleanup()
            await parts.reporter.close()


@contextmanager
def _threads() -> Iterator[Executor]:
    """The loop's own threads, and those that deliver received mail.

    These are apart: an action may wait for what the loop does in its threads, such as sending a bounce.
    """
    loop = asyncio.get_running_loop()
    threads = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="ses")
    deliveries = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="ses-mail")
    loop.set_default_executor(threads)
    try:
        yield deliveries
    finally:
        for pool in (deliveries, threads):
            pool.shutdown(wait=False, cancel_futures=True)
        # At its end the loop waits for its default executor: an empty one, not a call to S3 that hangs.
        loop.set_default_executor(ThreadPoolExecutor(max_workers=1))


async def _listening(settings: Settings, parts: Parts, deliveries: Executor) -> AsyncIterator[asyncio.Server]:
    """Receiving first, then sending where it is wanted. Raises OSError where a port is taken."""
    certificates = settings.state / "tls"
    context = tls.server_context(f"inbound-smtp.{settings.region}.amazonaws.com", certificates / "inbound-smtp.pem")
    yield await smtp.listen(parts.receiver, settings.host, settings.smtp_port, context=context, workers=deliveries)
    if settings.submission_port is not None:
        context = tls.server_context(f"email-smtp.{settings.region}.amazonaws.com", certificates / "email-smtp.pem")
        yield await submission.listen(
            parts.sender, settings.credentials, settings.host, settings.submission_port, context
        )


def _app(settings: Settings, parts: Parts, ports: Ports) -> web.Application:
    tracker = parts.opened(f"http://{in_url(settings.host)}:{ports.http}", settings.relay)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.router.add_post("/", ApiV1(calls=parts.calls()).handle)
    app.router.add_routes(ApiV2(sender=parts.sender, cloud=parts.cloud).routes())
    app.router.add_routes(EventsControl(publisher=parts.reporter.publisher).routes())
    app.router.add_routes(Tracks(reporter=parts.reporter, key=tracker.key).routes())
    listed = {"smtp": ports.smtp, "http": ports.http}
    listed |= {} if ports.submission is None else {"submission": ports.submission}
    page.install(app, parts.journal, settings.host, listed)
    return app


def _ports(listening: Iterable[asyncio.Server]) -> dict[str, int]:
    """The ports by name: SMTP comes first, and submission where there is any."""
    return dict(zip(("smtp", "submission"), (one.sockets[0].getsockname()[1] for one in listening), strict=False))


def _close(listening: Iterable[asyncio.Server]) -> None:
    for server in listening:
        server.close()
