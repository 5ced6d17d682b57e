"""Values of header fields: text, parameters, addresses, ids and dates, in every form that mail has.

Everything here takes raw bytes, never raises on them, and takes time linear in their length.
"""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from itertools import groupby, islice
from operator import itemgetter

from postroom.ids import MessageId
from postroom.message import Address
from postroom.mime import charsets, transfer

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\x85]+")
_WORD_START = re.compile(rb"=\?([^?\s=]{1,60})\?([bBqQ])\?")
_ID = re.compile(r"<([^<>]{1,998})>")
_MOST_IDS = 1000
MOST_ADDRESSES = 25_000  # SES takes 50 recipients; header lines were seen with thousands
_DATE_LENGTH = 200  # characters; the longest honest ones have 60


# --- Text: RFC 2047, and what is sent instead of it ------------------------------------------------------------------


def text(value: bytes, charset: str | None = None) -> str:
    """The decoded, unfolded text of a field: one line, without control characters.

    Knows encoded words (RFC 2047) also where they are broken: spaces inside, the end missing, a character split over
    two words, an unknown charset, no space around them. Raw bytes are UTF-8 (RFC 6532), or
    in `charset`: that of the mail's text is the best guess.
    """
    if b"=?" not in value:
        return _one_line(_raw(value, charset))
    return _one_line("".join(_decoded(_pieces(value), charset)))


def _raw(value: bytes, charset: str | None) -> str:
    try:
        return value.decode("utf-8") if b"\x1b" not in value else charsets.to_text(value, charset)
    except UnicodeDecodeError:
        return charsets.to_text(value, charset)


def _one_line(decoded: str) -> str:
    return _CONTROLS.sub(" ", decoded).strip()


#: charset ("" for text outside of encoded words) and bytes.
_Piece = tuple[str, bytes]


def _pieces(value: bytes) -> Iterator[_Piece]:
    """The encoded words and what stands between them, in order; white space between two of them is left out."""
    position, after_word = 0, False
    for start, end, piece in _words(value):
        between = value[position:start]
        if between and not (after_word and not between.strip()):
            yield "", between
        yield piece
        position, after_word = end, True
    if position < len(value):
        yield "", value[position:]


def _words(value: bytes) -> Iterator[tuple[int, int, _Piece]]:
    """Start, end, charset and bytes of each encoded word. Every byte is looked at a bounded number of times."""
    position = value.find(b"=?")
    while position >= 0:
        opening = _WORD_START.match(value, position)
        if not opening:
            position = value.find(b"=?", position + 2)
            continue
        encoded, end = _encoded(value, opening.end())
        data = _word(opening.group(2), encoded)
        yield position, end, (opening.group(1).decode("ascii", "replace").lower(), data)
        position = value.find(b"=?", end)


def _encoded(value: bytes, start: int) -> tuple[bytes, int]:
    """The encoded text that begins here, and where its word ends; a word without ?= ends before the next one."""
    end = value.find(b"?=", start)
    following = value.find(b"=?", start, end if end >= 0 else len(value))
    # "?=?" of an ending that is followed by a question mark is no opening: the regular expression tells.
    if following >= 0 and _WORD_START.match(value, following):
        return value[start:following].rstrip(), following
    if end >= 0:
        return value[start:end], end + 2
    return value[start:], len(value)


def _word(encoding: bytes, encoded: bytes) -> bytes:
    if encoding in b"bB":
        return transfer.decode("base64", encoded)
    return binascii.a2b_qp(encoded.replace(b"\r", b"").replace(b"\n", b""), header=True)


def _decoded(pieces: Iterator[_Piece], charset: str | None) -> Iterator[str]:
    """Adjacent words of one charset are joined before they are decoded: senders cut characters in two."""
    for name, run in groupby(pieces, key=itemgetter(0)):
        joined = b"".join(data for _, data in run)
        yield charsets.to_text(joined, name) if name else _raw(joined, charset)


# --- Parameters: RFC 2045, RFC 2231 ----------------------------------------------------------------------------------

