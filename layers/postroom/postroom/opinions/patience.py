"""How much of a function's time may go into asking: a slow model must not keep a batch of mails from its end."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Patience:
    """At most `seconds` of any `window` are waited, and for the answer that is under way when they are over. With the
    longest wait for one (17 s, `postroom.aws.clients`) that is half of the function's time-out."""

    seconds: float = 12.0
    window: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _waits: deque[tuple[float, float]] = field(default_factory=deque, init=False)  # (when it ended, how long)

    @property
    def is_over(self) -> bool:
        since = self.clock() - self.window
        while self._waits and self._waits[0][0] < since:
            self._waits.popleft()
        return sum(seconds for _, seconds in self._waits) >= self.seconds

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Counts the time of the block."""
        begun = self.clock()
        try:
            yield
        finally:
            ended = self.clock()
            self._waits.append((ended, ended - begun))
