"""What a model was trained on, and how right it was on mails that it had not seen. It travels inside the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    """One category; shares are from 0 to 1."""

    label: str
    examples: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageReport:
    """One language (ISO 639-1, empty where unknown); `accuracy` is from 0 to 1."""

    language: str
    examples: int
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All shares are from 0 to 1 and were measured by cross-validation: each mail judged by a model that never saw it.

    `ece` is the expected calibration error over ten bins ("On Calibration of Modern Neural Networks", Guo et al. 2017).
    `answered` is the share of mails on which the model is sure enough to answer, `right` how many of those are right.
    """

    made_at: str  # ISO 8601 in UTC
    examples: int
    corrected: int
    accuracy: float
    macro_f1: float
    ece: float
    answered: float
    right: float
    labels: tuple[LabelReport, ...] = ()
    languages: tuple[LanguageReport, ...] = ()
