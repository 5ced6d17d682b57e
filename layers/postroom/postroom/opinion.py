"""A second opinion on what a mail is about: the question, the answer, and its absence, which has a named reason."""

from dataclasses import dataclass
from enum import StrEnum

from postroom.reasons import Reason


class Confidence(StrEnum):
    """How sure an opinion says that it is: three steps, since a model's own percentages mean nothing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a classifier may know of a mail: its visible subject and text, both cleaned and bounded, and the names that
    an answer may be made of. `priorities` stand from the lowest to the highest."""

    subject: str
    text: str
    categories: tuple[str, ...]
    priorities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One of the question's categories, or None where none of them fits, and one of its priorities."""

    category: str | None
    priority: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOpinion:
    """There is none, and why. `detail` is a few words for people, and quotes nothing from the mail or the answer."""

    reason: Reason
    detail: str = ""
