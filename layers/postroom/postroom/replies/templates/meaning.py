"""What the nodes of a file would ask of the values, without any values: branches that are not taken are walked too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from postroom.replies.templates.handlebars import Block, Nodes, Path, Place
from postroom.replies.templates.variables import BY_NAME, Kind

#: The contexts from the outermost: None is the top, where the table's names are known; else what each item is.
_Contexts: TypeAlias = "tuple[Kind | None, ...]"


@dataclass(frozen=True, slots=True)
class Use:
    """A variable in a file. `name` is the table's, None where it is no variable of the table; `fault` is a sentence."""

    at: Place
    name: str | None
    fault: str | None = None


def uses(nodes: Nodes) -> Iterator[Use]:
    """Every use of a variable, in order, each with what is wrong with it."""
    return _uses(nodes, (None,))


def _uses(nodes: Nodes, contexts: _Contexts) -> Iterator[Use]:
    for node in nodes:
        if isinstance(node, str):
            continue
        found = _resolved(node.path, contexts)
        role = node.kind if isinstance(node, Block) else "shown"
        fault = _FAULTS.get((role, found)) if isinstance(found, Kind) else found
        yield Use(node.at, _name(node.path, contexts), fault and fault.format(node.path.text))
        if isinstance(node, Block):
            inside = (*contexts, Kind.LINE) if node.kind in ("each", "with") else contexts
            yield from _uses(node.then, inside)
            yield from _uses(node.otherwise, contexts)


def _name(path: Path, contexts: _Contexts) -> str | None:
    here = contexts[: len(contexts) - path.up]
    return path.names[0] if here and here[-1] is None and path.names[0] in BY_NAME else None


def _resolved(path: Path, contexts: _Contexts) -> Kind | str:
    """The kind of the value that the path leads to, or what is wrong with the path."""
    here = contexts[: len(contexts) - path.up]
    first, *rest = path.names
    if not here:
        return "{!r} goes up further than there are blocks"
    if first.startswith("@"):
        return Kind.LINE if here[-1] else "{!r} is known within {{{{#each}}}} only"
    if rest or (first == "this" and here[-1] is None):
        return "{!r}: no variable has parts; within {{{{#each}}}}, {{{{this}}}} is the item"
    if here[-1] is not None:
        return here[-1] if first == "this" else "{!r}: within {{{{#each}}}} write {{{{this}}}}, or ../ before a name"
    if first not in BY_NAME:
        return "unknown variable {!r}; known are " + ", ".join(sorted(BY_NAME))
    return BY_NAME[first].kind


_ENTERED = "{!r} has no parts that {{{{#with}}}} could enter: leave the block out"
_NO_LIST = "{!r} is no list, and {{{{#each}}}} is for lists"
_FAULTS: dict[tuple[str, Kind], str] = {
    ("shown", Kind.LIST): "{!r} is a list: write {{{{#each}}}} around {{{{this}}}}",
    ("shown", Kind.FLAG): "{!r} is yes or no: ask for it with {{{{#if}}}}",
    **{("each", kind): _NO_LIST for kind in Kind if kind is not Kind.LIST},
    **{("with", kind): _ENTERED for kind in Kind},
}
