"""`python -m local.faults`: the proxy, until SIGTERM or SIGINT."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from urllib.parse import urlsplit

from local.faults import operations
from local.faults.relay import Address, Proxy, listening


def main(argv: list[str]) -> int:
    """0 after a clean stop, 2 where it can't listen (the reason on standard error)."""
    given = _arguments(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    proxy = Proxy(upstream=given.upstream, others={"ses": given.ses} if given.ses else {})
    try:
        asyncio.run(_serve(proxy, given.host, given.port))
    except OSError as error:
        where = f"{given.host}, port {given.port}"
        print(f"local.faults can't listen on {where}: {error}. Choose another, or 0 for any.", file=sys.stderr)
        return 2
    return 0


async def _serve(proxy: Proxy, host: str, port: int) -> None:
    stop = asyncio.Event()
    for end in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(end, stop.set)
    operations.warm()
    async with listening(proxy, host, port) as number:
        print(json.dumps({"ready": True, "http": number}), flush=True)
        await stop.wait()


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.faults",
        description="A proxy in front of an emulator of AWS, whose calls can be made to fail: POST /_faults. "
        "Says {ready, http} in one line of JSON when it listens.",
    )
    parser.add_argument("--upstream", required=True, type=_address, metavar="URL", help="the emulator")
    parser.add_argument("--ses", type=_address, metavar="URL", help="where calls of SES go instead")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=2590, help="the port (%(default)s; 0: any free port)")
    return parser.parse_args(argv)


def _address(text: str) -> Address:
    try:
        url = urlsplit(text)
        if url.scheme == "http" and url.hostname and url.port and not url.path.strip("/"):
            return Address(host=url.hostname, port=url.port)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"an address looks like http://127.0.0.1:4566, not {text!r}")


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
