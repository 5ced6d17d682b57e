"""One rule of a rules file, as values: what must hold, and the category and priority that follow."""

from dataclasses import dataclass, field
from enum import StrEnum

from postroom.kinds.kind import Kind


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase as it is written in the file, and in the form that is looked for."""

    written: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must hold, each by one of its entries; an empty one always holds."""

    words: tuple[Phrase, ...] = ()
    subject: tuple[Phrase, ...] = ()
    text: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    to: frozenset[str] = frozenset()
    kind: frozenset[Kind] = frozenset()
    language: frozenset[str] = frozenset()
    attachments: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    category: str
    priority: Priority = Priority.NORMAL
    when: Conditions = field(default_factory=Conditions)
