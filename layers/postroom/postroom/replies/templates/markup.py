"""Whether a file's HTML is safe to send: tables of elements and attributes, asked for every tag.

Mail clients take out what is dangerous and show what is left (caniemail.com), filters count it against the sender, and
a value of ours must not become code. So a fault here is a mail that arrives worse than it was written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser

from postroom.replies.templates.fault import Fault
from postroom.replies.templates.handlebars import Place
from postroom.replies.templates.variables import BY_NAME, Kind

_FORM = "link to a page that has the form, or ask for an answer by mail"
_ACTIVE = "leave it out: no mail client runs it, and filters count it against you"
_FETCHED = "put its content into the file: most clients don't fetch it, and fetching tells who reads"

#: Elements that have no place in a mail, and what to do instead.
ELEMENTS: Mapping[str, str] = {
    **dict.fromkeys(("script", "object", "embed", "applet", "svg", "math", "template", "noscript"), _ACTIVE),
    **dict.fromkeys(("form", "input", "button", "select", "textarea"), _FORM),
    **dict.fromkeys(("link", "iframe", "frame", "frameset", "base", "audio", "video", "source"), _FETCHED),
}

_RUN = frozenset({"script", "object", "embed", "applet"})
_CODE = re.compile(r"(?:javascript|vbscript):", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20]+")  # browsers leave these out of a scheme (WHATWG URL, "basic URL parser")

#: Attributes that make a client fetch something.
_FETCHING = frozenset({"src", "srcset", "background", "poster", "data", "lowsrc", "dynsrc"})
_LINKS = frozenset({"href", "action", "formaction", "xlink:href", "cite", "longdesc"})
# The host is written out: one from a value would let strangers send people where they like.
_SAFE_LINK = re.compile(r"https://[a-z0-9.:-]{1,300}(?:[/?#]|\Z)|mailto:|tel:|#", re.IGNORECASE)
_FETCHING_STYLE = re.compile(r"url\(|@import|expression\(|behavior:|-moz-binding", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_UNQUOTED = re.compile(r"=\s{0,9}[^\"'\s>]{0,300}\{\{")
_VARIABLE = re.compile(r"\{\{\s{0,9}(?:\.\./){0,9}([A-Za-z_]\w{0,40})\s{0,9}\}\}")


def faults(file: str, source: str) -> Iterator[Fault]:
    """What is unsafe in an HTML file, a template's or a partial, with its line."""
    checking = _Checking(file)
    checking.feed(source)
    checking.close()
    yield from checking.faults


class _Checking(HTMLParser):
    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[Fault] = []
        self._file = file
        self._in_style = False

    def _fault(self, what: str, fix: str, runs: bool = False) -> None:
        self.faults.append(Fault(at=Place(self._file, self.getpos()[0]), what=what, fix=fix, runs=runs))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag in ELEMENTS:
            self._fault(f"<{tag}> has no place in a mail", ELEMENTS[tag], tag in _RUN)
        if _UNQUOTED.search(_QUOTED.sub("", self.get_starttag_text() or "")):
            self._fault("a variable stands in an attribute without quotes", 'write "{{name}}"')
        for name, value in attrs:
            for what, fix in _attribute(tag, name, value or ""):
                self._fault(what, fix, _runs(name, value or ""))
        given = dict(attrs)
        if tag == "img" and "alt" not in given:
            self._fault("a picture has no alt text", 'say what it shows, or alt="" where it shows nothing')
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "refresh":
            self._fault("the page sends its reader elsewhere", "leave the refresh out: link to the page")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._in_style = False

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 (the name of the standard library)
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            for what, fix in _style(data):
                self._fault(what, fix)


def _attribute(tag: str, name: str, value: str) -> Iterator[tuple[str, str]]:
    """What is wrong with one attribute, and what to do."""
    bare = "".join(value.split())
    if "{" in name:
        yield f"a tag of the template stands among the attributes of <{tag}>", "put whole elements into blocks"
    elif name.startswith("on"):
        yield f"{name} is a script", _ACTIVE
    elif name == "style":
        yield from _style(value)
    elif name in _FETCHING and not bare.lower().startswith("cid:"):
        yield f"{name}={value[:60]!r} is fetched when the mail is read", 'attach the picture and write src="cid:…"'
    elif name in _LINKS and not (_SAFE_LINK.match(bare) or _url_variable(bare)):
        fix = "begin with https: and a host, mailto: or tel:, or with a variable that is a url"
        yield f"the link {value[:60]!r} leads who knows where", fix
    for used in _VARIABLE.findall(value):
        if used in BY_NAME and BY_NAME[used].kind not in (Kind.LINE, Kind.URL):
            yield f"{used!r} is a {BY_NAME[used].kind} and stands in an attribute", "put it between elements"


def _runs(name: str, value: str) -> bool:
    """Whether the attribute is a script."""
    return name.startswith("on") or _CODE.match(_UNSEEN.sub("", value)) is not None


def _style(css: str) -> Iterator[tuple[str, str]]:
    if _FETCHING_STYLE.search(css):
        yield "the style fetches something, or runs it", _FETCHED
    if "{{" in css:
        yield "a tag of the template stands in a style", "choose between whole elements with {{#if}}: CSS isn't escaped"


def _url_variable(link: str) -> bool:
    found = _VARIABLE.match(link)
    return found is not None and found[1] in BY_NAME and BY_NAME[found[1]].kind is Kind.URL
