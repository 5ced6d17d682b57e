"""Fits a linear model and packs it: a support vector machine (one category against the rest), in whole numbers.

Five times it is fitted without a fifth of the mails, and judges these: that gives the confidence, the threshold and the
report. Beside logistic regression a support vector machine was about as right on the tasks tried, and quicker on most.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from cli.training import measures
from cli.training.matrix import Columns, Text, columns, matrix, texts
from cli.training.measures import Floats, Indices
from cli.training.report import report
from postroom.categories import form
from postroom.categories.example import Example
from postroom.categories.model import ZERO

MOST_FEATURES = 20_000  # three times as many weigh megabytes, and were no more right on two tasks (docs/categories.md)
_FOLDS = 5
_CORRECTED = 3.0  # how much more a person's word weighs than a rule's
_REGULARISATION = 2.0
_SEED = 0  # the same data make the same model
_MOST = 127  # a weight's whole number
_ORDER = attrgetter("label", "subject", "text", "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Weights are (labels, features), biases (labels): one category against the rest."""

    weights: Floats
    biases: Floats

    def margins(self, of: sparse.csr_matrix) -> Floats:
        found: Floats = of @ self.weights.T + self.biases
        return found


def train(examples: Sequence[Example], made_at: str, right: float) -> bytes:
    """The bytes of a model (see `postroom.categories.form`). `right`: the share of its answers to be right."""
    examples = sorted(examples, key=_ORDER)  # a desk gives them in the order in which they changed last
    labels = tuple(sorted({each.label for each in examples}))
    wanted = np.array([labels.index(each.label) for each in examples])
    stress = np.array([_CORRECTED if each.corrected else 1.0 for each in examples])
    features = texts(examples)
    margins = _unseen(features, wanted, stress)
    sharpness = measures.sharpness(margins, wanted)
    answers = measures.answers(margins, wanted, sharpness)
    threshold = measures.threshold(answers, right)
    kept, final = _learned(features, wanted, stress)
    header = form.Header(
        labels=labels,
        biases=tuple(final.biases.tolist()),
        scales=tuple(_scales(final, kept).tolist()),
        sharpness=sharpness,
        threshold=threshold,
        features=len(kept.features),
        report=report(examples, labels, answers, threshold, made_at),
    )
    return form.write(header, array("I", kept.features), _packed(final, kept))


def _unseen(of: Sequence[Text], wanted: Indices, stress: Floats) -> Floats:
    """The margins of each mail by a model that has not seen it; even the features are chosen without it."""
    margins = np.zeros((len(of), int(wanted.max()) + 1))
    for seen, unseen in _folds(wanted):
        kept, without = _learned([of[n] for n in seen], wanted[seen], stress[seen])
        margins[unseen] = without.margins(matrix([of[n] for n in unseen], kept))
    return margins


def _learned(of: Sequence[Text], wanted: Indices, stress: Floats) -> tuple[Columns, Fitted]:
    """Fitted twice: what weighs most for or against any label the first time is all that there is the second time."""
    common = columns(of)
    first = fitted(matrix(of, common), wanted, stress)
    if len(common.features) <= MOST_FEATURES:
        return common, first
    weightiest = np.argsort(-np.abs(first.weights * common.worth).max(axis=0), kind="stable")[:MOST_FEATURES]
    kept = common.only(np.sort(weightiest))
    return kept, fitted(matrix(of, kept), wanted, stress)


def _folds(wanted: Indices) -> Iterator[tuple[Indices, Indices]]:
    yield from StratifiedKFold(n_splits=_FOLDS, shuffle=True, random_state=_SEED).split(wanted, wanted)


def fitted(rows: sparse.csr_matrix, wanted: Indices, stress: Floats) -> Fitted:
    """The machine that tells the wanted labels of these rows best; `stress` is how much each row counts."""
    machine = LinearSVC(C=_REGULARISATION, random_state=_SEED)
    machine.fit(rows, wanted, sample_weight=stress)
    weights, biases = machine.coef_, machine.intercept_
    if len(weights) == 1:  # of two labels scikit-learn gives the second's alone
        weights, biases = np.vstack([-weights, weights]), np.array([-biases[0], biases[0]])
    return Fitted(weights=weights, biases=biases)


def _scales(fitted: Fitted, kept: Columns) -> Floats:
    """What a whole number of a label's weight stands for; never nought."""
    most: Floats = np.abs(fitted.weights * kept.worth).max(axis=1)
    return np.maximum(most, 1e-9) / _MOST


def _packed(fitted: Fitted, kept: Columns) -> bytes:
    """A row a feature, a byte a label. What a feature is worth is in its weights then."""
    whole: Floats = np.rint(fitted.weights * kept.worth / _scales(fitted, kept)[:, np.newaxis])
    rows: npt.NDArray[np.uint8] = (whole.T + ZERO).astype(np.uint8)
    packed: bytes = rows.tobytes()
    return packed