_TOKEN_END = re.compile(r"[;=]")
_SEGMENT = re.compile(r"([^*]{1,60})\*(?:(\d{1,3})(\*?))?$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
_NAMES = frozenset({"name", "filename"})
_MOST_SEGMENTS = 500


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """The first token, lower case, and the decoded parameters of Content-Type, Content-Disposition and their like.

    RFC 2231 continuations and charsets, RFC 2047 words inside quotes, missing quotes and semicolons are understood.
    The first of two parameters with one name counts; the extended form (name*) before the plain one.
    """
    unfolded = value.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")
    first, _, rest = unfolded.partition(";")
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, found in _raw_parameters(rest):
        segment = _SEGMENT.match(name)
        if not segment:
            plain.setdefault(name, found)
            continue
        numbers = segments.setdefault(segment.group(1), {})
        extended = segment.group(2) is None or bool(segment.group(3))
        if len(numbers) < _MOST_SEGMENTS:
            numbers.setdefault(int(segment.group(2) or 0), (found, extended))
    decoded = {name: text(found.encode("latin-1")) for name, found in plain.items()}
    decoded.update({name: _extended(numbers) for name, numbers in segments.items() if 0 in numbers})
    return _token(first), decoded


def _token(first: str) -> str:
    return first.partition("(")[0].strip(" \t\"'").lower()


def _raw_parameters(rest: str) -> Iterator[tuple[str, str]]:
    """Names, lower case, and values as they stand, without their quotes."""
    position = 0
    while position < len(rest):
        separator = _TOKEN_END.search(rest, position)
        if not separator:
            return
        name = rest[position : separator.start()].strip().lower()
        position = separator.end()
        if separator.group() == ";":
            continue
        position, value = _value(rest, position, name)
        if name:
            yield name, value


def _value(rest: str, position: int, name: str) -> tuple[int, str]:
    """Where the parameter's value ends, and the value."""
    while position < len(rest) and rest[position] in " \t":
        position += 1
    if rest[position : position + 1] == '"':
        quoted = _QUOTED.match(rest, position + 1)
        end = quoted.end() if quoted else position + 1
        return end + 1, _ESCAPE.sub(r"\1", rest[position + 1 : end])
    end = rest.find(";", position)
    end = len(rest) if end < 0 else end
    value = rest[position:end].strip()
    if name.partition("*")[0] in _NAMES:
        return end, value
    word = value.partition("(")[0].split(None, 1)
    if len(word) == 2 and "=" in word[1]:  # no semicolon before the next parameter
        return position + len(word[0]) + 1, word[0]
    return end, word[0] if word else ""


def _extended(numbers: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 section 4.1: the segments in order, up to the first that is missing."""
    charset, parts = "", []
    for number in range(len(numbers)):
        if number not in numbers:
            break
        value, extended = numbers[number]
        if extended and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw = value.encode("latin-1")
        parts.append(_PERCENT.sub(_byte, raw) if extended else raw)
    joined = b"".join(parts)
    return _one_line(charsets.to_text(joined, charset)) if charset else text(joined)


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match.group(1).decode("ascii"))


# --- Addresses: RFC 5322 section 3.4 ---------------------------------------------------------------------------------

# Every alternative consumes what it looked at, so that the whole is linear. A comment or a quoted string may lack its
# end: then it goes up to the end of the field.
_PART = re.compile(
    r"""
      (?P<space>[\s\x00]+)
    | (?P<word>=\?[^?\s"(),<>]{1,60}\?[bBqQ]\?[^?"<>]{0,2000}\?=)
    | "(?P<quoted>(?:[^"\\]|\\.)*)"?
    | <(?P<angle>[^<>"]{0,1000}(?:"[^"]{0,1000}"[^<>"]{0,1000})?)>?
    | (?P<comment>\()
    | (?P<literal>\[[^\[\]\s]{0,100}\]?)
    | (?P<mark>[,;:])
    | (?P<junk>[>)\]])
    | (?P<atom>[^\s\x00"(),:;<>\[\]]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_SPACES = re.compile(r"\s+")
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)


def addresses(value: bytes, charset: str | None = None) -> tuple[Address, ...]:
    """The mailboxes of an address field, groups flattened. Something without an @ is kept as it stands.

    `charset` is that of raw bytes which are not UTF-8.
    """
    if not value.isascii() or b"\x1b" in value:  # the second bytes of some charsets look like quotes and brackets
        value = _raw(value, charset).encode("utf-8", "replace")
    return tuple(islice(_Mailboxes(value.decode("latin-1")).all(), MOST_ADDRESSES))


class _Mailboxes:
    """One pass over an address field. What stands between two separators is one mailbox."""

    def __init__(self, value: str) -> None:
        self.value = value
        self._clear()

    def _clear(self) -> None:
        self.words: list[str] = []  # without their quotes, with the white space between them
        self.sent: list[str] = []  # the same as they were sent
        self.comments: list[str] = []
        self.angle: str | None = None
        self.named = 0  # how many words stand before the angle brackets

    def all(self) -> Iterator[Address]:
        position = 0
        while position < len(self.value):
            part = _PART.match(self.value, position)
            if not part:  # cannot be: the alternatives cover every character
                position += 1
                continue
            position = part.end()
            match part.lastgroup:
                case "comment":
                    position = self._comment(position)
                case "mark" if part.group() == ":":
                    self._colon()
                case "mark":
                    yield from self._mailbox()
                case "angle":
                    yield from self._brackets(part.group("angle").strip(), part.group().endswith(">"))
                case "quoted":
                    self._word(_BACKSLASH.sub(r"\1", part.group("quoted")), part.group())
                case "junk":
                    pass
                case _:
                    self._word(part.group(), part.group())
        yield from self._mailbox()

    def _word(self, word: str, sent: str) -> None:
        self.words.append(word)
        self.sent.append(sent)

    def _comment(self, position: int) -> int:
        """Keeps the comment that was opened just before; where it ends."""
        depth, start = 1, position
        for mark in _PARENTHESIS.finditer(self.value, position):
            depth += {"(": 1, ")": -1}.get(mark.group(), 0)
            if not depth:
                self.comments.append(self.value[start : mark.start()])
                return mark.end()
        self.comments.append(self.value[start:])
        return len(self.value)

    def _colon(self) -> None:
        """A group's name is not part of its first mailbox. An address with a colon in it is no group."""
        if self.angle is None and not any("@" in word for word in self.words):
            self._clear()
        else:
            self._word(":", ":")

    def _brackets(self, inside: str, closed: bool) -> Iterator[Address]:
        if not inside and not closed:  # "<<": one too many
            return
        if self.angle:  # the separator is missing: what was read since then is the name of the next
            following = self.words[self.named :]
            del self.words[self.named :]
            yield from self._mailbox()
            self.words, self.sent = following, following.copy()
        self.angle, self.named = inside or self.angle or "", len(self.words)

    def _mailbox(self) -> Iterator[Address]:
        words, sent, angle = "".join(self.words).strip(), "".join(self.sent).strip(), self.angle
        comments = " ".join(self.comments)
        self._clear()
        if angle is not None:
            mailbox = Address(name=_name(words or comments), address=_spec(angle))
            if mailbox.name or mailbox.address:
                yield mailbox
        elif sent:
            yield from _bare(words, sent, comments)


def _bare(words: str, sent: str, comments: str) -> Iterator[Address]:
    """A mailbox without angle brackets: an address, the old form "address (Name)", or something that is neither."""
    several = sent.split()
    specs = [word for word in several if "@" in word[1:-1]]
    if '"' in sent and "@" in sent:  # a quoted local part
        yield Address(name=_name(comments), address=_spec(sent))
    elif "@" not in sent and ('"' in sent or len(several) > 1):
        yield Address(name=_name(words or comments), address="")
    elif len(specs) == len(several):  # one, or several without their commas
        yield from (Address(name=_name(comments), address=_spec(word)) for word in specs)
    elif specs and several[several.index(specs[0]) + 1 :][:1] != ["."]:  # not "a@example . com"
        rest = " ".join(word for word in several if word not in specs[:1])
        yield Address(name=_name(rest or comments), address=_spec(specs[0]))
    else:
        yield Address(name=_name(comments), address=_spec(sent))


def _name(raw: str) -> str:
    return _SPACES.sub(" ", text(raw.encode("latin-1")))


def _spec(raw: str) -> str:
    """The addr-spec: without white space, source route and mailto."""
    decoded = _COMMENT.sub("", text(raw.encode("latin-1")))
    compact = decoded if '"' in decoded else "".join(decoded.split())
    if compact.startswith("@") and ":" in compact:  # RFC 5322 section 4.4: a route that nobody follows
        compact = compact.partition(":")[2]
    return compact.removeprefix("mailto:")


# --- Ids and dates ---------------------------------------------------------------------------------------------------


def message_ids(value: bytes) -> tuple[MessageId, ...]:
    """The ids of Message-ID, In-Reply-To or References without angle brackets, in order, each once."""
    decoded = text(value)
    found = ["".join(i.split()) for i in _ID.findall(decoded)]
    if not found:
        found = [word.strip("<>,;\"'") for word in decoded.split() if "@" in word or " " not in decoded]
    return tuple(MessageId(i) for i in list(dict.fromkeys(i for i in found if i))[:_MOST_IDS])


def date(value: bytes) -> str | None:
    """A Date field as ISO 8601 with its offset (+00:00 where none is given); None for what is no date."""
    written = text(value[:_DATE_LENGTH])
    try:
        moment = _rfc5322(written) or datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _rfc5322(written: str) -> datetime | None:
    fields = parsedate_tz(written)
    if fields is None:
        return None
    offset = fields[9]
    return datetime(*fields[:6], tzinfo=timezone(timedelta(seconds=offset or 0)))
