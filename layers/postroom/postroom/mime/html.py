"""HTML to the text that a reader sees, in one pass over a tree, bounded on hostile input.

The tree is turbohtml's (the WHATWG algorithm in C). Whatever goes wrong there, the tags are stripped by hand: no body
is lost.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import turbohtml
from turbohtml import Element, Node, Text

if TYPE_CHECKING:
    from postroom.mime.styles import Around, Styles

#: Characters of HTML that are read, and nodes that are visited: a person reads no further either.
MAX_CHARACTERS = 2_000_000
MAX_NODES = 1_000_000
MAX_QUOTES = 20  # "> " is written this often at most, however deep the quotes are nested

UNSEEN = frozenset(
    {
        *(
            "script",
            "style",
            "head",
            "title",
            "template",
            "noscript",
            "noembed",
            "noframes",
            "object",
            "applet",
            "iframe",
        ),
        *(
            "svg",
            "math",
            "audio",
            "video",
            "canvas",
            "meta",
            "link",
            "base",
            "select",
            "option",
            "datalist",
            "textarea",
            "rp",
            "meter",
            "progress",
        ),
    }
)
PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre", "table"})
BLOCKS = PARAGRAPHS | {
    *("address", "article", "aside", "body", "center", "dd", "details", "dialog", "dir", "div", "dt", "fieldset"),
    *("figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main"),
    *("menu", "nav", "section", "summary", "tbody", "tfoot", "thead", "tr"),
}
LISTS = frozenset({"ul", "ol", "menu", "dir"})

NO_BREAK = "\xa0\xa0"  # an indent that white space does not eat; it is written as spaces
SPACES = re.compile(r"[ \t\n\r\f]+")

#: Elements in which a client puts what it quotes, by id or class. Outlook prefixes what it takes over with "x_".
QUOTE_IDS = frozenset({"divrplyfwdmsg", "isforwardcontent", "orimsghtmlseperator", "mail-app-auto-quote"})
QUOTE_CLASSES = frozenset(
    {
        *("gmail_quote", "gmail_quote_container", "gmail_attr", "yahoo_quoted", "protonmail_quote", "tutanota_quote"),
        *("moz-cite-prefix", "moz-email-headers-table", "moz-forward-container", "zmail_extra", "hs_reply"),
        *("aolreplacedbody", "outlook_quote", "mailru-blockquote", "mail-quote-collapse", "gmx_quote", "freebirdquote"),
    }
)
#: From such an element on, all that follows is quoted: Outlook on the web, on the phone and on the Mac.
QUOTE_STARTS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"})


class Line(NamedTuple):
    """One line as a reader sees it, and whether a mail client marked it as quoted. (A tuple: there may be many.)"""

    text: str
    quoted: bool = False


def to_text(html: str) -> str:
    """The visible text of HTML: nothing hidden, blocks on their own lines, `> ` before quotes, links as `text (url)`.

    Never raises; reads at most MAX_CHARACTERS. Images count for nothing, their alternative text too.
    """
    return "\n".join(line.text for line in lines(html))


def lines(html: str) -> list[Line]:
    """The visible lines of HTML, each with what the mail client's own markup says about it."""
    from postroom.mime.styles import Styles  # a mail with a plain text never needs it

    html = _bounded(html)
    try:
        document = turbohtml.parse(html, positions=False)
        page = _Page(Styles(document))
        _render(document, page)
        return page.finish()
    except Exception:  # a fault of the engine must not lose a mail: its text is still readable without it
        return [Line(text) for text in _stripped(html).split("\n")]


def _bounded(html: str) -> str:
    """At most MAX_CHARACTERS, cut before a tag that is open there."""
    if len(html) <= MAX_CHARACTERS:
        return html
    html = html[:MAX_CHARACTERS]
    opened = html.rfind("<", len(html) - 4096)
    return html[:opened] if opened > html.rfind(">") else html


def _stripped(html: str) -> str:
    """The text between tags, found with `find` alone: the last resort."""
    pieces, at = [], 0
    while (opened := html.find("<", at)) >= 0:
        pieces.append(html[at:opened])
        closed = html.find(">", opened)
        if closed < 0:
            break
        at = closed + 1
    else:
        pieces.append(html[at:])
    return turbohtml.unescape(" ".join(piece for piece in pieces if piece.strip()))


@dataclass(frozen=True, slots=True)
class _Leave:
    """Put on the stack below an element's children: what to undo when they are done."""

    element: Element
    quoted: bool
    around: "Around"


