"""A list of suppressed addresses as text: CSV out, and CSV or SES's own JSON in. Pure.

CSV is RFC 4180's. What a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"),
which reading takes away again, so that what was written is read as it was.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from postroom.address import AddressEvent, Record, State
from postroom.clock import from_iso, iso
from postroom.stages.suppressing import LONGEST_WHY, address_named
from postroom.stages.work import Refused

HEADER = ("email", "reason", "date", "why")
MOST = 100_000  # lines of one file, as many as SES imports at once

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_LONGEST_NAME = 40  # characters of a reason, a date, or the name of a column
_LONGEST_ADDRESS = 300  # of what is told to be none
_DELIMITERS = ",;\t"
#: Names of columns that others write, by ours: SES's (ListSuppressedDestinations), and what mail providers export.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "address", "recipient", "mail"),
    "reason": ("reason", "suppressionreason", "state", "type"),
    "date": ("date", "lastupdatetime", "lastupdated", "created", "createdat", "timestamp", "since", "added"),
    "why": ("why", "comment", "note"),
}
_NO_LETTERS = re.compile(r"[^a-z]")
#: What a reason means: SES's words, the states that we export, and what others call the same.
EVENTS: Mapping[str, AddressEvent] = {
    "bounce": AddressEvent.HARD_BOUNCE,
    "hard": AddressEvent.HARD_BOUNCE,
    "hardbounce": AddressEvent.HARD_BOUNCE,
    "complaint": AddressEvent.COMPLAINT,
    "complained": AddressEvent.COMPLAINT,
    "spam": AddressEvent.COMPLAINT,
    "abuse": AddressEvent.COMPLAINT,
    "listed": AddressEvent.LISTED,
    "nodomain": AddressEvent.DOMAIN_ERROR,
    "mailboxfull": AddressEvent.MAILBOX_FULL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One address of a file, read. `at` is ISO 8601 in UTC, empty where the line has no date."""

    line: int
    address: str
    event: AddressEvent
    at: str
    why: str

    @property
    def id(self) -> str:
        """The same for the same line of any file, so that a file may be imported twice."""
        told = "\0".join((self.address, self.event, self.at)).encode("utf-8", "surrogatepass")
        return f"import/{hashlib.sha256(told).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A line that says no address, reason or date, and why."""

    line: int
    why: str


def written(found: Iterable[tuple[str, Record]]) -> Iterator[str]:
    """The lines of a CSV file, with their ends."""
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(HEADER)
    for address, record in found:
        yield _taken(line)
        writer.writerow(map(neutral, (address, record.state, record.since, _why(record))))
    yield _taken(line)


def read(text: str, default: str = "") -> Iterator[Row | Unfit]:
    """The lines of a file, in their order; `default` is the reason of those that have none. The last one says where the
    file is longer than MOST lines: of those nothing is read."""
    cells = _of_json(text) if text.lstrip()[:1] in ("{", "[") else _of_csv(text)
    for number, (line, given) in enumerate(cells):
        if number >= MOST:
            yield Unfit(line=line, why=f"more than {MOST:,} lines: split the file, nothing is read from here on")
            return
        yield _row(line, given, default) if isinstance(given, dict) else Unfit(line=line, why=given)


def neutral(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The reverse of `neutral`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _why(record: Record) -> str:
    because = record.because
    return (because.why or because.reason or because.event) if because else ""


Cells = tuple[int, dict[str, str] | str]


def _of_csv(text: str) -> Iterator[Cells]:
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    columns: Mapping[str, int] = {name: number for number, name in enumerate(HEADER)}
    try:
        for number, cells in enumerate(reader):
            if number == 0 and (named := _named(cells)):
                columns = named
            elif any(cell.strip() for cell in cells):
                yield reader.line_num, _cells(cells, columns)
    except csv.Error as error:
        yield reader.line_num, f"it can't be read as CSV ({error}); nothing is read from here on"


def _named(cells: Sequence[str]) -> Mapping[str, int]:
    """The columns by their names; none where this line names no column of addresses."""
    names = [_bare(cell) for cell in cells]
    found = {ours: next((names.index(each) for each in theirs if each in names), -1) for ours, theirs in _NAMES.items()}
    return {name: number for name, number in found.items() if number >= 0} if found["email"] >= 0 else {}


def _cells(cells: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    return {name: plain(cells[number].strip()) for name, number in columns.items() if number < len(cells)}


def _bare(name: str) -> str:
    """A name as it is compared: its letters alone."""
    return _NO_LETTERS.sub("", name[:_LONGEST_NAME].lower())


def _of_json(text: str) -> Iterator[Cells]:
    """`aws sesv2 list-suppressed-destinations`, or a line for each address as SES's import jobs take it."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        yield from _of_lines(text)
        return
    listed = whole.get("SuppressedDestinationSummaries", [whole]) if isinstance(whole, dict) else whole
    for number, each in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        yield number, _members(each)


def _of_lines(text: str) -> Iterator[Cells]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, _members(json.loads(line))
            except (ValueError, RecursionError):
                yield number, "it is no JSON: write one object a line"


def _members(found: object) -> dict[str, str] | str:
    if not isinstance(found, dict):
        return "it is no object with an emailAddress and a reason"
    named = {_bare(str(name)): value for name, value in found.items()}
    members = {ours: next((named[name] for name in theirs if name in named), "") for ours, theirs in _NAMES.items()}
    return {name: str(value) for name, value in members.items() if isinstance(value, str | int | float)}


def _row(line: int, given: Mapping[str, str], default: str) -> Row | Unfit:
    try:
        return Row(
            line=line,
            address=address_named(given.get("email", "")[:_LONGEST_ADDRESS]),
            event=_event(given.get("reason") or default),
            at=_moment(given.get("date", "")),
            why=" ".join(given.get("why", "").split())[:LONGEST_WHY],
        )
    except Refused as error:
        return Unfit(line=line, why=str(error))


def _event(reason: str) -> AddressEvent:
    if not reason:
        raise Refused("it has no reason: write bounce or complaint, or name one for all such lines with --reason")
    event = EVENTS.get(_bare(reason))
    if event is None:
        known = "bounce, complaint, or a state that `export` writes"
        raise Refused(f"{reason[:_LONGEST_NAME]!r} is no reason to hold an address back: it is one of {known}")
    return event


def _moment(text: str) -> str:
    """ISO 8601, a date alone, or seconds since 1970, as the first AWS CLI writes them."""
    if not text:
        return ""
    try:
        seconds = float(text) if re.fullmatch(r"\d{9,10}(\.\d{1,9})?", text) else None
        moment = datetime.fromtimestamp(seconds, UTC) if seconds is not None else from_iso(text[:_LONGEST_NAME])
        return iso(moment)
    except (ValueError, OverflowError):
        wanted = "write 2026-11-24, or 2026-11-24T07:30:00Z"
        raise Refused(f"{text[:_LONGEST_NAME]!r} is no date: {wanted}") from None


def state_names() -> tuple[str, ...]:
    """The states that are exported and read again."""
    return tuple(state.value for state in State if _bare(state) in EVENTS)
