"""Calls that fail because of whom the mail is for: throttle@, error500@ and flaky@ under `.invalid`."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from local.ses.feedback.fates import Fate, fate
from local.ses.refused import Refused

REMEMBERED = 1000  # addresses of flaky@ whose next call passes


@dataclass(slots=True, kw_only=True)
class Refusals:
    """Remembers which flaky@ addresses failed last time. To be asked once for each call that sends."""

    _failed: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def check(self, recipients: Iterable[str]) -> None:
        """Raises Refused where the call is to fail."""
        for address in recipients:
            match fate(address):
                case Fate.THROTTLED:
                    raise Refused("Throttling", "Maximum sending rate exceeded.")
                case Fate.BROKEN:
                    raise _internal()
                case Fate.FLAKY:
                    self._flake(address.lower())
                case _:
                    pass

    def _flake(self, address: str) -> None:
        if address in self._failed:
            del self._failed[address]
            return
        self._failed[address] = None
        if len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)
        raise _internal()


def _internal() -> Refused:
    return Refused("InternalFailure", "The request couldn't be processed: an error occurred in SES.", 500)
