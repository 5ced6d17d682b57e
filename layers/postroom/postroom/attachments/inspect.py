"""What the bytes of an attachment say, and those of the files in it: signs, never a verdict, and never an exception.

A look costs the bytes of the attachment once for each format that it has, and of what is packed in it only what must be
unpacked to be looked into: the first bytes of every file, and the whole of archives, documents and pages.
Memory stays at a few MiB, except for a winmail.dat, which is held whole.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from typing import BinaryIO

from postroom.attachments import chunks, compound, names, packed, pages, pdf, tars, zips
from postroom.attachments.budget import BoundReached, Budget, Unreadable
from postroom.attachments.extensions import OFFICE, PAGES, ZIPS
from postroom.attachments.facts import HARMLESS, PROGRAMS, Facts, signs_of_facts
from postroom.attachments.policy import Sign
from postroom.attachments.spool import spooled
from postroom.mime import tnef
from postroom.mime.detect import REACH, detected_type
from postroom.reasons import Reason

_IN_MEMORY = 1 << 20  # bytes of an unpacked file that are held in memory; the rest of it is on disk
_LARGEST_TNEF = 40 << 20
_DEEPEST = 12  # of any recursion, whatever the policy says

_SEALED = frozenset(
    {"application/x-7z-compressed", "application/vnd.rar", "application/vnd.ms-cab-compressed", "application/zstd"}
)
_PACKAGES = ("application/vnd.openxmlformats-", "application/vnd.oasis.")
_TNEF = "application/vnd.ms-tnef"
_OLE = "application/x-ole-storage"


def signs(
    file: BinaryIO, size: int, facts: Facts, budget: Budget, allows_name: Callable[[str], bool]
) -> tuple[Sign, ...]:
    """Everything that speaks against the file, each reason once. Bounded by the budget; never raises."""
    look = _Look(budget=budget, allows_name=allows_name)
    try:
        look.at(file, size, facts, (), 1)
    except BoundReached as reached:
        look.add(reached.sign)
    return tuple(look.found.values())


@dataclass(slots=True, kw_only=True)
class _Look:
    """A look at one attachment. `path` are the names of the archives around a file, `depth` their number and one."""

    budget: Budget
    allows_name: Callable[[str], bool]
    found: dict[Reason, Sign] = field(default_factory=dict)

    def add(self, sign: Sign, path: tuple[str, ...] = ()) -> None:
        """Notes a sign, the first of each reason; `path` is where it was seen, if within something."""
        if path and sign.reason is not Reason.ARCHIVE_BOMB:
            detail = names.shown(*path[1:]) or sign.detail
            extra = f" ({sign.detail})" if sign.detail and sign.detail not in detail else ""
            sign = Sign(reason=sign.reason, detail=(detail + extra)[:120])
        self.found.setdefault(sign.reason, sign)

    def at(self, file: BinaryIO, size: int, facts: Facts, path: tuple[str, ...], depth: int) -> None:
        path = (*path, facts.name)
        for sign in signs_of_facts(facts, named=not self.allows_name(facts.name), within=len(path) > 1):
            self.add(sign, path if len(path) > 1 else ())
        with self._contained(path):
            for sign in self._of_content(file, size, facts, path, depth):
                self.add(sign, path if len(path) > 1 else ())

    @contextmanager
    def _contained(self, path: tuple[str, ...]) -> Iterator[None]:
        """A file that can't be read is a sign, and the others are looked at all the same."""
        try:
            yield
        except Unreadable as error:
            self.add(Sign(reason=Reason.ARCHIVE_UNREADABLE, detail=str(error)), path if len(path) > 1 else ())
        except (struct.error, ValueError, IndexError, OverflowError, RecursionError) as error:
            # A reader that a broken file got the better of: whatever it is, the file was not looked into.
            detail = f"it is broken ({type(error).__name__})"
            self.add(Sign(reason=Reason.ARCHIVE_UNREADABLE, detail=detail), path if len(path) > 1 else ())

    def _of_content(self, file: BinaryIO, size: int, facts: Facts, path: tuple[str, ...], depth: int) -> Iterator[Sign]:
        """By what the bytes are; where they don't tell, by what the name will have them opened as."""
        kind, last = facts.detected_type, facts.extension
        if kind in PROGRAMS:
            return
        if _is_zip(file, size, kind, last):
            self._zip(file, size, path, depth)
        elif kind == "application/x-tar" or (kind is None and tars.is_header(chunks.read_at(file, 0, 512))):
            self._tar(file, size, path, depth)
        elif kind in packed.TYPES:
            self._packed(file, kind, path, depth)
        elif kind == _TNEF:
            self._tnef(file, size, path, depth)
        elif kind in _SEALED or names.is_sealed(facts.name):
            yield from _sealed(file, kind)
        if kind == _OLE or (kind is None and last in OFFICE):
            yield from compound.signs(file, size, self.budget)
        if kind == "application/pdf" or last == "pdf":
            yield from pdf.signs(file, self.budget)
        if kind == "application/rtf":
            yield from _rtf(file, self.budget)
        if kind == "image/svg+xml" or last == "svg" or facts.content_type == "image/svg+xml":
            yield from pages.svg(file, self.budget)
        elif kind in ("text/html", "text/xml") or last in PAGES or facts.content_type == "text/html":
            yield from pages.html(file, self.budget)
        if last == "eml" and not facts.content_type.startswith("message/"):
            _check_mail(file, self.budget)
        if _is_of_package(facts.name):
            yield from _remote_template(file, self.budget)
        yield from _disk_image(file, size)
        yield from _notebook(file, self.budget)

    # Containers

    def _zip(self, file: BinaryIO, size: int, path: tuple[str, ...], depth: int) -> None:
        self.budget.enter(depth)
        entries = zips.entries(file, size, self.budget)
        within = tuple(entry.name for entry in entries)
        for sign in _of_office(within):
            self.add(sign, path if len(path) > 1 else ())
        for entry in entries:
            if entry.is_folder:
                continue
            if entry.is_encrypted:
                self.add(Sign(reason=Reason.ENCRYPTED_ARCHIVE, detail=names.shown(entry.name)))
                for sign in self._of_name(entry.name):
                    self.add(sign, (*path, entry.name))
                continue
            with self._contained((*path, entry.name)):
                self._member(entry.name, zips.unpacked(file, entry, self.budget), path, depth)

    def _tar(self, file: BinaryIO, size: int, path: tuple[str, ...], depth: int) -> None:
        self.budget.enter(depth)
        for member in tars.members(file, size, self.budget):
            stretch = _stretch(file, member.offset, member.size)
            with self._contained((*path, member.name)):
                self._member(member.name, stretch, path, depth)

    def _packed(self, file: BinaryIO, type_: str, path: tuple[str, ...], depth: int) -> None:
        """A tar in it is at the same depth: `.tar.gz` is one archive to everybody."""
        self.budget.enter(depth)
        self.budget.file()
        name = packed.inner_name(path[-1])
        file.seek(0)
        with spooled(packed.unpacked(file, type_, self.budget), _IN_MEMORY) as (inner, size):
            head = chunks.read_at(inner, 0, REACH)
            facts = Facts(name=name, content_type="", detected_type=detected_type(head))
            is_tar = facts.detected_type == "application/x-tar" or tars.is_header(head[:512])
            self._look_at(inner, size, facts, path, depth - 1 if is_tar else depth)

    def _tnef(self, file: BinaryIO, size: int, path: tuple[str, ...], depth: int) -> None:
        self.budget.enter(depth)
        opened = tnef.open(chunks.read_at(file, 0, _LARGEST_TNEF)) if size <= _LARGEST_TNEF else None
        if opened is None:
            raise Unreadable("it is no winmail.dat that can be read")
        self._tnef_files(opened, path, depth)

    def _tnef_files(self, message: tnef.Tnef, path: tuple[str, ...], depth: int) -> None:
        if not message.whole:
            self.add(Sign(reason=Reason.ARCHIVE_UNREADABLE, detail="it ends early"))
        for inner in message.files:
            self.budget.file()
            if inner.message:
                self.budget.enter(depth + 1)
                self._tnef_files(inner.message, path, depth + 1)
            else:
                data = bytes(inner.data)
                facts = Facts(name=inner.name or "", content_type="", detected_type=detected_type(data[:REACH]))
                self._look_at(BytesIO(data), len(data), facts, path, depth)

    def _member(self, name: str, content: Iterator[bytes], path: tuple[str, ...], depth: int) -> None:
        """A file in an archive: its first bytes, and the rest where that can matter."""
        head = b""
        for piece in content:
            head += piece
            if len(head) >= REACH:
                break
        facts = Facts(name=name, content_type="", detected_type=detected_type(head))
        if not _needs_unpacking(facts, head):
            for sign in signs_of_facts(facts, named=not self.allows_name(name), within=True):
                self.add(sign, (*path, name))
            return
        with spooled(chain((head,), content), _IN_MEMORY) as (inner, size):
            self._look_at(inner, size, facts, path, depth)

    def _look_at(self, file: BinaryIO, size: int, facts: Facts, path: tuple[str, ...], depth: int) -> None:
        if depth >= _DEEPEST:
            raise BoundReached(Sign(reason=Reason.TOO_DEEP))
        self.at(file, size, facts, path, depth + 1)

    def _of_name(self, name: str) -> Iterable[Sign]:
        return () if self.allows_name(name) else names.signs(name, within=True)


