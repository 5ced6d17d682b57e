"""smtplib's client, for a server that may be anything: what it says has an end, in bytes and in time.

smtplib itself waits for every byte anew, and keeps as many lines of a reply as there are.
"""

import smtplib
import time
from dataclasses import dataclass, field
from socket import socket

MAX_SAID = 256 * 1024  # bytes of all replies
PATIENCE = 120.0  # seconds for all replies
_PIECE = 4096


@dataclass(slots=True, kw_only=True)
class _Replies:
    """Stands for the file that smtplib reads lines from. Raises OSError where there is too much, or too slowly."""

    sock: socket
    ends_at: float = field(default_factory=lambda: time.monotonic() + PATIENCE)
    _said: int = 0
    _waiting: bytes = b""

    def readline(self, limit: int) -> bytes:
        while b"\n" not in self._waiting and len(self._waiting) < limit and (more := self._more()):
            self._waiting += more
        end = min(self._waiting.find(b"\n") + 1 or limit, limit)
        line, self._waiting = self._waiting[:end], self._waiting[end:]
        return line

    def _more(self) -> bytes:
        left = self.ends_at - time.monotonic()
        if left <= 0 or self._said > MAX_SAID:
            raise TimeoutError(f"the server said too much, or took too long: {MAX_SAID} bytes, {PATIENCE:.0f} seconds")
        self.sock.settimeout(min(left, self.sock.gettimeout() or left))
        more = self.sock.recv(_PIECE)
        self._said += len(more)
        return more

    def close(self) -> None:
        """The socket is smtplib's."""


class Client(smtplib.SMTP):
    """Whatever isn't a reply is SMTPServerDisconnected: nobody's address is at fault."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Replies(sock=self.sock)
        try:
            code, said = super().getreply()
        except smtplib.SMTPResponseException as error:  # smtplib's own: of a line that is too long it makes a 500
            raise smtplib.SMTPServerDisconnected("a line of a reply is too long") from error
        if not 200 <= code < 600:
            raise smtplib.SMTPServerDisconnected("what the server says is no reply (RFC 5321 section 4.2)")
        return code, said
