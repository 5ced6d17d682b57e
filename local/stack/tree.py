"""A CloudFormation template as a tree of plain values, with its short tags (`!Ref`) in their long form (`Ref:`)."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import yaml

from local.stack.errors import TemplateFault

Node: TypeAlias = "dict[str, Node] | list[Node] | str | int | float | bool | None"
Template: TypeAlias = dict[str, Node]

PLAIN_NAMES = frozenset({"Ref", "Condition"})  # the two that have no `Fn::` before their name


class _Loader(yaml.SafeLoader):
    pass


def _construct(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Node:
    if isinstance(node, yaml.ScalarNode):
        value: Node = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 (YAML has three kinds of nodes)
        value = loader.construct_mapping(node, deep=True)  # type: ignore[assignment]  # keys of templates are strings
    if suffix == "GetAtt" and isinstance(value, str):
        value = list(value.split(".", 1))
    return {suffix if suffix in PLAIN_NAMES else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _construct)
# A date in a template (`Version: 2012-10-17`) is a string.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Template:
    """TemplateFault where the text is no template."""
    try:
        tree = yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader with the tags of CloudFormation)
    except yaml.YAMLError as error:
        raise TemplateFault(f"the template is not YAML: {error}") from error
    if not isinstance(tree, dict) or not isinstance(tree.get("Resources"), dict):
        raise TemplateFault("the template has no Resources")
    return tree


def mapping(node: Node) -> dict[str, Node]:
    """The node as a mapping: empty where it is none."""
    return node if isinstance(node, dict) else {}


def text(node: Node) -> str:
    return node if isinstance(node, str) else ""


def resources(template: Template, kind: str = "") -> Iterator[tuple[str, dict[str, Node]]]:
    """(logical id, resource) of those whose type begins with `kind`, in the template's order."""
    for logical_id, resource in mapping(template["Resources"]).items():
        if isinstance(resource, dict) and text(resource.get("Type")).startswith(kind):
            yield logical_id, resource


def intrinsic(node: Node) -> tuple[str, Node] | None:
    """(function, argument) where the node is a call of an intrinsic function."""
    if isinstance(node, dict) and len(node) == 1:
        [(name, argument)] = node.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with every node changed, children first."""
    if isinstance(node, dict):
        return change({key: rewrite(value, change) for key, value in node.items()})
    if isinstance(node, list):
        return change([rewrite(value, change) for value in node])
    return change(node)
