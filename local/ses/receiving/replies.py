"""SMTP replies with enhanced status codes (RFC 2034, RFC 3463). Pure."""

import re

# For replies of the SMTP library, which have none. 354, and the lists of EHLO and HELO, have none by RFC 2034.
_STATUS = {
    "221": "2.0.0",
    "250": "2.0.0",
    "252": "2.5.2",
    "454": "4.7.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "552": "5.3.4",
    "555": "5.5.4",
}
_HAS_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3} ")


def enhanced(reply: str) -> str:
    """The reply with a status code, where it has none and wants one."""
    code, _, text = reply.partition(" ")
    status = _STATUS.get(code)
    return reply if status is None or _HAS_STATUS.match(text) else f"{code} {status} {text}"


def is_error(reply: str) -> bool:
    return reply.startswith("5")
