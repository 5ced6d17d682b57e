"""Header-like fields in the text of a report: RFC 3464 and 5965 bodies, and the headers of a returned message."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,60})[ \t]{0,8}:(.*)", re.DOTALL)
_MOST_LINES = 20_000
_LONGEST_VALUE = 8_000

#: An address as it stands in reports. The domain needs a dot or brackets: "user@host" is no address on the internet.
ADDRESS = re.compile(
    r"(?:\"[^\"\r\n]{1,64}\"|[^\s<>()\[\]:;,\"'@\\：；，、。（）「」【】]{1,80}(?:'[^\s<>()\[\]:;,\"'@\\]{1,80})?)"
    r"@(?:[\w](?:[\w-]{0,62})(?:\.[\w-]{1,63}){1,10}|\[[\d.]{7,15}\])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields between two blank lines: lower-case names, unfolded values, in order."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first value of the field, or an empty string."""
        return next(iter(self.values.get(name, ())), "")


def groups(text: str, starts: frozenset[str] = frozenset()) -> Iterator[Group]:
    """The groups of fields in the text. A field of `starts` begins a new group where its group has one already.

    Lines that are no field are passed over. Linear in the text; at most 20,000 lines are looked at.
    """
    values: dict[str, list[str]] = {}
    for name, value in _fields(text):
        if not name or (name in starts and name in values):
            if values:
                yield Group(values=values)
            values = {}
        if name:
            values.setdefault(name, []).append(value)
    if values:
        yield Group(values=values)


def headers(text: str) -> Group:
    """The header block that the text begins with."""
    return next(groups(text.lstrip("\r\n \t")), Group())


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each field; an empty name for a blank line."""
    name, lines = "", list[str]()
    for line in text.splitlines()[:_MOST_LINES]:
        if line[:1] in (" ", "\t") and name and line.strip():
            lines.append(line.strip())
            continue
        if name:
            yield name, " ".join(lines)[:_LONGEST_VALUE]
            name = ""
        if not line.strip():
            yield "", ""
        elif found := _FIELD.match(line[:_LONGEST_VALUE]):
            name, lines = found[1].lower(), [found[2].strip()]
    if name:
        yield name, " ".join(lines)[:_LONGEST_VALUE]


def address_in(value: str) -> str | None:
    """The first address in a field's value, without brackets and trailing dots."""
    found = ADDRESS.search(value[:_LONGEST_VALUE])
    return found[0].rstrip(".") if found else None
