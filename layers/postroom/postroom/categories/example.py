"""What a model learns from: a mail's visible text, and the category that it had."""

from dataclasses import dataclass

LONGEST_LABEL = 80  # characters
MOST_LABELS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One mail. `corrected`: a person of the desk said so, which weighs more than what a rule said."""

    subject: str
    text: str
    label: str
    corrected: bool = False


def is_label(text: str) -> bool:
    """Whether a category can have this name: it is shown in lists, records and signals."""
    return 0 < len(text) <= LONGEST_LABEL and text == text.strip() and text.isprintable()
