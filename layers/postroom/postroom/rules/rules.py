"""A desk's own rules: a file that is read from the top, as SES reads its receipt rules. docs/rules.md tells all of it.

Every rule whose `when` holds acts; what one has set no later one changes, so the narrow stands before the wide; `stop`
ends the reading. Where no rule has set a priority the `urgency` table does, and `targets` say when an answer is due.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from postroom.clock import iso
from postroom.kinds.answering import WANTS_AN_ANSWER
from postroom.kinds.kind import Kind
from postroom.rules.actions import Actions, Handling, Priority
from postroom.rules.facts import Facts
from postroom.rules.fault import Fault
from postroom.rules.known import Known
from postroom.rules.reading import RuleBook, read
from postroom.rules.rule import ALWAYS, Rule
from postroom.rules.urgency import Pressing
from postroom.signals import Kept, kept

__all__ = ["FOR_THE_REST", "CategoryFinding", "Facts", "Handling", "Priority", "Rule", "RuleSet", "load"]

_MOST_SIGNALS = 30  # in a finding, unless more have decided: it stands in the ledger's row
_SOURCE = "rules.yaml"

#: How sure a rule for all the rest is: it takes what no other rule knows, and is not sure of anything.
FOR_THE_REST = 20
_CONFIDENCE = {"to": 90, "kind": 90, "subject": 80, "text": 60}  # of any other rule, by what speaks for it
_USUAL = 40  # where nothing of these does


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFinding:
    """What the rules say of a mail: the category, the rule that gave it, and what was seen ("subject:invoice").

    `rules` are the names of those that acted. `signals` are those that decided first, and then those of rules that only
    added to it or fitted; `left_out` is how many others there were. `due_at` is when its first answer is due (ISO 8601
    in UTC), empty where the file has no target for the priority, and of a kind that nobody answers. All empty where
    none fitted.
    """

    category: str | None = None
    priority: Priority | None = None
    rule: str = ""
    confidence: int = 0  # 0 to 100
    signals: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    disposition: Handling | None = None
    tags: tuple[str, ...] = ()
    assign: str | None = None
    reply: str | None = None
    notify: tuple[str, ...] = ()
    due_at: str = ""
    left_out: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody else may still say the category: there is none, or that of a rule for all the rest."""
        return self.category is None or self.confidence <= FOR_THE_REST


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A rule that fits, and on what. It `settles` if it set something that no rule before it had set; it has `acted` if
    it did that, added something, or ended the reading."""

    rule: Rule
    signals: tuple[str, ...]
    settles: bool
    acted: bool

    @property
    def confidence(self) -> int:
        """That of the best signal. A condition without one (`not`, `unless`) is a condition all the same."""
        if self.rule.when == ALWAYS:
            return FOR_THE_REST
        return max((_CONFIDENCE.get(signal.partition(":")[0], _USUAL) for signal in self.signals), default=_USUAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A rules file. `version` is a short hash of its text, before which stands the name that the file gives itself: it
    tells which rules decided. `warnings` are what in the file is hardly meant; they change nothing."""

    version: str
    book: RuleBook = field(default_factory=RuleBook)
    warnings: tuple[Fault, ...] = ()

    def apply(self, facts: Facts) -> CategoryFinding:
        """What the rules say of this mail. Total, and it raises nothing but what `facts.ask_history` does."""
        mail = replace(facts, hours=self.book.hours)
        actions, fired = Actions(), list[Fired]()
        for each, so_far in self._firing(mail):
            actions, fired = so_far, [*fired, each]
        pressing = self.book.urgency.of(mail, actions) if actions.priority is None and fired else None
        priority = actions.priority or (pressing.priority if pressing else None)
        by = next((each for each in fired if each.rule.actions.category), None)
        told = _told(fired, pressing)
        return CategoryFinding(
            category=actions.category,
            priority=priority,
            rule=by.rule.name if by else "",
            confidence=by.confidence if by else 0,
            signals=told.signals,
            left_out=told.left_out,
            rules=tuple(each.rule.name for each in fired if each.acted),
            disposition=actions.disposition,
            tags=actions.tags,
            assign=actions.assign,
            reply=actions.reply,
            notify=actions.notify,
            due_at=self.due_at(mail.kind, mail.received_at, priority),
        )

    def _firing(self, mail: Facts) -> Iterator[tuple[Fired, Actions]]:
        """The rules that fit, in order, each with all that is set after it."""
        so_far = Actions()
        for rule in self.book.rules:
            found = rule.when.answer(mail, so_far)
            if found.holds:
                before, so_far = so_far, so_far.then(rule.actions)
                yield _fired(rule, found.signals, before, so_far), so_far
                if rule.stop:
                    return

    def due_at(self, kind: Kind, received_at: datetime | None, priority: Priority | None) -> str:
        """When a mail of this kind and priority is to have its first answer; empty where nobody answers it, or where
        there is no target."""
        target = self.book.targets.get(priority) if priority and WANTS_AN_ANSWER[kind] else None
        if target is None or received_at is None:
            return ""
        due = self.book.hours.after(received_at, target)
        return iso(due) if due else ""


_NOBODY_KNOWS = Known()


def load(text: str, source: str = _SOURCE, known: Known = _NOBODY_KNOWS) -> RuleSet:
    """The rules of a YAML text. Raises FaultyRules with every fault, by line: where it is, and what to write."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    reading = read(text, source, known)
    return RuleSet(version=f"{reading.book.name} {digest}".strip(), book=reading.book, warnings=reading.warnings)


def _fired(rule: Rule, signals: tuple[str, ...], before: Actions, after: Actions) -> Fired:
    settles = after.settled != before.settled
    return Fired(rule=rule, signals=signals, settles=settles, acted=rule.stop or after != before)


def _told(fired: Sequence[Fired], pressing: Pressing | None) -> Kept:
    """What the rules rest on that set something, and the priority; then what those saw that only added to it."""
    deciding = [signal for each in fired if each.settles for signal in each.signals]
    others = [signal for each in fired for signal in each.signals]
    return kept((*deciding, *(pressing.signals if pressing else ())), others, _MOST_SIGNALS)
