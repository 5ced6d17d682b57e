"""Viruses, found by clamd, ClamAV's daemon. Source: clamd(8), the command INSTREAM.

A chunk goes after its length (four bytes, big endian); a chunk of none ends the stream.
"""

import contextlib
import socket
import struct
import time
from dataclasses import dataclass
from typing import Final

from local.ses.mail import Delivery

TIMEOUT = 5.0  # seconds in all
_CHUNK = 1 << 20
_LONGEST_ANSWER = 4096


@dataclass(frozen=True, slots=True)
class Clamd:
    """`address` is HOST:PORT, or the path of a Unix socket. Raises OSError where clamd is not there, or too slow."""

    address: str
    timeout: float = TIMEOUT

    def __call__(self, delivery: Delivery) -> str:
        ends_at = time.monotonic() + self.timeout
        with self._connected() as connection:
            # Over its StreamMaxLength it answers and hangs up before it has heard all.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                _send(connection, delivery.raw, ends_at)
            return status(_answer(connection, ends_at))

    def _connected(self) -> socket.socket:
        if "/" not in self.address:
            host, _, port = self.address.rpartition(":")
            return socket.create_connection((host.strip("[]"), int(port)), timeout=self.timeout)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self.timeout)
        try:
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection


_HEURISTICS: Final = "Heuristics."  # clamd's own guesses: an encrypted archive, a macro, a limit


def status(answer: str) -> str:
    """A status for clamd's answer. GRAY, as SES has it, is what may be a virus; what wasn't looked at whole failed."""
    if answer == "stream: OK":
        return "PASS"
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return "GRAY" if answer.removeprefix("stream: ").startswith(_HEURISTICS) else "FAIL"
    return "PROCESSING_FAILED"


def _send(connection: socket.socket, raw: bytes, ends_at: float) -> None:
    connection.sendall(b"zINSTREAM\0")
    for start in range(0, len(raw), _CHUNK):
        chunk = raw[start : start + _CHUNK]
        connection.settimeout(_left(ends_at))
        connection.sendall(struct.pack(">I", len(chunk)) + chunk)
    connection.sendall(struct.pack(">I", 0))


def _answer(connection: socket.socket, ends_at: float) -> str:
    heard = b""
    while b"\0" not in heard and len(heard) < _LONGEST_ANSWER:
        connection.settimeout(_left(ends_at))
        if not (more := connection.recv(_LONGEST_ANSWER)):
            break
        heard += more
    return heard.partition(b"\0")[0].decode("ascii", "replace").strip()


def _left(ends_at: float) -> float:
    if (left := ends_at - time.monotonic()) <= 0:
        raise TimeoutError("clamd took too long")
    return left
