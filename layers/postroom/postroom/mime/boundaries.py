"""The lines that separate the parts of a multipart, found in raw bytes (RFC 2046 section 5.1.1).

All open multiparts are searched for at once, so every line is looked at once however deep a mail is nested.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from postroom.mime.tape import Tape

LONGEST_BOUNDARY = 10_000  # bytes; RFC 2046 allows 70
_REACH = LONGEST_BOUNDARY + 10
_LONGEST_MARK = 70
_FEW = 4  # open multiparts; a mail has hardly more
_ENDS = (b"--", b"\n", b"\r", b" ", b"\t", b"\v", b"\f")  # what stands behind a boundary
_GUESS_REACH = 1 << 20  # bytes from the start of a body in which a boundary is guessed
_BEGINS_PART = re.compile(rb"Content-[A-Za-z-]{1,40}[ \t]{0,9}:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Delimiter:
    """One delimiter line. The line break before it belongs to it, and its own."""

    start: int
    end: int
    boundary: bytes
    closes: bool


class Boundaries:
    """The boundaries of the multiparts that are open at this point of a raw mail."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._open: dict[bytes, int] = {}  # how many open multiparts have this boundary
        self._changed()

    def open(self, boundary: bytes) -> None:
        self._open[boundary] = self._open.get(boundary, 0) + 1
        self._changed()

    def close(self, boundary: bytes) -> None:
        self._open[boundary] -= 1
        if not self._open[boundary]:
            del self._open[boundary]
        self._changed()

    def _changed(self) -> None:
        few = self._open if len(self._open) <= _FEW else ()
        self._mark = b"\n--" + _common(self._open)  # how the delimiters of all of them begin
        self._begins = tuple(b"--" + boundary + end for boundary in few for end in _ENDS)

    def next(self, position: int, *, hyphens: bool = True) -> Delimiter | None:
        """The first delimiter from here on of any open multipart; the tape's end where there is none.

        `hyphens` is False in a body that has none by its nature: then the first one is looked for, which is faster.
        """
        tape = self._tape
        if not self._open:
            _pass_all(tape)
            return None
        # The line at `position` itself counts: a part may be empty, without even its blank line.
        at = position if tape.starts(b"--", position) else self._candidate(position, hyphens)
        while at >= 0:
            whole = tape.line(at, _REACH) if self._may_be(at) else b""
            line = whole[2:].rstrip(b" \t\r\n")
            if whole and (found := self._boundary(line)):
                end = at + (len(whole) if whole.endswith(b"\n") else 2 + len(line))
                return Delimiter(_line_break(tape, at, position), end, *found)
            at = self._candidate(at)
        return None

    def _candidate(self, position: int, hyphens: bool = True) -> int:
        if not hyphens:
            hyphen = self._tape.find(b"-", position)
            if hyphen < 0:
                return -1
            position = max(position, hyphen - 1)
        return self._tape.find(self._mark, position) + 1 or -1

    def _may_be(self, at: int) -> bool:
        """False for a line that goes on otherwise than a delimiter: a million of them are passed over quickly."""
        start = at - self._tape.base
        if not self._begins or start + _REACH > len(self._tape.held):
            return True
        return self._tape.held.startswith(self._begins, start)

    def _boundary(self, line: bytes) -> tuple[bytes, bool] | None:
        """Which boundary stands in a line without its two hyphens, and whether the line closes its multipart.

        The whole line is compared, so that one boundary may begin like another; then what stands before other hyphens,
        and the first word, since RFC 2046 lets a reader ignore what follows.
        """
        if line in self._open:
            return line, False
        closed = line.rpartition(b"--")[0]
        if closed in self._open:
            return closed, True
        if b" " in line or b"\t" in line:
            return self._boundary((line.split(None, 1) or [b""])[0])
        return None


def guess(tape: Tape, body: int) -> bytes:
    """The boundary of a multipart that names none: the first line with two hyphens that is closed further down, or has
    a part's header below it."""
    ahead = tape.ahead(body, _GUESS_REACH)
    at = 0 if ahead.startswith(b"--") else ahead.find(b"\n--") + 1
    if not at and not ahead.startswith(b"--"):
        return b""
    line, _, below = ahead[at + 2 : at + _REACH].partition(b"\n")
    line = line.rstrip()
    is_one = _BEGINS_PART.match(below) or ahead.find(b"\n--" + line + b"--") >= 0
    return line if line and is_one else b""


def _pass_all(tape: Tape) -> None:
    tape.pass_to(tape.end)
    while tape.load():
        tape.pass_to(tape.end)


def _common(boundaries: Collection[bytes]) -> bytes:
    """How all of them begin: the more of it, the fewer lines are looked at."""
    first = min(boundaries, default=b"")[:_LONGEST_MARK]
    if len(boundaries) < 2:
        return first
    length = 0
    for one, other in zip(first, max(boundaries), strict=False):
        if one != other:
            break
        length += 1
    return first[:length]


def _line_break(tape: Tape, line: int, floor: int) -> int:
    """Where the line break before this line starts."""
    before = tape.held[max(line - 2, floor) - tape.base : line - tape.base]
    return line - 2 if before == b"\r\n" else line - before.endswith(b"\n")
