"""CSS as mails have it: the declarations of a style attribute, and the simple rules of the style elements.

A rule's selector is a chain of compounds of type, class and id. What stands left of a combinator must be around the
element somewhere, in whatever order: more than a mail needs, and less than a browser does. Other selectors, and what
is under a condition that doesn't hold of a wide screen (narrow ones, paper, dark mode), count for nothing. (CSS
Syntax 3, Selectors 4, Media Queries 4.)
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Declarations = Mapping[str, str]  # property to value, both in small letters

Known = Callable[[str, str], bool]  # whether a declaration, property and value, is one that counts

_MAX_SHEET = 500_000  # characters of all style elements together
_MAX_RULES, _MAX_PER_KEY, _MAX_COMPOUNDS, _MAX_SELECTORS = 2_000, 200, 12, 500
_MAX_KNOWN, _MAX_TRIED = 5_000, 1_000_000  # sorts of elements, and rules that are applied, in one mail

_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})[ \t\n]?|(.))", re.IGNORECASE | re.DOTALL)
_COMPOUND = re.compile(r"(?P<type>[a-z][a-z0-9-]{0,40}|\*)?(?P<marks>(?:[.#][\w-]{1,100}){0,8})\Z", re.IGNORECASE)
_MARK = re.compile(r"[.#][\w-]+")
_COMBINATOR = re.compile(r"[\s>]+")  # what stands beside an element (+ ~) is not known
_SCREEN = re.compile(r"(?:(?:only\s{1,9})?(?:all|screen)\b)?(?:\s{0,9}(?:and\b)?\s{0,9}\([^()]{1,60}\)){0,9}\s{0,9}\Z")
_WIDTH = re.compile(r"\(\s{0,9}(min|max)-(?:device-)?width\s{0,9}:\s{0,9}(\d{1,6}(?:\.\d{0,6})?)(px|r?em)?\s{0,9}\)")
_FEATURE = re.compile(r"\([^()]{1,60}\)")
_WIDE = 1_000  # pixels: how wide the reader's screen is taken to be
#: Other names of properties: of one engine alone, and those that follow the direction of the writing (CSS Logical 1).
_SAME = {
    **{f"{engine}{name}": name for engine in ("-webkit-", "-moz-", "-ms-", "-o-")
       for name in ("transform", "filter", "clip-path", "opacity")},
    "block-size": "height", "max-block-size": "max-height", "inline-size": "width", "max-inline-size": "max-width",
    "margin-inline-start": "margin-left", "margin-block-start": "margin-top",
    "inset-inline-start": "left", "inset-inline-end": "right", "inset-block-start": "top", "inset-block-end": "bottom",
    "overflow-block": "overflow-y", "overflow-inline": "overflow-x",
}  # fmt: skip
_IMPORTANT = re.compile(r"\s{0,9}!\s{0,9}important\s{0,9}\Z")


def declarations(written: str, known: Known) -> tuple[Declarations, Declarations]:
    """The declarations that count, the last one of each property: ordinary ones, and those that are important."""
    ordinary: dict[str, str] = {}
    important: dict[str, str] = {}
    for each in _plain(written).lower().split(";"):
        name, colon, value = each.partition(":")
        name = name.strip()
        name = _SAME.get(name, name)
        bare = _IMPORTANT.sub("", value)
        said = " ".join(bare.split())
        if colon and known(name, said):
            (ordinary if bare == value else important)[name] = said
    return ordinary, important


def _plain(written: str) -> str:
    """CSS without its comments and escapes: `d\\69splay` is a name to a browser, and `dis/**/play` two."""
    if "/*" in written:
        written = " ".join(_outside_comments(written))
    if "\\" not in written:
        return written
    return _ESCAPE.sub(lambda found: _character(found.group(1)) if found.group(1) else found.group(2), written)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if 0 < code < 0xD800 else "\ufffd"


def _outside_comments(written: str) -> Iterator[str]:
    at = 0
    while (opened := written.find("/*", at)) >= 0:
        yield written[at:opened]
        closed = written.find("*/", opened + 2)
        if closed < 0:
            return
        at = closed + 2
    yield written[at:]


@dataclass(frozen=True, slots=True)
class _Compound:
    """One part of a selector: `td.price#total`. An empty type is any."""

    type: str
    marks: frozenset[str]  # ".class" and "#id", in small letters

    @property
    def key(self) -> str:
        """Under which the rule is looked for: an id before a class before a type."""
        return min(self.marks, default=self.type or "*", key=lambda mark: (mark[0] != "#", mark))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for one selector."""

    subject: _Compound
    around: frozenset[str]  # types and marks that elements around it must have
    weight: tuple[int, int, int]  # ids, classes, types: the specificity
    order: int
    ordinary: Declarations
    important: Declarations


