"""A policy file becomes a policy, or every fault in it at once, each with its line and what to write instead.

What the file leaves out is as in `postroom.attachments.policy`, so that a sign that a later version learns to see has a
treatment before the desk gives it one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

import yaml

from postroom import nodes
from postroom.attachments.policy import NEVER_ALLOWED, SIGNS, Bounds, Limits, Listed, Policy
from postroom.errors import Misconfigured
from postroom.reasons import Reason, Treatment

_KEYS = ("limits", "archives", "signs", "names", "types")
_UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20}
_NUMBER = re.compile(r"(\d{1,9})(?: ?(B|KB|MB))?")
_LINES = 500  # of a list
_NAME = re.compile(r"[^\s/\\][^/\\]{0,99}")
_TYPE = re.compile(r"(?:\*|[a-z0-9!#$&^_.+*-]{1,80})/[a-z0-9!#$&^_.+*-]{1,80}")
_STARS = 3  # in a pattern: more are slow, and nobody needs them

#: What each number may be, and in which unit it is written.
_LIMITS: Mapping[str, tuple[int, int, bool]] = MappingProxyType(
    {"count": (0, 10_000, False), "size": (0, 1 << 30, True), "total": (0, 1 << 30, True)}
)
_ARCHIVES: Mapping[str, tuple[int, int, bool]] = MappingProxyType(
    {
        "depth": (0, 10, False),
        "files": (0, 100_000, False),
        # /tmp of the function has 512 MB, for the mail, the attachment and what is unpacked of it.
        "unpacked": (0, 400 << 20, True),
        "ratio": (1, 10_000, False),
        "seconds": (1, 120, False),
    }
)


def read(text: str, source: str = "The policy file") -> Policy:
    """The policy of a YAML text. Raises Misconfigured with every fault: the file, the line, what to write."""
    reader = _Reader(source)
    policy = reader.policy(text)
    if reader.faults:
        raise Misconfigured(reader.faults)
    return policy


class _Reader:
    """Walks the nodes of the file: they know their lines."""

    def __init__(self, source: str) -> None:
        self.faults: list[str] = []
        self._source = source

    def policy(self, text: str) -> Policy:
        root = self._root(text)
        keys = self._mapping(root, _KEYS, "the file") if root else {}
        return Policy(
            limits=Limits(**self._numbers(keys.get("limits"), "limits", _LIMITS)),
            bounds=Bounds(**self._numbers(keys.get("archives"), "archives", _ARCHIVES)),
            signs=self._signs(keys.get("signs")),
            names=self._listed(keys.get("names"), "names", _NAME, 'a file name such as "*.exe"'),
            types=self._listed(keys.get("types"), "types", _TYPE, 'a media type such as "video/*"'),
        )

    def _root(self, text: str) -> yaml.Node | None:
        try:
            return nodes.compose(text)  # an empty file is the policy that we come with
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = f"this is not YAML ({error.problem}): mind the indentation and the quotes."
            self.faults.append(f"{self._source}: Line {line}: {problem}")
        except (yaml.YAMLError, RecursionError, UnicodeEncodeError) as error:
            self.faults.append(f"{self._source}: it is not YAML: {error}.")
        return None

    def _numbers(self, node: yaml.Node | None, name: str, known: Mapping[str, tuple[int, int, bool]]) -> dict[str, int]:
        keys = self._mapping(node, tuple(known), f"`{name}`") if node else {}
        pairs = ((key, self._number(value, key, *known[key])) for key, value in keys.items() if key in known)
        return {key: number for key, number in pairs if number is not None}

    def _number(self, node: yaml.Node, key: str, least: int, most: int, sized: bool) -> int | None:
        written = self._scalar(node, f"`{key}`")
        found = _NUMBER.fullmatch(written)
        unit = found[2] or "" if found else ""
        if written and (not found or (unit and not sized)):
            wanted = "a size such as 40 MB" if sized else "a whole number"
            self._fault(node, f"`{key}: {written}` must be {wanted}.")
        if not found or (unit and not sized):
            return None
        number = int(found[1]) * _UNITS[unit]
        if not least <= number <= most:
            bounds = f"{least} to {most >> 20} MB" if sized else f"{least} to {most}"
            self._fault(node, f"`{key}: {written}` must be from {bounds}.")
        return number

    def _signs(self, node: yaml.Node | None) -> Mapping[Reason, Treatment]:
        keys = self._mapping(node, tuple(SIGNS), "`signs`") if node else {}
        found = dict(SIGNS)
        for key, value in keys.items():
            treatment = self._treatment(value, key)
            if treatment is Treatment.ALLOW and key in NEVER_ALLOWED:
                self._fault(value, f"`{key}` can't be allowed: write quarantine or refuse.")
            elif treatment and key in SIGNS:
                found[Reason(key)] = treatment
        return MappingProxyType(found)

    def _listed(self, node: yaml.Node | None, name: str, form: re.Pattern[str], wanted: str) -> tuple[Listed, ...]:
        pairs = self._pairs(node, f"`{name}`") if node else []
        if len(pairs) > _LINES:
            self._fault(node, f"`{name}` has {len(pairs)} lines: {_LINES} are the most.")
        return tuple(self._lines(pairs[:_LINES], form, wanted))

    def _lines(self, pairs: list[tuple[yaml.Node, yaml.Node]], form: re.Pattern[str], wanted: str) -> Iterator[Listed]:
        for key, value in pairs:
            pattern = self._scalar(key, "a pattern")
            if pattern and not form.fullmatch(pattern):
                self._fault(key, f"`{pattern}` must be {wanted}.")
            if pattern.count("*") > _STARS:
                self._fault(key, f"`{pattern}` has {pattern.count('*')} asterisks: {_STARS} are the most.")
            if treatment := self._treatment(value, pattern):
                yield Listed(pattern=pattern, treatment=treatment)

    def _treatment(self, node: yaml.Node, key: str) -> Treatment | None:
        written = self._scalar(node, f"`{key}`")
        if written in (*Treatment,):
            return Treatment(written)
        if written:
            self._fault(node, f"`{key}: {written}` is none of {_listed(Treatment)}.{_like(written, Treatment)}")
        return None

    def _scalar(self, node: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and str(node.value).strip():
            return str(node.value).strip()
        self._fault(node, f"{what} must be one word or number.")
        return ""

    def _pairs(self, node: yaml.Node, what: str) -> list[tuple[yaml.Node, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            return list(node.value)
        if isinstance(node, yaml.ScalarNode) and not str(node.value).strip():
            return []  # the key alone, with everything below it commented out
        self._fault(node, f"{what} must be written as `key: value`.")
        return []

    def _mapping(self, node: yaml.Node, allowed: Iterable[str], what: str) -> dict[str, yaml.Node]:
        """The keys of a mapping; those that nobody knows, and those written twice, are faults."""
        found: dict[str, yaml.Node] = {}
        words = tuple(map(str, allowed))
        for key, value in self._pairs(node, what):
            written = self._scalar(key, f"a key of {what}")
            if written and written not in words:
                self._fault(key, f"{what} has no `{written}`.{_like(written, words) or f' It knows {_listed(words)}.'}")
            elif written in found:
                self._fault(key, f"`{written}` is written twice: keep one.")
            if written:
                found[written] = value
        return found

    def _fault(self, node: yaml.Node | None, sentence: str) -> None:
        line = f"Line {int(node.start_mark.line) + 1}: " if node else ""
        self.faults.append(f"{self._source}: {line}{sentence}")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(str(word) for word in words)


def _like(written: str, words: Iterable[str]) -> str:
    close = get_close_matches(written, [str(word) for word in words], n=1)
    return f" Did you mean {close[0]}?" if close else ""
