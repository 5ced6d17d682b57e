"""What an explanation is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

from postroom.clock import from_iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A label and its sentences, each on lines of its own."""

    label: str
    sentences: tuple[str, ...]


def paragraph(label: str, sentences: Iterable[str]) -> Paragraph:
    """The paragraph of these sentences; empty ones are left out."""
    return Paragraph(label=label, sentences=tuple(sentence for sentence in sentences if sentence))


def sentence(text: str) -> str:
    """The text with a capital letter at its beginning, and the rest as it is: SES stays SES."""
    return text[:1].upper() + text[1:]


def moment(value: str) -> str:
    """A moment (ISO 8601) as people write it; anything else as it is."""
    try:
        return f"{from_iso(value):%a %d %b %Y, %H:%M:%S} UTC"
    except ValueError:
        return value


def said(text: str, value: str) -> str:
    """`text` with the value in the place of its {}, or nothing where there is no value."""
    return text.replace("{}", value) if value else ""
