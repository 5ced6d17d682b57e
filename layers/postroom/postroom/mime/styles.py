"""What of an HTML mail its reader sees, kept up to date while elements open and close."""

from collections import Counter
from typing import NamedTuple

from turbohtml import Document, Element, Node

from postroom.mime.css import Sheet, declarations, sheet
from postroom.mime.looks import ATTRIBUTES, Look, hides, understood

_MAX_CLASSES = 20  # of one element that are looked at


class Around(NamedTuple):
    """What an element changed when it opened: how things looked around it, and the names that it brought in."""

    look: Look
    names: tuple[str, ...]


class Styles:
    """The look of the place in a mail that is being read, by the style elements and what the open elements say."""

    def __init__(self, document: Node) -> None:
        styles = document.find_all("style") if isinstance(document, Document) else ()
        self._rules: Sheet = sheet((style.text for style in styles), understood)
        self._open: Counter[str] = Counter()  # types, classes and ids of the elements that are open
        self._look = Look()
        self.seen = True

    def enter(self, element: Element) -> Around | None:
        """Opens an element. What to give to `leave` afterwards; None where nothing in it is seen, and it stays closed."""
        names = _names(element) if self._rules.rules else ()
        style = self._style(element, names)
        if element.attr("hidden") is not None or (element.tag == "dialog" and element.attr("open") is None):
            return None
        if hides(style, cell=element.tag in ("td", "th")):
            return None
        around = Around(self._look, names)
        self._open.update(names)
        if style or element.tag == "a":
            link = element.tag == "a" and element.attr("href") is not None
            self._now((self._look.of_link() if link else self._look).of(style))
        return around

    def leave(self, around: Around) -> None:
        """Closes the element."""
        self._open.subtract(around.names)
        self._now(around.look)

    def _now(self, look: Look) -> None:
        if look is not self._look:
            self._look, self.seen = look, look.seen

    def _style(self, element: Element, names: tuple[str, ...]) -> dict[str, str]:
        """What is said of an element's look: by old attributes, by the rules that fit, by its own style, in that order;
        then by what is important (CSS Cascade 4 section 6.1)."""
        written = element.attr("style") if element.attrs else None
        own, important = declarations(written, understood) if isinstance(written, str) and written else ({}, {})
        rules = self._rules.of(names, self._open) if names else []
        style = _attributes(element)
        for said in (*(rule.ordinary for rule in rules), own, *(rule.important for rule in rules), important):
            style.update(said)
        return style


def _attributes(element: Element) -> dict[str, str]:
    """What HTML's own old attributes say of the look."""
    style: dict[str, str] = {}
    for name, meant in ATTRIBUTES.items() if element.attrs else ():
        value = element.attr(name)
        said = value.strip().lower() if isinstance(value, str) else ""
        if said and understood(meant, said):
            style[meant] = said
    return style


def _names(element: Element) -> tuple[str, ...]:
    """What selectors know an element by: its type, ".class" and "#id"."""
    identity, classes = element.attrs.get("id"), element.attrs.get("class")
    own = [f".{name.lower()}" for name in classes[:_MAX_CLASSES]] if isinstance(classes, list) else []
    return (element.tag, *own, *((f"#{identity.lower()}",) if isinstance(identity, str) else ()))
