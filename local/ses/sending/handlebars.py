"""The template language of SES: the part of Handlebars that its guide documents. Pure, bounded, linear to parse.

Variables with paths (`{{a.b}}`, `{{this}}`, `{{@index}}`, `{{../a}}`), `if`, `unless`, `each`, `with` and `else`,
comments, inline partials. Nothing is escaped ("SES doesn't escape HTML content when rendering"), so `{{a}}` and
`{{{a}}}` are the same. White space stays as it is written, as in Handlebars.java.

Source: "Using templates to send personalized email", "Advanced email personalization"; handlebarsjs.com/guide.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from local.ses.values import Json, whole_number

MAX_DEPTH = 50  # blocks within blocks, and partials within partials
MAX_STEPS = 500_000  # parts that one rendering may write: lists within lists multiply
MAX_RENDERED = 40 * 1024 * 1024  # characters: no mail is longer

_BLOCKS = ("if", "unless", "each", "with")
_SEGMENT = r"(?:[^\s!\"#%&'()*+,./;<=>@\[\\\]^`{|}~]{1,200}|\[[^\[\]]{1,200}\])"
_PATH = re.compile(rf"(?:\.\./){{0,50}}(?:this|\.|@?{_SEGMENT})(?:[./]{_SEGMENT}){{0,50}}\Z|(?:\.\./){{0,49}}\.\.\Z")
_SEGMENTS = re.compile(_SEGMENT)
_NAME = re.compile(r"[\"']?([A-Za-z0-9_/-]{1,200})[\"']?\Z")


class Malformed(Exception):
    """A template that can't be understood. The text says why."""


class Unrendered(Exception):
    """A template that can't be filled in with the data. The text says why, in SES's words."""


@dataclass(frozen=True, slots=True)
class Path:
    """`text` as written; `up` contexts up, then `names`. A first name with @ is data of the loop."""

    text: str
    up: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    path: Path


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    path: Path
    then: "Nodes"
    otherwise: "Nodes"


@dataclass(frozen=True, slots=True)
class Inline:
    name: str
    body: "Nodes"


@dataclass(frozen=True, slots=True)
class Partial:
    name: str
    path: Path | None


Node: TypeAlias = "str | Variable | Block | Inline | Partial"
Nodes: TypeAlias = "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands between the braces, without `~`; `trim` says where white space goes away."""

    content: str
    trims_left: bool
    trims_right: bool


def parsed(template: str) -> Nodes:
    """The template understood; raises Malformed."""
    return _Parser(list(_tokens(template))).all()


def _tokens(template: str) -> Iterator[str | Tag]:
    at, trimmed = 0, False
    while (start := template.find("{{", at)) >= 0:
        end, tag = _tag(template, start)
        before = template[at:start]
        before = before.lstrip() if trimmed else before
        yield before.rstrip() if tag.trims_left else before
        yield tag
        at, trimmed = end, tag.trims_right
    yield template[at:].lstrip() if trimmed else template[at:]


def _tag(template: str, start: int) -> tuple[int, Tag]:
    """The tag that begins here, and where it ends."""
    if template.startswith(("{{!--", "{{~!--"), start):
        closing = "--}}"
        if (end := template.find("--", start + 6)) >= 0 and template.startswith("--~}}", end):
            closing = "--~}}"
    else:
        closing = "}}}" if template.startswith("{{{", start) else "}}"
    end = template.find(closing, start + 2)
    if end < 0:
        raise Malformed(f"The tag at character {start} is not closed with {closing}.")
    content = template[start + len(closing.lstrip("-~")) : end]
    left, right = content.startswith("~"), content.endswith("~") or closing == "--~}}"
    return end + len(closing), Tag(content.strip("~").strip(), left, right)


class _Parser:
    def __init__(self, tokens: Sequence[str | Tag]) -> None:
        self._tokens = tokens
        self._at = 0

    def all(self) -> Nodes:
        nodes, ended = self._nodes(0)
        if ended is not None:
            raise Malformed(f"{{{{{ended}}}}} ends nothing.")
        return nodes

    def _nodes(self, depth: int) -> tuple[Nodes, str | None]:
        """The nodes up to `else`, or the end of a block, which is given too."""
        if depth > MAX_DEPTH:
            raise Malformed(f"Blocks are nested more than {MAX_DEPTH} deep.")
        nodes: list[Node] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if isinstance(token, str):
                nodes += [token] if token else []
            elif token.content in ("else", "^") or token.content.startswith(("/", "else ")):
                return tuple(nodes), token.content
            elif not token.content.startswith("!"):
                nodes.append(self._node(token.content, depth))
        return tuple(nodes), None

    def _node(self, content: str, depth: int) -> Node:
        match content[:1]:
            case "#":
                return self._block(content[1:].strip(), depth)
            case ">":
                words = content[1:].split()
                if len(words) not in (1, 2):
                    raise Malformed(f"Not a partial: {{{{{content}}}}}")
                return Partial(_name(words[0]), _path(words[1]) if len(words) == 2 else None)
            case "&":
                return Variable(_path(content[1:].strip()))
            case _:
                return Variable(_path(content))

    def _block(self, content: str, depth: int, closed_by: str = "") -> Block | Inline:
        """A block up to its end; one in an `else` chain ends with the block that the chain began with."""
        kind, _, argument = content.partition(" ")
        end = closed_by or f"/{kind}"
        if content.startswith("*"):
            return self._inline(content[1:].split(), depth)
        if kind not in _BLOCKS:
            raise Malformed(f"There is no block helper {{{{#{content}}}}}: there are {', '.join(_BLOCKS)}.")
        path = _path(argument.strip())
        then, ended = self._nodes(depth + 1)
        otherwise: Nodes = ()
        if ended in ("else", "^"):
            otherwise, ended = self._nodes(depth + 1)
        elif ended is not None and ended.startswith("else "):
            return Block(kind, path, then, (self._block(ended[5:].strip(), depth + 1, end),))
        if ended != end:
            raise Malformed(f"{{{{#{content}}}}} is not closed with {{{{{end}}}}}.")
        return Block(kind, path, then, otherwise)

    def _inline(self, words: Sequence[str], depth: int) -> Inline:
        if len(words) != 2 or words[0] != "inline":
            raise Malformed(f"There is no decorator {{{{#*{' '.join(words)}}}}}: there is inline.")
        body, ended = self._nodes(depth + 1)
        if ended != "/inline":
            raise Malformed(f"The inline partial {words[1]} is not closed with {{{{/inline}}}}.")
        return Inline(_name(words[1]), body)


