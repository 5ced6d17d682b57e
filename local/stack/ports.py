"""TCP ports on 127.0.0.1."""

import errno
import socket
from dataclasses import dataclass

from local.stack.errors import PortTaken

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A wish for a port: `number` 0 is any free one; `option` is what a user changes to get another."""

    number: int
    option: str

    def claim(self) -> int:
        """The number to listen on; PortTaken where nothing can listen there."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As servers do it: a connection in TIME_WAIT from the last run is no reason to refuse.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.number))
                probe.listen(1)
            except OSError as error:
                raise PortTaken(self._complaint(error)) from error
            number: int = probe.getsockname()[1]
            return number

    def check(self) -> int:
        """`number` itself, so that the program that listens chooses where it is 0; PortTaken as for `claim`."""
        if self.number:
            self.claim()
        return self.number

    def _complaint(self, error: OSError) -> str:
        why = {
            errno.EADDRINUSE: "is in use by another program",
            errno.EACCES: "is open to the system administrator only",
        }.get(error.errno or 0, f"can't be used ({error.strerror})")
        return f"port {self.number} on {HOST} {why}: choose another with {self.option}"


def free(option: str = "another run") -> Port:
    return Port(number=0, option=option)


def greets(port: int, greeting: bytes, timeout: float = 1.0) -> bool:
    """Whether something on the port begins to speak with these bytes (an SMTP server says `220`)."""
    try:
        with socket.create_connection((HOST, port), timeout=timeout) as connection:
            connection.settimeout(timeout)
            return connection.recv(len(greeting)) == greeting
    except OSError:
        return False
