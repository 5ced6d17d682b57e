"""What a person sees: colours on a terminal only, control characters of a mail never."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

# A mail's text must not move the cursor, ring, or rename the window. Tabs and line ends stay.
_PIPE_WIDTH = 1_000
_SHRUNK = 14  # characters that a cell which may be cut keeps at least
_GAP = 2  # between two columns
_READABLE = 100  # characters of a line that is read and not looked up
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

    def width(self, cells: Sequence[str | Text]) -> int:
        """The width that shows every cell whole."""
        return max([len(self.name), *map(len, cells)])


class Terminal:
    """Standard output and standard error for people. `NO_COLOR` and pipes are respected (rich does)."""

    def __init__(self) -> None:
        # A pipe has no width of its own: what is written there is whole.
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        self._out = Console(highlight=False, width=width, emoji=False)
        self._errors = Console(stderr=True, highlight=False, emoji=False)

    def line(self, text: str = "", style: str = "") -> None:
        self._out.print(Text(harmless(text), style=style), soft_wrap=True)

    def prose(self, text: str, style: str = "") -> None:
        """A sentence or more, in lines that are read with ease."""
        for line in self._wrapped(text, min(self._out.width, _READABLE)):
            self._out.print(Text(line.plain, style=style), soft_wrap=True)

    def facts(self, rows: list[tuple[str, str]]) -> None:
        """Names and values in two columns; empty values are left out."""
        shown = [(name, value) for name, value in rows if value]
        indent = max((len(name) for name, _ in shown), default=0) + _GAP
        for name, value in shown:
            self._beside(name, value, indent, self._out.width)

    def paragraphs(self, rows: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Labels with sentences beside them, in lines that are read with ease; each sentence begins a line."""
        indent = max((len(label) for label, _ in rows), default=0) + _GAP
        for label, sentences in rows:
            self._beside(label, "\n".join(sentences), indent, min(self._out.width, _READABLE))

    def _beside(self, name: str, value: str, indent: int, width: int) -> None:
        """The value at the right of its name, wrapped; nothing pads its lines, so that a pipe gets no blanks."""
        label = Text(harmless(name).ljust(indent), style="dim")
        for line in self._wrapped(value, max(width - indent, _SHRUNK)):
            self._out.print(label + line if line.plain else "", soft_wrap=True)
            label = Text(" " * indent)

    def _wrapped(self, text: str, width: int) -> list[Text]:
        lines = list(Text(harmless(text)).wrap(self._out, width))
        for line in lines:
            line.rstrip()
        return lines

    def table(self, title: str, columns: list[Column], rows: list[list[str | Text]]) -> None:
        """A table as wide as the terminal at most, under its title if it has one."""
        if title:
            self.line(title, "bold")
        whole = [column.width([row[number] for row in rows]) for number, column in enumerate(columns)]
        widths = _fitting(columns, whole, self._out.width)
        table = Table(header_style="dim", box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
        for number, width in widths.items():
            column = columns[number]
            table.add_column(column.name, overflow="ellipsis", no_wrap=True, width=width, justify=column.justify)
        for row in rows:
            cells = (row[number] for number in widths)
            table.add_row(*(cell if isinstance(cell, Text) else Text(harmless(cell)) for cell in cells))
        for line in self._out.render_lines(table, pad=False):
            self._out.print(Segments([*_trimmed(line), Segment.line()]), end="")

    def note(self, text: str) -> None:
        """Something beside the answer: it goes where errors go, and is none."""
        self._errors.print(Text(harmless(text), style="dim"), soft_wrap=True)

    def error(self, text: str) -> None:
        self._errors.print(Text(f"postroom: {harmless(text)}", style="red"), soft_wrap=True)


def _trimmed(line: Sequence[Segment]) -> list[Segment]:
    """The line without the blanks at its end, so that a pipe gets none."""
    kept = list(line)
    while kept and not kept[-1].text.strip():
        kept.pop()
    return [*kept[:-1], Segment(kept[-1].text.rstrip(), kept[-1].style)] if kept else []


def _fitting(columns: list[Column], whole: list[int], room: int) -> dict[int, int]:
    """Which columns fit side by side, by number, and how wide each of them is."""
    least = [min(width, _SHRUNK) if column.shrinks else width for column, width in zip(columns, whole, strict=True)]
    kept = list(range(len(columns)))
    for number in sorted(kept, key=lambda n: -columns[n].rank):
        if columns[number].rank and sum(least[n] + _GAP for n in kept) > room:
            kept.remove(number)
    spare = max(0, room - sum(least[n] + _GAP for n in kept))
    widths = {}
    for number in kept:
        more = min(spare, whole[number] - least[number])
        widths[number] = least[number] + more
        spare -= more
    return widths
