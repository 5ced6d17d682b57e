"""The parameters of Content-Type, Content-Disposition and their like: RFC 2045 section 5.1, RFC 2231."""

import re
from collections.abc import Iterator

from postroom.mime import charsets
from postroom.mime.words import one_line, text

_TOKEN_END = re.compile(r"[;=]")
_SEGMENT = re.compile(r"([^*]{1,60})\*(?:(\d{1,3})(\*?))?$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
_WORD = re.compile(r"[^;\s(]+")
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
    if name.partition("*")[0] in _NAMES:  # may have spaces, though nobody quoted it
        end = rest.find(";", position)
        end = len(rest) if end < 0 else end
        return end, rest[position:end].strip()
    word = _WORD.match(rest, position)
    return (word.end(), word.group()) if word else (position, "")


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
    return one_line(charsets.to_text(joined, charset)) if charset else text(joined)


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match.group(1).decode("ascii"))
