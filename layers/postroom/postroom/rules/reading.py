"""A rules file becomes a rule book, or every fault in it at once: where, in which rule, and what to write instead."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import yaml

from postroom.rules import action_forms, hours_forms
from postroom.rules.actions import NO_REPLY, Actions, Handling, Priority
from postroom.rules.fault import Fault, FaultyRules
from postroom.rules.hours import ALWAYS_OPEN, Hours
from postroom.rules.known import Known
from postroom.rules.reach import Reach
from postroom.rules.rule import ALWAYS, NEVER, Rule
from postroom.rules.sheet import Sheet, in_order, line_of, listed
from postroom.rules.trees import Trees
from postroom.rules.urgency import Levels, Urgency, UrgencyReason

_FILE = ("version", "hours", "targets", "macros", "urgency", "rules")
_RULE = ("name", "when", *action_forms.FORMS, "stop")
_MOST_RULES, _MOST_REASONS, _MOST_MACROS = 500, 100, 100
_UNPRINTABLE = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # a terminal or a log would obey them
_NAME = re.compile(rf"[^\s{_UNPRINTABLE}][^{_UNPRINTABLE}]{{0,59}}")
_VERSION = re.compile(r"[\w][\w .:/+-]{0,39}")
_MACRO = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """All that a rules file says. `targets` is the working time in which a mail gets its first answer."""

    name: str = ""
    hours: Hours = ALWAYS_OPEN
    targets: Mapping[Priority, timedelta] = field(default_factory=dict)
    urgency: Urgency = field(default_factory=Urgency)
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A rule book, and what in its file is hardly meant."""

    book: RuleBook
    warnings: tuple[Fault, ...] = ()


def read(text: str, source: str, known: Known) -> Reading:
    """The rule book of a YAML text. Raises FaultyRules with all faults."""
    reader = _Reader(source, known)
    book = reader.book(text)
    warnings = tuple(in_order(reader.sheet.warnings))
    if reader.sheet.faults:
        raise FaultyRules(in_order(reader.sheet.faults), warnings)
    return Reading(book=book, warnings=warnings)


