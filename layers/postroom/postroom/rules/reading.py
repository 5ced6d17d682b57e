"""A rules file becomes rules, or every fault in it at once, each with its rule, its line and what to write instead."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import yaml

from postroom.errors import Misconfigured
from postroom.kinds.kind import Kind
from postroom.kinds.words import phrase
from postroom.rules.rule import Conditions, Phrase, Priority, Rule

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where PyYAML was built with it: ten times faster
_KEYS = ("name", "category", "priority", "when")
_CONDITIONS = ("words", "subject", "text", "unless", "to", "kind", "language", "attachments")
_NAME, _CATEGORY = re.compile(r"[^\s].{0,59}"), re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE, _LOCAL_PART = re.compile(r"[a-z]{2}"), re.compile(r"[^@\s]{1,64}")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_RULES, _ENTRIES = 500, 500


def read(text: str) -> tuple[Rule, ...]:
    """The rules of a YAML text, in order. Raises Misconfigured with all faults."""
    reader = _Reader()
    rules = tuple(reader.rules(text))
    if reader.faults:
        raise Misconfigured(reader.faults)
    return rules


class _Reader:
    """Walks the nodes of the file: they know their lines, and words stay as written (`no` is Norwegian, not False)."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._rule = ""

    def rules(self, text: str) -> Iterator[Rule]:
        nodes = self._entries(self._root(text))
        if len(nodes) > _RULES:
            self.faults.append(f"The rules file has {len(nodes)} rules: {_RULES} are the most.")
        names: dict[str, int] = {}
        for number, node in enumerate(nodes[:_RULES], start=1):
            self._rule = f"rule {number}"
            rule = self._read_rule(node, last=number == len(nodes))
            if self._rule in names:
                self._fault(node, f"the name is taken by the rule in line {names[self._rule]}: give each its own.")
            names.setdefault(self._rule, _line(node))
            if rule:
                yield rule

    def _root(self, text: str) -> yaml.Node | None:
        try:
            return yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self.faults.append(f"Line {line}: this is not YAML ({error.problem}): mind the indentation and the quotes.")
        except (yaml.YAMLError, RecursionError) as error:
            self.faults.append(f"The rules file is not YAML: {error}.")
        return None

    def _entries(self, root: yaml.Node | None) -> list[yaml.Node]:
        if self.faults:
            return []
        if root is None:
            self.faults.append("The rules file is empty: write `rules: []` for no rules.")
            return []
        keys = self._mapping(root, ("rules",), "the file")
        rules = keys.get("rules")
        if isinstance(rules, yaml.SequenceNode):
            return list(rules.value)
        self._fault(rules or root, "`rules:` must hold a list: begin each rule with a dash.")
        return []

    def _read_rule(self, node: yaml.Node, *, last: bool) -> Rule | None:
        known = len(self.faults)
        self._rule = _named(node) or self._rule
        keys = self._mapping(node, _KEYS, "a rule")
        name = self._word(node, keys, "name", _NAME, "a name of at most 60 characters, for people")
        category = self._word(node, keys, "category", _CATEGORY, "lower-case letters, digits and underscores")
        priority = self._priority(keys.get("priority"))
        when = self._conditions(keys.get("when"))
        if when == Conditions() and not last and len(self.faults) == known:
            self._fault(
                node, "it fits every mail, so no rule after it is ever reached: add `when:` or make it the last."
            )
        if len(self.faults) > known:
            return None
        return Rule(name=name, category=category, priority=priority, when=when)

    def _priority(self, node: yaml.Node | None) -> Priority:
        written = self._scalar(node, "`priority`") if node else Priority.NORMAL
        if written in (*Priority,):
            return Priority(written)
        if written:
            self._fault(node, f"`priority: {written}` is none of {_listed(Priority)}.{_like(written, Priority)}")
        return Priority.NORMAL

    def _conditions(self, node: yaml.Node | None) -> Conditions:
        if node is None:
            return Conditions()
        keys = self._mapping(node, _CONDITIONS, "`when`")
        return Conditions(
            words=self._phrases(keys, "words"),
            subject=self._phrases(keys, "subject"),
            text=self._phrases(keys, "text"),
            unless=self._phrases(keys, "unless"),
            to=frozenset(
                w.casefold() for w in self._words(keys, "to", _LOCAL_PART, "a local part without @ and domain")
            ),
            kind=self._kinds(keys),
            language=frozenset(self._words(keys, "language", _LANGUAGE, "an ISO 639-1 code such as en")),
            attachments=self._yes_no(keys.get("attachments")),
        )

    def _phrases(self, keys: dict[str, yaml.Node], key: str) -> tuple[Phrase, ...]:
        return tuple(
            Phrase(written=written, wanted=phrase(written))
            for node, written in self._list(keys, key)
            if self._is_phrase(node, key, written)
        )

    def _is_phrase(self, node: yaml.Node, key: str, written: str) -> bool:
        if not phrase(written).strip():
            self._fault(node, f"`{key}` has {written!r}, which has no letter or digit: write a word or take it out.")
            return False
        if "*" in written[1:-1]:
            self._fault(node, f"`{key}` has {written!r}: an asterisk may only begin or end a phrase.")
            return False
        return True

    def _kinds(self, keys: dict[str, yaml.Node]) -> frozenset[Kind]:
        found = set()
        for node, written in self._list(keys, "kind"):
            if written in (*Kind,):
                found.add(Kind(written))
            else:
                self._fault(node, f"`kind: {written}` is none of {_listed(Kind)}.{_like(written, Kind)}")
        return frozenset(found)

    def _words(self, keys: dict[str, yaml.Node], key: str, form: re.Pattern[str], wanted: str) -> Iterator[str]:
        for node, written in self._list(keys, key):
            if form.fullmatch(written):
                yield written
            else:
                self._fault(node, f"`{key}: {written}` must be {wanted}.")

    def _yes_no(self, node: yaml.Node | None) -> bool | None:
        if node is None:
            return None
        written = self._scalar(node, "`attachments`").lower()
        if written and written not in _YES_NO:
            self._fault(node, f"`attachments: {written}` must be yes or no.")
        return _YES_NO.get(written)

    def _list(self, keys: dict[str, yaml.Node], key: str) -> list[tuple[yaml.Node, str]]:
        """The entries of a list, or a single word in its place."""
        node = keys.get(key)
        if node is None:
            return []
        nodes = list(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes or len(nodes) > _ENTRIES:
            self._fault(node, f"`{key}` has {len(nodes)} entries: write 1 to {_ENTRIES}, or take it out.")
        pairs = [(each, self._scalar(each, f"an entry of `{key}`")) for each in nodes[:_ENTRIES]]
        return [(each, written) for each, written in pairs if written]

    def _word(self, rule: yaml.Node, keys: dict[str, yaml.Node], key: str, form: re.Pattern[str], wanted: str) -> str:
        node = keys.get(key)
        if node is None:
            self._fault(rule, f"`{key}` is missing: write {wanted}.")
            return ""
        written = self._scalar(node, f"`{key}`")
        if written and not form.fullmatch(written):
            self._fault(node, f"`{key}: {written}` must be {wanted}.")
        return written

    def _scalar(self, node: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and str(node.value).strip():
            return str(node.value).strip()
        self._fault(
            node, f"{what} must be a word or a phrase" + ("." if isinstance(node, yaml.ScalarNode) else ", no list.")
        )
        return ""

    def _mapping(self, node: yaml.Node, allowed: tuple[str, ...], what: str) -> dict[str, yaml.Node]:
        """The keys of a mapping; those that nobody knows, and those written twice, are faults."""
        found: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, f"{what} must be written as `key: value` with {_listed(allowed)}.")
            return found
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, f"{what} knows only words as keys: {_listed(allowed)}.")
                continue
            if key.value not in allowed:
                self._fault(
                    key, f"{what} has no `{key.value}`: it knows {_listed(allowed)}.{_like(key.value, allowed)}"
                )
            elif key.value in found:
                self._fault(key, f"`{key.value}` is written twice: keep one.")
            found[str(key.value)] = value
        return found

    def _fault(self, node: yaml.Node | None, sentence: str) -> None:
        place = f"Line {_line(node)}" if node else "The rules file"
        self.faults.append(f"{place}, {self._rule}: {sentence}" if self._rule else f"{place}: {sentence}")


def _named(rule: yaml.Node) -> str:
    """How a person knows the rule in the faults: by its name, where it has one."""
    pairs = rule.value if isinstance(rule, yaml.MappingNode) else []
    names = (value.value for key, value in pairs if key.value == "name" and isinstance(value, yaml.ScalarNode))
    return next((f"rule {name!r}" for name in names), "")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _listed(words: Iterable[str]) -> str:
    return ", ".join(str(word) for word in words)


def _like(written: str, words: Iterable[str]) -> str:
    close = get_close_matches(str(written), [str(word) for word in words], n=1)
    return f" Did you mean {close[0]}?" if close else ""
