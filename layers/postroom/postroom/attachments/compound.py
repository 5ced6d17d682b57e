"""Compound files (OLE2, MS-CFB): the older Office formats, installers, stored mails, and Office files under a password.

Only the directory's names are asked for. An entry is 128 bytes at a multiple of 128 that never crosses a sector, so the
entries are found wherever the file's own chains say that they are, and no chain has to be followed.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from postroom.attachments import chunks
from postroom.attachments.budget import Budget
from postroom.attachments.policy import Sign
from postroom.reasons import Reason

_ENTRY = 128
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # CLSIDs of .msi and .msp, their first byte masked
_NAMES: dict[str, Reason] = {
    "_VBA_PROJECT": Reason.MACROS,
    "_VBA_PROJECT_CUR": Reason.MACROS,
    "VBA": Reason.MACROS,
    "Macros": Reason.MACROS,
    "EncryptedPackage": Reason.ENCRYPTED_DOCUMENT,
    "\x01Ole10Native": Reason.EMBEDDED_OBJECT,
    "__attach_version1.0_#00000000": Reason.ARCHIVE_UNREADABLE,  # MS-OXMSG: a mail that brings files of its own
}
# The first two characters of each name, as they stand in UTF-16LE: few other entries begin so.
_STARTS = frozenset(name[:2].encode("utf-16-le") for name in (*_NAMES, "Root Entry"))

_WORD = b"\xec\xa5\xc1\x00"  # MS-DOC FibBase.wIdent and nFib of Word 97 and later
_WORD_ENCRYPTED = 0x0100
_EXCEL = b"\x09\x08\x10\x00\x00\x06\x05\x00"  # BOF of a BIFF8 workbook (MS-XLS 2.4.21)
_BOF, _EOF, _FILEPASS, _SHEET = 0x0809, 0x000A, 0x002F, 0x0085
_RECORDS = 5_000
# MS-PPT 2.4.10: a VBAInfoContainer with its atom; then follow persistIdRef and fHasMacros.
_POWERPOINT = b"\x1f\x00\xff\x03\x14\x00\x00\x00\x02\x00\x00\x04\x0c\x00\x00\x00"


def signs(file: BinaryIO, size: int, budget: Budget) -> Iterator[Sign]:
    yield from _of_entries(file, budget)
    yield from _of_word(file, budget)
    yield from _of_excel(file, size, budget)
    for at in chunks.positions(file, _POWERPOINT, budget, most=10):
        if chunks.read_at(file, at + len(_POWERPOINT) + 4, 4) not in (b"", bytes(4)):
            yield Sign(reason=Reason.MACROS, detail="VBAInfo")


def _of_entries(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    for _, piece in chunks.pieces(file, budget, 0):
        for at in range(0, len(piece) - _ENTRY + 1, _ENTRY):
            if piece[at : at + 4] in _STARTS:
                yield from _of_entry(piece[at : at + _ENTRY])


def _of_entry(entry: bytes) -> Iterator[Sign]:
    length, kind = struct.unpack_from("<HB", entry, 64)
    if not 2 <= length <= 64 or kind not in (_STORAGE, _STREAM, _ROOT):
        return
    name = entry[: length - 2].decode("utf-16-le", "replace")
    if kind == _ROOT and entry[81:96] == _INSTALLER[1:]:
        yield Sign(reason=Reason.EXECUTABLE, detail="an installer")
    if reason := _NAMES.get(name):
        yield Sign(reason=reason, detail=name.strip("\x01"))


def _of_word(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    for at in chunks.positions(file, _WORD, budget, most=10):
        flags = int.from_bytes(chunks.read_at(file, at + 10, 2), "little")
        if at % 512 == 0 and flags & _WORD_ENCRYPTED:
            yield Sign(reason=Reason.ENCRYPTED_DOCUMENT, detail="Word")


def _of_excel(file: BinaryIO, size: int, budget: Budget) -> Iterator[Sign]:
    """The records of a workbook's globals: a password, and sheets that hold Excel 4.0 macros."""
    for at in chunks.positions(file, _EXCEL, budget, most=10):
        if at % 512 == 0:
            yield from _of_workbook(file, at, size, budget)


def _of_workbook(file: BinaryIO, at: int, size: int, budget: Budget) -> Iterator[Sign]:
    for _ in range(_RECORDS):
        header = chunks.read_at(file, at, 10)
        if at >= size or len(header) < 10:
            return
        kind, length = struct.unpack_from("<HH", header)
        if kind == _EOF:
            return
        if kind == _FILEPASS:
            yield Sign(reason=Reason.ENCRYPTED_DOCUMENT, detail="Excel")
        if kind == _SHEET and header[9] == 1:
            yield Sign(reason=Reason.MACROS, detail="Excel 4.0 macro sheet")
        at += 4 + length
    budget.tick()
