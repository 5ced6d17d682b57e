"""Whether a mail is signed or encrypted, by S/MIME or OpenPGP, as far as its form tells.

Nothing is verified and nothing is decrypted: these are facts for people ("this is encrypted, open it in your mail
client"), and none of them makes a mail more trustworthy.

Source: RFC 8551 (S/MIME), RFC 1847, RFC 3156 (PGP/MIME), RFC 9580 sections 6 and 7 (armour, cleartext signatures).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from postroom.message import Attachment
from postroom.mime.cms import Cms, Kind
from postroom.mime.scan import Entity, Head

MOST_BLOCKS = 50  # armoured blocks of one text
_MOST_BLANKS = 100  # characters of white space behind a line


FACT = "secured"  # where a message's facts have it


class Secured(StrEnum):
    """How a mail is secured. `inline` is armour in the text itself, `opaque` a signed text that only its object has."""

    SMIME_SIGNED = "smime_signed"
    SMIME_OPAQUE_SIGNED = "smime_opaque_signed"
    SMIME_ENCRYPTED = "smime_encrypted"
    SMIME_COMPRESSED = "smime_compressed"
    PGP_SIGNED = "pgp_signed"
    PGP_ENCRYPTED = "pgp_encrypted"
    PGP_INLINE_SIGNED = "pgp_inline_signed"
    PGP_INLINE_ENCRYPTED = "pgp_inline_encrypted"

    @property
    def text(self) -> str:
        """What a person should know."""
        return _TEXT[self]


_ENCRYPTED = "encrypted with {}: download the raw mail and open it in a mail program that has the key"
_SIGNED = "signed with {} (the signature was not checked)"
_TEXT = {
    Secured.SMIME_SIGNED: _SIGNED.format("S/MIME"),
    Secured.SMIME_OPAQUE_SIGNED: _SIGNED.format("S/MIME"),
    Secured.SMIME_ENCRYPTED: _ENCRYPTED.format("S/MIME"),
    Secured.SMIME_COMPRESSED: "compressed with S/MIME",
    Secured.PGP_SIGNED: _SIGNED.format("OpenPGP"),
    Secured.PGP_ENCRYPTED: _ENCRYPTED.format("OpenPGP"),
    Secured.PGP_INLINE_SIGNED: _SIGNED.format("OpenPGP"),
    Secured.PGP_INLINE_ENCRYPTED: _ENCRYPTED.format("OpenPGP"),
}


def told(facts: Mapping[str, Sequence[str]]) -> str:
    """How a message is secured by its `facts`, in words."""
    return "; ".join(dict.fromkeys(Secured(how).text for how in facts.get(FACT, ())))


# --- The parts -------------------------------------------------------------------------------------------------------

_PGP_KEYS = "application/pgp-encrypted"
_SIGNATURES = {
    "application/pkcs7-signature": Secured.SMIME_SIGNED,
    "application/x-pkcs7-signature": Secured.SMIME_SIGNED,
    "application/pgp-signature": Secured.PGP_SIGNED,
}
_CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_LABELS = {
    "signed-data": Secured.SMIME_OPAQUE_SIGNED,
    "enveloped-data": Secured.SMIME_ENCRYPTED,
    "authenveloped-data": Secured.SMIME_ENCRYPTED,
    "compressed-data": Secured.SMIME_COMPRESSED,
}


def of_multipart(entity: Entity) -> Secured | None:
    """How this multipart is secured; None where it isn't. The label counts, and what stands in it where there is no
    label: Exchange makes a multipart/mixed of PGP's multipart/encrypted."""
    inside = [child.content_type for child in entity.children[:3]]
    protocol = entity.params.get("protocol", "").strip().lower()
    match entity.content_type:
        case "multipart/signed":
            return _SIGNATURES.get(protocol) or _SIGNATURES.get(inside[1] if len(inside) > 1 else "")
        case "multipart/encrypted":
            return Secured.PGP_ENCRYPTED if _PGP_KEYS in (protocol, *inside[:1]) else None
        case "multipart/mixed":
            blank = inside[:1] == ["text/plain"] and len(inside) == 3
            keys = inside[1:] if blank else inside
            return Secured.PGP_ENCRYPTED if keys == [_PGP_KEYS, "application/octet-stream"] else None
    return None


