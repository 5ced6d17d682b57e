"""`python -m bench.ses_load`: how fast our SES receives, what it holds in memory, and how soon it is ready.

Each mail is stored in S3 and announced over SNS before it is answered. The same load goes to a plain aiosmtpd port that
only writes the mail to a file: what we do beside the protocol is the ratio of the two. Everything is a process of its
own (this one sends), and all share the machine's cores: MiniStack works as hard as we do. Under four minutes.
"""

import argparse
import asyncio
import json
import os
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import boto3
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench import ses_running
from local.ses.values import MAX_MESSAGE_BYTES

CONNECTIONS = (1, 4, 16)
SIZES = {"4 KB": 4_000, "100 KB": 100_000}
SECONDS = 3.0  # of each measurement
MEMORY_MAILS, MEMORY_STEP, MEMORY_SECONDS = 5_000, 1_000, 60.0
STARTS = 10
SMALL = "100"  # mails that are kept, where few are
_NOWHERE = "http://127.0.0.1:9"  # discard: nothing listens


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """An SMTP server to be loaded, and the process that it is."""

    name: str
    smtp: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`times` are seconds from MAIL FROM to the answer to DATA, of each mail."""

    mails: int
    seconds: float
    times: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.mails / self.seconds

    @property
    def p50(self) -> float:
        return median(self.times) * 1000

    @property
    def p95(self) -> float:
        return quantiles(self.times, n=20)[-1] * 1000


class _Stores:
    """aiosmtpd's hook that writes every mail to a file, and does no more."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        self._count += 1
        path = self._folder / f"{self._count}.eml"
        await asyncio.to_thread(path.write_bytes, envelope.original_content or b"")
        return "250 OK"


