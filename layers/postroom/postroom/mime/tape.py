"""A raw mail as it passes by: what lies ahead can be looked at, what lies behind is handed on and let go.

A mail that is in memory is one piece; a stored one comes in pieces, and never more than a few of them are held. Offsets
are always those of the whole mail.
"""

from collections.abc import Iterable
from typing import Protocol

_CHUNK = 1 << 16  # bytes that are handed on at once: they stay in the processor's cache
_MOST_HANDED = 12  # times the mail: each attached message is hashed whole, and what it holds again


class TooComplex(Exception):
    """The mail has more parts, header fields or attached messages inside each other than any honest one."""


class Sink(Protocol):
    """Takes the bytes of an entity's body as they pass, in order."""

    def feed(self, piece: bytes) -> None: ...


class Tape:
    """The bytes of one mail, read once from front to back."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.held = next(self._pieces, b"")
        self.base = 0  # where in the mail `held` begins
        self._position = 0  # what lies before it has been handed on
        self._handed = 0
        self._sinks: list[Sink] = []

    @property
    def end(self) -> int:
        """How far the mail is held: its length, once `load` has said that there is no more."""
        return self.base + len(self.held)

    def load(self, *, twice: bool = False) -> bool:
        """Holds one more piece, and lets go of what was handed on; with `twice`, as many as are held already. False at
        the end of the mail."""
        behind = self._position - self.base
        wanted = len(self.held) - behind if twice else 1
        pieces: list[bytes] = []
        for piece in self._pieces:
            pieces.append(piece)
            wanted -= len(piece)
            if wanted <= 0:
                break
        if pieces:
            self.held = b"".join((self.held[behind:], *pieces))
            self.base = self._position
        return bool(pieces)

    def hand_to(self, sink: Sink) -> None:
        """From here on, what passes goes to this sink, too."""
        self._sinks.append(sink)

    def leave(self) -> None:
        """The sink that came last hears no more."""
        self._sinks.pop()

    def pass_to(self, position: int) -> None:
        """What lies before this position won't be looked at again. Raises TooComplex."""
        start, stop = self._position - self.base, position - self.base
        if stop <= start:
            return
        self._position = position
        if not self._sinks:
            return
        self._handed += (stop - start) * len(self._sinks)
        if self._handed > _MOST_HANDED * max(position, 1 << 20):
            raise TooComplex("attachments inside attachments come to many times the mail's own size")
        for at in range(start, stop, _CHUNK):
            piece = self.held[at : min(at + _CHUNK, stop)]
            for sink in self._sinks:
                sink.feed(piece)

    def find(self, mark: bytes, start: int) -> int:
        """Where `mark` stands first from `start` on, or -1. What lies well before it is handed on meanwhile."""
        while True:
            found = self.held.find(mark, start - self.base)
            if found >= 0:
                return self.base + found
            # The mark may begin in the last bytes, and the CR before it belongs to it.
            start = max(start, self.end - len(mark) + 1)
            self.pass_to(min(start, self.end) - 2)
            if not self.load():
                return -1

    def starts(self, mark: bytes, at: int) -> bool:
        while self.end < at + len(mark) and self.load():
            pass
        return self.held.startswith(mark, at - self.base)

    def line(self, at: int, longest: int) -> bytes:
        """The line that begins here, with its LF; no more than `longest` bytes of it."""
        while True:
            start = at - self.base
            stop = self.held.find(b"\n", start, start + longest) + 1
            if stop or self.end >= at + longest or not self.load():
                return self.held[start : stop or start + longest]

    def ahead(self, at: int, reach: int) -> bytes:
        """The bytes from here on, as far as `reach`."""
        while self.end < at + reach and self.load():
            pass
        return self.held[at - self.base : at - self.base + reach]
