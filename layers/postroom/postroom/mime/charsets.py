"""Bytes of a text become text: by the charset that was declared, as mail clients mean it, and never without a result.

Names follow the WHATWG Encoding Standard where mail follows browsers: latin-1 means cp1252, gb2312 means gb18030.
"""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

from postroom.mime import japanese

# What is written -> what is meant; tried from left to right.
_MEANT: dict[str, tuple[str, ...]] = {
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "euc_kr": ("cp949",),
    "big5": ("big5hkscs", "cp950"),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "euc_jp": ("euc_jp", "cp51932", "euc_jis_2004"),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext", "cp50220", "iso2022_jp_3", "iso2022_jp_2004"),
    "iso2022_kr": ("iso2022_kr with its designator",),
    "iso8859-9": ("cp1254",),
    "tis-620": ("cp874",),
    "iso8859-11": ("cp874",),
    "utf-16": ("utf-16", "utf-16-le"),
    "utf-8-sig": ("utf-8",),
}
# What Microsoft's programs mean by an ISO charset when they write C1 controls in it: their own, with the same letters.
_WINDOWS = {
    "iso8859-2": "cp1250",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_C1 = re.compile(rb"[\x80-\x9f]")
# Codecs that Python doesn't have.
_OURS: dict[str, Callable[[bytes], str | None]] = {
    "cp50220": japanese.iso_2022_jp,
    "cp51932": japanese.euc_jp,
    # Every encoded word would need the designator that only the first one has (RFC 1557).
    "iso2022_kr with its designator": lambda body: (b"\x1b$)C" + body).decode("iso2022_kr"),
}
# Names that Python doesn't know, by what is left of them without their punctuation, and with anything behind them:
# mails name their charset windows-1252http-equiv, _iso-2022-jp$ESC and utf8mb4_unicode_ci.
_CODEPAGES = {
    "932": "shift_jis", "936": "gb18030", "949": "cp949", "950": "cp950", "874": "cp874", "1200": "utf-16",
    "1201": "utf-16-be", "20127": "ascii", "20866": "koi8-r", "20932": "euc_jp", "21866": "koi8-u",
    "50220": "iso2022_jp", "50221": "iso2022_jp", "50222": "iso2022_jp", "50225": "iso2022_kr", "51932": "euc_jp",
    "51936": "gb18030", "51949": "euc_kr", "52936": "hz", "54936": "gb18030", "65000": "utf-7", "65001": "utf-8",
    "10000": "mac_roman",
}  # fmt: skip
_LATINS = {"1": "1", "2": "2", "3": "3", "4": "4", "5": "9", "6": "10", "7": "13", "8": "14", "9": "15", "10": "16"}
_MACS = {
    "roman": "mac_roman", "intosh": "mac_roman", "ce": "mac_latin2", "centraleurope": "mac_latin2",
    "cyrillic": "mac_cyrillic", "ukrainian": "mac_cyrillic", "greek": "mac_greek", "turkish": "mac_turkish",
    "iceland": "mac_iceland", "croatian": "mac_croatian", "romanian": "mac_romanian", "arabic": "mac_arabic",
    "japanese": "shift_jis", "chinesetrad": "big5", "chinesesimp": "gb18030", "korean": "euc_kr",
}  # fmt: skip
_BEFORE = r"(?:charset|microsoft|3d|x|cs)*"
_FAMILIES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = tuple(
    (re.compile(_BEFORE + pattern), meant)
    for pattern, meant in (
        (r"(?:windows|win|cp|ibm|ms|dos|codepage)+(\d{3,5})", lambda found: _CODEPAGES.get(found, f"cp{found}")),
        (r"(?:iso)?8859(1[0-6]|[1-9])", lambda found: f"iso8859-{found}"),
        (r"(?:unicode(?:11|20)?)?utf(7|8|16be|16le|16|32)", lambda found: f"utf-{found}"),
        (r"(hz)", lambda _: "hz"),
        (r"(gb(?:k|2312|18030)|euccn|cngb|chinese)", lambda _: "gb18030"),
        (r"((?:cn)?big5)", lambda _: "big5"),
        (r"(ks[cx]?5601|euckr|uhc|isoir149|korean)", lambda _: "euc_kr"),
        (r"((?:shift|s)jis|mskanji|windows31j)", lambda _: "shift_jis"),
        (r"(eucjp|ujis|eucpkdfmtjapanese)", lambda _: "euc_jp"),
        (r"(iso2022jp|jis7?$)", lambda _: "iso2022_jp"),
        (r"(iso2022kr)", lambda _: "iso2022_kr"),
        (r"koi8?(ru|u|)", lambda found: "koi8-u" if found else "koi8-r"),
        (
            rf"(?:apple|mac)+({'|'.join(sorted(_MACS, key=len, reverse=True))}|$)",
            lambda found: _MACS.get(found, "mac_roman"),
        ),
        (r"(?:iso|win)?latin(10|[1-9])", lambda found: f"iso8859-{_LATINS[found]}"),
        (r"(usascii|ascii|ansi)", lambda _: "ascii"),
        (r"(tis620)", lambda _: "cp874"),
        (r"(visual|logical)$", lambda _: "iso8859-8"),
        (r"(unicodefffe)", lambda _: "utf-16-be"),
        (r"((?:iso10646)?ucs2|unicode$)", lambda _: "utf-16"),
        (r"(cesu8|wtf8)", lambda _: "utf-8"),
    )
)
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
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
    return _declared(body, _by_looks(body, names))


def known(name: str) -> bool:
    """Whether this is a charset that we can read."""
    return bool(_meant(name))


def _by_looks(body: bytes, names: tuple[str, ...]) -> tuple[str, ...]:
    """What is tried before the declared charset, which would take these bytes for control characters."""
    if names[0] in _WINDOWS and _C1.search(body):
        return (_WINDOWS[names[0]], *names)
    return ("cp50220", *names) if names[0] == "iso2022_jp" and b"\x0e" in body else names


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
    if b"\x1b$" in body:
        for name in _MEANT["iso2022_jp"]:
            if text := _decoded(body, name):
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
        if name in _OURS:
            return _OURS[name](body)
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
    codec = _codec(name) or _codec(_family(_PUNCTUATION.sub("", name)))
    if codec in _LATIN:
        return ("cp1252",)
    return _MEANT.get(codec, (codec,)) if codec else ()


def _family(squeezed: str) -> str:
    """The codec that a name with anything before and behind it means, or nothing."""
    for pattern, meant in _FAMILIES:
        if found := pattern.match(squeezed):
            return meant(found.group(1))
    return ""


def _codec(name: str) -> str:
    """The name of Python's codec, or nothing where there is none, or none that makes text of bytes."""
    try:
        found = codecs.lookup(name).name
        if found in _NO_CHARSETS:
            return ""
        b"ab".decode(found, "replace")  # not of b"", which no codec is asked for
    except (LookupError, ValueError):
        return ""
    return found
