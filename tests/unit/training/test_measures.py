"""Confidence, threshold and calibration, on margins whose answers are known."""

import numpy as np
import pytest

from cli.training import measures
from cli.training.measures import NEVER, Answers


def answers(*pairs: tuple[float, bool]) -> Answers:
    confidences, right = (np.array(each) for each in zip(*pairs, strict=True))
    return Answers(labels=np.zeros(len(pairs), dtype=np.intp), confidences=confidences, right=right)


def test_the_threshold_is_the_lowest_that_keeps_its_promise() -> None:
    of = answers(*[(0.9, True)] * 30, *[(0.8, True)] * 5, *[(0.8, False)] * 5, *[(0.5, False)] * 30)
    assert measures.threshold(of, 0.8) == pytest.approx(0.8)
    assert measures.threshold(of, 0.95) == pytest.approx(0.9)


def test_a_few_lucky_answers_make_no_threshold() -> None:
    of = answers(*[(0.9, True)] * 19, *[(0.5, False)] * 30)
    assert measures.threshold(of, 0.8) == NEVER


def test_answers_that_are_as_sure_as_one_another_stand_or_fall_together() -> None:
    of = answers(*[(0.9, True)] * 30, *[(0.9, False)] * 30)
    assert measures.threshold(of, 0.8) == NEVER


def test_calibration_is_the_gap_between_said_and_right() -> None:
    of = answers(*[(0.75, True)] * 3, (0.75, False), *[(0.95, False)] * 4)
    assert measures.calibration_error(of) == pytest.approx(0.95 / 2)


def test_margins_that_are_often_wrong_are_made_less_sharp() -> None:
    margins = np.tile([[2.0, 0.0]], (100, 1))
    wanted = np.array([0] * 75 + [1] * 25)
    found = measures.answers(margins, wanted, measures.sharpness(margins, wanted))
    assert found.confidences == pytest.approx(np.full(100, 0.75), abs=0.01)
