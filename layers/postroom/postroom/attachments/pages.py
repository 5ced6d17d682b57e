"""HTML and SVG: scripts, and the marks of HTML smuggling (MITRE ATT&CK T1027.006), where a page that a filter took for
harmless puts a file together in the browser."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from postroom.attachments import chunks
from postroom.attachments.budget import Budget
from postroom.attachments.policy import Sign
from postroom.reasons import Reason

_OVERLAP = 256
BIG = 20_000  # characters of base64 or hex in one piece: a file, where it is no picture
_WORDS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"
_OTHERS = bytes(set(range(256)) - set(_WORDS))
_TO_BLANK = bytes.maketrans(_OTHERS, b" " * len(_OTHERS))

_SCRIPT = re.compile(rb"<\s{0,9}script|\son[a-z]{3,20}\s{0,9}=|javascript\s{0,9}:")
_SAVES = re.compile(
    rb"createobjecturl|mssaveoropenblob|mssaveblob|\.download\b|\sdownload\s{0,9}=|setattribute\(.{0,3}download"
    rb"|data:application/|navigator\.serviceworker"
)
_DECODES = re.compile(
    rb"\batob\b|fromcharcode|uint8array|\bnew\s{1,9}blob\b|\bunescape\b|decodeuricomponent|\.charcodeat|arraybuffer"
)
#: Data of a picture, a font or a sound, which many pages carry within themselves.
_PICTURE = re.compile(
    rb"data:(?:image/(?!svg)|font/|audio/|video/|application/(?:x-)?font)[a-z0-9.+-]{0,40}"
    rb"(?:;[a-z0-9=-]{1,40}){0,3},\s{0,9}$"
)
_DATA_FILE = re.compile(rb"data:(?:application|text)/[a-z0-9.+-]{1,60}(?:;[a-z0-9=-]{1,40}){0,3};base64,")


def html(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    seen = _Seen()
    for _, piece in chunks.pieces(file, budget, _OVERLAP):
        seen.add(piece)
    if seen.smuggles:
        yield Sign(reason=Reason.HTML_SMUGGLING, detail=", ".join(seen.marks))


def svg(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    """A picture that is shown as a page: any script in it is one too many."""
    for _, piece in chunks.pieces(file, budget, _OVERLAP):
        found = _SCRIPT.search(_flat(piece)) or re.search(rb"<\s{0,9}foreignobject", _flat(piece))
        if found:
            yield Sign(reason=Reason.SCRIPT_IN_SVG, detail=found[0].strip(b" <\t\r\n").decode("ascii", "replace"))
            return


class _Seen:
    """What was seen so far of a page."""

    def __init__(self) -> None:
        self.marks: dict[str, None] = {}
        self._run = 0  # characters of the run of base64 that the last piece ended in
        self._is_picture = False

    @property
    def smuggles(self) -> bool:
        """A script that decodes and saves, or that decodes or saves what is big enough for a file."""
        if "data file" in self.marks:
            return True
        acts = self.marks.keys() & {"decodes", "saves"}
        return "script" in self.marks and (len(acts) == 2 or ("big data" in self.marks and bool(acts)))

    def add(self, piece: bytes) -> None:
        flat = _flat(piece)
        for mark, pattern in (("script", _SCRIPT), ("saves", _SAVES), ("decodes", _DECODES)):
            if mark not in self.marks and pattern.search(flat):
                self.marks[mark] = None
        if "big data" not in self.marks:
            self._runs(piece.translate(None, b"\0\r\n"))

    def _runs(self, piece: bytes) -> None:
        """Long runs without a blank or a quote that are no picture's. A run goes on in the next piece where it is
        longer than what the two share."""
        carried, at = self._run if self._run > _OVERLAP else 0, 0
        words = piece.translate(_TO_BLANK).split(b" ")
        for number, word in enumerate(words, 1):
            length = len(word) + carried
            if length >= BIG or number == len(words):
                before = piece[max(0, at - 200) : at].lower()
                picture = self._is_picture if carried else _PICTURE.search(before) is not None
                if length >= BIG and not picture:
                    self.marks["big data"] = None
                    if _DATA_FILE.search(before):
                        self.marks["data file"] = None
                self._run, self._is_picture = length, picture
            carried, at = 0, at + len(word) + 1


def _flat(piece: bytes) -> bytes:
    """Lower case, and UTF-16 as ASCII: what a browser would read in another encoding is read here too."""
    return piece.replace(b"\0", b"").lower()
