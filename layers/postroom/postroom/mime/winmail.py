"""What a winmail.dat holds, as attachments and text of the mail that it came with."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from postroom.message import Attachment
from postroom.mime import rtf, tnef
from postroom.mime.detect import REACH, detected_type
from postroom.mime.names import safe_filename
from postroom.mime.tnef import Tnef

LARGEST = 40 << 20  # bytes of a winmail.dat that is opened: it is held whole
_TNEF = "application/vnd.ms-tnef"
_TYPES = frozenset({"application/ms-tnef", _TNEF})
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")  # RFC 6838 section 4.2
_NAMES = frozenset({"winmail.dat", "win.dat"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened winmail.dat, and the path of the part that it is."""

    path: str
    tnef: Tnef

    def attachments(self) -> Iterator[Attachment]:
        """The files in it, each with what is in it: the path goes on after a slash. Without spans."""
        return _listed(self.tnef, self.path)

    def bodies(self) -> Iterator[tuple[str, bool]]:
        """The bodies that hold a word, and whether each is HTML. RTF counts where there is no other."""
        plain, page = self.tnef.text(), self.tnef.html()
        if plain.strip():
            yield plain, False
        if page.strip():
            yield page, True
        if self.tnef.rtf is not None and not (plain.strip() or page.strip()):
            body = rtf.read(self.tnef.rtf)
            if body.text.strip():
                yield body.text, body.is_html


def is_named_so(content_type: str, filename: str | None) -> bool:
    """Whether its type or its name says that a part is a winmail.dat."""
    return content_type in _TYPES or (filename or "").strip().lower() in _NAMES


def opened(path: str, data: bytes) -> Envelope | None:
    """The winmail.dat of the part with this path, or None where the bytes are none."""
    found = tnef.open(data)
    return Envelope(path, found) if found else None


def files(message: Tnef, holder: str) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file, as `Envelope.attachments` lists them."""
    for number, file in enumerate(message.files, 1):
        path = f"{holder}/{number}"
        yield path, bytes(file.data)
        if file.message:
            yield from files(file.message, path)


def _listed(message: Tnef, holder: str) -> Iterator[Attachment]:
    """Depth first, as deep as postroom.mime.tnef reads."""
    for number, file in enumerate(message.files, 1):
        path = f"{holder}/{number}"
        detected = detected_type(bytes(file.data[:REACH]))
        content_type = (
            _TNEF if file.message else _media_type(file.content_type) or detected or "application/octet-stream"
        )
        yield Attachment(
            path=path,
            filename=file.name,
            safe_filename=safe_filename(file.name, content_type),
            content_type=content_type,
            detected_type=detected,
            disposition=None,
            content_id=file.content_id.strip("<> ") or None if file.content_id else None,
            size=len(file.data),
            sha256=hashlib.sha256(file.data).hexdigest(),
        )
        if file.message:
            yield from _listed(file.message, path)


def _media_type(declared: str | None) -> str | None:
    lowered = (declared or "").strip().lower()
    return lowered if _MEDIA_TYPE.fullmatch(lowered) else None
