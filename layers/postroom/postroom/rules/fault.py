"""What is wrong with a rules file: where it stands, what it is about, and a sentence that says what to write."""

from collections.abc import Iterable
from dataclasses import dataclass

from postroom.errors import Misconfigured


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`line` and `column` count from 1; `about` is the rule or macro, empty where it is about the file. A warning is
    one too: what it says stands in the way of nothing."""

    source: str
    line: int
    column: int
    about: str
    text: str

    @property
    def place(self) -> tuple[int, int]:
        return self.line, self.column

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {f'{self.about}: ' if self.about else ''}{self.text}"


class FaultyRules(Misconfigured):
    """A rules file that can't decide anything. `found` are its faults by line; `warnings` stand beside them."""

    def __init__(self, found: Iterable[Fault], warnings: Iterable[Fault] = ()) -> None:
        self.found = tuple(found)
        self.warnings = tuple(warnings)
        super().__init__([str(fault) for fault in self.found])
