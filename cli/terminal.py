"""What a person sees: colours on a terminal only, control characters of a mail never."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

# A mail's text must not move the cursor, ring, or rename the window. Tabs and line ends stay.
_PIPE_WIDTH = 1_000
_SHRUNK = 14  # characters that a cell which may be cut keeps at least
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """The text without control characters and direction overrides, each shown as U+FFFD."""
    return _CONTROL.sub("�", text.replace("\r\n", "\n"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `shrinks`: its cells may be cut where the terminal is narrow. `rank`: where it still doesn't
    fit, columns are left out, the highest rank first; rank 0 is always there."""

    name: str
    shrinks: bool = False
    rank: int = 0
    justify: Literal["left", "right"] = "left"

    def least(self, cells: Sequence[str | Text]) -> int:
        """The width under which it may not fall."""
        natural = max([len(self.name), *map(len, cells)])
        return min(natural, _SHRUNK) if self.shrinks else natural


class Terminal:
    """Standard output and standard error for people. `NO_COLOR` and pipes are respected (rich does)."""

    def __init__(self) -> None:
        # A pipe has no width of its own: what is written there is whole.
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        self._out = Console(highlight=False, width=width, emoji=False)
        self._errors = Console(stderr=True, highlight=False, emoji=False)

    def line(self, text: str = "", style: str = "") -> None:
        self._out.print(Text(harmless(text), style=style), soft_wrap=True)

    def facts(self, rows: list[tuple[str, str]]) -> None:
        """Names and values in two columns; empty values are left out."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in rows:
            if value:
                grid.add_row(name, Text(harmless(value)))
        self._out.print(grid)

    def table(self, title: str, columns: list[Column], rows: list[list[str | Text]]) -> None:
        """A table as wide as the terminal at most."""
        self.line(title, "bold")
        kept = self._fitting(columns, rows)
        table = Table(header_style="dim", box=None, pad_edge=False)
        for number in kept:
            column = columns[number]
            least = column.least([row[number] for row in rows])
            table.add_column(column.name, overflow="ellipsis", no_wrap=True, min_width=least, justify=column.justify)
        for row in rows:
            cells = (row[number] for number in kept)
            table.add_row(*(cell if isinstance(cell, Text) else Text(harmless(cell)) for cell in cells))
        self._out.print(table)

    def _fitting(self, columns: list[Column], rows: list[list[str | Text]]) -> list[int]:
        """The numbers of the columns that fit side by side."""
        kept = list(range(len(columns)))
        widths = [column.least([row[number] for row in rows]) + 1 for number, column in enumerate(columns)]
        for number in sorted(kept, key=lambda n: -columns[n].rank):
            if columns[number].rank and sum(widths[n] for n in kept) - 1 > self._out.width:
                kept.remove(number)
        return kept

    def error(self, text: str) -> None:
        self._errors.print(Text(f"postroom: {harmless(text)}", style="red"), soft_wrap=True)
