"""`python -m local.ses`: Amazon SES on this machine, until SIGTERM or SIGINT."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from dataclasses import asdict

from local.ses import arguments
from local.ses.arguments import Chosen
from local.ses.assembly import Settings
from local.ses.cloud import Cloud
from local.ses.server import running
from local.ses.verdicts.zone import ZoneError


def _cloud(chosen: Chosen) -> Cloud:
    """boto3 takes most of a start, so it is imported only where AWS is spoken to."""
    if chosen.aws_endpoint is None:
        from local.ses.folder_cloud import FolderCloud

        return FolderCloud(chosen.settings.state)
    from local.ses.boto_cloud import BotoCloud

    return BotoCloud(chosen.aws_endpoint, chosen.settings.region)


async def _serve(settings: Settings, cloud: Cloud) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, cloud) as ports:
        listed = {name: port for name, port in asdict(ports).items() if port is not None}
        print(json.dumps({"ready": True, **listed}), flush=True)
        await stop.wait()


def main(argv: list[str]) -> int:
    chosen = arguments.read(argv)
    settings, level = chosen.settings, logging.INFO if chosen.verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(_serve(settings, _cloud(chosen)))
    except ZoneError as error:
        print(f"local.ses can't start: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{settings.host}, ports {settings.smtp_port} (SMTP) and {settings.http_port} (HTTP)"
        where += "" if settings.submission_port is None else f" and {settings.submission_port} (submission)"
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
