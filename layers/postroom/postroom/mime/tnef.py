"""TNEF, Outlook's envelope that arrives as winmail.dat: its files and bodies, as ranges of the bytes that hold them.

MS-OXTNEF; property types and ids are of MS-OXCDATA and MS-OXPROPS. Nothing is copied but names. The reader goes over
the bytes once for each message inside a message, and stops where they make no sense: what stood before that is kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from postroom.mime import charsets

SIGNATURE = b"\x78\x9f\x3e\x22"
DEEPEST = 5  # messages inside messages
MOST_ATTRIBUTES, MOST_PROPERTIES, MOST_FILES = 10_000, 100_000, 1_000  # of a stream and all that are inside it
MOST_BODY = 4 << 20  # bytes of a body that become text
_LONGEST_NAME = 2_000  # bytes

_WIDE, _NARROW, _BINARY, _OBJECT = 0x1F, 0x1E, 0x102, 0x0D
_VARIABLE = frozenset({_WIDE, _NARROW, _BINARY, _OBJECT})
_MULTIPLE = 0x1000
_FIRST_NAMED = 0x8000
# Bytes of a value of each type, as written: padded to four.
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}

_TEXT, _RTF, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_FILE_DATA, _SHORT_NAME, _LONG_NAME, _MEDIA_TYPE, _CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
_DISPLAY_NAME = 0x3001
_INTERFACE = 16  # bytes: the IID before an object's data
_CHARSETS = {20127: "us-ascii", 20866: "koi8-r", 21866: "koi8-u", 51932: "euc-jp", 51949: "euc-kr", 52936: "hz"}
_CHARSETS |= {54936: "gb18030", 65000: "utf-7", 65001: "utf-8", 1200: "utf-16-le", 10000: "mac-roman"}
_CHARSETS |= {28590 + n: f"iso-8859-{n}" for n in range(1, 17)} | dict.fromkeys((50220, 50221, 50222), "iso-2022-jp")


class _Attribute(IntEnum):
    """The attributes that are read, by the lower half of their id (MS-OXTNEF section 2.1.3.1)."""

    FILE = 0x9002  # begins an attachment
    TITLE = 0x8010
    DATA = 0x800F
    PROPERTIES = 0x9005  # of an attachment
    MESSAGE = 0x9003  # properties of the message
    CODEPAGE = 0x9007
    BODY = 0x800C


@dataclass(frozen=True, slots=True)
class Value:
    """The bytes of a property or attribute, and what type they have (MS-OXCDATA section 2.11.1)."""

    kind: int
    data: memoryview

    def text(self, charset: str | None, most: int = MOST_BODY) -> str:
        """As text, up to its first NUL. `charset` counts where the type is not UTF-16."""
        raw = bytes(self.data[:most])
        if self.kind == _WIDE:
            return raw.decode("utf-16-le", "replace").partition("\0")[0]
        return charsets.to_text(raw.partition(b"\0")[0], charset)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One attachment. `message` is what its data hold where they are an attached message, itself TNEF."""

    name: str | None
    content_type: str | None
    content_id: str | None
    data: memoryview
    message: "Tnef | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tnef:
    """One message. `rtf` is still compressed (postroom.mime.rtf). `whole` is False where reading stopped early."""

    files: tuple[File, ...]
    rtf: memoryview | None
    whole: bool
    plain: Value | None
    page: Value | None
    charset: str
    page_charset: str | None

    def text(self) -> str:
        """The plain body, or nothing."""
        return self.plain.text(self.charset).replace("\r\n", "\n") if self.plain else ""

    def html(self) -> str:
        """The HTML body, or nothing. Its charset is the message's PidTagInternetCodepage, or what it says itself."""
        return self.page.text(self.page_charset) if self.page else ""


def open(data: bytes) -> Tnef | None:
    """The message in these bytes, or None where they are no TNEF. Never raises; linear in the size of the bytes."""
    return _Stream(memoryview(data), _Budget(), DEEPEST).read() if data.startswith(SIGNATURE) else None


@dataclass(slots=True)
class _Budget:
    """What may still be read of a stream, and of those inside it."""

    attributes: int = MOST_ATTRIBUTES
    properties: int = MOST_PROPERTIES
    files: int = MOST_FILES


class _Cut(Exception):
    """The bytes end, or make no sense, or the budget is spent."""


@dataclass(slots=True)
class _Cursor:
    """Bytes that are taken from the front."""

    data: memoryview
    at: int = 0

    def take(self, size: int, padded: int = 1) -> memoryview:
        """The next `size` bytes. What pads them to a multiple of `padded` is passed over, and may be missing."""
        end = self.at + size
        if end > len(self.data):
            raise _Cut
        taken = self.data[self.at : end]
        self.at = min(end + -size % padded, len(self.data))
        return taken

    def number(self) -> int:
        (number,) = struct.unpack("<I", self.take(4))
        return int(number)


@dataclass(slots=True)
class _Draft:
    """What is known so far of an attachment (or, without title, of the message): its properties by id."""

    title: Value | None = None
    data: memoryview | None = None
    properties: dict[int, Value] = field(default_factory=dict)


