"""What a person sees: colours on a terminal only, control characters of a mail never."""

import re
import sys
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

# A mail's text must not move the cursor, ring, or rename the window. Tabs and line ends stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """The text without control characters and direction overrides, each shown as U+FFFD."""
    return _CONTROL.sub("�", text.replace("\r\n", "\n"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `shrinks`: its cells may be cut where the terminal is narrow."""

    name: str
    shrinks: bool = False
    justify: Literal["left", "right"] = "left"


class Terminal:
    """Standard output and standard error for people. `NO_COLOR` and pipes are respected (rich does)."""

    def __init__(self) -> None:
        # A pipe has no width of its own: tables stay whole there.
        width = None if sys.stdout.isatty() else 160
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
        """Columns that may shrink do so on a narrow terminal; the others are always whole."""
        table = Table(
            title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False
        )
        for column in columns:
            least = None if column.shrinks else max([len(column.name), *(len(row[len(table.columns)]) for row in rows)])
            table.add_column(column.name, overflow="ellipsis", no_wrap=True, min_width=least, justify=column.justify)
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(harmless(cell)) for cell in row))
        self._out.print(table)

    def error(self, text: str) -> None:
        self._errors.print(Text(f"postroom: {harmless(text)}", style="red"), soft_wrap=True)
