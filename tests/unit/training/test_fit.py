"""A model that is trained here says what scikit-learn's says, and no more than it knows."""

from collections.abc import Sequence

import numpy as np
import pytest

from cli.training import fit, matrix
from postroom.categories import form
from postroom.categories.example import Example
from postroom.categories.model import Model

AT = "2026-11-24T07:30:00.000Z"
SAID = {
    "billing": ("invoice", "refund", "charged twice", "credit card", "VAT number", "payment failed"),
    "delivery": ("parcel", "tracking", "courier", "not arrived", "delivery address", "damaged box"),
    "login": ("password", "account locked", "sign in", "two factor code", "reset link", "username"),
}
FRAMES = ("Hello, about my {}", "I have a question: {}", "{} please help", "Still no answer about {}", "My {}?")


def examples(labels: Sequence[str] = tuple(SAID)) -> list[Example]:
    return [
        Example(subject=frame.format(said), text=f"{said} again, order {number}{n}", label=label)
        for label in labels
        for number, said in enumerate(SAID[label])
        for n, frame in enumerate(FRAMES)
    ]


def trained(of: Sequence[Example], right: float = 0.8) -> Model:
    return form.read(fit.train(of, AT, right))


@pytest.fixture(scope="module")
def model() -> Model:
    return trained(examples())


@pytest.mark.parametrize("labels", [tuple(SAID), ("billing", "login")])
def test_the_exported_model_agrees_with_scikit_learns(labels: tuple[str, ...]) -> None:
    """Margins differ by what is lost in whole numbers: half a 127th of the largest weight a feature at most."""
    of = sorted(examples(labels), key=lambda each: (each.label, each.subject, each.text))  # as they are learned
    features = matrix.texts(of)
    kept = matrix.columns(features)
    rows = matrix.matrix(features, kept)
    theirs = fit.fitted(rows, np.array([labels.index(each.label) for each in of]), np.ones(len(of))).margins(rows)
    learned = trained(of)
    ours = np.array([learned.margins(each.subject, each.text) for each in of])
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()
    assert np.abs(ours - theirs).max() < 0.05


def test_it_knows_what_it_was_taught(model: Model) -> None:
    guess = model.guess("", "where is my parcel? the courier has not come")
    assert (guess.label, guess.sure) == ("delivery", True)
    assert {"parcel", "courier"} <= set(guess.words)


def test_it_is_not_sure_of_what_it_never_saw(model: Model) -> None:
    assert not model.guess("", "zzz qqq").sure


def test_the_same_mails_make_the_same_model_on_any_day_and_in_any_order(model: Model) -> None:
    """The report has the date, and the version does not rest on it."""
    again = form.read(fit.train(examples()[::-1], "2027-01-01T00:00:00.000Z", 0.8))
    assert again.version == model.version
    assert (again.weights, again.places, again.biases) == (model.weights, model.places, model.biases)


def test_other_mails_make_another_version(model: Model) -> None:
    assert trained(examples()[:-1]).version != model.version


def test_the_report_tells_of_every_category_and_language(model: Model) -> None:
    report = model.report
    assert (report.made_at, report.examples, report.corrected) == (AT, 90, 0)
    assert [(each.label, each.examples) for each in report.labels] == [(label, 30) for label in sorted(SAID)]
    assert sum(each.examples for each in report.languages) == 90
    assert 0.5 < report.accuracy <= 1
    assert 0.5 < report.macro_f1 <= 1


def test_where_labels_are_chance_the_model_never_answers() -> None:
    mixed = [
        Example(subject=each.subject, text=each.text, label=("billing", "login")[number % 2])
        for number, each in enumerate(examples(("delivery",)) * 2)
    ]
    chance = trained(mixed, right=0.95)
    assert chance.report.answered == 0
    assert not chance.guess("", "parcel").sure


def test_a_correction_weighs_more_than_a_rules_word() -> None:
    """The same text, said to be billing as often as login: the corrected label wins."""
    unclear = [
        Example(subject="", text="account charge", label=label, corrected=label == "login")
        for label in ("billing", "login")
        for _ in range(6)
    ]
    plain = [Example(subject="", text="account charge", label=each.label) for each in unclear]
    corrected, before = (trained([*examples(("billing", "login")), *more]) for more in (unclear, plain))
    margins = [each.margins("", "account charge")[1] for each in (before, corrected)]
    assert margins[1] > margins[0]


def test_no_text_of_a_mail_is_in_the_model() -> None:
    content = fit.train(examples(), AT, 0.8)
    assert not [word for said in SAID.values() for word in said if word.encode() in content]
