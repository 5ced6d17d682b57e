"""Files that stand in the text of a mail: uuencode, as Outlook and old mailers write it, and yEnc, as Usenet does.

A person may well begin a line with the word "begin", so a file is taken only where its lines prove it. What is none
stays text. Time is linear: a file that fails is given up at the first line that can't be its own, and the search goes
on behind its first line; no line but a first one belongs to two attempts.

Source: POSIX uuencode; GNU sharutils for begin-base64; yEnc draft 1.3 (yenc.org) for =ybegin.
"""

import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from postroom.mime import charsets, transfer

MOST_FILES = 1_000  # of one text
MOST_BYTES = 64 << 20  # decoded, of all files of one text: more than SES takes
_MOST_PADDING = (
    1 << 20
)  # bytes that shortened lines of one file may promise: spaces that were lost on the way, or a bomb
_LONGEST_LINE = 2_000  # bytes of a line of data; yEnc's are 128 or 256, uuencode's 61
_PROOF = 2  # full lines without which a file that has no end is none
_ENOUGH = 0.9  # of the bytes that a yEnc file promises: with less of them it is talk about yEnc

_BEGIN = re.compile(rb"begin(-base64)?(-encoded)?[ \t]+[0-7]{3,4}[ \t]+([^\s][^\r\n]{0,500})\r?(?:\n|\Z)")
_YENC = re.compile(rb"=ybegin ([^\r\n]{0,300}?)[ \t]name=([^\r\n]{0,500})\r?\n")
_YFIELD = re.compile(rb"\b(line|size|part|total|begin|end|crc32|pcrc32)=([0-9A-Fa-f]{1,16})\b")
_YEND = re.compile(rb"=yend([^\r\n]{0,300})\r?(?:\n|\Z)")
_YPART = re.compile(rb"=ypart ([^\r\n]{0,300})\r?\n")
_BASE64_LINE = re.compile(
    rb"(?:[A-Za-z0-9+/]{4}){1,300}|(?:[A-Za-z0-9+/]{4}){0,300}[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=)"
)
_NOT_UU = bytes(set(range(256)) - set(range(0x20, 0x61)))

_YESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YPLAIN = bytes((byte - 42) % 256 for byte in range(256))
_YESCAPED = [bytes([(byte - 64) % 256]) for byte in range(256)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineFile:
    """A file, where it stands in the text as it was given (`[start, end)`, its first and last line included), and how.

    `form` is uuencode, base64 or yenc. `part` is the number of a yEnc part: a part of a file is kept as a file.
    `defects`: uuencode_cut, yenc_cut, yenc_size, yenc_crc.
    """

    name: str
    data: bytes
    start: int
    end: int
    form: str
    part: int | None = None
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A text without its files, and the files in their order."""

    text: bytes
    files: tuple[InlineFile, ...] = ()


def opened(body: bytes) -> Opened:
    """The text and the files in these bytes: those of a text part, its transfer encoding undone, in no charset yet
    (yEnc is 8-bit). Never raises. A text that holds no file comes back as the same object."""
    if b"begin" not in body:
        return Opened(text=body)
    files = tuple(_files(body))
    return Opened(text=_without(body, files) if files else body, files=files)


def _files(body: bytes) -> Iterator[InlineFile]:
    found, left, position = 0, MOST_BYTES, 0
    while found < MOST_FILES:
        start = _first_line(body, position)
        if start < 0:
            return
        file = _uuencoded(body, start) if body.startswith(b"b", start) else _yenc(body, start)
        position = file.end if file else start + 6
        if file:
            found, left = found + 1, left - len(file.data)
            if left < 0:
                return
            yield file


def _first_line(body: bytes, position: int) -> int:
    """Where the next line begins that may be the first of a file; -1 where there is none."""
    while (found := body.find(b"begin", position)) >= 0:
        start = found - 2 if body[max(found - 2, 0) : found] == b"=y" else found
        if not start or body[start - 1] == 0x0A:
            return start
        position = found + 5
    return -1


def _without(body: bytes, files: tuple[InlineFile, ...]) -> bytes:
    pieces, position = [], 0
    for file in files:
        pieces.append(body[position : file.start])
        position = file.end
    return b"".join((*pieces, body[position:]))


def _lines(body: bytes, position: int) -> Iterator[tuple[bytes, int]]:
    """The lines from here on without CR and LF, and where the next begins. Stops at one that no file has."""
    while position < len(body):
        stop = body.find(b"\n", position, position + _LONGEST_LINE)
        if stop < 0 and len(body) - position > _LONGEST_LINE:
            return
        end = stop if stop >= 0 else len(body)
        yield body[position:end].rstrip(b"\r"), min(end + 1, len(body))
        position = end + 1


def _name(raw: bytes) -> str:
    return charsets.to_text(raw.strip(b' \t"'), None)


# --- uuencode and its base64 form ------------------------------------------------------------------------------------


def _uuencoded(body: bytes, start: int) -> InlineFile | None:
    first = _BEGIN.match(body, start)
    if not first:
        return None
    base64, encoded_name, name = first.groups()
    read = _base64_lines if base64 else _uu_lines
    data, end, whole = read(body, first.end())
    if data is None:
        return None
    return InlineFile(
        name=_name(transfer.decode("base64", name) if encoded_name else name),
        data=data,
        start=start,
        end=end,
        form="base64" if base64 else "uuencode",
        defects=() if whole else ("uuencode_cut",),
    )


#: The decoded bytes (None: it is no file), where the file ends, whether its end is there.
_Read = tuple[bytes | None, int, bool]


def _uu_lines(body: bytes, position: int) -> _Read:
    pieces: list[bytes] = []
    full, padding, last = 0, _MOST_PADDING, False
    sure = (0, position)  # pieces, and where they end: up to the last line that is whole
    for line, after in _lines(body, position):
        if line.rstrip() == b"end":
            return (b"".join(pieces) if full else None), after, True
        if last:  # behind the line of no bytes only "end" may follow, and empty lines that a gateway put in
            if line.strip(b" `"):
                break
            continue
        if line.strip(b" ") in (b"", b"`"):
            last = True
            continue
        decoded, missing = _uu(line)
        padding -= missing
        if decoded is None or padding < 0:
            break
        pieces.append(decoded)
        if not missing:
            full, sure = full + 1, (len(pieces), after)
        elif after == len(body) and line.startswith(b"M"):  # the mail ends in the middle of a line
            pieces[-1] = decoded[: len(decoded) - missing]
            sure = (len(pieces), after)
    kept, end = sure
    return (b"".join(pieces[:kept]) if full >= _PROOF else None), end, False


def _uu(line: bytes) -> tuple[bytes | None, int]:
    """The bytes of a line, and how many of them it only promises; None for a line that is none.

    What is short was stripped of its spaces, which are zeros. What is one too long has a checksum, or a filler.
    """
    count = (line[0] - 0x20) & 0x3F
    needed, shortest = -(-count // 3) * 4, -(-count * 4 // 3)
    encoded = line[1:]
    over = len(encoded.rstrip(b" ")) - needed
    if not count or over > 1 or line.translate(None, _NOT_UU) != line:
        return None, 0
    missing = max(0, (shortest - len(encoded)) * 3 // 4)
    return binascii.a2b_uu(line[: shortest + 1]), missing  # what some fill the last group up with would be refused


def _base64_lines(body: bytes, position: int) -> _Read:
    pieces: list[bytes] = []
    full = 0
    for line, after in _lines(body, position):
        stripped = line.rstrip()
        if stripped == b"====":
            return (b"".join(pieces) if pieces else None), after, True
        if not _BASE64_LINE.fullmatch(stripped):
            break
        pieces.append(binascii.a2b_base64(stripped))
        full, position = full + (len(stripped) >= 60), after
    return (b"".join(pieces) if full >= _PROOF else None), position, False


# --- yEnc ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Promise:
    """What the lines around the data say of them."""

    line: int
    size: int
    part: int | None
    crc: int | None = None

    def is_kept(self, data: bytes) -> bool:
        return len(data) == self.size and (self.crc is None or zlib.crc32(data) == self.crc)

    def broken(self, data: bytes) -> Iterator[str]:
        if len(data) != self.size:
            yield "yenc_size"
        if self.crc is not None and zlib.crc32(data) != self.crc:
            yield "yenc_crc"


def _yenc(body: bytes, start: int) -> InlineFile | None:
    first = _YENC.match(body, start)
    promise = _promise(_numbers(first.group(1))) if first else None
    if not first or not promise:
        return None
    position = first.end()
    if part := _YPART.match(body, position):
        position, numbers = part.end(), _numbers(part.group(1))
        promise.size = numbers.get(b"end", 0) - numbers.get(b"begin", 1) + 1
    # A line of data never begins with =y: what is escaped comes out as no "y".
    stop = _next_control(body, position)
    last = _YEND.match(body, stop)
    if not last:
        return _cut_yenc(body, first, promise, position)
    numbers = _numbers(last.group(1))
    promise.crc = numbers.get(b"pcrc32") if part else numbers.get(b"crc32", numbers.get(b"pcrc32"))
    data = _ydata(body[position:stop], promise)
    if not _ENOUGH * promise.size <= len(data) <= promise.size / _ENOUGH:
        return None
    return _yfile(first, promise, data, last.end(), tuple(promise.broken(data)))


def _yfile(first: re.Match[bytes], promise: _Promise, data: bytes, end: int, defects: tuple[str, ...]) -> InlineFile:
    name = _name(first.group(2))
    return InlineFile(
        name=name, data=data, start=first.start(), end=end, form="yenc", part=promise.part, defects=defects
    )


def _promise(numbers: dict[bytes, int]) -> _Promise | None:
    if not 0 < numbers.get(b"line", 0) < _LONGEST_LINE or b"size" not in numbers:
        return None
    return _Promise(line=numbers[b"line"], size=numbers[b"size"], part=numbers.get(b"part"))


def _numbers(text: bytes) -> dict[bytes, int]:
    """The numbers of a control line. A checksum is hexadecimal, and everything else is decimal."""
    found = {}
    for name, written in _YFIELD.findall(text):
        if name.endswith(b"crc32"):
            found[name] = int(written, 16) & 0xFFFFFFFF
        elif written.isdigit():
            found[name] = int(written)
    return found


def _next_control(body: bytes, position: int) -> int:
    """Where the next line begins with =y; the end of the body where none does."""
    if body.startswith(b"=y", position):
        return position
    found = body.find(b"\n=y", position)
    return found + 1 if found >= 0 else len(body)


def _cut_yenc(body: bytes, first: re.Match[bytes], promise: _Promise, position: int) -> InlineFile | None:
    """A file without an end: its full lines, if there are so many that it is one, and the rest of the body behind them
    where that is one shorter line."""
    start, full, end = position, 0, position
    for line, after in _lines(body, position):
        if line.startswith(b"=y"):
            break
        if not _is_full(line, promise.line):
            end = after if after == len(body) and len(line) < promise.line else end
            break
        full, end = full + 1, after
    if full < _PROOF:
        return None
    data = _ydata(body[start:end], promise)
    return _yfile(first, promise, data, end, ("yenc_cut",))


def _is_full(line: bytes, length: int) -> bool:
    """A line ends at its length, or behind the escaped character that begins there; a doubled dot may be before it."""
    over = len(line) - length - line.startswith(b"..")
    return over in (-1, 0) or (over == 1 and line[-2:-1] == b"=")


def _ydata(encoded: bytes, promise: _Promise) -> bytes:
    """The decoded bytes; with the dots undone that NNTP and SMTP double, where that keeps what was promised."""
    data = _ydecoded(encoded)
    if promise.is_kept(data) or not (encoded.startswith(b"..") or b"\n.." in encoded):
        return data
    undoubled = encoded.replace(b"\n..", b"\n.")
    other = _ydecoded(undoubled[1:] if undoubled.startswith(b"..") else undoubled)
    return other if promise.is_kept(other) or len(other) == promise.size else data


def _ydecoded(encoded: bytes) -> bytes:
    joined = encoded.translate(None, b"\r\n")
    return _YESCAPE.sub(lambda match: _YESCAPED[match.group(1)[0]], joined).translate(_YPLAIN)
