"""HTML to the text that a reader sees, in one pass over a tree, bounded on hostile input.

The tree is turbohtml's (the WHATWG algorithm in C). Whatever goes wrong, the tags are stripped by hand: no body is lost.
"""

import re
from dataclasses import dataclass

import turbohtml
from turbohtml import Element, Node, Text

#: Characters of HTML that are read, and nodes that are visited. A longer mail is cut here: a person reads no further either.
MAX_CHARACTERS = 2_000_000
MAX_NODES = 1_000_000
MAX_QUOTES = 20  # "> " is written this often at most, however deep the quotes are nested

UNSEEN = frozenset(
    "script style head title template noscript noembed noframes object applet iframe svg math audio video canvas "
    "meta link base select option datalist textarea".split()
)
PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre table".split())
BLOCKS = PARAGRAPHS | frozenset(
    "address article aside body center dd details dialog dir div dt fieldset figcaption figure footer form header "
    "hgroup hr html legend li listing main menu nav section summary tbody tfoot thead tr".split()
)
HIDING = re.compile(
    r"(?:^|;)\s{0,9}(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}(?:hidden|collapse)"
    r"|font-size\s{0,9}:\s{0,9}0{1,3}(?:\.0{1,3})?(?:px|pt|em|rem|%)?\s{0,9}(?:;|!|$)|mso-hide\s{0,9}:\s{0,9}all"
    r"|opacity\s{0,9}:\s{0,9}0(?:\.0{1,3})?\s{0,9}(?:;|!|$)|max-height\s{0,9}:\s{0,9}0(?:px)?\s{0,9}(?:;|!|$))",
    re.IGNORECASE,
)
SPACES = re.compile(r"[ \t\n\r\f]+")

#: Elements in which a client puts what it quotes: by id or class. Gmail, Yahoo, Proton, Zimbra, Outlook, AOL, Zoho, GMX, Mail.ru, QQ.
QUOTE_IDS = frozenset(
    {"divrplyfwdmsg", "isforwardcontent", "replybody", "oriMsgHtmlSeperator".lower(), "mail-app-auto-quote"}
)
QUOTE_CLASSES = frozenset(
    "gmail_quote gmail_quote_container gmail_attr gmail_extra yahoo_quoted protonmail_quote moz-cite-prefix moz-email-headers-table "
    "moz-forward-container zmail_extra tutanota_quote aolreplacedbody wordsection1quoted outlook_quote hs_reply "
    "mailru-blockquote mail-quote-collapse quote_original gmx_quote freebirdquote".split()
)
#: From such an element on, all that follows is quoted: Outlook on the web, on the phone and on the Mac.
QUOTE_STARTS = frozenset(
    {"divrplyfwdmsg", "appendonsend", "x_divrplyfwdmsg", "x_appendonsend", "mail-editor-reference-message-container"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a reader sees it, and whether a mail client marked it as quoted."""

    text: str
    quoted: bool = False


def to_text(html: str) -> str:
    """The visible text of HTML: no hidden content, blocks on their own lines, `> ` before quotes, links as `text (target)`.

    Never raises; reads at most MAX_CHARACTERS. Images count for nothing, their alternative text too.
    """
    return "\n".join(line.text for line in lines(html))


def lines(html: str) -> list[Line]:
    """The visible lines of HTML, each with what the mail client's own markup says about it."""
    html = _bounded(html)
    try:
        page = _Page()
        _render(turbohtml.parse(html, positions=False), page)
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
    """Put on the stack below an element's children: what to do when they are done."""

    element: Element
    quoted: bool


class _Page:
    """Lines as they come to be: white space collapses, blocks end a line, quotes put a mark before it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.quotes = 0  # blockquotes that are open
        self.marked = 0  # elements that are open and quoted by their client's mark
        self.rest_quoted = False
        self.lists: list[int | None] = []  # next number of each open list, None: bullets
        self.pre = 0
        self.gap = False

    @property
    def quoted(self) -> bool:
        return self.rest_quoted or self.marked > 0

    def text(self, data: str) -> None:
        if self.pre:
            head, *rest = data.split("\n")
            self._piece(head)
            for line in rest:
                self.end_line()
                self._piece(line)
            return
        self._piece(SPACES.sub(" ", data))

    def _piece(self, data: str) -> None:
        if data and (self.pieces or self.pre or data != " "):
            self.pieces.append(data)

    def line_break(self) -> None:
        if self.pieces:
            self.end_line()
        else:
            self._emit("")

    def end_line(self) -> None:
        line = "".join(self.pieces)
        self.pieces = []
        if not self.pre:
            line = SPACES.sub(" ", line).strip(" ")
        if line.strip():
            if self.gap:
                self._emit("")
            self._emit(line)

    def paragraph(self) -> None:
        self.end_line()
        self.gap = bool(self.lines) and self.lines[-1].text.strip("> ") != ""

    def _emit(self, line: str) -> None:
        self.gap = False
        prefix = "> " * min(self.quotes, MAX_QUOTES)
        self.lines.append(Line((prefix + line).rstrip() if not line else prefix + line, self.quoted))

    def finish(self) -> list[Line]:
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
            case _Leave(element=element, quoted=quoted):
                _leave(element, page)
                page.marked -= quoted
            case Text() as text:
                page.text(text.data)
            case Element() as element:
                if not _hidden(element):
                    _enter(element, page, stack)
            case turbohtml.Document() as root:
                stack.extend(reversed(list(root.children)))
            case _:  # comments and declarations are not seen
                pass


def _hidden(element: Element) -> bool:
    if element.tag in UNSEEN:
        return True
    attributes = element.attrs
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or (isinstance(style, str) and HIDING.search(style[:2000]) is not None)


def _enter(element: Element, page: _Page, stack: list[Node | _Leave]) -> None:
    tag = element.tag
    if tag == "br":
        page.line_break()
        return
    if tag in PARAGRAPHS and not page.lists:
        page.paragraph()
    elif tag in BLOCKS:
        page.end_line()
    elif tag in ("td", "th"):
        page.text("  ")
    children = list(element.children)
    quoted = _marks_a_quote(element, children, page)
    page.marked += quoted
    page.quotes += tag == "blockquote"
    page.pre += tag == "pre"
    if tag in ("ul", "ol", "menu", "dir"):
        page.lists.append(1 if tag == "ol" else None)
    elif tag == "li":
        page.pieces.append(_bullet(page.lists))
    stack.append(_Leave(element, quoted))
    stack.extend(reversed(children))


def _leave(element: Element, page: _Page) -> None:
    tag = element.tag
    if tag == "a":
        _target(element, page)
    if tag in ("ul", "ol", "menu", "dir") and page.lists:
        page.end_line()
        page.lists.pop()
    if tag in PARAGRAPHS and not page.lists:
        page.end_line()
    elif tag in BLOCKS:
        page.end_line()
    page.quotes -= tag == "blockquote"
    page.pre -= tag == "pre"
    if tag in PARAGRAPHS and not page.lists:
        page.paragraph()


def _bullet(lists: list[int | None]) -> str:
    """The mark of the next item; a numbered list counts on."""
    if not lists or (number := lists[-1]) is None:
        return "* "
    lists[-1] = number + 1
    return f"{number}. "


def _target(link: Element, page: _Page) -> None:
    """A link's target follows its text, unless the text says it already."""
    href = link.attrs.get("href")
    if not isinstance(href, str) or not href.strip() or not page.pieces:
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
    name = identity.lower() if isinstance(identity, str) else ""
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
