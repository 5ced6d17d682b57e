"""Small archives and documents, made when they are needed: nothing in them does anything."""

import gzip
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO

from postroom.attachments import inspect
from postroom.attachments.budget import Budget
from postroom.attachments.facts import Facts
from postroom.attachments.policy import Bounds, Sign
from postroom.mime.detect import detected_type
from postroom.reasons import Reason

PROGRAM = b"MZ\x90\0" + bytes(100)
Files = Sequence[tuple[str, bytes]]


def look(
    data: bytes,
    name: str = "file",
    content_type: str = "application/octet-stream",
    bounds: Bounds | None = None,
    allows_name: Callable[[str], bool] = lambda name: False,
    clock: Callable[[], float] = lambda: 0.0,
) -> tuple[Sign, ...]:
    """The signs of these bytes under this name; time stands still unless a clock is given."""
    bounds = bounds or Bounds()
    facts = Facts(name=name, content_type=content_type, detected_type=detected_type(data))
    budget = Budget(bounds=bounds, clock=clock, deadline=bounds.seconds)
    return inspect.signs(BytesIO(data), len(data), facts, budget, allows_name)


def reasons(data: bytes, name: str = "file", **how: object) -> set[Reason]:
    return {sign.reason for sign in look(data, name, **how)}  # type: ignore[arg-type] # the options of `look`, whose types differ


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, body in files:
            archive.writestr(name, body)
    return file.getvalue()


def encrypted(data: bytes) -> bytes:
    """The zip with the flag of encryption on every entry; what is under it is as before."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


def tarred(*files: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, body in files:
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, BytesIO(body))
    return file.getvalue()


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def nested(depth: int, inner: bytes = b"nothing", wide: int = 1) -> bytes:
    data = inner
    for _ in range(depth):
        data = zipped(*((f"{number}.zip", data) for number in range(wide)))
    return data


def overlapping(copies: int, size: int) -> bytes:
    """A zip whose entries all stand on one piece of data (after Fifield's full overlap): small, and huge unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(bytes(size)) + packer.flush()
    crc = zlib.crc32(bytes(size))
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, crc, len(body), size, 1, 0)
    local = b"PK\x03\x04" + common + b"a" + body
    central = b"".join(
        b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a"
        for _ in range(copies)
    )
    end = struct.pack("<HHHHIIH", 0, 0, copies, copies, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def office(*parts: tuple[str, bytes], types: bytes = b"<Types/>") -> bytes:
    """An OOXML package with these parts."""
    head = b"<?xml version='1.0'?>"
    return zipped(("[Content_Types].xml", head + types), ("word/document.xml", head + b"<w:document/>"), *parts)


def compound(*names: str, stream: bytes = b"") -> bytes:
    """A compound file (MS-CFB) as far as its directory: a header, a sector for the stream, one entry a name."""
    entries = b"".join(_entry(name, 5 if name == "Root Entry" else 2) for name in ("Root Entry", *names))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    return (
        header + stream.ljust(-(-len(stream) // 512) * 512, b"\0") + entries.ljust(-(-len(entries) // 512) * 512, b"\0")
    )


def _entry(name: str, kind: int) -> bytes:
    written = name.encode("utf-16-le")
    return (written.ljust(64, b"\0") + struct.pack("<HB", len(written) + 2, kind)).ljust(128, b"\0")


def pdf(*objects: bytes) -> bytes:
    return b"%PDF-1.7\n" + b"\n".join(objects) + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def winmail(name: str, data: bytes) -> bytes:
    """A TNEF stream (MS-OXTNEF) with one attachment."""
    parts = ((0x9002, bytes(14)), (0x8010, name.encode() + b"\0"), (0x800F, data))
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(
        struct.pack("<BHHI", 2, number, 0, len(body)) + body + b"\0\0" for number, body in parts
    )