def _needs_unpacking(facts: Facts, head: bytes) -> bool:
    """Of the files in an archive, XML and plain bytes need no look beyond the first; what may hold something does."""
    kind, last = facts.detected_type, facts.extension
    if kind in PROGRAMS or kind in HARMLESS:
        return False
    if _is_of_package(facts.name):
        return True
    if kind == "text/xml":
        return last in PAGES | {"svg"}
    opened = last in ZIPS | PAGES | OFFICE | {"svg", "pdf", "eml", "one", "rtf"} or names.is_sealed(facts.name)
    return kind is not None or opened or tars.is_header(head[:512])


def _is_zip(file: BinaryIO, size: int, kind: str | None, last: str) -> bool:
    """By its first bytes; by its name; and whatever has a zip's end is one to those that look for the end."""
    if kind == "application/zip" or (kind or "").startswith(
        ("application/vnd.openxmlformats", "application/vnd.oasis")
    ):
        return True
    if last in ZIPS:
        return kind not in _SEALED | packed.TYPES | {_OLE}
    return kind is None and b"PK\x05\x06" in chunks.read_at(file, max(0, size - 22), 22)


def _of_office(within: tuple[str, ...]) -> Iterator[Sign]:
    """Macros by the names of the parts of an Office package (ECMA-376, ODF 1.3)."""
    lowered = [name.lower() for name in within]
    if "[content_types].xml" in lowered:
        for name in lowered:
            if name.endswith("vbaproject.bin") or "/macrosheets/" in name:
                yield Sign(reason=Reason.MACROS, detail=names.shown(name))
    if "mimetype" in lowered:
        for name in lowered:
            if name.startswith(("basic/", "scripts/")) and not name.endswith(("script-lc.xml", "script-lb.xml", "/")):
                yield Sign(reason=Reason.MACROS, detail=names.shown(name))


