"""The SES resources of a template, which MiniStack can't make: taken out, planned, and filled in after the deployment.

Their properties hold intrinsics (`!Ref MailBucket`) that only a deployment can resolve. So every intrinsic becomes an
output of the local template (an *ask*), MiniStack resolves it with everything else, and the answers are put back.
`Fn::If` is kept as a choice, since its branches may be whole trees or nothing at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from local.stack import tree
from local.stack.errors import TemplateFault
from local.stack.tree import Node, Template

FAMILY = "AWS::SES::"
ASKED = "LocalSesAsk"  # how the outputs are called that are no outputs of the user's
SEPARATOR = ","  # of lists, in an output
NO_VALUE: Node = {"Ref": "AWS::NoValue"}

# Where each type keeps its name. What `Ref` gives is that name for every one of them.
NAMED: Mapping[str, tuple[str, ...]] = {
    "AWS::SES::ConfigurationSet": ("Name",),
    "AWS::SES::ConfigurationSetEventDestination": ("EventDestination", "Name"),
    "AWS::SES::EmailIdentity": ("EmailIdentity",),
    "AWS::SES::ReceiptRule": ("Rule", "Name"),
    "AWS::SES::ReceiptRuleSet": ("RuleSetName",),
    "AWS::SES::Template": ("Template", "TemplateName"),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A value that the deployment answers under an output's name."""

    output: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """`Fn::If`, whose condition the deployment answers with yes or no."""

    condition: str
    then: "Plan"
    otherwise: "Plan"


@dataclass(frozen=True, slots=True)
class Nothing:
    """`AWS::NoValue`: what holds it goes without."""


Plan: TypeAlias = "Ask | Choice | Nothing | dict[str, Plan] | list[Plan] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A SES resource that was taken out. `exists` is None where it has no condition."""

    logical_id: str
    type: str
    properties: Plan
    exists: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SesResource:
    """A SES resource with all its properties resolved, to be made over SES's API."""

    logical_id: str
    type: str
    properties: dict[str, Node]


@dataclass(slots=True, kw_only=True)
class Asker:
    """Collects the outputs that answer a plan."""

    parameters: Mapping[str, Node]
    outputs: dict[str, Node] = field(default_factory=dict)

    def plan(self, node: Node, guards: tuple[tuple[str, bool], ...] = ()) -> Plan:
        """`guards` are the conditions of the choices around: a branch that isn't taken may not be resolvable."""
        if node == NO_VALUE:
            return Nothing()
        match tree.intrinsic(node):
            case ("Fn::If", [str(condition), then, otherwise]):
                return Choice(
                    self.condition(condition),
                    self.plan(then, (*guards, (condition, True))),
                    self.plan(otherwise, (*guards, (condition, False))),
                )
            case (function, argument):
                many = self._many(function, argument)
                value: Node = {"Fn::Join": [SEPARATOR, node]} if many else node
                return Ask(self._ask(_guarded(value, guards)), many)
        if isinstance(node, dict):
            return {key: self.plan(value, guards) for key, value in node.items()}
        if isinstance(node, list):
            return [self.plan(value, guards) for value in node]
        return node

    def condition(self, name: str) -> str:
        return self._ask({"Fn::If": [name, "yes", "no"]})

    def _ask(self, value: Node) -> str:
        output = f"{ASKED}{len(self.outputs)}"
        self.outputs[output] = {"Value": value}
        return output

    def _many(self, function: str, argument: Node) -> bool:
        kind = tree.text(tree.mapping(self.parameters.get(tree.text(argument))).get("Type"))
        return function in {"Fn::Split", "Fn::GetAZs"} or (
            function == "Ref" and (kind == "CommaDelimitedList" or kind.startswith("List<"))
        )


def _guarded(value: Node, guards: Iterable[tuple[str, bool]]) -> Node:
    for condition, wanted in guards:
        value = {"Fn::If": [condition, value, "-"] if wanted else [condition, "-", value]}
    return value


def take_out(template: Template, stack: str) -> tuple[Template, tuple[Planned, ...]]:
    """The template without its SES resources, and with the outputs that answer the plans of those."""
    taken = {name: _named(name, resource, stack) for name, resource in tree.resources(template, FAMILY)}
    names = {name: _name(resource) for name, resource in taken.items()}
    rest = {
        **template,
        "Resources": {k: v for k, v in tree.mapping(template["Resources"]).items() if k not in taken},
    }
    without = tree.mapping(tree.rewrite(rest, lambda node: _unlinked(node, names)))
    asker = Asker(parameters=tree.mapping(template.get("Parameters")))
    planned = tuple(_planned(asker, name, resource, names) for name, resource in taken.items())
    without["Outputs"] = {**tree.mapping(without.get("Outputs")), **asker.outputs}
    return without, planned


