"""What changed between the present decisions and the new ones, counted over all mails."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cli.mailbox import Unread
from cli.replay.judging import Judgement

_MOST_CHANGES = 10_000  # different ones that are told apart: a field may have a value of its own for each mail
_MOST_NAMED = 1_000  # mails that could not be read

#: The field that says by when, and not what: new opening hours move it for every mail, so it is counted apart.
DUE = "due_at"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """A field of the decision that was one thing and would be another. "" is nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One mail under both. `assumed` names what is not known of it; `decided_by` is the version of the rules that
    decided when it came, as far as that is known."""

    mail: str
    subject: str
    present: Judgement
    new: Judgement
    assumed: tuple[str, ...] = ()
    decided_by: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        before, after = self.present.facts, self.new.facts
        return tuple(
            Change(field=name, before=before.get(name, ""), after=after.get(name, ""))
            for name in dict.fromkeys((*before, *after))
            if before.get(name, "") != after.get(name, "")
        )


@dataclass(slots=True, kw_only=True)
class Tally:
    """The count. `shown` mails of each change are kept as its examples, the first that came. `changed` mails would be
    decided differently; `due` are those whose answer would be due at another time, whatever else becomes of them."""

    shown: int
    mails: int = 0
    changed: int = 0
    due: int = 0
    unread: int = 0
    counts: Counter[Change] = field(default_factory=Counter)
    examples: dict[Change, list[Replayed]] = field(default_factory=dict)
    named: list[Unread] = field(default_factory=list)
    assumed: Counter[str] = field(default_factory=Counter)
    decided_by: Counter[str] = field(default_factory=Counter)

    def add(self, found: Replayed | Unread) -> None:
        if isinstance(found, Unread):
            self.unread += 1
            self.named += [found] if len(self.named) < _MOST_NAMED else []
            return
        self.mails += 1
        self.assumed.update(found.assumed)
        self.decided_by.update([found.decided_by] if found.decided_by else [])
        fields = {change.field for change in found.changes}
        self.changed += bool(fields - {DUE})
        self.due += DUE in fields
        for change in found.changes:
            self._count(change, found)

    def _count(self, change: Change, found: Replayed) -> None:
        if change not in self.counts and len(self.counts) >= _MOST_CHANGES:
            change = Change(field=change.field, before="(others)", after="(others)")
        self.counts[change] += 1
        examples = self.examples.setdefault(change, [])
        if len(examples) < max(self.shown, 1):
            examples.append(found)

    def examples_by_mail(self) -> Sequence[Replayed]:
        """The examples, each mail once. Another due time alone is no example: its change says all there is."""
        kept = (each for change, examples in self.examples.items() if change.field != DUE for each in examples)
        return list({each.mail: each for each in kept}.values())

    def by_field(self) -> Iterator[tuple[str, Sequence[tuple[Change, int]]]]:
        """The changes of each field, the commonest first; so are the fields, and when an answer is due is the last."""
        fields = Counter[str]()
        for change, count in self.counts.items():
            fields[change.field] += count
        for name, _ in sorted(fields.items(), key=lambda each: (each[0] == DUE, -each[1], each[0])):
            of_it = [(change, count) for change, count in self.counts.items() if change.field == name]
            yield name, sorted(of_it, key=lambda each: (-each[1], each[0]))
