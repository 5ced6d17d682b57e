"""DKIM (RFC 6376), as SES signs: with the key of the sender's domain, and with Amazon's own. Pure.

Source: "Authenticating Email with DKIM in Amazon SES". The second signature, d=amazonses.com, is on every mail, and is
what feedback loops go by; it covers Feedback-ID. OpenSSL does the numbers: Python alone takes ten times as long.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from local.ses import headers
from local.ses.account import Identity, SigningKey
from local.ses.headers import Field

AMAZON = "amazonses.com"
# The fields that SES's signatures name, in its order; Feedback-ID in Amazon's only.
_SIGNED = (
    "From", "Reply-To", "To", "Cc", "Subject", "MIME-Version", "Content-Type", "In-Reply-To", "References",
    "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID", "Date",
)  # fmt: skip
_SPACES = re.compile(rb"[ \t]+")
_FOLDED = 70  # characters of the signature on one line


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


def signed(raw: bytes, identity: Identity | None, amazon: AmazonKey, moment: datetime) -> bytes:
    """The mail with its signatures, on top but for Return-Path. Its lines end with CRLF, and it stays as it is."""
    fields, end = headers.split(raw)
    there = {field.name.lower() for field in fields}
    names = [name for name in _SIGNED if name.lower() in there]
    about = f"t={int(moment.timestamp())}", _body_hash(raw, end)
    signatures = [_signature(fields, [*names, "Feedback-ID"], amazon.selector, AMAZON, amazon.key, about)]
    if identity is not None and identity.dkim is not None:
        own = identity.dkim
        signatures.insert(0, _signature(fields, names, own.selector, identity.name, own.key, about))
    # What the recipient's server writes stands above all that it was given (RFC 5321 section 4.4).
    top = fields[0].raw if fields and fields[0].name == "Return-Path" else b""
    return b"".join([top, *signatures, raw[len(top) :]])


def _body_hash(raw: bytes, end: int) -> str:
    """bh= of a body in the `simple` form: one line end at its end, whatever it had (section 3.4.3)."""
    body = raw[end + 2 :].rstrip(b"\r\n")  # all line ends are pairs here
    digest = hashlib.sha256(body + b"\r\n")
    return f"bh={base64.b64encode(digest.digest()).decode('ascii')}"


def _signature(
    fields: Sequence[Field], names: Sequence[str], selector: str, domain: str, key: SigningKey, about: tuple[str, str]
) -> bytes:
    moment, body_hash = about
    unsigned = (
        f"DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple;\r\n\ts={selector}; d={domain}; {moment};\r\n"
        f"\th={':'.join(names)};\r\n\t{body_hash};\r\n\tb="
    )
    covered = [*_chosen(fields, names), _relaxed(unsigned.encode("ascii"))]
    signature = base64.b64encode(key.private.sign(b"\r\n".join(covered), PKCS1v15(), SHA256())).decode("ascii")
    lines = (signature[start : start + _FOLDED] for start in range(0, len(signature), _FOLDED))
    return (unsigned + "\r\n\t ".join(lines) + "\r\n").encode("ascii")


def _chosen(fields: Sequence[Field], names: Sequence[str]) -> Iterator[bytes]:
    """The fields of these names; of several the last one (section 5.4.2)."""
    last = {field.name.lower(): field for field in fields}
    return (_relaxed(last[name.lower()].raw) for name in names)


def _relaxed(raw: bytes) -> bytes:
    """A field in the `relaxed` form (section 3.4.2), without its line end."""
    name, _, value = raw.partition(b":")
    value = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")
    return name.strip().lower() + b":" + value
