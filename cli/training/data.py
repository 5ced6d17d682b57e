"""Examples from JSON lines: `{"subject", "text", "label"}`, and `"corrected": true` where a person said so."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from cli.files import Usage
from postroom.categories.example import LONGEST_LABEL, Example, is_label

_MOST_FAULTS = 10
_EACH = "each line is JSON such as "


class Line(msgspec.Struct, kw_only=True):
    """A text whose category is asked for."""

    text: str
    subject: str | None = None


class Labelled(Line, kw_only=True):
    """A text whose category is known."""

    label: str
    corrected: bool = False


#: What a line must look like.
_LIKE: Mapping[type[Line], str] = {
    Line: f'{_EACH}{{"subject": "My parcel", "text": "Where is it?"}}',
    Labelled: f'{_EACH}{{"subject": "My parcel", "text": "Where is it?", "label": "delivery"}}',
}

T = TypeVar("T", bound=Line)


def lines(path: str) -> list[Line]:
    """What `postroom predict --data` reads; Usage names what is wrong with which line."""
    return _read(path, Line)


def examples(path: str) -> list[Example]:
    """What `postroom train --data` reads; Usage names what is wrong with which line."""
    read = _read(path, Labelled)
    if faults := [f"line {n}: {_BAD_LABEL}" for n, each in enumerate(read, 1) if not is_label(each.label)]:
        raise _wrong(path, faults)
    return [
        Example(subject=each.subject or "", text=each.text, label=each.label, corrected=each.corrected) for each in read
    ]


_BAD_LABEL = f"a label has 1 to {LONGEST_LABEL} characters, all of which can be seen"


def _read(path: str, form: type[T]) -> list[T]:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Usage(f"--data {path}: can't be read ({error.strerror})") from error
    decoder, found, faults = msgspec.json.Decoder(form), list[T](), list[str]()
    for number, line in _numbered(content):
        try:
            found.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            faults.append(f"line {number}: {error}")
    if faults and not found:
        raise Usage(f"--data {path}: no line of it can be used ({faults[0]}): {_LIKE[form]}")
    if faults:
        raise _wrong(path, faults)
    return found


def _numbered(content: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip())


def _wrong(path: str, faults: list[str]) -> Usage:
    more = [f"and {len(faults) - _MOST_FAULTS:,} more"] if len(faults) > _MOST_FAULTS else []
    return Usage(f"--data {path}: {'; '.join([*faults[:_MOST_FAULTS], *more])}")