def _planned(asker: Asker, name: str, resource: dict[str, Node], names: Mapping[str, Node]) -> Planned:
    condition = resource.get("Condition")
    guards = ((condition, True),) if isinstance(condition, str) else ()
    properties = tree.rewrite(resource.get("Properties") or {}, lambda node: _unlinked(node, names))
    return Planned(
        logical_id=name,
        type=tree.text(resource["Type"]),
        properties=asker.plan(properties, guards),
        exists=asker.condition(condition) if isinstance(condition, str) else None,
    )


def _named(logical_id: str, resource: dict[str, Node], stack: str) -> dict[str, Node]:
    """The resource with a name, as CloudFormation gives one where there is none."""
    path = NAMED.get(tree.text(resource["Type"]))
    if path is None:
        raise TemplateFault(f"{logical_id} is a {resource['Type']}, which the local stack doesn't know")
    properties = dict(tree.mapping(resource.get("Properties")))
    holder = properties
    for key in path[:-1]:
        holder[key] = dict(tree.mapping(holder.get(key)))
        holder = tree.mapping(holder[key])
    holder.setdefault(path[-1], f"{stack}-{logical_id}")
    return {**resource, "Properties": properties}


def _name(resource: dict[str, Node]) -> Node:
    node: Node = resource["Properties"]
    for key in NAMED[tree.text(resource["Type"])]:
        node = tree.mapping(node)[key]
    return node


def _unlinked(node: Node, names: Mapping[str, Node]) -> Node:
    """A node that refers to a taken resource, with the name of that resource in its place."""
    match tree.intrinsic(node):
        case ("Ref", str(name)) if name in names:
            return names[name]
        case ("Fn::GetAtt", [str(name), attribute]) if name in names:
            raise TemplateFault(f"!GetAtt {name}.{attribute}: the local stack can give the name of a SES resource only")
        case ("Fn::Sub", argument):
            return _unlinked_sub(argument, names)
    if isinstance(node, dict) and "DependsOn" in node:
        return _independent(node, names)
    return node


def _unlinked_sub(argument: Node, names: Mapping[str, Node]) -> Node:
    pattern, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    mentioned = {name for name in re.findall(r"\$\{([A-Za-z0-9]+)\}", tree.text(pattern)) if name in names}
    if not mentioned:
        return {"Fn::Sub": argument}
    return {"Fn::Sub": [pattern, {**{name: names[name] for name in sorted(mentioned)}, **tree.mapping(given)}]}


def _independent(node: dict[str, Node], names: Mapping[str, Node]) -> Node:
    before = node["DependsOn"]
    left: list[Node] = [name for name in (before if isinstance(before, list) else [before]) if name not in names]
    rest = {key: value for key, value in node.items() if key != "DependsOn"}
    return {**rest, "DependsOn": left} if left else rest


def fill(planned: Iterable[Planned], answers: Mapping[str, str]) -> Iterator[SesResource]:
    """The resources that exist, resolved; `answers` are the outputs of the deployed stack."""
    for plan in planned:
        if plan.exists is None or answers[plan.exists] == "yes":
            properties = tree.mapping(_filled(plan.properties, answers))
            yield SesResource(logical_id=plan.logical_id, type=plan.type, properties=properties)


def _filled(plan: Plan, answers: Mapping[str, str]) -> Node:
    match plan:
        case Ask(output, many):
            answer = answers.get(output, "")
            return [*filter(None, answer.split(SEPARATOR))] if many else answer
        case Choice():
            return _filled(_chosen(plan, answers), answers)
        case dict():
            kept = {key: _chosen(value, answers) for key, value in plan.items()}
            return {key: _filled(value, answers) for key, value in kept.items() if not isinstance(value, Nothing)}
        case list():
            items = [_chosen(value, answers) for value in plan]
            return [_filled(value, answers) for value in items if not isinstance(value, Nothing)]
        case Nothing():
            return None
    return plan


def _chosen(plan: Plan, answers: Mapping[str, str]) -> Plan:
    while isinstance(plan, Choice):
        plan = plan.then if answers[plan.condition] == "yes" else plan.otherwise
    return plan
