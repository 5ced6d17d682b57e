"""A desk's own rules: a file that is read from the top, as SES reads its receipt rules. docs/rules.md tells all of it.

Every rule whose `when` holds acts; what one has set no later one changes, so the narrow stands before the wide; `stop`
ends the reading. Where no rule has set a priority the `urgency` table does, and `targets` say when an answer is due.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from postroom.clock import iso
from postroom.kinds.answering import WANTS_AN_ANSWER
from postroom.rules.actions import Actions, Handling, Priority
from postroom.rules.facts import Facts
from postroom.rules.reading import RuleBook, read
from postroom.rules.rule import ALWAYS, Rule

__all__ = ["FOR_THE_REST", "CategoryFinding", "Facts", "Handling", "Priority", "Rule", "RuleSet", "load"]

_MOST_SIGNALS = 30  # in a finding: it stands in the ledger's row
_SOURCE = "rules.yaml"

#: How sure a rule for all the rest is: it takes what no other rule knows, and is not sure of anything.
FOR_THE_REST = 20
_CONFIDENCE = {"to": 90, "kind": 90, "subject": 80, "text": 60}  # of any other rule, by what speaks for it
_USUAL = 40  # where nothing of these does


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFinding:
    """What the rules say of a mail: the category, the rule that gave it, and what was seen ("subject:invoice").

    `rules` are the names of all that acted. `due_at` is when its first answer is due (ISO 8601 in UTC), empty where the
    file has no target for the priority, and of a kind that nobody answers. All empty where no rule fitted.
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

    @property
    def is_open(self) -> bool:
        """Whether somebody else may still say the category: there is none, or that of a rule for all the rest."""
        return self.category is None or self.confidence <= FOR_THE_REST


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A rule that acted, and on what."""

    rule: Rule
    signals: tuple[str, ...]

    @property
    def confidence(self) -> int:
        """That of the best signal. A condition without one (`not`, `unless`) is a condition all the same."""
        if self.rule.when == ALWAYS:
            return FOR_THE_REST
        return max((_CONFIDENCE.get(signal.partition(":")[0], _USUAL) for signal in self.signals), default=_USUAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A rules file. `version` is a short hash of its text, before which stands the name that the file gives itself: it
    tells which rules decided."""

    version: str
    book: RuleBook = field(default_factory=RuleBook)

    def apply(self, facts: Facts) -> CategoryFinding:
        """What the rules say of this mail. Total, and it raises nothing but what `facts.ask_history` does."""
        mail = replace(facts, hours=self.book.hours)
        actions, fired = Actions(), list[Fired]()
        for each, so_far in self._firing(mail):
            actions, fired = so_far, [*fired, each]
        pressing = self.book.urgency.of(mail, actions) if actions.priority is None and fired else None
        priority = actions.priority or (pressing.priority if pressing else None)
        by = next((each for each in fired if each.rule.actions.category), None)
        signals = (*(s for each in fired for s in each.signals), *(pressing.signals if pressing else ()))
        return CategoryFinding(
            category=actions.category,
            priority=priority,
            rule=by.rule.name if by else "",
            confidence=by.confidence if by else 0,
            signals=tuple(dict.fromkeys(signals))[:_MOST_SIGNALS],
            rules=tuple(each.rule.name for each in fired),
            disposition=actions.disposition,
            tags=actions.tags,
            assign=actions.assign,
            reply=actions.reply,
            notify=actions.notify,
            due_at=self._due_at(mail, priority),
        )

    def _firing(self, mail: Facts) -> Iterator[tuple[Fired, Actions]]:
        """The rules that act, in order, each with all that is set after it."""
        so_far = Actions()
        for rule in self.book.rules:
            found = rule.when.answer(mail, so_far)
            if found.holds:
                so_far = so_far.then(rule.actions)
                yield Fired(rule=rule, signals=found.signals), so_far
                if rule.stop:
                    return

    def _due_at(self, mail: Facts, priority: Priority | None) -> str:
        target = self.book.targets.get(priority) if priority and WANTS_AN_ANSWER[mail.kind] else None
        if target is None or mail.received_at is None:
            return ""
        due = self.book.hours.after(mail.received_at, target)
        return iso(due) if due else ""


def load(text: str, source: str = _SOURCE) -> RuleSet:
    """The rules of a YAML text. Raises Misconfigured with every fault: the file, line, column, rule, what to write."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    book = read(text, source)
    return RuleSet(version=f"{book.name} {digest}".strip(), book=book)
