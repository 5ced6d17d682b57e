"""Whether there is enough to learn from. Too little makes a model that is sure of what chance has told it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from postroom.categories.example import MOST_LABELS, Example
from postroom.categories.features import units
from postroom.errors import PostroomError

FEWEST_OF_A_LABEL = 10


class TooLittle(PostroomError):
    """There is too little to learn from; the text says of what, and what helps."""


def enough(examples: Sequence[Example], skip_rare: bool = False) -> list[Example]:
    """The examples to train on; TooLittle where they don't suffice. `skip_rare` leaves the rare categories out."""
    counts = Counter(
        each.label for each in examples if units(each.subject, each.text)
    )  # who says nothing, tells nothing
    rare = {label: n for label, n in sorted(counts.items()) if n < FEWEST_OF_A_LABEL}
    common = counts.keys() - rare.keys()
    if len(common) < 2:
        have = ", ".join(f"{label} {n:,}" for label, n in counts.most_common(MOST_LABELS))
        there = f"there are {have}" if have else "there is no mail at all"
        raise TooLittle(f"a model needs two categories with {FEWEST_OF_A_LABEL} mails each at least: {there}")
    if rare and not skip_rare:
        missing = ", ".join(f"{label} has {n}" for label, n in rare.items())
        advice = "collect more, or leave them out with --skip-rare"
        raise TooLittle(f"each category needs {FEWEST_OF_A_LABEL} mails at least, and {missing}: {advice}")
    if len(common) > MOST_LABELS:
        raise TooLittle(f"a model has {MOST_LABELS} categories at most, and there are {len(common):,}: join some")
    return [each for each in examples if each.label in common and units(each.subject, each.text)]


def left_out(examples: Sequence[Example], kept: Sequence[Example]) -> Mapping[str, int]:
    """The mails of each category that is not among the kept ones."""
    there = {each.label for each in kept}
    return dict(sorted(Counter(each.label for each in examples if each.label not in there).items()))