def _name(word: str) -> str:
    found = _NAME.match(word)
    if found is None:
        raise Malformed(f"Not the name of a partial: {word[:100]}")
    return found.group(1)


def _path(text: str) -> Path:
    if not _PATH.match(text):
        raise Malformed(f"Not a variable: {{{{{text[:100]}}}}}")
    up, rest = text.count("../"), text.replace("../", "")
    if rest == "..":
        return Path(text, up + 1, ("this",))
    loop = "@" if rest.startswith("@") else ""
    names = [name.strip("[]") for name in _SEGMENTS.findall(rest)]
    return Path(text, up, (loop + names[0], *names[1:]) if names else ("this",))


_MISSING = object()


@dataclass(frozen=True, slots=True)
class _Context:
    """What `this` is, the data of the loop (`@index`), and the context around."""

    this: Json
    loop: Mapping[str, Json] = field(default_factory=dict)
    around: "_Context | None" = None


class _Renderer:
    def __init__(self) -> None:
        self._written: list[str] = []
        self._left = MAX_RENDERED
        self._steps = MAX_STEPS
        self._partials: dict[str, Nodes] = {}

    def text(self) -> str:
        return "".join(self._written)

    def nodes(self, nodes: Nodes, context: _Context, depth: int) -> None:
        if depth > 2 * MAX_DEPTH:
            raise Unrendered(f"Partials are nested more than {MAX_DEPTH} deep.")
        for node in nodes:  # an inline partial is known in all of its block
            if isinstance(node, Inline):
                self._partials[node.name] = node.body
        for node in nodes:
            self._spend()
            match node:
                case str():
                    self._write(node)
                case Variable(path):
                    self._write(_text(_required(path, context)))
                case Block():
                    self._block(node, context, depth)
                case Partial(name, path):
                    self._partial(name, path, context, depth)
                case Inline():
                    pass

    def _block(self, block: Block, context: _Context, depth: int) -> None:
        value = _found(block.path, context)
        holds = bool(value) and value is not _MISSING
        match block.kind:
            case "if" | "unless":
                self.nodes(block.then if holds == (block.kind == "if") else block.otherwise, context, depth + 1)
            case "each" if holds:
                for inside in _loop(value, context):
                    self._spend()
                    self.nodes(block.then, inside, depth + 1)
            case "with" if holds:
                self.nodes(block.then, _Context(_json(value), context.loop, context), depth + 1)
            case _:
                self.nodes(block.otherwise, context, depth + 1)

    def _partial(self, name: str, path: Path | None, context: _Context, depth: int) -> None:
        if name not in self._partials:
            raise Unrendered(f"The partial '{name}' could not be found.")
        inside = context if path is None else _Context(_required(path, context), context.loop, context)
        self.nodes(self._partials[name], inside, depth + 1)

    def _write(self, text: str) -> None:
        self._left -= len(text)
        if self._left < 0:
            raise Unrendered("The rendered template is longer than a mail may be.")
        self._written.append(text)

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise Unrendered("The template takes too long to render.")


def _loop(value: object, context: _Context) -> Iterator[_Context]:
    items: list[tuple[Json, Json]]
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        items = list(enumerate(value))
    else:
        items = []
    for index, (key, item) in enumerate(items):
        last = index == len(items) - 1
        yield _Context(item, {"index": index, "key": key, "first": index == 0, "last": last}, context)


def _found(path: Path, context: _Context) -> object:
    """What the path leads to, or _MISSING. A name that isn't in a context is looked for in those around it."""
    for _ in range(path.up):
        if context.around is None:
            return _MISSING
        context = context.around
    first, *rest = path.names
    value: object = _MISSING
    if first == "this":
        value = context.this
    elif first.startswith("@"):
        value = context.loop.get(first[1:], _MISSING)
    else:
        around: _Context | None = context
        while around is not None and value is _MISSING:
            value, around = _member(around.this, first), around.around
    for name in rest:
        value = _member(value, name)
    return _MISSING if value is None else value


def _member(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return value.get(name, _MISSING)
    if isinstance(value, list) and (index := whole_number(name, 7)) is not None and index < len(value):
        return value[index]
    return _MISSING


def _required(path: Path, context: _Context) -> Json:
    value = _found(path, context)
    if value is _MISSING:
        raise Unrendered(f"Attribute '{path.text}' is not present in the rendering data.")
    return _json(value)


def _json(value: object) -> Json:
    """What was found in the data is JSON again."""
    if value is None or isinstance(value, (str, int, float, bool, list, Mapping)):
        return value
    return None


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def rendered(nodes: Nodes, data: Mapping[str, Json]) -> str:
    """The template filled in; raises Unrendered."""
    renderer = _Renderer()
    renderer.nodes(nodes, _Context(data), 0)
    return renderer.text()
