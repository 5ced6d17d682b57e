"""Budgets of what the desk sends by itself: so many mails in a window of so many seconds."""

from collections.abc import Iterable
from dataclasses import dataclass

from postroom.ports import Sends


@dataclass(frozen=True, slots=True)
class Budget:
    """So many in a window of so many seconds."""

    name: str
    limit: int
    seconds: int


def spent(sends: Sends, budgets: Iterable[Budget], at: float) -> Budget | None:
    """Takes one from each, in their order; gives the first that has nothing left, if there is one."""
    return next((each for each in budgets if not sends.take(each.name, each.limit, each.seconds, at)), None)


def give_back(sends: Sends, budgets: Iterable[Budget], at: float) -> None:
    """Puts back what was taken at `at`: SES took nothing, and the next try shall find them as this one did."""
    for each in budgets:
        sends.give_back(each.name, each.seconds, at)
