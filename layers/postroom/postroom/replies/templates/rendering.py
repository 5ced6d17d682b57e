"""Nodes and values become text. Strict: what has no value is an error with its place. Pure and bounded.

A name is looked for in the context it stands in, and in no other: SES would go on to look for it further out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from postroom.errors import PostroomError
from postroom.replies.templates.handlebars import Block, Nodes, Path, Place, Variable
from postroom.replies.templates.variables import Value

MAX_STEPS = 100_000  # parts that one rendering may write: lists within lists multiply
MAX_RENDERED = 5_000_000  # characters: far more than anybody reads, far less than a function's memory
_TOO_LONG = "the rendered template is longer than anybody would read: give it shorter lists"


class MissingVariable(PostroomError):
    """A template wants a variable that nobody gave: a fault in our code, told with template, line and name."""


class Unrendered(PostroomError):
    """A template that can't be filled in with these values, though it has them. The text names its line."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What `this` is, the data of the loop, and the context around."""

    this: Value
    loop: Mapping[str, Value] = field(default_factory=dict)
    around: "_Context | None" = None


def render(nodes: Nodes, values: Mapping[str, Value]) -> str:
    """The text; raises MissingVariable, Unrendered. A value is never looked at for tags of its own."""
    rendering = _Rendering()
    rendering.nodes(nodes, _Context(values))
    return "".join(rendering.written)


class _Rendering:
    def __init__(self) -> None:
        self.written: list[str] = []
        self._steps, self._left = MAX_STEPS, MAX_RENDERED

    def nodes(self, nodes: Nodes, context: _Context) -> None:
        for node in nodes:
            self._step()
            match node:
                case str():
                    self._write(node)
                case Variable(path, at):
                    self._write(_shown(path, at, context))
                case Block():
                    self._block(node, context)

    def _block(self, block: Block, context: _Context) -> None:
        value = _found(block.path, block.at, context)
        holds = _holds(value)
        match block.kind:
            case "if" | "unless":
                self.nodes(block.then if holds == (block.kind == "if") else block.otherwise, context)
            case "each" if holds:
                for inside in _loop(value, block, context):
                    self._step()
                    self.nodes(block.then, inside)
            case "with" if holds:
                self.nodes(block.then, _Context(value, context.loop, context))
            case _:
                self.nodes(block.otherwise, context)

    def _step(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise Unrendered(_TOO_LONG)

    def _write(self, text: str) -> None:
        self._left -= len(text)
        if self._left < 0:
            raise Unrendered(_TOO_LONG)
        self.written.append(text)


def _holds(value: Value) -> bool:
    """What Handlebars takes for true: a mapping always, a number but 0, text and lists unless they're empty."""
    return isinstance(value, Mapping) or bool(value)


def _loop(value: Value, block: Block, context: _Context) -> Iterator[_Context]:
    if isinstance(value, Mapping):
        items: list[tuple[Value, Value]] = list(value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        items = list(enumerate(value))
    else:
        raise Unrendered(f"{block.at}: {block.path.text!r} is no list, and {{{{#each}}}} is for lists")
    for index, (key, item) in enumerate(items):
        last = index == len(items) - 1
        yield _Context(item, {"@index": index, "@key": key, "@first": index == 0, "@last": last}, context)


def _shown(path: Path, at: Place, context: _Context) -> str:
    value = _found(path, at, context)
    match value:
        case None:
            raise _missing(path, at)
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            raise Unrendered(f"{at}: {path.text!r} is no text: a list is for {{{{#each}}}}")


def _found(path: Path, at: Place, context: _Context) -> Value:
    for _ in range(path.up):
        if context.around is None:
            raise _missing(path, at)
        context = context.around
    first, *rest = path.names
    value = context.this
    if first.startswith("@"):
        value = _member(context.loop, first, path, at)
    elif first != "this":
        rest = [first, *rest]
    for name in rest:
        value = _member(value, name, path, at)
    return value


def _member(value: Value, name: str, path: Path, at: Place) -> Value:
    if isinstance(value, Mapping) and name in value:
        return value[name]
    raise _missing(path, at)


def _missing(path: Path, at: Place) -> MissingVariable:
    return MissingVariable(f"{at}: the variable {path.text!r} has no value")
