"""The mailboxes of an address field: RFC 5322 section 3.4, and what is sent instead of it."""

import re
from collections.abc import Iterator
from itertools import islice

from postroom.message import Address
from postroom.mime.words import one_line, raw_text, text

LONGEST_ADDRESS = 500  # bytes in UTF-8; RFC 5321 section 4.5.3.1 allows 320. Longer ones would burst keys and items
MOST_ADDRESSES = 25_000  # SES takes 50 recipients; header lines were seen with thousands

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
# A mailbox as most programs write it, with its separator: what this takes, the rules below would take for the same.
_ORDINARY = re.compile(
    r"""[ \t]*+ (?: (?: "([^"\\]*+)" | ([^\s\x00"(),:;<>\[\]@]++ (?:[ \t]++[^\s\x00"(),:;<>\[\]@]++)*+) )?+ [ \t]*+
    < ([A-Za-z0-9._%+'/&#~!$*^{|}-]{1,64}+ @ [A-Za-z0-9.-]{1,255}+) >
    | ([A-Za-z0-9._%+'/&#~!$*^{|}-]{1,64}+ @ [A-Za-z0-9.-]{1,255}+) )
    [ \t]*+ (,|\Z)""",
    re.VERBOSE,
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
        value = raw_text(value, charset).encode("utf-8", "replace")
    written = value.decode("latin-1")
    return _ordinary(written) or tuple(islice(_Mailboxes(written).all(), MOST_ADDRESSES))


def _ordinary(value: str) -> tuple[Address, ...]:
    """All mailboxes of a field that has only such as most programs write; none where there is any other."""
    found: list[Address] = []
    position = 0
    while mailbox := _ORDINARY.match(value, position):
        quoted, name, angle, bare, separator = mailbox.groups()
        written = quoted or name
        found.append(Address(name=_name(written.strip()) if written else "", address=angle or bare))
        position = mailbox.end()
        if not separator or len(found) == MOST_ADDRESSES:
            return tuple(found)
    return ()


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
        self.at = False  # whether any of the words has an @

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
        self.at = self.at or "@" in sent

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
        if self.angle is None and not self.at:
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
    """The addr-spec: without white space, source route and mailto.

    Encoded words are read only where nothing else has an @: RFC 2047 section 5 forbids them in an addr-spec, and who
    checks DMARC sees `<=?utf-8?b?dmljdGltQGdtYWlsLmNv@bQ.IO>` as a mailbox at bq.io, not as victim@gmail.com.
    """
    value = raw.encode("latin-1")
    decoded = _COMMENT.sub("", one_line(raw_text(value, None)) if "@" in raw else text(value))
    compact = decoded if '"' in decoded else "".join(decoded.split())
    if compact.startswith("@") and ":" in compact:  # RFC 5322 section 4.4: a route that nobody follows
        compact = compact.partition(":")[2]
    spec = compact.removeprefix("mailto:")
    return spec if len(spec.encode("utf-8", "replace")) <= LONGEST_ADDRESS else ""
