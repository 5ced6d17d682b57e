"""Budgets of what the desk sends by itself: so many mails in a window of so many seconds."""

from collections.abc import Iterable
from dataclasses import dataclass

from postroom.ports import Sends
from postroom.reasons import Reason


@dataclass(frozen=True, slots=True)
class Budget:
    """So many in a window of so many seconds, and why not where nothing is left. The window may be one to come."""

    name: str
    limit: int
    seconds: int
    reason: Reason
    windows_ahead: int = 0

    def moment(self, at: float) -> float:
        """When it is taken from, at this moment (both in Unix time)."""
        return at + self.windows_ahead * self.seconds


def spent(sends: Sends, budgets: Iterable[Budget], at: float) -> Budget | None:
    """Takes one from each, in their order; gives the first that has nothing left, if there is one."""
    taken = ((each, sends.take(each.name, each.limit, each.seconds, each.moment(at))) for each in budgets)
    return next((each for each, left in taken if not left), None)


def give_back(sends: Sends, budgets: Iterable[Budget], at: float) -> None:
    """Puts back what was taken at `at`: SES took nothing, and the next try shall find them as this one did."""
    for each in budgets:
        sends.give_back(each.name, each.seconds, each.moment(at))