async def _plain(folder: Path) -> None:
    """The server to compare with, as a process; it is ended with SIGTERM."""
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(_Stores(folder), data_size_limit=MAX_MESSAGE_BYTES, enable_SMTPUTF8=True, timeout=300, loop=loop)

    server = await loop.create_server(session, "127.0.0.1", 0, backlog=512)
    print(json.dumps({"smtp": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


@contextmanager
def plain(folder: Path) -> Iterator[Port]:
    folder.mkdir()
    command = [sys.executable, "-m", "bench.ses_load", "--plain", str(folder)]
    with ses_running.process(command, {}, subprocess.PIPE) as child:
        assert child.stdout is not None
        yield Port(name="plain aiosmtpd", smtp=json.loads(child.stdout.readline())["smtp"], pid=child.pid)


@contextmanager
def ours(name: str, folder: Path, endpoint: str | None, *options: str) -> Iterator[Port]:
    """Our SES with one rule for all mail: S3 with a topic, which nobody listens to."""
    with ses_running.ses(folder, endpoint, *options) as ses:
        _one_rule(ses.url, endpoint)
        yield Port(name=name, smtp=ses.smtp, pid=ses.pid)


def _one_rule(url: str, endpoint: str | None) -> None:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")  # noqa: S106 (no secret)
    topic = "arn:aws:sns:us-east-1:000000000000:inbound"
    if endpoint is not None:
        session.client("s3", endpoint_url=endpoint).create_bucket(Bucket="mail")
        topic = session.client("sns", endpoint_url=endpoint).create_topic(Name="inbound")["TopicArn"]
    v1 = session.client("ses", endpoint_url=url)
    v1.create_receipt_rule_set(RuleSetName="load")
    v1.create_receipt_rule(
        RuleSetName="load",
        Rule={
            "Name": "all",
            "Enabled": True,
            "ScanEnabled": True,
            "Actions": [{"S3Action": {"BucketName": "mail", "TopicArn": topic}}],
        },
    )
    v1.set_active_receipt_rule_set(RuleSetName="load")


def mail(size: int) -> bytes:
    head = (
        "From: Kim <kim@example.org>\r\nTo: desk@example.com\r\nSubject: Under load\r\nMessage-ID: <1@example.org>\r\n"
        "Date: Tue, 01 Sep 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    line = "A line of an ordinary length, as people and programs write them.\r\n"
    return (head + line * ((size - len(head)) // len(line))).encode()


def load(port: Port, size: int, connections: int, *, seconds: float = SECONDS, mails: int = sys.maxsize) -> Figure:
    """Sends over so many connections at once, each one mail after the other, for so long or so many in all."""
    raw, until = mail(size), time.monotonic() + seconds
    times: list[float] = []
    share = mails // connections

    def one() -> None:
        with smtplib.SMTP("127.0.0.1", port.smtp, local_hostname="mail.example.org", timeout=30) as client:
            for _ in range(share):
                began = time.monotonic()
                if began > until:
                    return
                client.sendmail("kim@example.org", ["desk@example.com"], raw)
                times.append(time.monotonic() - began)

    began = time.monotonic()
    threads = [threading.Thread(target=one) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Figure(mails=len(times), seconds=time.monotonic() - began, times=tuple(times))


def resident(pid: int) -> float:
    """MB that the process holds in memory."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607 (ours; ps is where the system has it)
    return int(shown.stdout) / 1024


def growth(port: Port) -> list[float]:
    """MB at the start and after each step of 4 KB mails; the steps that there is no time for are not there."""
    found, until = [resident(port.pid)], time.monotonic() + MEMORY_SECONDS
    for _ in range(MEMORY_MAILS // MEMORY_STEP):
        step = load(port, SIZES["4 KB"], 4, seconds=until - time.monotonic(), mails=MEMORY_STEP)
        if step.mails < MEMORY_STEP:
            break
        found.append(resident(port.pid))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Seconds from the start of the process."""

    ready: float  # to the line that says so
    greeting: float  # to the SMTP greeting


def start(folder: Path, endpoint: str | None) -> Start:
    began = time.monotonic()
    with ses_running.ses(folder, endpoint) as ses:
        ready = time.monotonic() - began
        with socket.create_connection(("127.0.0.1", ses.smtp), timeout=10) as client:
            assert client.recv(4) == b"220 "
        return Start(ready=ready, greeting=time.monotonic() - began)


def clouds(aws: str) -> dict[str, str | None]:
    """Our SES in front of MiniStack, and with nothing else where it can do without."""
    alone: dict[str, str | None] = {"alone": None} if ses_running.offers("[--aws-endpoint") else {}
    return {"with MiniStack": aws, **alone}


def speed(folder: Path, aws: str) -> None:
    print(f"\n| {SECONDS:.0f} s each | mails/s | of plain | p50 ms | p95 ms |\n|---|---|---|---|---|")
    with ExitStack() as up:
        ports = [up.enter_context(plain(folder / "plain"))]
        ports += [up.enter_context(ours(name, folder / name, endpoint)) for name, endpoint in clouds(aws).items()]
        for label, size in SIZES.items():
            for connections in CONNECTIONS:
                found = [load(port, size, connections) for port in ports]
                for port, one in zip(ports, found, strict=True):
                    what = f"{label}, {connections} connection{'s' if connections > 1 else ''}, {port.name}"
                    share = one.rate / found[0].rate
                    print(f"| {what} | {one.rate:.0f} | {share:.2f} | {one.p50:.1f} | {one.p95:.1f} |", flush=True)


def memory(folder: Path, aws: str) -> None:
    print(f"\n| Memory, MB, after mails: | {' | '.join(str(n) for n in range(0, MEMORY_MAILS + 1, MEMORY_STEP))} |")
    print(f"|---|{'---|' * (MEMORY_MAILS // MEMORY_STEP + 1)}")
    name, endpoint = list(clouds(aws).items())[-1]
    for kept, options in (("default retention", ()), (f"--keep {SMALL}", ("--keep", SMALL))):
        with ours(name, folder / f"memory{len(options)}", endpoint, *options) as port:
            cells = [f"{one:.0f}" for one in growth(port)]
            cells += ["not reached"] * (MEMORY_MAILS // MEMORY_STEP + 1 - len(cells))
            print(f"| {name}, {kept} | {' | '.join(cells)} |", flush=True)


def starts(folder: Path) -> None:
    endpoint = _NOWHERE if len(clouds(_NOWHERE)) == 1 else None
    found = [start(folder / f"start{n}", endpoint) for n in range(STARTS)]
    ready, greeting = median(one.ready for one in found), median(one.greeting for one in found)
    print(f"\nMedian of {STARTS} starts: ready after {ready:.2f} s, SMTP greeting after {greeting:.2f} s.")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plain", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=("speed", "memory", "starts"), help="one of the three")
    args = parser.parse_args(argv)
    if args.plain:
        asyncio.run(_plain(args.plain))
        return 0
    print(f"{os.cpu_count()} cores, shared by the sender (this process), the server and MiniStack.")
    with tempfile.TemporaryDirectory() as named, ses_running.ministack() as aws:
        folder = Path(named)
        if args.only in (None, "speed"):
            speed(folder, aws)
        if args.only in (None, "memory"):
            memory(folder, aws)
        if args.only in (None, "starts"):
            starts(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
