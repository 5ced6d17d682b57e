"""DKIM keys: made here (Easy DKIM) or brought along (BYODKIM), and what of them stands in DNS.

Source: "Authenticating Email with DKIM in Amazon SES"; RFC 6376 section 3.6.1 for the record.
"""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.ses.refused import Refused

LENGTHS = {"RSA_1024_BIT": 1024, "RSA_2048_BIT": 2048}
EASY, EXTERNAL = "AWS_SES", "EXTERNAL"  # the origins that API v2 names
HOSTED_ZONE = "dkim.amazonses.com"  # where the keys of Easy DKIM are; newer regions have zones of their own
_SELECTOR = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """`public` is the base64 of the DER form, as the p= of the record has it."""

    private: rsa.RSAPrivateKey = field(repr=False)
    public: str
    bits: int

    @classmethod
    def made(cls, bits: int) -> "SigningKey":
        """A new one: 2048 bits take a tenth of a second."""
        return cls._of(rsa.generate_private_key(public_exponent=65537, key_size=bits))

    @classmethod
    def brought(cls, text: str) -> "SigningKey":
        """From base64 of a private key's DER form without the PEM lines (API_DkimSigningAttributes)."""
        try:
            key = serialization.load_der_private_key(base64.b64decode(text, validate=True), password=None)
        except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm) as error:
            raise Refused(
                "InvalidParameterValue", "DomainSigningPrivateKey is not the base64 of an RSA key."
            ) from error
        if not isinstance(key, rsa.RSAPrivateKey) or not 1024 <= key.key_size <= 2048:
            raise Refused("InvalidParameterValue", "DomainSigningPrivateKey is not an RSA key of 1024 to 2048 bits.")
        return cls._of(key)

    @classmethod
    def _of(cls, key: rsa.RSAPrivateKey) -> "SigningKey":
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return cls(private=key, public=base64.b64encode(public).decode("ascii"), bits=key.key_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """How a domain signs. Easy DKIM has three tokens, which are selectors of the one key; BYODKIM has its selector."""

    origin: str
    tokens: tuple[str, ...]
    key: SigningKey
    made_at: datetime

    @property
    def selector(self) -> str:
        return self.tokens[0]

    @classmethod
    def easy(cls, length: str, moment: datetime) -> "Dkim":
        if length not in LENGTHS:
            raise Refused(
                "InvalidParameterValue", f"NextSigningKeyLength is one of {', '.join(LENGTHS)}, not {length}."
            )
        key = SigningKey.made(LENGTHS[length])
        return cls(origin=EASY, tokens=tuple(_token() for _ in range(3)), key=key, made_at=moment)

    @classmethod
    def external(cls, selector: str, private: str, moment: datetime) -> "Dkim":
        if not _SELECTOR.match(selector):
            raise Refused("InvalidParameterValue", f"DomainSigningSelector is not a DNS label: {selector}")
        return cls(origin=EXTERNAL, tokens=(selector,), key=SigningKey.brought(private), made_at=moment)


def _token() -> str:
    """32 lower-case letters and digits, as SES's tokens are."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii").lower()
