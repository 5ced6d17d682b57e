"""Conditions put together: all, any, not, and macros; what can never hold, and what would cost too much, is a fault."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import yaml

from postroom.rules.condition_forms import FORMS, phrases
from postroom.rules.conditions import AllOf, AnyOf, Condition, Is, Not, OneOf, Phrase, Range, Within, leaves
from postroom.rules.pressing_words import WORDS
from postroom.rules.sheet import Sheet, closest, like, listed

DEEPEST = 6  # conditions inside conditions, those of macros included
MOST_LEAVES = 500  # in one rule, those of macros included
_MOST_READ = 5_000  # in a file: aliases of YAML can say one thing a million times
JOINS = ("all", "any", "not")


@dataclass(slots=True, kw_only=True)
class Trees:
    """Reads the conditions of one file. `lists` and `named` are its macros, `faulty` those that can't be read; `used`
    are those that something refers to, or means to; `given` are the categories and tags of the rules so far.
    """

    sheet: Sheet
    lists: dict[str, tuple[Phrase, ...]] = field(default_factory=dict)
    named: dict[str, Condition] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    faulty: set[str] = field(default_factory=set)
    given: set[tuple[str, str]] = field(default_factory=set)
    _read: int = 0

    def tree(self, node: yaml.Node) -> Condition | None:
        """The condition under a node, checked as a whole; None where it has a fault."""
        known = len(self.sheet.faults)
        found = self._condition(node, 1)
        if found is None or len(self.sheet.faults) > known:
            return None
        if (count := sum(1 for _ in leaves(found))) > MOST_LEAVES:
            self.sheet.fault(node, f"it asks for {count} things: {MOST_LEAVES} are the most in one rule.")
        elif why := impossible(found):
            self.sheet.fault(node, f"it never holds: {why}")
        return found if len(self.sheet.faults) == known else None

    def _condition(self, node: yaml.Node, depth: int) -> Condition | None:
        """A mapping of conditions, all of which must hold, or `$NAME` of a macro."""
        self._read += 1
        if depth > DEEPEST:
            self.sheet.fault(node, f"conditions stand {DEEPEST} deep in each other at most: name some as a macro.")
            return None
        if self._read > _MOST_READ:
            if self._read == _MOST_READ + 1:
                self.sheet.fault(node, f"the file has more than {_MOST_READ} conditions.")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._macro(node, self.sheet.word(node, "a condition"), depth)
        keys = self.sheet.mapping(node, (*FORMS, *JOINS), "a condition")
        found = [self._one(key, value, depth) for key, value in keys.items()]
        if not found and isinstance(node, yaml.MappingNode) and not node.value:
            self.sheet.fault(node, "it is empty: write a condition, or take `when:` out for a rule that always holds.")
        whole = tuple(each for each in found if each is not None)
        return whole[0] if len(whole) == 1 else AllOf(of=whole)

    def _one(self, key: str, node: yaml.Node, depth: int) -> Condition | None:
        if key == "not":
            inner = self._condition(node, depth + 1)
            return None if inner is None else Not(of=inner)
        if key not in JOINS:
            return FORMS[key].read(self, node, key)
        inside = (self._condition(each, depth + 1) for each in self.sheet.nodes(node, key))
        found = tuple(each for each in inside if each is not None)
        return AllOf(of=found) if key == "all" else AnyOf(of=found)

    def _macro(self, node: yaml.Node, written: str, depth: int) -> Condition | None:
        if not written:
            return None
        name = written.removeprefix("$")
        if written != name and name in self.faulty:  # its own line says why
            self.used.add(name)
            return None
        if written == name or name not in self.named:
            self._no_macro(node, written, self.named, "a condition")
            return None
        self.used.add(name)
        if depth + depth_of(self.named[name]) > DEEPEST + 1:
            self.sheet.fault(node, f"with `{written}` conditions stand more than {DEEPEST} deep in each other.")
        return self.named[name]

    def phrases_of(self, macro: yaml.Node, name: str) -> tuple[Phrase, ...]:
        """The phrases of a word list: the file's own, or one that every file has."""
        if name in self.lists:
            self.used.add(name)
            return self.lists[name]
        if name not in WORDS:
            self._no_macro(macro, f"${name}", (*self.lists, *WORDS), "a word list")
            return ()
        return shipped(name)

    def _no_macro(self, node: yaml.Node, written: str, known: Iterable[str], what: str) -> None:
        names = [f"${name}" for name in known]
        self.used.add(closest(written, names).removeprefix("$"))  # misspelt, not unused
        there = f"there are {listed(names)}" if names else "there is none"
        self.sheet.fault(
            node, f"`{written}` is no macro above this line that is {what}: {there}.{like(written, names)}"
        )

    def is_given(self, action: str, written: str) -> bool:
        return (action, written) in self.given

    def define(self, name: str, node: yaml.Node) -> None:
        """A macro: a list of words, or a condition. It may use those above it, and so never itself."""
        if isinstance(node, yaml.SequenceNode):
            self.lists[name] = phrases(self, node, name)
        elif (condition := self.tree(node)) is not None:
            self.named[name] = condition
        else:
            self.faulty.add(name)


@cache
def shipped(name: str) -> tuple[Phrase, ...]:
    """The word list of this name that every file has."""
    return tuple(map(Phrase.of, WORDS[name]))


def depth_of(condition: Condition) -> int:
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            return 1 + max(map(depth_of, of), default=0)
        case Not(of=inner):
            return 1 + depth_of(inner)
        case _:
            return 1


def impossible(condition: Condition) -> str:
    """Why no mail can fit, where that shows without one; else empty. Only what must hold together is compared."""
    if isinstance(condition, AnyOf):
        found = [impossible(each) for each in condition.of]
        return found[0] if found and all(found) else ""
    together = tuple(_together(condition))
    inner = (impossible(each) for each in together if isinstance(each, AnyOf))
    return _of_values(together) or _of_ranges(together) or _of_yes_no(together) or next(filter(None, inner), "")


def _together(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, AllOf):
        for each in condition.of:
            yield from _together(each)
    else:
        yield condition


def _of_values(together: tuple[Condition, ...]) -> str:
    left: dict[str, frozenset[str]] = {}
    for each in together:
        if isinstance(each, OneOf):
            left[each.fact] = left.get(each.fact, each.values) & each.values
    for each in together:
        if isinstance(each, Not) and isinstance(each.of, OneOf) and each.of.fact in left:
            left[each.of.fact] -= each.of.values
    fact = next((fact for fact, values in left.items() if not values), "")
    why = f"nothing is left of what `{fact}` may be. Take one of its conditions out, or put them under `any`."
    return why if fact else ""


def _of_ranges(together: tuple[Condition, ...]) -> str:
    left: dict[str, Range] = {}
    for each in together:
        if isinstance(each, Within):
            before = left.get(each.fact, Range())
            least = max((n for n in (before.least, each.range.least) if n is not None), default=None)
            most = min((n for n in (before.most, each.range.most) if n is not None), default=None)
            left[each.fact] = Range(least=least, most=most)
            if least is not None and most is not None and least > most:
                return f"no number is in every range of `{each.fact}`. Take one out, or put them under `any`."
    return ""


def _of_yes_no(together: tuple[Condition, ...]) -> str:
    seen: dict[str, bool] = {}
    for each in together:
        if isinstance(each, Is) and seen.setdefault(each.fact, each.wanted) is not each.wanted:
            return f"`{each.fact}` can't be yes and no at once. Take one out."
    return ""
