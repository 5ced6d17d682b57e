"""The links of an HTML text, found and replaced in one pass from its beginning to its end.

HTML Standard, section 13.2.5 (tokenization), as much of it as finds where a tag ends. A quote or comment that is never
closed swallows the rest, here as in a browser. Never more than one look at a character and one ahead: linear.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_LINKS = 250  # links of a mail that are replaced

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9:-]*")
_GAP = re.compile(r"[\s/=]*")
_NAME = re.compile(r"[^\s=>/]+")
_EQUALS = re.compile(r"\s*=\s*")
_BARE = re.compile(r"[^\s>]*")
_RAW_TEXT = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "title", "textarea", "xmp")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """`text[start:end]` is all of it, `value` what stands in its quotes, still escaped."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The opening tag of a link."""

    attributes: tuple[Attribute, ...]

    def get(self, name: str) -> Attribute | None:
        return next((one for one in self.attributes if one.name == name), None)


def anchors(html: str) -> Iterator[Anchor]:
    """The `<a>` tags in their order; not those in comments or scripts."""
    position = 0
    while (start := html.find("<", position)) >= 0:
        if html.startswith("<!--", start):
            position = _after(html, "-->", start + 4)
            continue
        name = _TAG.match(html, start + 1)
        if name is None:
            position = start + 1
            continue
        attributes, position = _attributes(html, name.end())
        word = name.group().lower()
        if word == "a" and position <= len(html):
            yield Anchor(attributes=tuple(attributes))
        elif word in _RAW_TEXT:
            close = _RAW_TEXT[word].search(html, position)
            position = close.start() if close else len(html)


def _attributes(html: str, position: int) -> tuple[list[Attribute], int]:
    """The attributes of a tag, and where it ends; beyond the end of the text where it never does."""
    found: list[Attribute] = []
    while True:
        position = _matched(_GAP, html, position)
        name = _NAME.match(html, position)
        if name is None:
            return found, position + 1  # here is ">", or the end
        equals = _EQUALS.match(html, name.end())
        value, position = _value(html, equals.end()) if equals else ("", name.end())
        found.append(Attribute(name=name.group().lower(), value=value, start=name.start(), end=position))


def _value(html: str, position: int) -> tuple[str, int]:
    quote = html[position : position + 1]
    if quote and quote in "\"'":
        close = html.find(quote, position + 1)
        return ("", len(html) + 1) if close < 0 else (html[position + 1 : close], close + 1)
    end = _matched(_BARE, html, position)
    return html[position:end], end


def _matched(pattern: re.Pattern[str], html: str, position: int) -> int:
    found = pattern.match(html, position)
    return found.end() if found else position


def _after(html: str, end: str, position: int) -> int:
    found = html.find(end, position)
    return len(html) if found < 0 else found + len(end)


def replaced(html: str, replace: Callable[[Anchor], dict[Attribute, str]]) -> str:
    """The text with attributes of its links replaced: `replace` says by what, "" takes one away."""
    pieces: list[str] = []
    done = 0
    for number, anchor in enumerate(anchors(html)):
        if number >= MAX_LINKS:
            break
        for attribute, fresh in sorted(replace(anchor).items(), key=lambda one: one[0].start):
            pieces += [html[done : attribute.start], fresh]
            done = attribute.end
    return "".join([*pieces, html[done:]])
