"""A trained model, in use: a linear one over hashed features, in small whole numbers, without a scientific package.

The margin of a category is its bias plus the sum of the weights of the features that are in the text, over the square
root of how many there are; the confidences are the softmax of the margins, sharpened by one number that was chosen on
mails which the model had not seen (temperature scaling, Guo et al. 2017).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt

from postroom.categories.features import hashes, units
from postroom.categories.report import Report

ZERO = 128  # a weight is stored as an unsigned byte, this much above its value
_MOST_WORDS = 3  # that a guess names
_MOST_MET, _MET_LENGTH = 4_000, 24  # words that are kept with their rows, and their characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """`sure`: the confidence (0 to 1) reaches the model's threshold; otherwise the answer is "don't know".

    `words` are what spoke most for this label and against the next best one, the strongest first.
    """

    label: str
    confidence: float
    sure: bool
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`places` gives the place of a feature's weights in `weights`: one byte a label, times that label's scale."""

    version: str
    labels: tuple[str, ...]
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    sharpness: float
    threshold: float
    report: Report
    places: Mapping[int, int] = field(repr=False)
    weights: bytes = field(repr=False)
    met: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)  # rows of words; most come again

    def guess(self, subject: str, text: str) -> Guess:
        """The likeliest of the model's labels. Total: any text has an answer, and no other label is ever given."""
        rows = {unit: self._rows(unit) for unit in units(subject, text)}
        confidences = self._confidences(b"".join(rows.values()))
        ranked = sorted(range(len(self.labels)), key=lambda label: -confidences[label])
        best, confidence = ranked[0], confidences[ranked[0]]
        return Guess(
            label=self.labels[best],
            confidence=confidence,
            sure=confidence >= self.threshold,
            words=self._weightiest(rows, best, ranked[1]),
        )

    def margins(self, subject: str, text: str) -> list[float]:
        """Of each label, before they are made confidences."""
        return self._margins(b"".join(map(self._rows, units(subject, text))))

    def _rows(self, unit: str) -> bytes:
        """The weights of all features of the unit that the model knows, feature after feature."""
        if (known := self.met.get(unit)) is not None:
            return known
        width, weights, place = len(self.labels), self.weights, self.places.get
        found = b"".join([weights[at : at + width] for h in hashes(unit) if (at := place(h)) is not None])
        if len(unit) <= _MET_LENGTH and len(self.met) < _MOST_MET and " " not in unit:
            self.met[unit] = found
        return found

    def _margins(self, rows: bytes) -> list[float]:
        width = len(self.labels)
        count = len(rows) // width
        share = 1 / sqrt(count) if count else 0.0
        each = enumerate(zip(self.biases, self.scales, strict=True))
        return [bias + scale * share * (sum(rows[n::width]) - ZERO * count) for n, (bias, scale) in each]

    def _confidences(self, rows: bytes) -> list[float]:
        margins = self._margins(rows)
        most = max(margins)
        parts = [exp(self.sharpness * (margin - most)) for margin in margins]
        whole = sum(parts)
        return [part / whole for part in parts]

    def _weightiest(self, rows: Mapping[str, bytes], best: int, other: int) -> tuple[str, ...]:
        """Only units that the model knows as such: a piece of a word explains nothing, and a name that came
        once is in no model."""
        known = ((unit, self._difference(each, best, other)) for unit, each in rows.items() if each)
        pros = sorted((-by, unit) for unit, by in known if by > 0)
        return tuple(self._first_known([unit for _, unit in pros]))

    def _first_known(self, ordered: Sequence[str]) -> list[str]:
        known = (unit for unit in ordered if hashes(unit)[0] in self.places)
        return [unit for unit, _ in zip(known, range(_MOST_WORDS), strict=False)]

    def _difference(self, rows: bytes, best: int, other: int) -> float:
        """How much more the rows speak for one label than for another."""
        width = len(self.labels)
        count = ZERO * (len(rows) // width)
        one, two = sum(rows[best::width]) - count, sum(rows[other::width]) - count
        return self.scales[best] * one - self.scales[other] * two
