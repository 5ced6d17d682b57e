"""How right a model is, and how sure it may be: from its margins on mails that it had not seen.

Margins are (mails, labels); what was `wanted` is the number of each mail's label.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]

NEVER = 1.01  # a threshold that no confidence reaches
_SHARPEST = 100.0
_BINS = 10
_FEWEST_ANSWERS = 20  # by which a share of right ones can be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Of each mail: the likeliest label, the confidence in it, and whether it is the right one."""

    labels: Indices
    confidences: Floats
    right: npt.NDArray[np.bool_]


def answers(margins: Floats, wanted: Indices, sharpness: float) -> Answers:
    labels = margins.argmax(axis=1)
    confidences = np.exp(_log_shares(margins, sharpness)).max(axis=1)
    return Answers(labels=labels, confidences=confidences, right=labels == wanted)


def sharpness(margins: Floats, wanted: Indices) -> float:
    """What the margins are multiplied by, so that the right labels are likeliest in all (least log-loss).

    Temperature scaling; the temperature is 1 over it.
    """

    def surprise(logarithm: float) -> float:
        return float(-_log_shares(margins, np.exp(logarithm))[np.arange(len(wanted)), wanted].mean())

    found = minimize_scalar(surprise, bounds=(np.log(1 / _SHARPEST), np.log(_SHARPEST)), method="bounded")
    return float(np.exp(found.x))


def threshold(of: Answers, right: float) -> float:
    """The lowest confidence from which on a share of `right` answers is right; NEVER where there is none.

    Where many answers are as sure as one another they stand or fall together.
    """
    order = np.argsort(-of.confidences, kind="stable")
    confidences = of.confidences[order]
    shares = np.cumsum(of.right[order]) / np.arange(1, len(order) + 1)
    last_of_its_like = np.append(confidences[1:] < confidences[:-1], True)
    fitting = np.flatnonzero((shares >= right) & last_of_its_like & (np.arange(1, len(order) + 1) >= _FEWEST_ANSWERS))
    return float(confidences[fitting[-1]]) if len(fitting) else NEVER


def calibration_error(of: Answers) -> float:
    """The expected calibration error, over ten bins of confidence."""
    bins = np.minimum((of.confidences * _BINS).astype(int), _BINS - 1)
    gaps = [abs(of.confidences[bins == b].sum() - of.right[bins == b].sum()) for b in range(_BINS)]
    return float(sum(gaps) / len(of.right))


def _log_shares(margins: Floats, sharpness: float) -> Floats:
    """The logarithm of the softmax."""
    scaled: Floats = sharpness * (margins - margins.max(axis=1, keepdims=True))
    shares: Floats = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return shares
