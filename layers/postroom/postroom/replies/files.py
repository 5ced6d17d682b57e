"""A file that goes out with a mail: its bytes come in pieces, from a disk or a bucket, when they are written."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from postroom.mime.names import safe_filename

_TYPE = re.compile(r"(?:application|audio|font|image|model|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_ANY = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """`size` is in bytes, `sha256` is of the bytes, in hex. With a `content_id` the HTML shows it (RFC 2392)."""

    name: str
    content_type: str
    size: int
    sha256: str
    pieces: Callable[[], Iterator[bytes]]
    content_id: str = ""

    @property
    def safe_name(self) -> str:
        return safe_filename(self.name, self.type)

    @property
    def type(self) -> str:
        """The type as it may be sent: none with parts of its own, since those may not be in base64 (RFC 2046 5.2.1)."""
        return self.content_type if _TYPE.fullmatch(self.content_type) else _ANY