@dataclass(slots=True)
class _Stream:
    data: memoryview
    budget: _Budget
    depth: int
    codepage: int = 1252
    body: Value | None = None
    message: _Draft = field(default_factory=_Draft)
    drafts: list[_Draft] = field(default_factory=list)

    def read(self) -> Tnef:
        whole = self._attributes()
        known = self.message.properties
        page_number = known.get(_INTERNET_CODEPAGE)
        rtf = known.get(_RTF)
        return Tnef(
            files=tuple(file for draft in self.drafts if (file := self._file(draft))),
            rtf=rtf.data if rtf else None,
            whole=whole,
            plain=known.get(_TEXT) or self.body,
            page=known.get(_HTML),
            charset=_charset(self.codepage),
            page_charset=_charset(int.from_bytes(page_number.data[:4], "little")) if page_number else None,
        )

    def _attributes(self) -> bool:
        """Reads level, id, length, data and checksum until the end. The checksum is no matter: many writers err."""
        cursor = _Cursor(self.data, len(SIGNATURE) + 2)
        try:
            while cursor.at < len(self.data):
                self.budget.attributes -= 1
                level = cursor.take(1)[0]
                if level not in (1, 2) or self.budget.attributes < 0:
                    raise _Cut  # noqa: TRY301 - it is caught where what was read so far is kept
                name = cursor.number() & 0xFFFF
                value = cursor.take(cursor.number())
                self._attribute(name, value)
                cursor.take(min(2, len(self.data) - cursor.at))
        except _Cut:
            return False
        return True

    def _attribute(self, name: int, value: memoryview) -> None:
        match name:
            case _Attribute.CODEPAGE if len(value) >= 4:
                self.codepage = int.from_bytes(value[:4], "little")
            case _Attribute.BODY:
                self.body = Value(_NARROW, value)
            case _Attribute.MESSAGE:
                self._properties(value, self.message)
            case _Attribute.FILE:
                self._begin()
            case _Attribute.TITLE:
                self._current().title = Value(_NARROW, value)
            case _Attribute.DATA:
                self._current().data = value
            case _Attribute.PROPERTIES:
                self._properties(value, self._current())

    def _begin(self) -> None:
        self.budget.files -= 1
        if self.budget.files < 0:
            raise _Cut
        self.drafts.append(_Draft())

    def _current(self) -> _Draft:
        if not self.drafts:
            self._begin()
        return self.drafts[-1]

    def _properties(self, data: memoryview, onto: _Draft) -> None:
        """Keeps the first value of each property that has an id of its own."""
        for number, value in _values(_Cursor(data), self.budget):
            onto.properties.setdefault(number, value)

    def _file(self, draft: _Draft) -> File | None:
        data, is_object = self._data(draft)
        name = self._name(draft)
        if not data and not name:
            return None
        message = None
        if is_object and self.depth > 1 and data[: len(SIGNATURE)] == SIGNATURE:
            message = _Stream(data, self.budget, self.depth - 1, self.codepage).read()
        return File(
            name=name,
            content_type=self._text(draft, _MEDIA_TYPE),
            content_id=self._text(draft, _CONTENT_ID),
            data=data,
            message=message,
        )

    def _data(self, draft: _Draft) -> tuple[memoryview, bool]:
        """The bytes, and whether they are an object's: for those attAttachData has only an excuse for old clients."""
        value = draft.properties.get(_FILE_DATA)
        if value and value.kind == _OBJECT and len(value.data) > _INTERFACE:
            return value.data[_INTERFACE:], True
        return draft.data or (value.data if value else memoryview(b"")), False

    def _name(self, draft: _Draft) -> str | None:
        """The long name before the title, which is the 8.3 name where there is a long one."""
        title = draft.title.text(_charset(self.codepage), _LONGEST_NAME).strip() if draft.title else ""
        long = self._text(draft, _LONG_NAME)
        return long or title or self._text(draft, _SHORT_NAME) or self._text(draft, _DISPLAY_NAME)

    def _text(self, draft: _Draft, number: int) -> str | None:
        value = draft.properties.get(number)
        if value is None or value.kind not in (_WIDE, _NARROW):
            return None
        return value.text(_charset(self.codepage), _LONGEST_NAME).strip() or None


def _charset(codepage: int) -> str:
    return _CHARSETS.get(codepage, f"cp{codepage}")


def _values(cursor: _Cursor, budget: _Budget) -> Iterator[tuple[int, Value]]:
    """Id and first value of each property (MS-OXTNEF section 2.1.3.4), as far as they make sense."""
    try:
        for _ in range(cursor.number()):
            budget.properties -= 1
            if budget.properties < 0:
                return
            kind, number = struct.unpack("<HH", cursor.take(4))
            if number >= _FIRST_NAMED:
                _pass_name(cursor)
            value = _value(cursor, kind, budget)
            if value and number < _FIRST_NAMED:
                yield number, value
    except _Cut:
        return


def _pass_name(cursor: _Cursor) -> None:
    """A named property says its GUID, and its number or its name."""
    cursor.take(16)
    if cursor.number() == 0:
        cursor.take(4)
    else:
        cursor.take(cursor.number(), padded=4)


def _value(cursor: _Cursor, kind: int, budget: _Budget) -> Value | None:
    """The first of a property's values; the others are passed over. A string has a count even where it is alone."""
    single = kind & ~_MULTIPLE
    if single in _VARIABLE:
        first = None
        for _ in range(cursor.number()):
            budget.properties -= 1  # a value of no length costs its writer four bytes, and us a turn of this loop
            if budget.properties < 0:
                raise _Cut
            data = cursor.take(cursor.number(), padded=4)
            first = first or Value(single, data)
        return first
    if single not in _FIXED:
        raise _Cut
    count = cursor.number() if kind & _MULTIPLE else 1
    data = cursor.take(count * _FIXED[single])
    return Value(single, data[: _FIXED[single]]) if count else None
