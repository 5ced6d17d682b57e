"""clamd, ClamAV's daemon, asked over its socket.

Source: clamd(8), the INSTREAM command: chunks with their length as four bytes, big endian, a chunk of none ends them.
"""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from postroom.errors import Retryable
from postroom.ports import ScanResult

_TIMEOUT = 60.0  # seconds for each of connecting, sending a chunk, and the answer
_LONGEST_ANSWER = 4096
_UNSCANNED = "Nothing is released unscanned."
_CLEAN = b"stream: OK"
_PREFIX, _FOUND = b"stream: ", b" FOUND"
_TOO_LARGE = b"INSTREAM size limit exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamd:
    """`postroom.ports.Scanner`. `address` is `host:port`, or the path of a Unix socket."""

    address: str

    def scan(self, pieces: Iterable[bytes]) -> ScanResult:
        try:
            with self._connected() as connection:
                return _result(self._asked(connection, pieces), self.address)
        except OSError as error:
            raise Retryable(
                f"clamd at {self.address} can't be asked: {error}. Nothing is released unscanned."
            ) from error

    def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(_TIMEOUT)
            connection.connect(self.address)
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=_TIMEOUT)

    def _asked(self, connection: socket.socket, pieces: Iterable[bytes]) -> bytes:
        connection.sendall(b"zINSTREAM\0")
        try:
            for piece in pieces:
                if piece:
                    connection.sendall(struct.pack(">I", len(piece)) + piece)
            connection.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # over its StreamMaxLength it answers and hangs up before it has heard all
        return _answer(connection)


def _answer(connection: socket.socket) -> bytes:
    heard = b""
    while len(heard) < _LONGEST_ANSWER and (more := connection.recv(_LONGEST_ANSWER)):
        heard += more
        if b"\0" in more:
            break
    return heard.partition(b"\0")[0].strip()


def _result(answer: bytes, address: str) -> ScanResult:
    if answer == _CLEAN:
        return ScanResult()
    if answer.startswith(_PREFIX) and answer.endswith(_FOUND):
        return ScanResult(found=answer[len(_PREFIX) : -len(_FOUND)].decode("ascii", "replace"))
    if answer.startswith(_TOO_LARGE):
        return ScanResult(whole=False)
    told = answer.decode("ascii", "replace") or "nothing"
    raise Retryable(f"clamd at {address} answered {told!r}. {_UNSCANNED}")
