"""DKIM (RFC 6376, RFC 8301) of a received mail: every signature, the first five of them. By dkimpy.

Mail comes from strangers, and some of dkimpy's work is quadratic in the length of what it is given: so it is given the
fields already split, a body without the runs of spaces that a relaxed signature doesn't see, and no signature with
more white space than people fold with.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import dkim

from local.ses import headers
from local.ses.verdicts.domains import aligned, domain_of
from local.ses.verdicts.results import Result, plain
from local.ses.verdicts.zone import DnsFault, Zone

log = logging.getLogger(__name__)

MAX_SIGNATURES = 5  # RFC 6376 section 6.1 lets a verifier bound them
_MAX_SIGNATURE = 8 * 1024  # bytes of one field
_MAX_SIGNED = 200  # names in h=
_MAX_GAP = 40  # white space in a row inside of a signature

# "dkimVerdict object" (developer guide, "Contents of notifications for Amazon SES email receiving"): PROCESSING_FAILED
# is a DNS that fails, or a signature that isn't formatted properly. The best of several counts, in this order.
STATUSES: Final = {
    "pass": "PASS",
    "temperror": "PROCESSING_FAILED",
    "fail": "FAIL",
    "permerror": "PROCESSING_FAILED",
}

# A body or a signature that doesn't match is `fail`; a signature that can't be read, and a key that isn't there, is
# revoked or too short, is `permerror` (RFC 8601 section 2.7.1).
_GAP: Final = re.compile(rb"\s{%d}" % _MAX_GAP)
_SPACES: Final = re.compile(rb"[\t ]+")
_RELAXED_BODY: Final = re.compile(rb"[;\s]c=\s*\w+/relaxed")
_WEAK_HASH: Final = re.compile(rb"[;\s]a=\s*rsa-sha1")  # RFC 8301 section 3: it must not be used


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """`word` is a result of RFC 8601 section 2.7.1, one of STATUSES. `domain` is d=, None where that can't be read."""

    word: str
    domain: str | None = None
    identity: str = ""  # i=, or @ and d=


def result(signatures: Iterable[Signature], sender: str | None) -> Result:
    """SES's verdict on the signatures of a mail from this domain.

    Only one that is the sender's own counts: of others SES says what they are worth, and GRAY. (In notifications of
    mail from Google Groups, and through mailing services, good and bad ones alike.)
    """
    every = tuple(signatures)
    words = tuple(f"{one.word} header.i={plain(one.identity)}" for one in every if one.domain is not None)
    own = {one.word for one in every if one.domain is None or (sender is not None and aligned(one.domain, sender))}
    best = next((word for word in STATUSES if word in own), None)
    return Result(status="GRAY" if best is None else STATUSES[best], words=words)


def check(raw: bytes, zone: Zone) -> tuple[Signature, ...]:
    """What each signature is worth, in the order of their fields; none for a mail without one."""
    fields, end = headers.split(raw)
    body = _settled(re.sub(rb"\r?\n", b"\r\n", raw[end:]).removeprefix(b"\r\n"))
    bodies = {True: _settled(_SPACES.sub(b" ", body)), False: body}
    lines = [_line(field) for field in fields if field.name]
    signatures = [value for name, value in lines if name.lower() == b"dkim-signature"][:MAX_SIGNATURES]
    return tuple(
        _verified(number, value, lines, bodies[_RELAXED_BODY.search(b";" + value) is not None], zone)
        for number, value in enumerate(signatures)
    )


def _line(field: headers.Field) -> tuple[bytes, bytes]:
    name, _, value = field.raw.partition(b":")
    return name, re.sub(rb"\r?\n", b"\r\n", value).removesuffix(b"\r\n") + b"\r\n"


def _settled(body: bytes) -> bytes:
    """The body with one line end at its end: both canonical forms have no more, and dkimpy counts them one by one."""
    if not body.endswith(b"\r\n"):
        return body
    text = body.rstrip(b"\r\n")
    tail = body[len(text) :]
    kept = text + tail[: tail.rfind(b"\r\r") + 1]
    return kept + b"\r\n" if kept else b""


def _verified(number: int, value: bytes, lines: list[tuple[bytes, bytes]], body: bytes, zone: Zone) -> Signature:
    if len(value) > _MAX_SIGNATURE or _GAP.search(value.strip()) or _WEAK_HASH.search(b";" + value):
        return Signature(word="permerror")
    verifier = dkim.DKIM()
    verifier.headers, verifier.body = [list(line) for line in lines], body
    try:
        tags, signed, fields = verifier.verify_headerprep(number)
    except Exception as error:  # dkimpy raises much beside its own errors on odd tags
        log.info("a DKIM signature that can't be read: %s", type(error).__name__)
        return Signature(word="permerror")
    domain, identity = (tags.get(name, b"").decode("ascii", "replace") for name in (b"d", b"i"))
    word = _word(verifier, tags, signed, fields[number], zone) if len(signed) <= _MAX_SIGNED else "permerror"
    return Signature(word=word, domain=domain_of(domain), identity=identity or f"@{domain}")


def _word(
    verifier: dkim.DKIM, tags: dict[bytes, bytes], signed: list[bytes], field: tuple[bytes, bytes], zone: Zone
) -> str:
    name = tags[b"s"] + b"._domainkey." + tags[b"d"]
    try:
        keys = zone.texts(name.decode("ascii", "replace"))  # of several, any will do (RFC 6376 section 3.6.2.2)
        key = dkim.evaluate_pk(name, keys[0] if keys else None)
        verifier.pk, verifier.keysize, verifier.ktag, verifier.seqtlsrpt = key
    except DnsFault:
        return "temperror"
    except Exception as error:  # a key from the zone may be any bytes at all
        log.info("a DKIM key that can't be used: %s", type(error).__name__)
        return "permerror"
    try:
        return "pass" if verifier.verify_sig_process(tags, signed, field, None) else "fail"
    except dkim.ValidationError:
        return "fail"  # the hash of the body
    except Exception as error:  # numbers that no RSA knows, of any kind
        log.info("a DKIM signature that can't be checked: %s", type(error).__name__)
        return "permerror"
