"""Where the mails that a target sent can be seen: in our outbox, at a relay, or in moto's memory."""

import json
import urllib.parse
import urllib.request
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.ses_peers.target import at

KEPT = 1000  # mails that a relay remembers


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Ours: `/_local/outbox`."""

    url: str

    def to(self, address: str) -> bytes | None:
        listed = json.loads(_read(f"{self.url}/_local/outbox?limit=50"))
        for one in listed if isinstance(listed, list) else listed.get("mails", []):
            if address in one.get("destination", []):
                return _read(f"{self.url}/_local/outbox/{urllib.parse.quote(one['id'])}")
        return None


class Relay:
    """An SMTP port of our own that takes whatever a target relays: MiniStack's SMTP_HOST, SMTP_TRANSPORT of others."""

    def __init__(self, port: int) -> None:
        self._seen: deque[tuple[tuple[str, ...], bytes]] = deque(maxlen=KEPT)
        self.port = port
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        # The last server of a mail writes its Return-Path (RFC 5321 section 4.4): here, that is us.
        top = f"Return-Path: <{envelope.mail_from}>\r\n".encode()
        self._seen.append((tuple(envelope.rcpt_tos), top + (envelope.original_content or b"")))
        return "250 OK"

    def to(self, address: str) -> bytes | None:
        return next((raw for recipients, raw in reversed(self._seen) if address in recipients), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moto:
    """moto's memory: raw mails as they were handed in; of the others, what it keeps of them, written as a mail."""

    url: str

    def to(self, address: str) -> bytes | None:
        memory = at(json.loads(_read(f"{self.url}/moto-api/data.json")), "ses")
        raws = ((_listed(one), str(at(one, "raw_data")).encode()) for one in _all(at(memory, "RawMessage")))
        made = ((_listed(one), _made(one)) for one in _all(at(memory, "Message")))
        return next((raw for recipients, raw in (*raws, *made) if address in recipients), None)


def _all(node: object) -> list[object]:
    return list(node) if isinstance(node, list) else []


def _listed(one: object) -> list[str]:
    kinds = [at(one, f"destinations.{kind}Addresses") for kind in ("To", "Cc", "Bcc")]
    given = [str(each) for kind in (*kinds, at(one, "destinations")) for each in _all(kind)]
    fields = message_from_bytes(str(at(one, "raw_data") or "").encode(), policy=policy.compat32)
    return [address for _, address in getaddresses([*given, *fields.get_all("To", [])])]


def _made(one: object) -> bytes:
    kept = EmailMessage(policy=policy.SMTP)
    kept["From"], kept["Subject"] = str(at(one, "source")), str(at(one, "subject"))
    kept["To"] = ", ".join(str(each) for each in _all(at(one, "destinations.ToAddresses")))
    kept.set_content(str(at(one, "body")))
    return kept.as_bytes()


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (127.0.0.1)
        body: bytes = answer.read()
        return body
