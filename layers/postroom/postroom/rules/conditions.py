"""What must hold of a mail, as a tree of values. Each answers yes, no, or "nobody knows" (Kleene's three-valued logic).

Of a file nobody knows the verdicts, and of a first try nobody may know the customer: a rule acts only on a yes, and
"not" makes no yes out of what isn't known. A yes comes with its signals: the named reasons for the record, out of the
rules file and never out of the mail.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from postroom.kinds.words import phrase
from postroom.message import Attachment
from postroom.rules.actions import Actions
from postroom.rules.facts import UNKNOWN_LANGUAGE, Facts
from postroom.rules.glob import AddressPattern, Glob

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Answer:
    """`holds` is None where nobody knows; `signals` say what a yes rests on."""

    holds: bool | None
    signals: tuple[str, ...] = ()


NO, UNKNOWN = Answer(False), Answer(None)


class Condition(Protocol):
    """`so_far` is what the rules before this one have set."""

    def answer(self, facts: Facts, so_far: Actions) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """A yes where each says yes; none at all is a yes."""

    of: tuple[Condition, ...]

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        signals: list[str] = []
        known = True
        for each in self.of:
            found = each.answer(facts, so_far)
            if found.holds is False:
                return NO
            known = known and found.holds is not None
            signals += found.signals
        return Answer(True, tuple(signals)) if known else UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """A yes where one says yes, with the signals of the first that does."""

    of: tuple[Condition, ...]

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        known = True
        for each in self.of:
            found = each.answer(facts, so_far)
            if found.holds:
                return found
            known = known and found.holds is not None
        return NO if known else UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    of: Condition

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        found = self.of.answer(facts, so_far).holds
        return UNKNOWN if found is None else Answer(not found)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it is written in the file, and in the form that is looked for. `first` is a word that the mail must
    have for it, empty where that can't be told: most phrases are ruled out by it, at a hundredth of the time."""

    written: str
    wanted: str
    first: str = ""

    @classmethod
    def of(cls, written: str) -> "Phrase":
        wanted = phrase(written)
        words = wanted.split()
        closed = wanted.startswith(" ") and (wanted.endswith(" ") or len(words) > 1)
        return cls(written, wanted, words[0] if closed and words else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One of the phrases stands in the subject, in the text, or in either ("words"); the subject tells more."""

    place: str
    phrases: tuple[Phrase, ...]

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        for name in _PLACES[self.place]:
            words, vocabulary = facts.words(name)
            for each in self.phrases:
                if (not each.first or each.first in vocabulary) and each.wanted in words:
                    return Answer(True, (f"{name}:{each.written}",))
        return NO


_PLACES: Mapping[str, tuple[str, ...]] = {"words": ("subject", "text"), "subject": ("subject",), "text": ("text",)}
PLACES = tuple(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """A fact that has one value, and which ones are wanted."""

    fact: str
    values: frozenset[str]

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        found = SINGLE_FACTS[self.fact](facts, so_far)
        if found is None:
            return UNKNOWN
        return Answer(True, (f"{self.fact}:{found}",)) if found in self.values else NO


#: The facts of one value, in the words of the file; "" is a value that no file names.
SINGLE_FACTS: Mapping[str, Callable[[Facts, Actions], str | None]] = {
    "kind": lambda facts, _: facts.kind.value,
    "language": lambda facts, _: facts.language or UNKNOWN_LANGUAGE,
    "category": lambda _, so_far: so_far.category or "",
    "spf": lambda facts, _: facts.verdict("spf"),
    "dkim": lambda facts, _: facts.verdict("dkim"),
    "dmarc": lambda facts, _: facts.verdict("dmarc"),
    "spam": lambda facts, _: facts.verdict("spam"),
    "virus": lambda facts, _: facts.verdict("virus"),
    "sender": lambda facts, _: facts.vouched.value if facts.vouched else None,
    "weekday": lambda facts, _: WEEKDAYS[facts.local_time.weekday()] if facts.local_time else None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """A fact that has several values, one of which is wanted."""

    fact: str
    values: frozenset[str]

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        found = SET_FACTS[self.fact](facts, so_far)
        if found is None:
            return UNKNOWN
        shared = min(self.values & found, default=None)
        return NO if shared is None else Answer(True, (f"{self.fact}:{shared}",))


SET_FACTS: Mapping[str, Callable[[Facts, Actions], frozenset[str] | None]] = {
    "to": lambda facts, _: facts.local_parts,
    "tag": lambda _, so_far: frozenset(so_far.tags),
    "customer_tag": lambda facts, _: facts.history.tags if facts.history else None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """A fact that is so or isn't."""

    fact: str
    wanted: bool

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        found = YES_NO_FACTS[self.fact](facts)
        if found is None:
            return UNKNOWN
        return Answer(True, (f"{self.fact}:{'yes' if found else 'no'}",)) if found is self.wanted else NO


YES_NO_FACTS: Mapping[str, Callable[[Facts], bool | None]] = {
    "attachments": lambda facts: bool(facts.attached),
    "business_hours": lambda facts: facts.hours.is_open(facts.received_at) if facts.received_at else None,
    "holiday": lambda facts: facts.hours.is_holiday(facts.received_at) if facts.received_at else None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From `least` to `most`, both included; None is no bound."""

    least: int | None = None
    most: int | None = None

    def __contains__(self, number: int) -> bool:
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        """As it is written in the file."""
        if self.least is not None and self.least == self.most:
            return str(self.least)
        return f"{'' if self.least is None else self.least}..{'' if self.most is None else self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A number, and the range that it must be in. Where there was nothing to count from it is in none."""

    fact: str
    range: Range

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        if self.fact in HISTORY_FACTS and facts.history is None:
            return UNKNOWN
        if self.fact == "size" and facts.size is None:
            return UNKNOWN
        found = NUMBER_FACTS[self.fact](facts)
        return Answer(True, (f"{self.fact}:{found}",)) if found is not None and found in self.range else NO


NUMBER_FACTS: Mapping[str, Callable[[Facts], int | None]] = {
    "size": lambda facts: facts.size,
    "mails_before": lambda facts: facts.history.mails if facts.history else None,
    "days_since_last": lambda facts: facts.history.days_since_last if facts.history else None,
    "open_conversations": lambda facts: facts.history.open_conversations if facts.history else None,
    "waiting_days": lambda facts: facts.history.waiting_days if facts.history else None,
}
HISTORY_FACTS = frozenset({"mails_before", "days_since_last", "open_conversations", "waiting_days"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFits:
    """One of the addresses fits one of the patterns. The signal names the pattern: addresses stay out of records."""

    fact: str
    patterns: tuple[AddressPattern, ...]

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        found = facts.addresses(self.fact)
        if found is None:
            return UNKNOWN
        fitting = next((p for p in self.patterns if any(map(p.fits, found))), None)
        return NO if fitting is None else Answer(True, (f"{self.fact}:{fitting.written}",))


ADDRESS_FACTS = ("from", "mail_from", "rcpt_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSays:
    """A header field is there, or one of its values contains a text or fits a pattern. Each that is set must hold."""

    name: str
    present: bool | None = None
    contains: tuple[str, ...] = ()
    matches: tuple[Glob, ...] = ()

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        values = facts.header(self.name)
        if self.present is not None and bool(values) is not self.present:
            return NO
        folded = tuple(value.casefold() for value in values)
        if self.contains and not any(each.casefold() in value for each in self.contains for value in folded):
            return NO
        if self.matches and not any(each.fits(value) for each in self.matches for value in values):
            return NO
        return Answer(True, (f"header:{self.name}",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """So many attachments are of this sort: each of `types`, `extensions`, `names` and `size` that is set must fit."""

    count: Range = Range(least=1)
    types: tuple[Glob, ...] = ()
    extensions: frozenset[str] = frozenset()
    names: tuple[Glob, ...] = ()
    size: Range = Range()

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        found = sum(map(self._fits, facts.attached))
        return Answer(True, (f"attachments:{found}",)) if found in self.count else NO

    def _fits(self, attachment: Attachment) -> bool:
        name = attachment.safe_filename
        types = tuple(filter(None, (attachment.content_type, attachment.detected_type)))
        return (
            (not self.types or any(glob.fits(each) for glob in self.types for each in types))
            and (not self.extensions or name.rpartition(".")[2].casefold() in self.extensions)
            and (not self.names or any(glob.fits(name) for glob in self.names))
            and attachment.size in self.size
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTime:
    """It was received from minute to minute of the desk's day; over midnight where `start` is the later."""

    start: int
    end: int

    def answer(self, facts: Facts, so_far: Actions) -> Answer:
        if facts.local_time is None:
            return UNKNOWN
        minute = facts.local_time.hour * 60 + facts.local_time.minute
        late = self.start > self.end
        inside = (minute >= self.start or minute < self.end) if late else self.start <= minute < self.end
        return Answer(True, (f"time:{clock(self.start)}-{clock(self.end)}",)) if inside else NO


def clock(minute: int) -> str:
    """A minute of the day as `09:30`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def leaves(condition: Condition) -> Iterator[Condition]:
    """Every condition in the tree that has none below it. A tree is as deep as the reader lets it be."""
    match condition:
        case AllOf(of=of) | AnyOf(of=of):
            for each in of:
                yield from leaves(each)
        case Not(of=inner):
            yield from leaves(inner)
        case _:
            yield condition
