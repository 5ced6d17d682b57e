"""DKIM (RFC 6376), as SES signs: with the key of the sender's domain, and with Amazon's own.

Source: "Authenticating Email with DKIM in Amazon SES". The second signature, d=amazonses.com, is on every mail, and is
what feedback loops go by; it covers Feedback-ID.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dkim

from local.ses import headers
from local.ses.account import Identity, SigningKey

AMAZON = "amazonses.com"
# The fields that SES's signatures name, in its order; Feedback-ID in Amazon's only.
_SIGNED = (
    "From", "Reply-To", "To", "Cc", "Subject", "MIME-Version", "Content-Type", "In-Reply-To", "References",
    "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID", "Date",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonKey:
    """The key of `<selector>._domainkey.amazonses.com`."""

    selector: str
    key: SigningKey


def signer(identities: Sequence[Identity]) -> Identity | None:
    """Whose key signs: the nearest of the sender's identities (`Identities.of`) that has one, and wants it used."""
    with_key = (one for one in identities if one.dkim is not None)
    nearest = next(with_key, None)
    return nearest if nearest is not None and nearest.signing and nearest.verified else None


def signed(raw: bytes, identity: Identity | None, amazon: AmazonKey) -> bytes:
    """The mail with its signatures on top. `raw` is not changed any more after this."""
    fields, _ = headers.split(raw)
    there = {field.name.lower() for field in fields}
    names = [name.encode("ascii") for name in _SIGNED if name.lower() in there]
    signatures = [_signature(raw, amazon.selector, AMAZON, amazon.key, [*names, b"Feedback-ID"])]
    if identity is not None and identity.dkim is not None:
        own = identity.dkim
        signatures.insert(0, _signature(raw, own.selector, identity.name, own.key, names))
    return b"".join([*signatures, raw])


def _signature(raw: bytes, selector: str, domain: str, key: SigningKey, names: list[bytes]) -> bytes:
    made: bytes = dkim.sign(
        raw,
        selector.encode("ascii"),
        domain.encode("ascii"),
        key.private,
        canonicalize=(b"relaxed", b"simple"),
        include_headers=names,
        linesep=b"\r\n",
    )
    return made
