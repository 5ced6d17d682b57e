"""The programs that the SES benches measure, as processes on 127.0.0.1: MiniStack, and our `python -m local.ses`."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINISTACK = [ROOT / ".venvs" / "stack" / "bin" / "python", ROOT / "local" / "stack" / "emulator.py"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def process(
    command: list[str], own: Mapping[str, str], out: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    """A child that is ended with the block; what it says on stderr goes nowhere."""
    child = subprocess.Popen(  # noqa: S603 (ours)
        command, cwd=ROOT, env={**os.environ, **own}, stdout=out, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def ministack(relay_port: int | None = None) -> Iterator[str]:
    """MiniStack's address. What its SES sends is relayed to this SMTP port, where one is given."""
    port = free_port()
    own = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    if relay_port is not None:
        own["SMTP_HOST"] = f"127.0.0.1:{relay_port}"
    with process([str(part) for part in MINISTACK], own):
        yield healthy(f"http://127.0.0.1:{port}")


def healthy(endpoint: str) -> str:
    """The same address, once MiniStack answers there; TimeoutError if it never does."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1).close()  # noqa: S310 (our own)
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
        else:
            return endpoint
    raise TimeoutError(f"MiniStack does not answer at {endpoint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ses:
    """Our SES, ready. `submission` is None where it has no port to send through."""

    pid: int
    smtp: int
    http: int
    submission: int | None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"


@contextmanager
def ses(state: Path, endpoint: str | None, *options: str) -> Iterator[Ses]:
    """`python -m local.ses` on free ports, once it says that it listens."""
    with process(command(state, endpoint, *options), {}, subprocess.PIPE) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise RuntimeError(f"local.ses ended with status {child.wait()} before it was ready.")
        ready = json.loads(line)
        yield Ses(pid=child.pid, smtp=ready["smtp"], http=ready["http"], submission=ready.get("submission"))


def command(state: Path, endpoint: str | None, *options: str) -> list[str]:
    ports = [word for name in ("--smtp-port", "--http-port", "--submission-port") for word in (name, "0")]
    known = [word for pair in zip(ports[::2], ports[1::2], strict=True) if offers(pair[0]) for word in pair]
    cloud = ["--aws-endpoint", endpoint] if endpoint is not None else []
    return [sys.executable, "-m", "local.ses", *cloud, "--state", str(state), *known, *options]


_HELP: list[str] = []


def offers(option: str) -> bool:
    """Whether `python -m local.ses` knows this option."""
    if not _HELP:
        asked = [sys.executable, "-m", "local.ses", "--help"]
        _HELP.append(subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout)  # noqa: S603 (ours)
    return option in _HELP[0]