def is_smime(head: Head | Attachment) -> bool:
    """Whether this leaf is an S/MIME object by its type or its name (RFC 8551 section 3.2.1): worth `cms.open`."""
    if head.content_type in _CMS_TYPES:
        return True
    named = (head.filename or "").strip().lower().endswith((".p7m", ".p7z"))
    return named and head.content_type == "application/octet-stream"


def of_smime(entity: Entity, opened: Cms | None) -> Secured | None:
    """How this S/MIME object is secured, by its own bytes, or by its label where they can't be read. None for
    certificates, and for a signature without what it signs."""
    match opened.kind if opened else Kind.OTHER:
        case Kind.SIGNED:
            return Secured.SMIME_OPAQUE_SIGNED if opened and opened.content is not None else None
        case Kind.ENCRYPTED:
            return Secured.SMIME_ENCRYPTED
        case Kind.COMPRESSED:
            return Secured.SMIME_COMPRESSED
        case Kind.OTHER:
            return _LABELS.get(entity.params.get("smime-type", "").strip().lower())


# --- The text --------------------------------------------------------------------------------------------------------

_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE, _SIGNATURE_END = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
_ENCRYPTED, _ENCRYPTED_END = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
_HEADERS = r"(?:(?:Hash|SaltedHash|Version|Comment|Charset|MessageID|NotDashEscaped): ?[^\n]{0,500}\n){0,10}+"
_BLANKS = r"(?:[ \t\r]{0,9}\n){0,5}+"
_SIGNED_HEADERS = re.compile(
    _HEADERS + r"(?:[ \t\r]{0,9}\n)?"
)  # RFC 9580 wants an empty line, and some clients lose it
_ARMOUR = re.compile(_HEADERS + _BLANKS + r"(?:[A-Za-z0-9+/=]{5,100}[ \t\r]{0,9}\n){0,2000}+" + _BLANKS)
_ESCAPED = re.compile(r"^- ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unarmoured:
    """A text as it is shown, and how it was secured."""

    text: str
    secured: tuple[Secured, ...] = ()


def unarmoured(text: str) -> Unarmoured:
    """The text without what a cleartext signature puts around it, and with its dashes as the sender wrote them. An
    encrypted block stays as it is. `text` has \\n for its line ends; what is quoted is not touched; linear."""
    if "-----BEGIN PGP " not in text:
        return Unarmoured(text=text)
    pieces, position = list[str](), 0
    for start, shown, end in _signed_blocks(text):
        pieces += [text[position:start], shown]
        position = end
    signed = (Secured.PGP_INLINE_SIGNED,) if pieces else ()
    encrypted = (Secured.PGP_INLINE_ENCRYPTED,) if _is_encrypted(text) else ()
    return Unarmoured(text="".join((*pieces, text[position:])), secured=signed + encrypted)


def _signed_blocks(text: str) -> Iterator[tuple[int, str, int]]:
    """Where each signed block begins, what is shown of it, where it ends. A block without a signature is none."""
    position = 0
    for _ in range(MOST_BLOCKS):
        start = _line(text, _SIGNED, position)
        headers = _SIGNED_HEADERS.match(text, _next_line(text, start)) if start >= 0 else None
        signature = _line(text, _SIGNATURE, headers.end()) if headers else -1
        if not headers or signature < 0:
            return
        shown, position = text[headers.end() : signature], _signature_end(text, signature)
        yield start, shown if "NotDashEscaped" in headers.group() else _ESCAPED.sub("", shown), position


def _line(text: str, line: str, position: int) -> int:
    """Where this line stands next; -1 where it doesn't. White space may follow it."""
    while (found := text.find(line, position)) >= 0:
        position = found + len(line)
        rest = text[position : position + _MOST_BLANKS].partition("\n")[0]
        if (not found or text[found - 1] == "\n") and not rest.strip():
            return found
    return -1


def _signature_end(text: str, position: int) -> int:
    """Behind the signature: behind its last line, or behind all that looks like armour where that is missing."""
    armour = _ARMOUR.match(text, _next_line(text, position))
    end = armour.end() if armour else position
    return _next_line(text, end) if text.startswith(_SIGNATURE_END, end) else end


def _next_line(text: str, position: int) -> int:
    return text.find("\n", position) + 1 or len(text)


def _is_encrypted(text: str) -> bool:
    start = _line(text, _ENCRYPTED, 0)
    return start >= 0 and _line(text, _ENCRYPTED_END, start) >= 0
