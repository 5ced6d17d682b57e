"""Mails and DNS for the tests of the verdicts."""

import base64
from datetime import UTC, datetime
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.ses.mail import Delivery
from local.ses.verdicts.zone import Zone, parse

MAIL = b"From: Ann <ann@example.org>\r\nTo: help@desk.example\r\nSubject: hello\r\n\r\nHow do I do this?\r\n"
SENDER_IP = "192.0.2.1"


def delivery(
    raw: bytes = MAIL,
    *,
    mail_from: str = "ann@example.org",
    client_ip: str = SENDER_IP,
    helo: str = "mx.example.org",
    rcpt_to: tuple[str, ...] = ("help@desk.example",),
    ses_id: str = "id",
) -> Delivery:
    return Delivery(
        ses_id=ses_id,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        client_ip=client_ip,
        helo=helo,
        mail_from=mail_from,
        rcpt_to=rcpt_to,
        raw=raw,
    )


def zone(*lines: str) -> Zone:
    return parse("\n".join(lines), "zone")


@cache
def _key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def key_record(bits: int = 1024) -> str:
    """The TXT of a DKIM key of so many bits; the same in every test."""
    public = _key(bits).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()


def signed(
    raw: bytes = MAIL,
    domain: str = "example.org",
    *,
    selector: str = "s1",
    bits: int = 1024,
    canonical: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
    length: bool = False,
    identity: bytes | None = None,
) -> bytes:
    """The mail with one signature more, on top."""
    pem = _key(bits).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    field: bytes = dkim.DKIM(raw, minkey=512).sign(
        selector.encode(), domain.encode(), pem, identity=identity, canonicalize=canonical, length=length
    )
    return field + raw
