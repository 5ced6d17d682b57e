"""The language of the templates: what SES documents of Handlebars. A file's text becomes nodes. Pure, bounded, linear.

Variables with paths (`{{a.b}}`, `{{this}}`, `{{../a}}`, `{{@index}}`), `if`, `unless`, `each`, `with` and `else`,
comments, inline partials; and shared partials, which are put in here, since SES has none. What Handlebars has beyond
that (`~`, `{{{`, `else if`, helpers) is refused: SES doesn't document it, and the versions of Handlebars differ in it.

Source: "Advanced email personalization" (SES developer guide); handlebarsjs.com/guide.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

MAX_DEPTH = 50  # blocks and partials within one another
MAX_SIZE = 500 * 1024  # characters of one file with its partials: SES takes no more bytes (service quotas)

Kind: TypeAlias = Literal["if", "unless", "each", "with"]

#: Names that some version of Handlebars takes for a helper or a literal of its own, whatever the data holds.
RESERVED = frozenset(
    {"if", "unless", "each", "with", "else", "log", "lookup", "true", "false", "null", "undefined", "inline"}
    | {"block", "partial", "embedded", "include", "precompile", "i18n"}
)

_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,40}"
_PATH = re.compile(rf"(?:\.\./){{0,9}}(?:this|@(?:index|first|last|key)|{_NAME})(?:\.{_NAME}){{0,9}}")
_FILE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_INLINE = re.compile(r"""\*\s{0,9}inline\s{1,9}(["'])([^"']{1,60})\1""")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1. `file` is as a person finds it below the folder of the templates."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Malformed(Exception):
    """A file that can't be understood, or that SES would understand otherwise. `what` says why, and what to do."""

    def __init__(self, at: Place, what: str) -> None:
        super().__init__(f"{at}: {what}")
        self.at, self.what = at, what


@dataclass(frozen=True, slots=True)
class Path:
    """`text` as written; `up` contexts up, then `names`. The first is `this`, or begins with @ for the loop's data."""

    text: str
    up: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    path: Path
    at: Place


@dataclass(frozen=True, slots=True)
class Block:
    kind: Kind
    path: Path
    then: "Nodes"
    otherwise: "Nodes"
    at: Place


Node: TypeAlias = "str | Variable | Block"
Nodes: TypeAlias = "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Source:
    """A file: how it is called, and what stands in it."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """Nodes with partials put in; how many characters and tags they are, and how deep their blocks go."""

    nodes: "Nodes" = ()
    size: int = 0
    height: int = 0


#: The shared partial of this name, if there is one.
Shared: TypeAlias = Callable[[str], Source | None]


def no_partials(_name: str) -> Source | None:
    return None


def parse(source: Source, shared: Shared = no_partials) -> Nodes:
    """The file understood; raises Malformed."""
    return _Parser(source, shared, (), {}).all().nodes


@dataclass(frozen=True, slots=True)
class _Tag:
    content: str


def _tokens(source: Source) -> Iterator[tuple[int, str | _Tag]]:
    """Text and tags in turn, each with its line. Comments are left out."""
    text, at, line = source.text, 0, 1
    while (start := text.find("{{", at)) >= 0:
        before = text[at:start]
        yield line, before
        line += before.count("\n")
        here = Place(source.file, line)
        if before.endswith("\\"):
            raise Malformed(here, "a backslash before {{ means something else in Handlebars: leave it out")
        if text.startswith("{{{", start):
            raise Malformed(here, "three braces are for text without escaping: write two, values are escaped by us")
        opening, closing = ("{{!--", "--}}") if text.startswith("{{!--", start) else ("{{", "}}")
        end = text.find(closing, start + len(opening))
        if end < 0:
            raise Malformed(here, f"the tag that begins here has no {closing}")
        content, at = text[start + len(opening) : end], end + len(closing)
        if opening == "{{" and not content.startswith("!"):
            yield line, _Tag(content.strip())
        line += content.count("\n")
    yield line, text[at:]


class _Parser:
    """One file, from its top to its end. `within` names the shared partials that are being put in; `read` has those
    that were: else partials that put in two others each would be read a million times."""

    def __init__(self, source: Source, shared: Shared, within: tuple[str, ...], read: dict[str, Fragment]) -> None:
        self._source, self._shared, self._within, self._read = source, shared, within, read
        self._tokens = _tokens(source)
        self._inline: dict[str, Fragment] = {}
        self._line = 1

    def all(self) -> Fragment:
        whole, ended = self._fragment(len(self._within))
        if ended is not None:
            raise self._malformed(f"{{{{{ended}}}}} ends nothing")
        return whole

    def _malformed(self, what: str) -> Malformed:
        return Malformed(Place(self._source.file, self._line), what)

    def _fragment(self, depth: int) -> tuple[Fragment, str | None]:
        """What stands here up to an `else` or the end of a block, which is given too."""
        if depth > MAX_DEPTH:
            raise self._malformed(f"blocks and partials go more than {MAX_DEPTH} deep: simplify")
        parts: list[Fragment] = []
        for line, token in self._tokens:
            self._line = line
            if isinstance(token, str):
                parts += [Fragment((token,), len(token))] if token else []
            elif token.content == "else" or token.content.startswith("/"):
                return self._joined(parts, depth), token.content
            else:
                parts.append(self._part(token.content, depth))
        return self._joined(parts, depth), None

    def _joined(self, parts: list[Fragment], depth: int) -> Fragment:
        size, height = sum(part.size for part in parts), max((part.height for part in parts), default=0)
        if size > MAX_SIZE:
            raise self._malformed(f"with its partials it is over {MAX_SIZE // 1024} KB, and SES takes no more")
        if depth + height > MAX_DEPTH:
            raise self._malformed(f"blocks and partials go more than {MAX_DEPTH} deep: simplify")
        return Fragment(tuple(node for part in parts for node in part.nodes), size, height)

    def _part(self, content: str, depth: int) -> Fragment:
        if content.startswith("#*"):
            return self._define(content[1:], depth)
        if content.startswith("#"):
            return self._block(content[1:].strip(), depth)
        if content.startswith(">"):
            return self._partial(content[1:].strip())
        return Fragment((Variable(self._path(content), self._place()),), 1)

    def _place(self) -> Place:
        return Place(self._source.file, self._line)

    def _block(self, content: str, depth: int) -> Fragment:
        at = self._place()
        name, _, argument = content.partition(" ")
        if name not in get_args(Kind):
            there = ", ".join(get_args(Kind))
            raise self._malformed(f"{{{{#{content[:60]}}}}} is no block that SES documents: there are {there}")
        kind: Kind = name  # type: ignore[assignment]  # one of them, as was just seen
        path = self._path(argument.strip())
        then, ended = self._fragment(depth + 1)
        otherwise = Fragment()
        if ended == "else":
            otherwise, ended = self._fragment(depth + 1)
        if ended != f"/{kind}":
            raise Malformed(at, f"{{{{#{content[:60]}}}}} is not closed with {{{{/{kind}}}}}")
        block = Block(kind, path, then.nodes, otherwise.nodes, at)
        return Fragment((block,), 1 + then.size + otherwise.size, 1 + max(then.height, otherwise.height))

    def _define(self, content: str, depth: int) -> Fragment:
        """An inline partial stands before its use and in no block: versions differ in where else it would be known."""
        at, found = self._place(), _INLINE.fullmatch(content)
        if found is None:
            raise self._malformed(f'{{{{#{content[:60]}}}}} should be {{{{#*inline "name"}}}}')
        if depth > len(self._within):
            raise self._malformed("an inline partial stands within a block or a partial: put it at the top of the file")
        if found[2] in self._inline or self._shared(found[2]):
            raise self._malformed(f"there is a partial {found[2]!r} already: give this one another name")
        body, ended = self._fragment(depth + 1)
        if ended != "/inline":
            raise Malformed(at, f"the inline partial {found[2]!r} is not closed with {{{{/inline}}}}")
        self._inline[found[2]] = body
        return Fragment()

    def _partial(self, content: str) -> Fragment:
        name = content.strip("\"'")
        if found := self._inline.get(name):
            return found
        if not _FILE.fullmatch(name):
            raise self._malformed(f"{{{{> {content[:60]}}}}} should name a partial and nothing else")
        if name in self._within:
            raise self._malformed(f"the partial {name!r} is put into itself ({' > '.join((*self._within, name))})")
        if name not in self._read:
            source = self._shared(name)
            if source is None:
                raise self._malformed(
                    f"there is no partial {name!r}: define it above, or add it to the folder partials"
                )
            self._read[name] = _Parser(source, self._shared, (*self._within, name), self._read).all()
        return self._read[name]

    def _path(self, text: str) -> Path:
        if not _PATH.fullmatch(text):
            raise self._malformed(f"{{{{{text[:60]}}}}} is no variable, and nothing else that SES documents")
        rest = text.replace("../", "")
        names = tuple(rest.split("."))
        if names[0] in RESERVED:
            raise self._malformed(f"{names[0]!r} means something of its own in Handlebars: it can't be a variable")
        return Path(text, text.count("../"), names)


def source_of(nodes: Nodes) -> str:
    """The text that these nodes are, without comments and with every partial put in: what SES can be given."""
    return "".join(_source_of(node) for node in nodes)


def _source_of(node: Node) -> str:
    match node:
        case str():
            return node
        case Variable(path):
            return f"{{{{{path.text}}}}}"
        case Block(kind, path, then, otherwise):
            other = f"{{{{else}}}}{source_of(otherwise)}" if otherwise else ""
            return f"{{{{#{kind} {path.text}}}}}{source_of(then)}{other}{{{{/{kind}}}}}"