class _Reader:
    """Reads the parts of one file, macros before what uses them."""

    def __init__(self, source: str, known: Known) -> None:
        self.sheet = Sheet(source)
        self._known = known
        self._trees = Trees(sheet=self.sheet)

    def book(self, text: str) -> RuleBook:
        root = self.sheet.root(text)
        keys = self.sheet.mapping(root, _FILE, "the file")
        if root is not None and "rules" not in keys:
            self.sheet.fault(root, "`rules:` must hold a list: begin each rule with a dash.")
        macros = self._macros(keys.get("macros"))
        book = RuleBook(
            name=self.sheet.formed(keys["version"], "version", _VERSION, "a name of at most 40 letters and digits")
            if "version" in keys
            else "",
            hours=hours_forms.hours(self.sheet, keys.get("hours")),
            targets=hours_forms.targets(self.sheet, keys.get("targets")),
            rules=tuple(self._rules(keys.get("rules"))),
            urgency=self._urgency(keys.get("urgency")),
        )
        for name, node in macros.items():
            if name not in self._trees.used:
                self.sheet.fault(
                    node, f"the macro `{name}` is used by nothing: write ${name} where it belongs, or take it out."
                )
        return book

    def _macros(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        """Defines the macros of the file; gives their names and where they stand."""
        defined: dict[str, yaml.Node] = {}
        pairs = self.sheet.pairs(node, "`macros` must be written as `name: [words]` or `name: {conditions}`.")
        if len(pairs) > _MOST_MACROS:
            self.sheet.fault(node, f"there are {len(pairs)} macros: {_MOST_MACROS} are the most.")
        for key, value in pairs[:_MOST_MACROS]:
            name = self.sheet.formed(key, "macros", _MACRO, "a name of small letters, digits and underscores")
            if name in defined:
                self.sheet.fault(key, f"the macro `{name}` is written twice: keep one.")
            elif name:
                self.sheet.about = f"macro {name!r}"
                self._trees.define(name, value)
                defined[name] = key
            self.sheet.about = ""
        return defined

    def _rules(self, node: yaml.Node | None) -> Iterator[Rule]:
        nodes = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        if node is not None and not isinstance(node, yaml.SequenceNode):
            self.sheet.fault(node, "`rules:` must hold a list: begin each rule with a dash.")
        if len(nodes) > _MOST_RULES:
            self.sheet.fault(node, f"there are {len(nodes)} rules: {_MOST_RULES} are the most.")
        names: dict[str, int] = {}
        reach = Reach(sheet=self.sheet)
        for number, each in enumerate(nodes[:_MOST_RULES], start=1):
            self.sheet.about = _named(each) or f"rule {number}"
            rule = self._rule(each)
            if rule.name in names:
                self.sheet.fault(each, f"the name is taken by the rule in line {names[rule.name]}: give each its own.")
            if rule.name:
                names.setdefault(rule.name, line_of(each))
            reach.pass_by(rule, each)
            yield rule
        self.sheet.about = ""

    def _rule(self, node: yaml.Node) -> Rule:
        """Where it has a fault, as far as it can be read: the rules around it are looked at all the same."""
        known = len(self.sheet.faults)
        keys = self.sheet.mapping(node, _RULE, "a rule")
        if isinstance(node, yaml.MappingNode) and "name" not in keys:
            self.sheet.fault(node, "`name` is missing: write a name of at most 60 characters, for people.")
        wanted = "a name of at most 60 characters, for people"
        name = self.sheet.formed(keys["name"], "name", _NAME, wanted) if "name" in keys else ""
        when = self._trees.tree(keys["when"]) if "when" in keys else ALWAYS
        actions = self._actions(keys)
        stop = "stop" in keys and bool(self.sheet.yes_no(keys["stop"], "stop"))
        right = len(self.sheet.faults) == known
        if right and not stop and actions == Actions():
            wanted = listed((*action_forms.FORMS, "stop"))
            self.sheet.fault(node, f"it does nothing: write at least one of {wanted}.")
        self._trees.given |= {("category", actions.category or ""), *(("tags", tag) for tag in actions.tags)}
        # A misspelt `when` is no rule for every mail: nothing is said of the rules below on its account.
        return Rule(name=name, when=when if right and when is not None else NEVER, actions=actions, stop=stop)

    def _actions(self, keys: Mapping[str, yaml.Node]) -> Actions:
        actions = Actions()
        for key, form in action_forms.FORMS.items():
            if key in keys:
                actions = actions.then(form.read(self.sheet, keys[key], key))
        kept_apart = actions.disposition in (Handling.QUARANTINE, Handling.REFUSE)
        if kept_apart and actions.reply not in (None, NO_REPLY):
            said = f"a mail with `disposition: {actions.disposition}` is never answered"
            self.sheet.fault(keys["reply"], f"{said}: take `reply` out, or write `reply: {NO_REPLY}`.")
        if kept_apart and actions.assign:
            said = f"a mail with `disposition: {actions.disposition}` is in no conversation that somebody could get"
            self.sheet.fault(keys["assign"], f"{said}: take `assign` out.")
        if wrong := self._known.wrong_reply(actions.reply):
            self.sheet.fault(keys["reply"], wrong)
        if wrong := self._known.wrong_agent(actions.assign):
            self.sheet.fault(keys["assign"], wrong)
        return actions

    def _urgency(self, node: yaml.Node | None) -> Urgency:
        keys = self.sheet.mapping(node, ("levels", "reasons"), "`urgency`")
        reasons: dict[str, UrgencyReason] = {}
        nodes = self.sheet.nodes(keys.get("reasons"), "reasons")[:_MOST_REASONS]
        for number, each in enumerate(nodes, start=1):
            self.sheet.about = f"urgency reason {number}"
            reason = self._reason(each)
            if reason is not None and reason.name in reasons:
                self.sheet.fault(each, f"the name `{reason.name}` is taken by another reason: give each its own.")
            elif reason is not None:
                reasons[reason.name] = reason
        self.sheet.about = ""
        return Urgency(levels=self._levels(keys.get("levels")), reasons=tuple(reasons.values()))

    def _reason(self, node: yaml.Node) -> UrgencyReason | None:
        keys = self.sheet.mapping(node, ("name", "points", "when"), "a reason")
        if not {"name", "points", "when"} <= keys.keys():
            self.sheet.fault(node, "it needs `name`, `points` and `when`.")
        wanted = "a name of small letters, digits and underscores"
        name = self.sheet.formed(keys["name"], "name", _MACRO, wanted) if "name" in keys else ""
        points = self.sheet.number(keys["points"], "points", -1000, 1000) if "points" in keys else None
        when = self._trees.tree(keys["when"]) if "when" in keys else None
        return UrgencyReason(name=name, points=points, when=when) if name and points is not None and when else None

    def _levels(self, node: yaml.Node | None) -> Levels:
        keys = self.sheet.mapping(node, ("urgent", "high", "low"), "`levels`")
        usual = Levels()
        numbers = {key: self.sheet.number(value, key, -10_000, 10_000) for key, value in keys.items()}
        urgent, high, low = (numbers.get(key) for key in ("urgent", "high", "low"))
        levels = Levels(
            urgent=usual.urgent if urgent is None else urgent,
            high=usual.high if high is None else high,
            low=usual.low if low is None else low,
        )
        if not levels.urgent > levels.high > 0 > levels.low:
            self.sheet.fault(node, "`levels` must fall: urgent above high, high above 0, and low below it.")
        return levels


def _named(rule: yaml.Node) -> str:
    """How a person knows the rule in the faults: by its name, where it has one."""
    pairs = rule.value if isinstance(rule, yaml.MappingNode) else []
    names = (value.value for key, value in pairs if key.value == "name" and isinstance(value, yaml.ScalarNode))
    return next((f"rule {name!r}" for name in names), "")
