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

# Nearly every field: a token, and parameters in ASCII without escapes, comments, charsets and continuations.
_ORDINARY = re.compile(
    r"""([A-Za-z0-9!#$&^_.+-]++ (?: /[A-Za-z0-9!#$&^_.+-]++ )?+) \s*+
    ( (?: ;\s*+ [A-Za-z0-9_-]++ = (?: "[^"\\\x00-\x1f\x7f]*+" | [^\s;,()"'\\]++ ) \s*+ )*+ ) ;?+ \s*+""",
    re.VERBOSE,
)
_ORDINARY_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]+)=(?:"([^"]*)"|([^\s;]+))')
_NO_TOKEN = re.compile(r"\s*(?:file)?name[*0-9]{0,5}\s?=", re.IGNORECASE)
_NO_SEMICOLON = re.compile(r"\s*([^\s;=()\"]{1,200})\s+(?=[A-Za-z0-9*_-]{1,60}\s?=)")
_COMMENT = re.compile(r"\([^()]*\)")
_LAST_QUOTE = re.compile(r'"[ \t]*(?:;|\Z)')
_QUOTE_REACH = 300  # characters: of a name with quotes in its quotes


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """The first token, lower case, and the decoded parameters of Content-Type, Content-Disposition and their like.

    RFC 2231 continuations and charsets, RFC 2047 words inside quotes, missing quotes and semicolons are understood.
    The first of two parameters with one name counts; the extended form (name*) before the plain one.
    """
    if not value:
        return "", {}
    if value.isascii() and b"=?" not in value and (found := _ORDINARY.fullmatch(value.decode("ascii"))):
        return _ordinary(*found.groups())
    unfolded = value.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")
    first, rest = _parted(unfolded)
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, found_value in _raw_parameters(rest):
        segment = _SEGMENT.match(name)
        if not segment:
            if not plain.get(name, "").strip():
                plain[name] = found_value
            continue
        numbers = segments.setdefault(segment.group(1), {})
        extended = segment.group(2) is None or bool(segment.group(3))
        if len(numbers) < _MOST_SEGMENTS:
            numbers.setdefault(int(segment.group(2) or 0), (found_value, extended))
    decoded = {name: text(written.encode("latin-1")) for name, written in plain.items()}
    whole = {name: _extended(numbers) for name, numbers in segments.items() if 0 in numbers or name not in plain}
    return _token(first), decoded | whole


def _ordinary(first: str, rest: str) -> tuple[str, dict[str, str]]:
    found: dict[str, str] = {}
    for name, quoted, bare in _ORDINARY_PARAMETER.findall(rest):
        lower = name.lower()
        found[lower] = found.get(lower) or one_line(quoted or bare)
    return first.lower(), found


def _parted(unfolded: str) -> tuple[str, str]:
    """The first token, and the parameters, also where no semicolon parts the two."""
    if _NO_TOKEN.match(unfolded):
        return "", unfolded
    if lost := _NO_SEMICOLON.match(unfolded):
        return lost.group(1), unfolded[lost.end() :]
    first, _, rest = unfolded.partition(";")
    return first, rest


def _token(first: str) -> str:
    token = first.partition("(")[0].strip(" \t\"'").lower()
    return "/".join(side.strip() for side in token.split("/", 1)) if "/" in token else token


def _raw_parameters(rest: str) -> Iterator[tuple[str, str]]:
    """Names, lower case, and values as they stand, without their quotes."""
    position = 0
    while position < len(rest):
        separator = _TOKEN_END.search(rest, position)
        if not separator:
            return
        name = rest[position : separator.start()]
        name = (_COMMENT.sub(" ", name) if "(" in name else name).strip().lower()
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
        if name.partition("*")[0] in _NAMES and rest[end + 1 : end + 2].strip(
            " \t;("
        ):  # a name with quotes in its quotes
            last = _LAST_QUOTE.search(rest, end + 1, end + _QUOTE_REACH)
            end = last.start() if last else end
        return end + 1, _ESCAPE.sub(r"\1", rest[position + 1 : end])
    if name.partition("*")[0] in _NAMES:  # may have spaces, though nobody quoted it
        end = rest.find(";", position)
        end = len(rest) if end < 0 else end
        return end, rest[position:end].strip()
    word = _WORD.match(rest, position)
    return (word.end(), word.group()) if word else (position, "")


def _extended(numbers: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 section 4.1: the segments in order. Where one is missing the others still tell more than nothing."""
    charset, parts = "", []
    for place, number in enumerate(sorted(numbers)):
        value, extended = numbers[number]
        if extended and not place:
            charset, value = _charset(value)
        raw = value.encode("latin-1")
        parts.append(_PERCENT.sub(_byte, raw) if extended else raw)
    joined = b"".join(parts)
    return one_line(charsets.to_text(joined, charset)) if charset else text(joined)


def _charset(value: str) -> tuple[str, str]:
    """The charset before a value, and the value: utf-8'en'a, and utf-8'a where half of the quotes were lost."""
    if value.count("'") >= 2:
        charset, _, rest = value.split("'", 2)
        return charset, rest
    charset, _, rest = value.partition("'")
    return (charset, rest) if rest and charsets.known(charset) else ("", value)


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match.group(1).decode("ascii"))
