"""What of an HTML mail its reader sees, kept up to date while elements open and close."""

from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from turbohtml import Document, Element, Node

from postroom.mime.colours import old_colour
from postroom.mime.css import Rule, Sheet, declarations, on_screen, sheet
from postroom.mime.looks import ATTRIBUTES, Look, hides, understood

_MAX_CLASSES = 100  # of one element that are looked at


class Around(NamedTuple):
    """What an element changed when it opened: how things looked around it, and the names that it brought in."""

    look: Look
    names: tuple[str, ...]


class Styles:
    """The look of the place in a mail that is being read, by the style elements and what the open elements say."""

    def __init__(self, document: Node) -> None:
        styles = document.find_all("style") if isinstance(document, Document) else ()
        self._rules: Sheet = sheet((style.text for style in styles if _counts(style)), understood)
        self._open: Counter[str] = Counter()  # types, classes and ids of the elements that are open
        self._look = Look()
        self._known: dict[tuple[object, ...], _Said] = {}
        self._looks: dict[tuple[object, ...], Look] = {}
        self.seen = True

    def enter(self, element: Element) -> Around | None:
        """Opens an element. What to give to `leave` afterwards; None where nothing in it is seen: it stays closed."""
        names = _names(element) if self._rules.rules else ()
        attributes = element.attrs
        said = self._said(element, names) if attributes or names else None
        if (said and said.hides(element.tag)) or (_starts_hidden(element) and not (said and "display" in said.style)):
            return None
        around = Around(self._look, names)
        self._open.update(names)
        link = element.tag == "a" and attributes.get("href") is not None
        if said or link:
            self._now(self._after(said, link))
        return around

    def leave(self, around: Around) -> None:
        """Closes the element."""
        self._open.subtract(around.names)
        self._now(around.look)

    def _now(self, look: Look) -> None:
        if look is not self._look:
            self._look, self.seen = look, look.seen

    def _after(self, said: "_Said | None", link: bool) -> Look:
        """The look inside an element. Kept: most elements of a mail are like another one."""
        key = (self._look, said and said.key, link)
        if key not in self._looks:
            _bound(self._looks)
            look = self._look.of_link() if link else self._look
            self._looks[key] = look.of(said.style) if said else look
        return self._looks[key]

    def _said(self, element: Element, names: tuple[str, ...]) -> "_Said | None":
        """What is said of an element's look: by old attributes, by the rules that fit, by its own style, in that order;
        then by what is important (CSS Cascade 4 section 6.1)."""
        rules = self._rules.of(names, self._open) if names else []
        attributes = element.attrs
        written = (attributes.get("style"), *(_old(element, name) for name in ATTRIBUTES))
        if not rules and not any(written):
            return None
        key = (*written, *(rule.order for rule in rules))
        if key not in self._known:
            _bound(self._known)
            self._known[key] = _Said(key, _style(written, rules))
        return self._known[key]


_V = TypeVar("_V")
_MOST_KEPT = 5_000  # of each sort; then they are worked out anew


def _bound(kept: MutableMapping[tuple[object, ...], _V]) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()


@dataclass(slots=True)
class _Said:
    """What is said of the look of all elements that are alike."""

    key: tuple[object, ...]
    style: dict[str, str]
    box: bool = field(init=False)
    cell: bool = field(init=False)

    def __post_init__(self) -> None:
        self.box = hides(self.style)
        self.cell = self.box and hides(self.style, cell=True)  # what hides a cell hides any box

    def hides(self, tag: str) -> bool:
        return self.cell if tag in ("td", "th") else self.box


def _style(written: tuple[object, ...], rules: list[Rule]) -> dict[str, str]:
    """The cascade of an element's attributes and the rules that fit it."""
    styled, *attributes = written
    own, important = declarations(styled, understood) if isinstance(styled, str) else ({}, {})
    style: dict[str, str] = {}
    for (meant, _), value in zip(ATTRIBUTES.values(), attributes, strict=True):
        if value:
            style[meant] = str(value)
    for block in (*(rule.ordinary for rule in rules), own, *(rule.important for rule in rules), important):
        style.update(block)
    return style


def _counts(style: Element) -> bool:
    """Whether a style element is CSS for the screen that the mail is read on."""
    kind, media = style.attrs.get("type"), style.attrs.get("media")
    if isinstance(kind, str) and kind.strip().lower() not in ("", "text/css"):
        return False
    return not isinstance(media, str) or not media.strip() or on_screen(media.lower())


def _starts_hidden(element: Element) -> bool:
    """Whether a browser shows an element only if the mail's own style says so (WHATWG HTML 15.3.1)."""
    attributes = element.attrs
    if element.tag == "dialog" and "open" not in attributes:
        return True
    return "hidden" in attributes or "popover" in attributes


def _old(element: Element, name: str) -> str:
    """The colour that an old attribute gives, where the element has one of this name."""
    value = element.attrs.get(name)
    return old_colour(value) if isinstance(value, str) and element.tag in ATTRIBUTES[name][1] else ""


def _names(element: Element) -> tuple[str, ...]:
    """What selectors know an element by: its type, ".class" and "#id"."""
    identity, classes = element.attrs.get("id"), element.attrs.get("class")
    own = [f".{name.lower()}" for name in classes[:_MAX_CLASSES]] if isinstance(classes, list) else []
    return (element.tag, *own, *((f"#{identity.lower()}",) if isinstance(identity, str) else ()))
