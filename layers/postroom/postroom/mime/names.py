"""File names from strangers made safe to store and to offer: nothing in them is a path, a command or a trick."""

import re
import unicodedata

LONGEST = 150  # characters
LONGEST_BYTES = 240  # of UTF-8: most file systems take 255 for a name
_STEM, _EXTENSION = 100, 20
_STEM_BYTES = LONGEST_BYTES - _EXTENSION - 2

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*%\u2028\u2029\ufffd]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$", re.IGNORECASE)

_EXTENSIONS = {
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/gzip": "gz",
    "application/json": "json",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/ms-tnef": "dat",
    "application/vnd.ms-tnef": "dat",
    "application/pgp-signature": "asc",
    "application/pgp-encrypted": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/rtf": "rtf",
    "application/ics": "ics",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/pjpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/webp": "webp",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/feedback-report": "txt",
    "message/global": "eml",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/xml": "xml",
    "video/mp4": "mp4",
}


def safe_filename(name: str | None, content_type: str) -> str:
    """A name for a file from a mail: 1 to 150 characters and at most 240 bytes, no folders, no control, bidi or
    invisible characters, no name that Windows reserves or that a command takes for an option, and an extension (by the
    type where the name has none).

    The last extension stays what it was: a name that ends in .exe still does, so that nobody is deceived.
    """
    last = re.split(r"[/\\]", (name or "")[:4096])[-1]
    seen = _BLANK.sub(" ", unicodedata.normalize("NFC", last))
    visible = "".join(c for c in seen if unicodedata.category(c) not in _INVISIBLE)
    cleaned = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(" ._") if visible.strip(" ._") else ""
    stem, dot, extension = cleaned.rpartition(".")
    if not dot or not extension.isalnum() or len(extension.encode()) > _EXTENSION:
        stem, extension = cleaned, _EXTENSIONS.get(content_type, "bin")
    stem = stem[:_STEM].encode("utf-8", "ignore")[:_STEM_BYTES].decode("utf-8", "ignore").strip(" .") or "attachment"
    safe = f"{stem}.{extension}"
    return f"_{safe}" if _RESERVED.match(safe) or safe.startswith("-") else safe


#: Letters and symbols that show as nothing: Hangul fillers, the blank of Braille.
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]+")


#: Unicode categories that nobody sees: format (bidi overrides, zero-width), surrogates, private use, not assigned.
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
