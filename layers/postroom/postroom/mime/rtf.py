"""Compressed RTF, the body that Outlook writes when it writes no other: decompressed, and read as text or HTML.

Compression: MS-OXRTFCP. RTF that was made of HTML holds its tags (MS-OXRTFEX), so the HTML comes back. Of other RTF the
characters and line ends are read, not how they look. Fonts of another character set than the document's are not heeded.
"""

import re
import struct
from dataclasses import dataclass, field, replace
from html import escape

from postroom.mime import charsets

MOST = 1 << 20  # bytes of RTF: a body of more has pictures in it
_DEEPEST = 1_000  # groups inside each other
_COMPRESSED, _STORED = b"LZFu", b"MELA"
_RING = 4096
_KNOWN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard"
    b"\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)  # MS-OXRTFCP section 2.1.3.1.2: what the dictionary holds before the first byte

_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?[0-9]{1,9})? ?|\\'(?P<byte>[0-9a-f]{2})|\\(?P<symbol>[^a-z])"
    r"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\",
    re.IGNORECASE | re.DOTALL,
)
_UNSEEN = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "headerl", "headerr", "footer"),
        *("footerl", "footerr", "fldinst", "generator", "listtable", "listoverridetable", "themedata", "datastore"),
        *("xmlnstbl", "rsidtbl", "latentstyles"),
    }
)
_CHARACTERS = {"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t"}
_CHARACTERS |= {"emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“"}
_CHARACTERS |= {"rdblquote": "”", "~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}


@dataclass(frozen=True, slots=True)
class Body:
    """What the RTF says."""

    text: str
    is_html: bool


def read(compressed: bytes | memoryview) -> Body:
    """The body in the value of PidTagRtfCompressed; empty where it is none. Never raises; reads MOST bytes of RTF."""
    return _Reader(decompressed(bytes(compressed[: 2 * MOST])).decode("latin-1")).body()


def decompressed(data: bytes) -> bytes:
    """The RTF, up to MOST bytes or to where the compressed bytes make no sense. The checksum is not compared."""
    if len(data) < 16:
        return b""
    size, kind = min(struct.unpack("<I", data[4:8])[0], MOST), data[8:12]
    if kind == _STORED:
        return data[16 : 16 + size]
    if kind != _COMPRESSED:
        return b""
    return bytes(_inflated(data, size)[len(_KNOWN) :][:size])


def _inflated(data: bytes, size: int) -> bytearray:
    """A byte of eight flags, then a byte (0) or a reference into the last 4,096 bytes (1) for each of them."""
    out, at = bytearray(_KNOWN), 16
    while at < len(data) and len(out) < len(_KNOWN) + size:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
            elif at + 2 > len(data) or not _repeat(out, data[at] << 8 | data[at + 1]):
                return out
            else:
                at += 2
    return out


def _repeat(out: bytearray, reference: int) -> bool:
    """Copies what is referred to: 12 bits of place in the ring, 4 of length. False at the end, or before the start."""
    length = (reference & 0xF) + 2
    back = (len(out) - (reference >> 4)) % _RING
    if back == 0 or back > len(out):
        return False
    start = len(out) - back
    run = bytes(out[start : start + length])
    out += (run * (length // len(run) + 1))[:length]
    return True


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the group's end: `tag` in an HTML tag, `shadow` in RTF that stands for such a tag."""

    unseen: bool = False
    tag: bool = False
    shadow: bool = False
    fallback: int = 1  # characters after each \\u for readers that don't know it


@dataclass(slots=True)
class _Reader:
    rtf: str
    group: _Group = field(default_factory=_Group)
    around: list[_Group] = field(default_factory=list)
    pieces: list[tuple[str, bool]] = field(default_factory=list)  # and whether it is markup
    run: bytearray = field(default_factory=bytearray)  # bytes in the document's charset: one character may be two
    charset: str = "cp1252"
    is_html: bool = False
    starred: bool = False
    pending: int = 0  # fallback characters that are still to be passed over
    at: int = 0

    def body(self) -> Body:
        if not self.rtf.startswith("{\\rtf"):
            return Body("", False)
        while self.at < len(self.rtf) and (token := _TOKEN.match(self.rtf, self.at)):
            self.at = token.end()
            self._token(token)
            if len(self.around) > _DEEPEST or (token["brace"] == "}" and not self.around):
                break
        self._flush()
        text = "".join(escape(t, quote=False) if self.is_html and not markup else t for t, markup in self.pieces)
        return Body(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), self.is_html)

    def _token(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "brace":
                self._brace(token["brace"] == "{")
            case "word" | "number":
                self._word(token["word"], int(token["number"]) if token["number"] else None)
            case "byte":
                self._bytes(bytes([int(token["byte"], 16)]))
            case "symbol" if token["symbol"] == "*":
                self.starred = True
            case "symbol":
                self._show(_CHARACTERS.get(token["symbol"], ""))
            case "text":
                self._bytes(token["text"].encode("latin-1"))

    def _brace(self, opens: bool) -> None:
        self._flush()
        self.starred, self.pending = False, 0
        if opens:
            self.around.append(self.group)
        elif self.around:
            self.group = self.around.pop()

    def _word(self, word: str, number: int | None) -> None:
        starred, self.starred = self.starred, False
        match word:
            case "htmltag":
                self._flush()
                self.group = replace(self.group, tag=True)
            case _ if starred or word in _UNSEEN:
                self.group = replace(self.group, unseen=True)
            case "htmlrtf":
                self.group = replace(self.group, shadow=number != 0)
            case "fromhtml":
                self.is_html = True
            case "ansicpg" if number:
                self.charset = "utf-8" if number == 65001 else f"cp{number}"
            case "uc":
                self.group = replace(self.group, fallback=min(max(number or 0, 0), 10))
            case "u" if number is not None:
                self._show(chr(number & 0xFFFF))
                self.pending = self.group.fallback
            case "bin":
                self.at += max(number or 0, 0)
            case _ if word in _CHARACTERS:
                self._show(_CHARACTERS[word])

    def _bytes(self, text: bytes) -> None:
        passed = min(self.pending, len(text))
        self.pending -= passed
        if not (self.group.unseen or self.group.shadow):
            self.run += text[passed:]

    def _show(self, text: str) -> None:
        self._flush()
        self.pending = 0
        if not (self.group.unseen or self.group.shadow):
            self.pieces.append((text, self.group.tag))

    def _flush(self) -> None:
        if self.run:
            self.pieces.append((charsets.to_text(bytes(self.run), self.charset), self.group.tag))
            self.run.clear()