@dataclass(slots=True)
class Sheet:
    """The rules of a mail's style elements, by what to look for. `tried` bounds the work that a mail can make."""

    rules: dict[str, list[Rule]] = field(default_factory=dict)
    known: dict[tuple[str, ...], list[Rule]] = field(default_factory=dict)
    tried: int = 0

    def of(self, names: tuple[str, ...], around: Mapping[str, int]) -> list[Rule]:
        """The rules for an element with this type, these classes and this id, the weakest first."""
        if names not in self.known and len(self.known) < _MAX_KNOWN:
            self.known[names] = self._fitting(names)
        found = self.known.get(names, [])
        self.tried += len(found)
        if self.tried > _MAX_TRIED:
            return []
        return [rule for rule in found if not rule.around or all(map(around.get, rule.around))]

    def _fitting(self, names: tuple[str, ...]) -> list[Rule]:
        """The rules whose subject is such an element, wherever it stands."""
        own = frozenset(names)
        rules = (rule for key in (*own, "*") for rule in self.rules.get(key, ()))
        fitting = [r for r in rules if (not r.subject.type or r.subject.type in own) and r.subject.marks <= own]
        return sorted(fitting, key=lambda rule: (rule.weight, rule.order))[-_MAX_PER_KEY:]


def sheet(styles: Iterable[str], known: Known) -> Sheet:
    """The rules of style elements that say something that counts."""
    found = Sheet()
    count = 0
    for selectors, body in _blocks("\n".join(styles)):
        said = declarations(body, known)
        if not any(said):
            continue
        for selector in selectors.split(",")[:_MAX_SELECTORS]:
            rule = _rule(selector, count, *said)
            at = found.rules.setdefault(rule.subject.key, []) if rule else []
            if rule and len(at) < _MAX_PER_KEY and count < _MAX_RULES:
                at.append(rule)
                count += 1
    return found


def _blocks(written: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of each rule that holds on any screen."""
    written = " ".join(_outside_comments(written)).replace("<!--", "").replace("-->", "")[:_MAX_SHEET]
    at = 0
    while (opened := written.find("{", at)) >= 0:
        prelude = written[at:opened].rpartition("}")[2].rpartition(";")[2].strip()
        if _holds(prelude.lower()):
            at = opened + 1
        elif prelude.startswith("@"):
            at = _end(written, opened)
        else:
            closed = written.find("}", opened)
            closed = len(written) if closed < 0 else closed
            yield prelude, written[opened + 1 : closed]
            at = closed + 1


def _holds(prelude: str) -> bool:
    """Whether what is in the braces of this at-rule counts."""
    return prelude.startswith("@layer") or (prelude.startswith("@media") and on_screen(prelude[len("@media") :]))


def on_screen(media: str) -> bool:
    """Whether a list of media queries, in small letters, holds of a wide screen in the usual colours."""
    return any(_query(each.strip()) for each in media[:1_000].split(","))


def _query(written: str) -> bool:
    if not _SCREEN.match(written):
        return False
    return all(_is_wide(feature) for feature in _FEATURE.findall(written))


def _is_wide(feature: str) -> bool:
    """Whether it asks for a width, and the screen has it."""
    asked = _WIDTH.match(feature)
    if asked is None:
        return False
    pixels = float(asked.group(2)) * (1 if asked.group(3) in (None, "px") else 16)
    return pixels <= _WIDE if asked.group(1) == "min" else pixels >= _WIDE


_BRACE = re.compile("[{}]")


def _end(written: str, opened: int) -> int:
    """The place after the brace that ends what this one opens."""
    depth = 0
    for brace in _BRACE.finditer(written, opened):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.end()
    return len(written)


def _rule(selector: str, order: int, ordinary: Declarations, important: Declarations) -> Rule | None:
    """The rule for one selector; None where it is of a sort that is not looked at."""
    parts = _COMBINATOR.split(selector.strip().lower()[:500])
    compounds = [each for each in map(_compound, parts[: _MAX_COMPOUNDS + 1]) if each]
    if len(compounds) != len(parts) or len(parts) > _MAX_COMPOUNDS:
        return None
    *outer, subject = compounds
    marks = [mark for each in compounds for mark in each.marks]
    ids = sum(mark[0] == "#" for mark in marks)
    return Rule(
        subject=subject,
        around=frozenset(name for each in outer for name in (each.type, *each.marks) if name),
        weight=(ids, len(marks) - ids, sum(bool(each.type) for each in compounds)),
        order=order,
        ordinary=ordinary,
        important=important,
    )


def _compound(written: str) -> _Compound | None:
    match = _COMPOUND.match(written)
    if not written or match is None:
        return None
    kind = match.group("type") or ""
    return _Compound("" if kind == "*" else kind, frozenset(_MARK.findall(match.group("marks"))))
