"""The breaker over its port: judged where something came back and once an hour, moved by that or by a person."""

from collections.abc import Callable
from dataclasses import dataclass

from postroom import breaker
from postroom.breaker import Breaker, Tally
from postroom.clock import Clock
from postroom.errors import Retryable
from postroom.ports import Breakers

_TRIES = 4  # of a person's reset, which must not get lost to a look that came at the same moment


def _untold(moved: Breaker) -> None:
    """Nobody is told."""


def _unwatched(total: Tally) -> None:
    """Nobody watches the rates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaking:
    """`by` is who looks. `tell` hears of every move that this one made, `watch` at every look of what was sent and came
    back: since SES forgets nothing for it, also of what was counted before a move."""

    breakers: Breakers
    clock: Clock
    by: str
    tell: Callable[[Breaker], None] = _untold
    watch: Callable[[Tally], None] = _unwatched

    def judge(self) -> Breaker:
        """Moves the breaker where what was counted moves it; gives it as it is then. Doing it twice does no harm."""
        before, now = self.breakers.breaker(), self.clock()
        counted = self.breakers.counted(breaker.days(Breaker(), now))
        self.watch(breaker.volume(Breaker(), counted, now))
        after = breaker.judged(before, counted, now, self.by)
        return self._moved(before, after) or self.breakers.breaker()

    def volume(self) -> tuple[Breaker, Tally]:
        """The breaker, and what it would be judged by now."""
        stands, now = self.breakers.breaker(), self.clock()
        return stands, breaker.volume(stands, self.breakers.counted(breaker.days(stands, now)), now)

    def reset(self, why: str) -> Breaker:
        """Closes it, and begins to count anew. Retryable where others were quicker each time."""
        for _ in range(_TRIES):
            before, now = self.breakers.breaker(), self.clock()
            counted = self.breakers.counted(breaker.days(before, now))
            if moved := self._moved(before, breaker.reset(before, counted, now, self.by, why)):
                return moved
        raise Retryable(f"the breaker was moved {_TRIES} times meanwhile: look at it, then reset it again")

    def _moved(self, before: Breaker, after: Breaker) -> Breaker | None:
        if after is before:
            return before
        if not self.breakers.replace(before, after):
            return None
        self.tell(after)
        return after
