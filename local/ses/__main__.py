"""`python -m local.ses`: Amazon SES on this machine, until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from local.ses.account.account import ENFORCEMENTS, SANDBOX, Limits
from local.ses.cloud import BotoCloud
from local.ses.server import Settings, running


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.ses",
        description="Amazon SES on this machine: receiving over SMTP by receipt rules into S3 and SNS, and sending "
        "through the SES APIs or the SMTP interface into an outbox on disk. Says {ready, smtp, http, submission} "
        "in one line of JSON when it listens.",
    )
    parser.add_argument("--aws-endpoint", required=True, metavar="URL", help="where S3 and SNS are")
    parser.add_argument("--state", required=True, type=Path, metavar="DIR", help="the outbox goes to DIR/outbox")
    parser.add_argument("--smtp-port", type=_port, default=2525, help="mail comes in here (2525; 0: any free port)")
    parser.add_argument("--http-port", type=_port, default=2580, help="the APIs are here (2580; 0: any free port)")
    parser.add_argument(
        "--submission-port", type=_port, metavar="PORT", help="mail is sent by SMTP here (none; 0: any free port)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--account", default="000000000000")
    parser.add_argument("--keep", type=_count, default=10_000, help="sent mails to keep in the outbox (10000)")
    account = parser.add_argument_group("what the account may (AWS decides it for a real one)")
    account.add_argument("--sandbox", action="store_true", help="only verified addresses, 200 a day, 1 a second")
    account.add_argument("--max-send-rate", type=_amount, metavar="N", help="recipients a second (1000; sandbox: 1)")
    account.add_argument("--max-24-hour-send", type=_amount, metavar="N", help="(1000000; sandbox: 200)")
    account.add_argument("--enforcement", choices=ENFORCEMENTS, default="HEALTHY", help="EnforcementStatus (HEALTHY)")
    parser.add_argument("--verbose", action="store_true", help="log what is done, not only what is amiss")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port is between 0 and 65535, not {port}")
    return port


def _amount(text: str) -> float:
    amount = float(text)
    if not 0 < amount < 1e12:
        raise argparse.ArgumentTypeError(f"a quota is more than 0, not {text}")
    return amount


def _limits(chosen: argparse.Namespace) -> Limits:
    base = SANDBOX if chosen.sandbox else Limits()
    return replace(
        base,
        max_send_rate=chosen.max_send_rate or base.max_send_rate,
        max_24_hour_send=chosen.max_24_hour_send or base.max_24_hour_send,
        enforcement=chosen.enforcement,
    )


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"at least 1 is kept, not {count}")
    return count


async def _serve(settings: Settings, endpoint: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, BotoCloud(endpoint, settings.region)) as ports:
        said = {"ready": True, "smtp": ports.smtp, "http": ports.http}
        if ports.submission is not None:
            said["submission"] = ports.submission
        print(json.dumps(said), flush=True)
        await stop.wait()


def main(argv: list[str]) -> int:
    chosen = _arguments(argv)
    level = logging.INFO if chosen.verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings(
        host=chosen.host,
        smtp_port=chosen.smtp_port,
        http_port=chosen.http_port,
        submission_port=chosen.submission_port,
        state=chosen.state,
        keep=chosen.keep,
        region=chosen.region,
        account=chosen.account,
        limits=_limits(chosen),
    )
    try:
        asyncio.run(_serve(settings, chosen.aws_endpoint))
    except OSError as error:
        where = f"{chosen.host}, ports {chosen.smtp_port} (SMTP) and {chosen.http_port} (HTTP)"
        where += "" if chosen.submission_port is None else f" and {chosen.submission_port} (submission)"
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
