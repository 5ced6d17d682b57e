"""MiniStack as a process of its own, for tests that want an engine of AWS and not the whole local stack."""

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.ses_running import healthy

BIN = Path(__file__).parents[1] / ".venvs" / "stack" / "bin"


@contextmanager
def running(command: Sequence[Path]) -> Iterator[str]:
    """The address of one that was started by this command, and is ended with the context."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    with subprocess.Popen(  # noqa: S603 (ours)
        command, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield healthy(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
