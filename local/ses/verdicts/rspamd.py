"""Spam, judged by rspamd. Source: rspamd's "Protocol" page, the request /checkv2."""

import http.client
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from local.ses.mail import Delivery
from local.ses.values import read_json

TIMEOUT = 5.0  # seconds in all
_LONGEST_ANSWER = 1 << 20

# What rspamd would have done to the mail, and what SES says of such a one ("spamVerdict object": GRAY is what could not
# be told with confidence).
STATUSES: Final = {
    "no action": "PASS",
    "greylist": "GRAY",
    "soft reject": "GRAY",
    "add header": "FAIL",
    "rewrite subject": "FAIL",
    "reject": "FAIL",
    "discard": "FAIL",
    "quarantine": "FAIL",
}


@dataclass(frozen=True, slots=True)
class Rspamd:
    """`url` is http://HOST:PORT of a normal worker. Raises OSError or HTTPException where none answers in time."""

    url: str
    timeout: float = TIMEOUT

    def __call__(self, delivery: Delivery) -> str:
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "127.0.0.1", where.port or 80, timeout=self.timeout)
        try:
            connection.request("POST", "/checkv2", delivery.raw, _about(delivery))
            answer = connection.getresponse()
            return status(answer.status, _read(answer, time.monotonic() + self.timeout))
        finally:
            connection.close()


def _about(delivery: Delivery) -> dict[str, str]:
    """The envelope, as far as it can stand in a field of HTTP."""
    said = {"IP": delivery.client_ip, "Helo": delivery.helo, "From": delivery.mail_from, "Rcpt": delivery.rcpt_to[0]}
    return {name: text for name, text in said.items() if text and text.isascii() and text.isprintable()}


def _read(answer: http.client.HTTPResponse, ends_at: float) -> bytes:
    heard = b""
    while len(heard) <= _LONGEST_ANSWER and (more := answer.read1(65536)):
        heard += more
        if time.monotonic() > ends_at:
            raise TimeoutError("rspamd took too long")
    return heard


def status(http_status: int, body: bytes) -> str:
    """A status for an answer of rspamd's; what can't be read, and an action that isn't known, are a failed check."""
    try:
        told = read_json(body) if http_status == http.client.OK else None
    except ValueError:
        told = None
    action = told.get("action") if isinstance(told, dict) else None
    return STATUSES.get(action, "PROCESSING_FAILED") if isinstance(action, str) else "PROCESSING_FAILED"