class _Page:
    """Lines as they come to be: white space collapses, blocks end a line, quotes put a mark before it."""

    def __init__(self, styles: "Styles") -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.styles = styles
        self.quotes = 0  # blockquotes that are open
        self.marked = 0  # elements that are open and quoted by their client's mark
        self.rest_quoted = False
        self.lists: list[int | None] = []  # next number of each open list, None: bullets
        self.pre = 0
        self.gap: int | None = None  # a blank line is due before the next, so deep in quotes

    def text(self, data: str) -> None:
        if not self.styles.seen:
            return
        if not self.pre:
            self._piece(SPACES.sub(" ", data))
            return
        head, *rest = data.split("\n")
        self._piece(head)
        for line in rest:
            self.line_break()
            self._piece(line)

    def _piece(self, data: str) -> None:
        if data and (self.pieces or self.pre or data != " "):
            self.pieces.append(data)

    def open(self, tag: str) -> None:
        """What the start of an element does to the page."""
        if tag not in BLOCKS:
            if tag in ("td", "th"):
                self._piece(" ")
            return
        self._block(tag)
        if tag == "blockquote":
            self.quotes += 1
        elif tag == "pre":
            self.pre += 1
        elif tag in LISTS:
            self.lists.append(1 if tag == "ol" else None)
        elif tag == "li" and self.styles.seen:
            self.pieces.append(_bullet(self.lists))

    def close(self, tag: str) -> None:
        """What its end does."""
        if tag not in BLOCKS:
            return
        self.end_line()
        if tag == "blockquote":
            self.quotes -= 1
        elif tag == "pre":
            self.pre -= 1
        elif tag in LISTS and self.lists:
            self.lists.pop()
        self._block(tag)

    def _block(self, tag: str) -> None:
        self.end_line()
        if tag in PARAGRAPHS and not self.lists and self.lines and self.lines[-1].text.strip("> "):
            self.gap = self.quotes if self.gap is None else min(self.gap, self.quotes)

    def line_break(self) -> None:
        if self.pieces:
            self.end_line()
        elif self.styles.seen:
            self._emit("", self.quotes)

    def end_line(self) -> None:
        if not self.pieces:
            return
        line = "".join(self.pieces)
        self.pieces = []
        if not self.pre:
            line = (SPACES.sub(" ", line) if "  " in line else line).strip(" ")
        line = line.replace("\xa0", " ").rstrip()
        if line:
            if self.gap is not None:
                self._emit("", self.gap)
            self._emit(line, self.quotes)

    def _emit(self, line: str, quotes: int) -> None:
        self.gap = None
        if quotes:
            line = ("> " * min(quotes, MAX_QUOTES) + line).rstrip()
        self.lines.append(Line(line, self.rest_quoted or self.marked > 0))

    def finish(self) -> list[Line]:
        """The lines, without the blank ones around them."""
        self.end_line()
        while self.lines and not self.lines[-1].text.strip():
            self.lines.pop()
        start = next((at for at, line in enumerate(self.lines) if line.text.strip()), 0)
        return self.lines[start:]


def _render(document: Node, page: _Page) -> None:
    stack: list[Node | _Leave] = [document]
    for _ in range(MAX_NODES):
        if not stack:
            return
        match stack.pop():
            case _Leave() as leave:
                _leave(leave, page)
            case Text() as text:
                page.text(text.data)
            case Element() as element:
                if element.tag == "br":
                    page.line_break()
                elif element.tag not in UNSEEN:
                    _enter(element, page, stack)
            case turbohtml.Document() as root:
                stack.extend(reversed(list(root.children)))
            case _:  # comments and declarations are not seen
                pass


def _enter(element: Element, page: _Page, stack: list[Node | _Leave]) -> None:
    around = page.styles.enter(element)
    if around is None:
        return
    page.open(element.tag)
    children = list(element.children)
    quoted = _marks_a_quote(element, children, page)
    stack.append(_Leave(element, quoted, around))
    stack.extend(reversed(children))
    page.marked += quoted


def _leave(leave: _Leave, page: _Page) -> None:
    if leave.element.tag == "a":
        _target(leave.element, page)
    page.close(leave.element.tag)
    page.marked -= leave.quoted
    page.styles.leave(leave.around)


def _bullet(lists: list[int | None]) -> str:
    """The mark of the next item, as deep as its list; a numbered list counts on."""
    indent = NO_BREAK * (min(len(lists), MAX_QUOTES) - 1)
    if not lists or (number := lists[-1]) is None:
        return f"{indent}* "
    lists[-1] = number + 1
    return f"{indent}{number}. "


def _target(link: Element, page: _Page) -> None:
    """A link's target follows its text, unless the text says it already."""
    href = link.attrs.get("href")
    if not isinstance(href, str) or not href.strip() or not page.pieces or not page.styles.seen:
        return
    target = SPACES.sub("", href.strip())[:2000]
    said = "".join(page.pieces[-3:]).strip().rstrip("/").lower()
    plain = target.removeprefix("mailto:").removeprefix("tel:").removeprefix("https://").removeprefix("http://")
    if (
        target[:1] == "#"
        or not plain
        or said.endswith(plain.rstrip("/").lower())
        or target[:5].lower() in ("javas", "data:")
    ):
        return
    page.pieces.append(f" ({target})")


def _marks_a_quote(element: Element, children: list[Node], page: _Page) -> bool:
    """Whether the client put a quote into this element. A container with blockquotes may hold answers between them."""
    attributes = element.attrs
    if not attributes:
        return False
    identity, kind = attributes.get("id"), attributes.get("type")
    name = identity.lower().removeprefix("x_") if isinstance(identity, str) else ""
    if name in QUOTE_STARTS:
        page.end_line()
        page.rest_quoted = True
    if element.tag == "blockquote":
        return kind == "cite" or bool(_classes(element) & QUOTE_CLASSES)
    if name in QUOTE_IDS or _classes(element) & QUOTE_CLASSES:
        page.end_line()
        return not any(isinstance(child, Element) and child.tag == "blockquote" for child in children)
    return False


def _classes(element: Element) -> frozenset[str]:
    names = element.attrs.get("class")
    return frozenset(name.lower().removeprefix("x_") for name in names) if isinstance(names, list) else frozenset()
