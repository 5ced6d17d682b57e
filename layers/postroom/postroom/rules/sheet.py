"""A YAML text by its nodes, and every fault in it with line and column.

The nodes and not the values: they know where they stand, and words stay as they are written (`no` is Norwegian, not
False, and 09:00 is no number to the base of sixty).
"""

import re
from collections.abc import Iterable
from dataclasses import replace

import yaml

from postroom import nodes
from postroom.rules.conditions import Range
from postroom.rules.fault import Fault
from postroom.rules.not_yaml import place_and_why

_LONGEST = 256 << 10  # characters of a file
_MOST_FAULTS, _LONGEST_FAULT = 100, 900  # faults that are told, and characters of each
_LONGEST_NAME = 80  # characters of what a fault is about
_MOST_KEPT = 500  # that are known, to tell the first by line
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]+")
_ENTRIES = 500  # of a list
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_RANGE = re.compile(r"(-?\d{1,12})?(\.\.)?(-?\d{1,12})?")
_SIZE = re.compile(r"(\d{1,9}) ?(B|KB|MB)?")
#: What a node is that should be a word.
_NO_WORD = {yaml.ScalarNode: "", yaml.SequenceNode: ", no list", yaml.MappingNode: ", no `key: value`"}
_UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20}


class Sheet:
    """One file that is being read. `about` is what the next faults are about ("rule 'bills'"), empty for the file."""

    def __init__(self, source: str) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.about = ""
        self._source = source

    def root(self, text: str) -> yaml.Node | None:
        """The root of the document; None where it is none, or is empty: the fault is told."""
        if len(text) > _LONGEST:
            self.fault(None, f"the file has {len(text):,} characters: {_LONGEST:,} are the most.")
            return None
        try:
            root = nodes.compose(text)
        except yaml.MarkedYAMLError as error:
            self._add(*place_and_why(text, error))
            return None
        except yaml.reader.ReaderError as error:
            self.fault(None, f"the character {_code_point(error.character)} can't stand in it: is it a text file?")
            return None
        except (yaml.YAMLError, RecursionError, UnicodeEncodeError) as error:
            self.fault(None, f"the file is not YAML: {error}.")
            return None
        if root is None:
            self.fault(None, "the file is empty: write `rules: []` for no rules.")
        return root

    def mapping(self, node: yaml.Node | None, allowed: Iterable[str], what: str) -> dict[str, yaml.Node]:
        """The keys of a mapping; those that nobody knows, and those written twice, are faults. None has no keys."""
        found: dict[str, yaml.Node] = {}
        words = tuple(map(str, allowed))
        for key, value in self.pairs(node, f"{what} must be written as `key: value` with {listed(words)}."):
            if not isinstance(key, yaml.ScalarNode):
                self.fault(key, f"{what} knows only words as keys: {listed(words)}.")
            elif key.value not in words:
                self.fault(key, f"{what} has no `{key.value}`: it knows {listed(words)}.{like(key.value, words)}")
            elif key.value in found:
                self.fault(key, f"`{key.value}` is written twice: keep one.")
            else:
                found[str(key.value)] = value
        return found

    def pairs(self, node: yaml.Node | None, otherwise: str) -> list[tuple[yaml.Node, yaml.Node]]:
        """The keys and values of a mapping; `otherwise` is the fault where it is none."""
        if isinstance(node, yaml.MappingNode):
            return list(node.value)
        if node is not None:
            self.fault(node, otherwise)
        return []

    def nodes(self, node: yaml.Node | None, key: str) -> list[yaml.Node]:
        """The entries of a list, or the single thing in its place."""
        if node is None:
            return []
        found = list(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        if not found or len(found) > _ENTRIES:
            self.fault(node, f"`{key}` has {len(found)} entries: write 1 to {_ENTRIES}, or take it out.")
        return found[:_ENTRIES]

    def words(self, node: yaml.Node | None, key: str) -> list[tuple[yaml.Node, str]]:
        """The entries of a list of words, each with its node; the empty ones are faults."""
        pairs = [(each, self.word(each, f"an entry of `{key}`")) for each in self.nodes(node, key)]
        return [(each, written) for each, written in pairs if written]

    def word(self, node: yaml.Node, what: str) -> str:
        """A scalar as it is written; empty where it is none: the fault is told."""
        if isinstance(node, yaml.ScalarNode) and str(node.value).strip():
            return str(node.value).strip()
        self.fault(node, f"{what} must be a word or a phrase{_NO_WORD[type(node)]}.")
        return ""

    def formed(self, node: yaml.Node, key: str, form: re.Pattern[str], wanted: str) -> str:
        """A word of this form; empty where it isn't."""
        written = self.word(node, f"`{key}`")
        if written and not form.fullmatch(written):
            self.fault(node, f"`{key}: {written}` must be {wanted}.")
            return ""
        return written

    def chosen(self, node: yaml.Node, key: str, choices: Iterable[str]) -> str:
        """One word of a closed list; empty where it is none of it."""
        written, words = self.word(node, f"`{key}`"), tuple(map(str, choices))
        if written and written not in words:
            self.fault(node, f"`{key}: {written}` is none of {listed(words)}.{like(written, words)}")
            return ""
        return written

    def choices(self, node: yaml.Node, key: str, choices: Iterable[str]) -> frozenset[str]:
        words = tuple(map(str, choices))
        return frozenset(filter(None, (self.chosen(each, key, words) for each in self.nodes(node, key))))

    def yes_no(self, node: yaml.Node, key: str) -> bool | None:
        written = self.word(node, f"`{key}`").lower()
        if written and written not in _YES_NO:
            self.fault(node, f"`{key}: {written}` must be yes or no.")
        return _YES_NO.get(written)

    def is_yes_no(self, node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode)

    def number(self, node: yaml.Node, key: str, least: int, most: int) -> int | None:
        written = self.formed(node, key, re.compile(r"[+-]?\d{1,9}"), f"a whole number from {least} to {most}")
        if written and not least <= int(written) <= most:
            self.fault(node, f"`{key}: {written}` must be from {least} to {most}.")
            return None
        return int(written) if written else None

    def range(self, node: yaml.Node, key: str, *, sized: bool = False) -> Range | None:
        """`5`, `5..`, `..5` or `2..5`; with `sized` each end may have a unit (`..10 MB`)."""
        written = self.word(node, f"`{key}`")
        plain = "..".join(map(_bytes, written.split(".."))) if sized else written
        found = _RANGE.fullmatch(plain.replace(" ", ""))
        if written and (not found or not (found[1] or found[3]) or (found[1] and found[3] and not found[2])):
            example = "5 MB.., ..10 MB or 1 KB..2 MB" if sized else "3, 3.., ..5 or 3..5"
            self.fault(node, f"`{key}: {written}` must be a range such as {example}.")
            return None
        if not found or not written:
            return None
        least = int(found[1]) if found[1] else None
        most = int(found[3]) if found[3] else None if found[2] else least
        if least is not None and most is not None and least > most:
            self.fault(
                node, f"`{key}: {written}` holds for nothing: its first number is the larger one. Turn it round."
            )
        return Range(least=least, most=most)

    def fault(self, node: yaml.Node | None, sentence: str) -> None:
        self._add(*_place(node), sentence)

    def warn(self, node: yaml.Node, sentence: str) -> None:
        """What is hardly meant, and yet may be: the file is right all the same."""
        if len(self.warnings) < _MOST_FAULTS:
            self.warnings.append(self._told(*_place(node), sentence))

    def _add(self, line: int, column: int, sentence: str) -> None:
        if len(self.faults) < _MOST_KEPT:
            self.faults.append(self._told(line, column, sentence))

    def _told(self, line: int, column: int, sentence: str) -> Fault:
        about, text = _printable(self.about, _LONGEST_NAME), _printable(sentence, _LONGEST_FAULT)
        return Fault(source=self._source, line=line, column=column, about=about, text=text)


def _printable(told: str, longest: int) -> str:
    """On one line, and not too long, whatever the file holds."""
    line = _UNPRINTABLE.sub(" ", told)
    return line if len(line) <= longest else f"{line[: longest // 2]} … {line[-longest // 2 :]}"


def in_order(found: Iterable[Fault]) -> list[Fault]:
    """By line and column, each once: an alias of YAML is read wherever it stands."""
    faults = sorted(dict.fromkeys(found), key=lambda fault: fault.place)
    if len(faults) <= _MOST_FAULTS:
        return faults
    more = f"there are {len(faults)} faults; mend these first."
    return [*faults[:_MOST_FAULTS], replace(faults[_MOST_FAULTS], about="", text=more)]


def _place(node: yaml.Node | None) -> tuple[int, int]:
    return (node.start_mark.line + 1, node.start_mark.column + 1) if node else (1, 1)


def line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def listed(words: Iterable[str]) -> str:
    return ", ".join(str(word) for word in words)


def like(written: str, words: Iterable[str]) -> str:
    """The question whether one of the words was meant; empty where none is like this."""
    close = closest(written, words)
    return f" Did you mean {close}?" if close else ""


def closest(written: str, words: Iterable[str], least: float = 0.6) -> str:
    from difflib import get_close_matches  # here: a file without faults asks for none

    return next(iter(get_close_matches(str(written), [str(word) for word in words], n=1, cutoff=least)), "")


def _code_point(character: str | bytes | int) -> str:
    return f"U+{character if isinstance(character, int) else ord(character):04X}"


def _bytes(written: str) -> str:
    """A size in bytes; what is none stays, and is told as it was written."""
    found = _SIZE.fullmatch(written.strip())
    return str(int(found[1]) * _UNITS[found[2] or "B"]) if found else written
