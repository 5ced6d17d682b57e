"""How events are to arrive: SNS promises no order, no single delivery and no time, and this makes it happen.

Source: "Amazon SNS message delivery" (at least once, best-effort ordering).
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.ses.feedback.events import Event
from local.ses.refused import Refused
from local.ses.values import Json

MAX_DUPLICATES = 10
MAX_LATE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disorder:
    """`duplicates`: how often more than once each event comes. `shuffled`: the events of a mail in any order.
    `late_seconds`: how much later than otherwise they come."""

    duplicates: int = 0
    shuffled: bool = False
    late_seconds: float = 0.0

    @classmethod
    def of(cls, data: Json) -> "Disorder":
        """From JSON; what is left out is off. Raises Refused with what is wrong."""
        if not isinstance(data, Mapping):
            raise _wrong("a JSON object is wanted: duplicates, shuffled, late_seconds")
        if unknown := sorted(data.keys() - {"duplicates", "shuffled", "late_seconds"}):
            raise _wrong(f"what is {unknown[0][:40]!r}? There are duplicates, shuffled and late_seconds")
        duplicates, shuffled = data.get("duplicates", 0), data.get("shuffled", False)
        late = data.get("late_seconds", 0.0)
        if isinstance(duplicates, bool) or not isinstance(duplicates, int) or not 0 <= duplicates <= MAX_DUPLICATES:
            raise _wrong(f"duplicates is a whole number from 0 to {MAX_DUPLICATES}")
        if not isinstance(shuffled, bool):
            raise _wrong("shuffled is true or false")
        if isinstance(late, bool) or not isinstance(late, int | float) or not _within(late):
            raise _wrong(f"late_seconds is a number from 0 to {MAX_LATE_SECONDS:.0f}")
        return cls(duplicates=duplicates, shuffled=shuffled, late_seconds=float(late))

    def json(self) -> dict[str, Json]:
        return {"duplicates": self.duplicates, "shuffled": self.shuffled, "late_seconds": self.late_seconds}

    def applied(self, events: Sequence[Event], chance: random.Random) -> list[Event]:
        """The events as they come in this disorder; a duplicate is the same event with the same ids."""
        found = [event for event in events for _ in range(1 + self.duplicates)]
        if self.shuffled:
            chance.shuffle(found)
        return found


def _within(seconds: float) -> bool:
    return math.isfinite(seconds) and 0 <= seconds <= MAX_LATE_SECONDS


def _wrong(text: str) -> Refused:
    return Refused("BadRequestException", f"Not a disorder of events: {text}.")
