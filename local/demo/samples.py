"""The demo's mails, in two waves: those of the second answer replies to the first."""

import base64
import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from cli.mailbox import Sample

MAILS = Path(__file__).with_name("mails")
_SENT = re.compile(rb"\{\{sent:([a-z-]{1,40})\}\}")
_BIG = b"{{12 MB}}"
_BIG_BYTES = 12_000_000


FIRST = {
    "question": "ann@example.com",
    "html-only": "bob@example.net",
    "german": "juergen@example.org",
    "forward": "carla@example.com",
    "out-of-office": "",
    "newsletter": "bounces+support@garden.example",
    "spam": "prize@lottery.example",
    "inline-image": "fatima@example.com",
    "big": "gita@example.com",
}
SECOND = {"reply": "ann@example.com", "bounce": "", "complaint": "fbl@isp.example"}


def wave(senders: Mapping[str, str], sent: Mapping[str, str]) -> list[Sample]:
    """The mails of a wave; `sent` is the SES id of the reply that each mail of the wave before was answered with."""
    return [Sample(name=name, mail_from=sender, raw=_raw(name, sent)) for name, sender in senders.items()]


def _raw(name: str, sent: Mapping[str, str]) -> bytes:
    raw = (MAILS / f"{name}.eml").read_bytes()
    raw = _SENT.sub(lambda found: sent.get(found[1].decode(), "never-sent").encode(), raw)
    return raw.replace(_BIG, _lines(_photos())) if _BIG in raw else raw


def _photos() -> bytes:
    """A zip of one photo, which is packed as cameras' are: not at all."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("delivery.jpg", b"\xff\xd8\xff" + bytes(range(256)) * (_BIG_BYTES // 256))
    return file.getvalue()


def _lines(body: bytes) -> bytes:
    """Base64 in lines of 76 (RFC 2045 section 6.8)."""
    return base64.encodebytes(body).replace(b"\n", b"\r\n").rstrip()
