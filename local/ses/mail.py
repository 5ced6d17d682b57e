"""The values that pass through SES: a mail that came in, a mail on its way out, and where this SES stands."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this SES stands."""

    region: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One mail as it came in over SMTP. `mail_from` is "" for the null return path; `raw` is what stood after DATA.

    `tls` is the protocol and cipher of the connection (`TLSv1.3 TLS_AES_256_GCM_SHA384`), or None where it was plain.
    """

    ses_id: str
    received_at: datetime
    client_ip: str
    helo: str
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes
    tls: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail that somebody asks SES to send, before SES's changes."""

    source: str  # the bare address of the sender
    destination: tuple[str, ...]  # bare addresses: the envelope
    raw: bytes
    tags: tuple[tuple[str, str], ...] = ()
    configuration_set: str | None = None
    null_return_path: bool = False  # a bounce: nothing may come back for it (RFC 5321 section 4.5.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that SES took, and gave an id."""

    sent_id: str
    sent_at: datetime
    outgoing: Outgoing
