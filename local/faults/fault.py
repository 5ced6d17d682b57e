"""A fault: whose call of what fails how, and how often. Values only, and the decision whether a call is struck."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache
from random import Random

from local.faults.call import Call

ANY = "*"


class Kind(StrEnum):
    """How a call fails."""

    THROTTLE = "throttle"
    TIMEOUT = "timeout"
    ERROR500 = "error500"
    ERROR503 = "error503"
    AFTER = "after"
    SLOW = "slow"
    REFUSE = "refuse"
    DENIED = "denied"


MEANINGS = {
    Kind.THROTTLE: "the service's own throttling error",
    Kind.TIMEOUT: "no answer ever comes; the call has no effect",
    Kind.ERROR500: "the service's own internal error",
    Kind.ERROR503: "the service is unavailable",
    Kind.AFTER: "the call takes effect, and the connection dies before the answer",
    Kind.SLOW: "the call goes on so many milliseconds later (slow:250)",
    Kind.REFUSE: "the connection is reset; the call has no effect",
    Kind.DENIED: "access denied",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`caller`, `service` and `operation` may hold `*`. `times` None: always; `skip` calls pass before the first hit.

    `milliseconds` are of SLOW. `seen` counts the calls that it was asked about, `hits` those that it struck.
    """

    id: int
    caller: str = ANY
    service: str = ANY
    operation: str = ANY
    kind: Kind
    milliseconds: int = 0
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    seen: int = 0
    hits: int = 0

    def concerns(self, call: Call) -> bool:
        asked = ((self.caller, call.caller), (self.service, call.service), (self.operation, call.operation))
        return all(pattern == ANY or bool(_compiled(pattern).fullmatch(name)) for pattern, name in asked)

    def strikes(self) -> bool:
        """Whether the next call that it concerns is struck."""
        if self.seen < self.skip or (self.times is not None and self.hits >= self.times):
            return False
        # By the call's number: the same seed strikes the same calls.
        return self.probability >= 1 or Random(f"{self.seed}/{self.seen}").random() < self.probability  # noqa: S311 - no secret


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    # fnmatch's translation looks ahead once for every `*`, and never goes back: it is linear for each.
    return re.compile(translate(pattern), re.IGNORECASE)


def decide(faults: Sequence[Fault], call: Call) -> tuple[Fault | None, tuple[Fault, ...]]:
    """The first fault that strikes the call, if one does, and all faults as they stand afterwards.

    A fault behind the one that strikes isn't asked, and doesn't count the call.
    """
    after = list(faults)
    for place, fault in enumerate(faults):
        if fault.concerns(call):
            struck = fault.strikes()
            after[place] = replace(fault, seen=fault.seen + 1, hits=fault.hits + struck)
            if struck:
                return after[place], tuple(after)
    return None, tuple(after)
