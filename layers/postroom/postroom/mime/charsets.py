"""Bytes of a text become text: by the charset that was declared, as mail clients mean it, and never without a result.

Names follow the WHATWG Encoding Standard where mail follows browsers: latin-1 means cp1252, gb2312 means gb18030.
"""

import codecs
import re
from functools import lru_cache

# What is written -> what is meant; tried from left to right.
_MEANT: dict[str, tuple[str, ...]] = {
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "euc_kr": ("cp949",),
    "big5": ("big5hkscs", "cp950"),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004"),
    "iso8859-9": ("cp1254",),
    "tis-620": ("cp874",),
    "iso8859-11": ("cp874",),
    "utf-16": ("utf-16", "utf-16-le"),
}
# Names that Python doesn't know.
_ALIASES = {
    "ks_c_5601-1987": "euc_kr",
    "ks_c_5601": "euc_kr",
    "ksc5601": "euc_kr",
    "ks_c_5601_1987": "euc_kr",
    "x-windows-949": "cp949",
    "windows-949": "cp949",
    "x-gbk": "gb18030",
    "gb2312_charset": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-sjis": "shift_jis",
    "x-ms-cp932": "cp932",
    "iso-2022-jp-ms": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp-850": "cp850",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "x-utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-big5": "big5",
    "big5-eten": "big5",
    "x-koi8-r": "koi8-r",
    "windows-31j": "cp932",
}
# Python's own notations and toys: none is a charset of mail, and punycode takes quadratic time.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_SHIFTING = ("iso2022", "hz", "utf-7", "utf-16", "utf-32")
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252", "latin_1"})

# WHATWG windows-1252: the five bytes that Microsoft left empty are the C1 controls.
_CP1252 = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256))
_ESCAPED = {0xDC00 + b: _CP1252[b] for b in range(0x80, 0x100)}
_META = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_META_REACH = 4096  # bytes; browsers look at the first 1,024
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def to_text(body: bytes, declared: str | None) -> str:
    """The text of these bytes. Never raises, and never loses the body: what no charset explains is read as cp1252.

    In this order: the byte order mark; UTF-8 where Latin-1, ASCII or nothing was declared; the declared charset; what
    an HTML meta element says; UTF-8; the declared charset with replacement characters; cp1252.
    """
    if body.isascii() and b"\x1b" not in body and not _shifts(declared):
        return body.decode("ascii")
    for mark, name in _BOMS:
        if body.startswith(mark) and (text := _decoded(body, name)) is not None:
            return text.removeprefix("\ufeff")
    names = _meant(declared) if declared else ()
    if not names or names[0] == "cp1252":
        return _undeclared(body, meta=not names)
    if names[0].startswith(("utf-16", "utf-32")) and b"\0" not in body:
        return _undeclared(body, meta=True)  # a converter changed the bytes and forgot the label
    return _declared(body, names)


def known(name: str) -> bool:
    """Whether this is a charset that we can read."""
    return bool(_meant(name))


def _declared(body: bytes, names: tuple[str, ...]) -> str:
    for name in names:
        if (text := _decoded(body, name)) is not None:
            return text
    if names[0] == "utf-8":
        return _mostly_utf8(body)
    if not body.isascii() and (text := _decoded(body, "utf-8")) is not None:
        return text
    return _replaced(body, names[0])


def _undeclared(body: bytes, meta: bool) -> str:
    """UTF-8 where it is UTF-8: text of another charset is next to never valid UTF-8 by chance."""
    if b"\x1b$" in body and (text := _decoded(body, "iso2022_jp")) is not None:
        return text
    if (text := _decoded(body, "utf-8")) is not None:
        return text
    found = _META.search(body, 0, _META_REACH) if meta else None
    for name in _meant(found.group(1).decode("ascii")) if found else ():
        if name != "utf-8" and not name.startswith("utf-16") and (text := _decoded(body, name)) is not None:
            return text
    return _mostly_utf8(body)


def _mostly_utf8(body: bytes) -> str:
    """UTF-8 with single bytes of cp1252 in it; a text with no UTF-8 at all comes out as cp1252."""
    return body.decode("utf-8", "surrogateescape").translate(_ESCAPED)


def _decoded(body: bytes, name: str, errors: str = "strict") -> str | None:
    try:
        text = body.decode(name, errors)
        if name == "utf-7":  # the one codec that lets half a surrogate pair through, which no JSON can hold
            text.encode("utf-8")
        return text
    except (UnicodeError, LookupError, ValueError):
        return None


def _replaced(body: bytes, name: str) -> str:
    text = _decoded(body, name, "replace")
    # More replacement characters than letters: the label is wrong, not the bytes.
    return text if text and text.count("\ufffd") * 4 < len(text) else _mostly_utf8(body)


def _shifts(declared: str | None) -> bool:
    """Charsets whose bytes are all ASCII and still mean something else."""
    return bool(declared) and "".join(_meant(declared or "")[:1]).startswith(_SHIFTING)


@lru_cache(maxsize=256)
def _meant(declared: str) -> tuple[str, ...]:
    """Python's codecs for a charset's name, best first; empty for a name that is none."""
    name = declared.strip(" \t\r\n\"';").partition("*")[0].lower()[:60]
    try:
        found = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return ()
    if found.name in _NO_CHARSETS or not _is_text(found.name):
        return ()
    if found.name in _LATIN:
        return ("cp1252",)
    return _MEANT.get(found.name, (found.name,))


def _is_text(name: str) -> bool:
    try:
        return isinstance(b"".decode(name), str)
    except (LookupError, ValueError):
        return False
