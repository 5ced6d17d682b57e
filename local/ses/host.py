"""The host that this SES listens on, and what it is called by others on this machine."""

import socket

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (what is bound so is reached here)


def reachable(host: str) -> str:
    """The address at which a client on this machine finds what is bound to this host."""
    return _EVERYWHERE.get(host, host)


def in_url(host: str) -> str:
    """The same as it stands in a URL (RFC 3986 section 3.2.2)."""
    found = reachable(host)
    return f"[{found}]" if ":" in found else found


def bound(host: str, port: int) -> socket.socket:
    """Raises OSError where the port is taken."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
