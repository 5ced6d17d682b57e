"""A model small enough to reckon by hand: a few words, two or three labels."""

from array import array
from collections.abc import Mapping

from postroom.categories import form
from postroom.categories.features import hashes
from postroom.categories.model import ZERO, Model
from postroom.categories.report import LabelReport, Report

LABELS = ("billing", "delivery")
WORDS = {"refund": (100, -100), "invoice": (60, -20), "parcel": (-100, 100)}
REPORT = Report(
    made_at="2026-11-24T07:30:00.000Z",
    examples=40,
    corrected=2,
    accuracy=0.9,
    macro_f1=0.9,
    ece=0.05,
    answered=0.8,
    right=0.95,
    labels=(LabelReport(label="billing", examples=20, precision=0.9, recall=0.9),),
)


def content(
    words: Mapping[str, tuple[int, ...]] = WORDS,
    labels: tuple[str, ...] = LABELS,
    threshold: float = 0.7,
    *,
    bias: float = 0.0,
    scale: float = 0.01,
    sharpness: float = 1.0,
) -> bytes:
    """The file of a model that knows these words with these weights (-127 to 127, a hundredth each)."""
    rows = {hashes(word)[0]: weights for word, weights in words.items()}
    features = sorted(rows)
    header = form.Header(
        labels=labels,
        biases=(bias,) * len(labels),
        scales=(scale,) * len(labels),
        sharpness=sharpness,
        threshold=threshold,
        features=len(features),
        report=REPORT,
    )
    weights = bytes(weight + ZERO for feature in features for weight in rows[feature])
    return form.write(header, array("I", features), weights)


def model(words: Mapping[str, tuple[int, ...]] = WORDS, threshold: float = 0.7) -> Model:
    return form.read(content(words, threshold=threshold))