def _is_of_package(name: str) -> bool:
    """Whether this is one of the parts of an Office package that say what the others are."""
    return name.endswith(".rels") or name == "[Content_Types].xml"


_RELATIONSHIP = re.compile(rb"<(?:[a-z0-9]{1,20}:)?relationship\s[^<>]{0,4000}>")
_FETCHED = re.compile(rb"/(?:attachedtemplate|oleobject|frame|subdocument)[\"']")
_ELSEWHERE = re.compile(rb"target\s{0,9}=\s{0,9}[\"'](?:https?:|ftp:|mhtml:|\\\\|//|file:////|file:\\\\)")


def _remote_template(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    """Relationships by which a document fetches a part of itself from elsewhere when it is opened (MITRE T1221), and
    content types that only a document with macros has."""
    for _, piece in chunks.pieces(file, budget, 4_096):
        text = piece.replace(b"\0", b"").lower()
        if b"vbaproject" in text or b"macrosheet" in text:  # not macroEnabled: every .xlsb says so
            yield Sign(reason=Reason.MACROS, detail="by its content types")
        for found in _RELATIONSHIP.finditer(text):
            if _FETCHED.search(found[0]) and _ELSEWHERE.search(found[0]):
                yield Sign(reason=Reason.REMOTE_TEMPLATE)


def _sealed(file: BinaryIO, kind: str | None) -> Iterator[Sign]:
    """An archive that we can't read. Whether it has a password stands where it can be seen, if it can."""
    head = chunks.read_at(file, 0, REACH)
    if kind == "application/vnd.rar" and _rar_encrypted(head):
        yield Sign(reason=Reason.ENCRYPTED_ARCHIVE, detail="RAR")
    if kind == "application/x-7z-compressed" and len(head) >= 32:
        offset, length = struct.unpack_from("<QQ", head, 12)
        if b"\x06\xf1\x07\x01" in chunks.read_at(file, min(32 + offset, 1 << 40), min(length, 1 << 20)):  # AES-256
            yield Sign(reason=Reason.ENCRYPTED_ARCHIVE, detail="7z")
    raise Unreadable(f"we have no reader for {kind or 'this kind of archive'}")


def _rar_encrypted(head: bytes) -> bool:
    """RAR 4: the archive's or the first file's flags; RAR 5: an encryption header comes first (technote)."""
    if head.startswith(b"Rar!\x1a\x07\x01\x00"):
        return len(head) > 13 and head[13] == 4
    if len(head) < 25:
        return False
    (archive,) = struct.unpack_from("<H", head, 10)
    (first,) = struct.unpack_from("<H", head, 23)
    return bool(archive & 0x80) or (head[22] == 0x74 and bool(first & 0x04))


def _rtf(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    for mark in (b"\\objdata", b"\\objupdate", b"\\objautlink"):
        if chunks.contains(file, mark, budget):
            yield Sign(reason=Reason.EMBEDDED_OBJECT, detail=mark.decode("ascii"))


def _check_mail(file: BinaryIO, budget: Budget) -> None:
    """A mail that came as a plain file, or in an archive. The attachments of an attached message are attachments of the
    mail, and looked at as such; these are nobody's."""
    for _, piece in chunks.pieces(file, budget, 20):
        if re.search(rb"name\*?[0-9]{0,3}\*?\s{0,9}=", piece.lower()):
            raise Unreadable("a mail with files, which is not attached as a message")


def _disk_image(file: BinaryIO, size: int) -> Iterator[Sign]:
    """ISO 9660, UDF, VHD, VHDX, DMG: marks that lie where first bytes don't reach."""
    if chunks.read_at(file, 0x8001, 5) in (b"CD001", b"BEA01", b"NSR02", b"NSR03"):
        yield Sign(reason=Reason.DISK_IMAGE, detail="ISO 9660")
    ends = chunks.read_at(file, max(0, size - 512), 8)
    if ends.startswith((b"conectix", b"koly")) or chunks.read_at(file, 0, 8) in (b"conectix", b"vhdxfile"):
        yield Sign(reason=Reason.DISK_IMAGE, detail="VHD or DMG")


_ONE = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")  # MS-ONESTORE 2.3.1: a section
_ONE_FILE = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")  # MS-ONESTORE 2.6.13: FileDataStoreObject


def _notebook(file: BinaryIO, budget: Budget) -> Iterator[Sign]:
    if chunks.read_at(file, 0, 16) == _ONE and chunks.contains(file, _ONE_FILE, budget):
        yield Sign(reason=Reason.EMBEDDED_OBJECT, detail="OneNote")


def _stretch(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = chunks.read_at(file, at, min(size, chunks.PIECE))
        if not piece:
            return
        at, size = at + len(piece), size - len(piece)
        yield piece
