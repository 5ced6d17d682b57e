"""What a file's name says: by its extension it is opened, so by its extension it is judged first."""

import re
import unicodedata
from collections.abc import Iterator

from postroom.attachments.extensions import DISK_IMAGES, FAMILIAR, PAGES, PROGRAMS, SEALED, SHORTCUTS
from postroom.attachments.policy import LONGEST_DETAIL, Sign
from postroom.reasons import Reason

_LONGEST = 4_096  # characters of a name that are looked at

_DECEIVING = PROGRAMS | SHORTCUTS | DISK_IMAGES
_PAGES = PAGES | {"svg"}
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Cc"})
#: Direction overrides and embeddings (UAX 9): they show `fdp.exe` as `exe.pdf`.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_VOLUME = re.compile(r"\.(r\d\d|z\d\d|part\d{1,3}|00\d)$", re.IGNORECASE)
_BLANK = re.compile("[\\s\u115f\u1160\u2800\u3164\uffa0_]{8,}")  # what pushes the extension out of sight


def plain(name: str) -> str:
    """The last part of a name as a file system takes it: no folders, nothing invisible, no dots or blanks at its end,
    and no alternate data stream (`a.exe::$DATA`)."""
    last = re.split(r"[/\\]", name[:_LONGEST].rstrip("/\\"))[-1]
    seen = "".join(c for c in unicodedata.normalize("NFKC", last) if unicodedata.category(c) not in _INVISIBLE)
    stem, colon, stream = seen.partition(":")
    return (stem if colon and stream.strip() else seen).strip(" .\"'\t:")


def extension(name: str) -> str:
    """The last extension, lower case, without its dot; empty where there is none."""
    return plain(name).rpartition(".")[2].strip().lower() if "." in plain(name) else ""


def shown(*names: str) -> str:
    """Names for a detail: without what is invisible, the end of a long one, at most `LONGEST_DETAIL` characters."""
    each = ("".join(c for c in name[-200:] if unicodedata.category(c) not in _INVISIBLE)[-60:] for name in names)
    return "/".join(each)[-LONGEST_DETAIL:]


def signs(name: str, *, within: bool = False) -> Iterator[Sign]:
    """What speaks against a file of this name; `within` an archive or not."""
    last = extension(name)
    detail = shown(name)
    if last in PROGRAMS:
        yield Sign(reason=Reason.EXECUTABLE_IN_ARCHIVE if within else Reason.EXECUTABLE, detail=detail)
    if last in SHORTCUTS:
        yield Sign(reason=Reason.SHORTCUT, detail=detail)
    if last in DISK_IMAGES:
        yield Sign(reason=Reason.DISK_IMAGE, detail=detail)
    if _deceives(name, last):
        yield Sign(reason=Reason.DOUBLE_EXTENSION, detail=detail)
    if _BIDI.search(name) or _BLANK.search(name.rpartition(".")[0]):
        yield Sign(reason=Reason.DISGUISED_NAME, detail=detail)


def is_sealed(name: str) -> bool:
    """Whether the name is of an archive that we can't read, or of one volume of an archive."""
    return extension(name) in SEALED or _VOLUME.search(plain(name)) is not None


def _deceives(name: str, last: str) -> bool:
    """`invoice.pdf.exe`, `scan.jpg.html`; not `archive.tar.gz`, `v1.2.pdf`, `report.docx.pdf`, `page.html.html`."""
    parts = plain(name).lower().rsplit(".", 2)
    before = parts[1].strip(" _-") if len(parts) == 3 else ""
    return before in FAMILIAR and (last in _DECEIVING or (last in _PAGES and before not in _PAGES))
