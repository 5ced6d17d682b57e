"""What is kept of an entity's body while it passes: its first decoded bytes, its size and its hash."""

import hashlib
from dataclasses import dataclass

from msgspec import Struct

from postroom.mime import transfer


class Content(Struct, frozen=True, kw_only=True):
    """The decoded body of an entity: how it begins, and how large it is.

    Where nobody asked for its hash, `sha256` is "", and `size` stops counting where the body was cut.
    """

    kept: bytes
    size: int
    sha256: str

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.kept)


@dataclass(slots=True)
class Room:
    """How many bytes may still be kept. Leaves can share it."""

    left: int


class Leaf:
    """`postroom.mime.tape.Sink`: decodes the body of one entity: a file if it is `hashed`, else a text to be read."""

    def __init__(self, encoding: str, room: Room, *, hashed: bool) -> None:
        self._decoder = transfer.decoder(encoding) if hashed else transfer.text_decoder(encoding)
        self._room = room
        self._kept: list[bytes] = []
        self._digest = hashlib.sha256() if hashed else None
        self._size = 0
        self._cut = False  # from here on nothing is kept, and where nothing is hashed nothing needs decoding

    def feed(self, piece: bytes) -> None:
        if self._digest or not self._cut:
            self._take(self._decoder.feed(piece))

    def content(self) -> Content:
        """What came of it, once all has passed."""
        if self._digest or not self._cut:
            self._take(self._decoder.finish())
        return Content(
            kept=b"".join(self._kept),
            size=self._size,
            sha256=self._digest.hexdigest() if self._digest else "",
        )

    def forget(self) -> None:
        """Gives its room back: nobody wants what it heard."""
        self._room.left += sum(map(len, self._kept))

    def _take(self, decoded: bytes) -> None:
        self._size += len(decoded)
        if self._digest:
            self._digest.update(decoded)
        kept = decoded[: self._room.left]
        if kept:
            self._kept.append(kept)
            self._room.left -= len(kept)
        self._cut = self._cut or len(kept) < len(decoded)
