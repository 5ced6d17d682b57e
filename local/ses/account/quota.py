"""How much an account may send: so many recipients a second, and so many in 24 hours.

"Sending limits are based on recipients rather than on messages"; a mail to many is taken while anything is left of
the rate, and what it takes too much must be waited for ("Managing your Amazon SES sending limits").
"""

from collections import deque
from dataclasses import dataclass, field

from local.ses.refused import Refused

_DAY = 24 * 60 * 60
_SLICE = 60  # seconds that are counted together: a day is 1,440 numbers


@dataclass(slots=True, kw_only=True)
class Quota:
    """A bucket of tokens and a window of 24 hours. Moments are seconds of any steady clock."""

    max_send_rate: float
    max_24_hour_send: float
    _tokens: float = field(init=False)
    _filled_at: float = 0.0
    _slices: deque[tuple[int, int]] = field(default_factory=deque)
    _in_window: int = 0

    def __post_init__(self) -> None:
        self._tokens = self.burst

    @property
    def burst(self) -> float:
        return max(1.0, self.max_send_rate)

    def take(self, recipients: int, moment: float) -> None:
        """Takes them, or raises Refused and takes nothing."""
        self._fill(moment)
        if self.max_24_hour_send >= 0 and self.sent(moment) + recipients > self.max_24_hour_send:
            raise Refused("Throttling", "Daily message quota exceeded.")
        if self._tokens < 1:
            raise Refused("Throttling", "Maximum sending rate exceeded.")
        self._tokens -= recipients
        self._count(recipients, moment)

    def sent(self, moment: float) -> int:
        """How many recipients the last 24 hours had."""
        while self._slices and self._slices[0][0] * _SLICE <= moment - _DAY:
            self._in_window -= self._slices.popleft()[1]
        return self._in_window

    def _fill(self, moment: float) -> None:
        passed = max(0.0, moment - self._filled_at)
        self._tokens = min(self.burst, self._tokens + passed * self.max_send_rate)
        self._filled_at = moment

    def _count(self, recipients: int, moment: float) -> None:
        current = int(moment // _SLICE)
        if self._slices and self._slices[-1][0] == current:
            self._slices[-1] = (current, self._slices[-1][1] + recipients)
        else:
            self._slices.append((current, recipients))
        self._in_window += recipients
