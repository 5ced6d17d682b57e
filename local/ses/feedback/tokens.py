"""What stands in a link of ours: which mail, what happened, where it leads. Signed, so that nobody makes one up."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

MAX_TOKEN = 8000  # characters: aiohttp takes request lines of 8,190
_SIGNATURE = 16  # bytes of the HMAC


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`kind` is open, click or unsubscribe; `link` is the link, or the contact list; tags are the link's."""

    kind: str
    sent_id: str
    link: str = ""
    tags: tuple[tuple[str, str], ...] = ()


def token(mark: Mark, key: bytes) -> str:
    said = json.dumps([mark.kind, mark.sent_id, mark.link, mark.tags], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(said, key) + said).decode("ascii").rstrip("=")


def read(text: str, key: bytes) -> Mark | None:
    """The mark, if it was made with this key."""
    if len(text) > MAX_TOKEN or not text.isascii():
        return None
    try:
        both = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    signature, said = both[:_SIGNATURE], both[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(said, key)):
        return None
    kind, sent_id, link, tags = json.loads(said)  # our own JSON: the signature says so
    return Mark(kind=kind, sent_id=sent_id, link=link, tags=tuple((name, value) for name, value in tags))


def _signature(said: bytes, key: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()[:_SIGNATURE]
