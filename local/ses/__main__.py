"""`python -m local.ses`: Amazon SES on this machine, until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from pathlib import Path

from local.ses.cloud import BotoCloud, Cloud
from local.ses.feedback.relay import Target
from local.ses.folder_cloud import FolderCloud
from local.ses.server import Settings, running
from local.ses.verdicts.zone import ZoneError


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.ses",
        description="Amazon SES on this machine: receiving over SMTP by receipt rules into S3 and SNS, and sending "
        "through the SES APIs into an outbox on disk. Says {ready, smtp, http} in one line of JSON when it listens.",
    )
    parser.add_argument(
        "--aws-endpoint", metavar="URL", help="where S3 and SNS are (without: files in DIR/s3, DIR/sns, DIR/events)"
    )
    parser.add_argument(
        "--state", required=True, type=Path, metavar="DIR", help="what was sent and received is kept here"
    )
    parser.add_argument("--smtp-port", type=_port, default=2525, help="mail comes in here (2525; 0: any free port)")
    parser.add_argument("--http-port", type=_port, default=2580, help="the APIs are here (2580; 0: any free port)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--account", default="000000000000")
    parser.add_argument("--keep", type=_count, default=10_000, help="mails to keep, sent and received each (10000)")
    parser.add_argument("--keep-mb", type=_count, default=1024, help="megabytes to keep of each (1024)")
    parser.add_argument("--relay", metavar="HOST:PORT", help="an SMTP server that sent mail goes on to, for real")
    bounces = "whom that server's notifications go to: SES, which makes events of them (ses), or the sender (source)"
    parser.add_argument("--relay-bounces", choices=("ses", "source"), default="ses", help=bounces)
    parser.add_argument("--zone", type=Path, metavar="FILE", help="DNS records to check spf, dkim and dmarc by")
    parser.add_argument("--clamd", type=_clamd, metavar="HOST:PORT|PATH", help="viruses are found by this clamd")
    parser.add_argument("--rspamd", type=_rspamd, metavar="URL", help="spam is judged by this rspamd")
    parser.add_argument("--verbose", action="store_true", help="log what is done, not only what is amiss")
    chosen = parser.parse_args(argv)
    try:
        chosen.relay = Target.of(chosen.relay, chosen.relay_bounces) if chosen.relay else None
    except ValueError as error:
        parser.error(f"--relay: {error}")
    return chosen


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port is between 0 and 65535, not {port}")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"at least 1 is kept, not {count}")
    return count


def _clamd(text: str) -> str:
    host, _, port = text.rpartition(":")
    if "/" not in text and not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"a clamd is HOST:PORT or the path of a socket, not {text}")
    return text


def _rspamd(text: str) -> str:
    if not text.startswith("http://"):
        raise argparse.ArgumentTypeError(f"an rspamd is http://HOST:PORT, not {text}")
    return text


def _cloud(endpoint: str | None, settings: Settings) -> Cloud:
    return FolderCloud(settings.state) if endpoint is None else BotoCloud(endpoint, settings.region)


async def _serve(settings: Settings, cloud: Cloud) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, cloud) as ports:
        print(json.dumps({"ready": True, "smtp": ports.smtp, "http": ports.http}), flush=True)
        await stop.wait()


def main(argv: list[str]) -> int:
    chosen = _arguments(argv)
    level = logging.INFO if chosen.verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings(
        host=chosen.host,
        smtp_port=chosen.smtp_port,
        http_port=chosen.http_port,
        state=chosen.state,
        keep=chosen.keep,
        keep_bytes=chosen.keep_mb * 1024 * 1024,
        region=chosen.region,
        account=chosen.account,
        relay=chosen.relay,
        zone=chosen.zone,
        clamd=chosen.clamd,
        rspamd=chosen.rspamd,
    )
    try:
        asyncio.run(_serve(settings, _cloud(chosen.aws_endpoint, settings)))
    except ZoneError as error:
        print(f"local.ses can't start: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{chosen.host}, ports {chosen.smtp_port} (SMTP) and {chosen.http_port} (HTTP)"
        print(f"local.ses can't start on {where}: {error}. Choose others, or 0 for any free one.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    # A call to S3 or SNS that hangs would hold the interpreter for as long as it may; nothing waits for it any more.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)
