"""A PDF's dangerous keys (ISO 32000-2): found in its bytes, and in those of its object streams, never interpreted."""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from postroom.attachments import chunks
from postroom.attachments.budget import Budget
from postroom.attachments.policy import Sign
from postroom.reasons import Reason

_LONGEST = 64  # bytes of a name with every character written as #xx
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_KEYS: dict[bytes, Reason] = {
    b"/Encrypt": Reason.ENCRYPTED_PDF,
    b"/Launch": Reason.PDF_LAUNCH,
    b"/JavaScript": Reason.PDF_SCRIPT,
}
_PATTERN = re.compile(rb"/(?:Encrypt|Launch|JavaScript)(?![A-Za-z0-9_#])")
_STREAMS, _STREAM = 200, 1 << 20  # object streams that are opened, and bytes of each


def signs(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    for _, piece in chunks.pieces(file, budget, _LONGEST):
        yield from _of_bytes(piece)
    for at in chunks.positions(file, b"/ObjStm", budget, most=_STREAMS):
        yield from _of_bytes(_object_stream(chunks.read_at(file, at, 256 << 10), budget))


def _of_bytes(data: bytes) -> Iterator[Sign]:
    # Section 7.3.5: any character of a name may be written as its code, so /J#61vaScript is /JavaScript.
    named = _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), data) if b"#" in data else data
    for key in dict.fromkeys(_PATTERN.findall(named)):
        yield Sign(reason=_KEYS[key], detail=key.decode("ascii"))


def _object_stream(data: bytes, budget: Budget) -> bytes:
    start = data.find(b"stream", 0, 2_000)
    if start < 0:
        return b""
    try:
        out = zlib.decompressobj().decompress(data[start + 6 :].lstrip(b"\r\n"), _STREAM)
    except zlib.error:  # another filter, or encrypted
        return b""
    budget.unpack(len(out))
    return out
