"""The signals of a decision as its record keeps them: those that decided first, then others as far as there is room."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

_MOST_DECIDING = 100  # a rule of the desk's own file may ask for more things: what is cut then is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`left_out` is how many others there were."""

    signals: tuple[str, ...]
    left_out: int = 0


def kept(deciding: Iterable[str], others: Iterable[str], most: int) -> Kept:
    """Each once, in the order given; of both together `most`, but never less than what decided."""
    first = dict.fromkeys(deciding)
    every = dict.fromkeys((*first, *others))
    room = max(most, min(len(first), _MOST_DECIDING))
    return Kept(signals=tuple(islice(every, room)), left_out=max(0, len(every) - room))
