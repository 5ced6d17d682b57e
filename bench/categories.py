"""`python -m bench.categories TRAIN TEST`: a model of ours beside scikit-learn's own pipeline, on the same texts.

Both files are JSON lines of subject, text and label. Beside ours stands what scikit-learn's user would write: TF-IDF of
words and pairs, and of pieces of words, with logistic regression. Needs scikit-learn.
"""

import argparse
import pickle
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from cli.training import data, fit, measures
from postroom.categories import form
from postroom.categories.example import Example

_LOADS = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Times in milliseconds but for training, which is in seconds; shares from 0 to 1; size in bytes."""

    name: str
    train: float
    load: float
    predict: float
    size: int
    accuracy: float
    macro_f1: float
    ece: float


def ours(train: Sequence[Example], test: Sequence[Example]) -> Figures:
    start = time.perf_counter()
    content = fit.train(train, "2026-01-01T00:00:00.000Z", 0.8)
    trained = time.perf_counter() - start
    load = statistics.median(_timed(lambda: form.read(content)) for _ in range(_LOADS))
    model, times, answers = form.read(content), list[float](), list[tuple[str, float]]()
    for each in test:
        start = time.perf_counter()
        guess = model.guess(each.subject, each.text)
        times.append(1000 * (time.perf_counter() - start))
        answers.append((guess.label, guess.confidence))
    return _figures("Postroom", (trained, load, statistics.median(times)), len(content), test, answers)


def theirs(train: Sequence[Example], test: Sequence[Example]) -> Figures:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=3, max_features=60_000)
    pipeline = make_pipeline(make_union(words, pieces), LogisticRegression(C=20, max_iter=150))
    start = time.perf_counter()
    pipeline.fit([_text(each) for each in train], [each.label for each in train])
    trained = time.perf_counter() - start
    content = pickle.dumps(pipeline)  # the form in which scikit-learn's users keep a model; none but this is read here
    load = statistics.median(_timed(lambda: pickle.loads(content)) for _ in range(_LOADS))  # noqa: S301 (our own)
    times, answers = list[float](), list[tuple[str, float]]()
    for each in test:
        start = time.perf_counter()
        shares = pipeline.predict_proba([_text(each)])[0]
        times.append(1000 * (time.perf_counter() - start))
        answers.append((str(pipeline.classes_[shares.argmax()]), float(shares.max())))
    return _figures("scikit-learn", (trained, load, statistics.median(times)), len(content), test, answers)


def _timed(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - start)


def _text(each: Example) -> str:
    return f"{each.subject}\n{each.text}"


def _figures(
    name: str,
    times: tuple[float, float, float],
    size: int,
    test: Sequence[Example],
    answers: Sequence[tuple[str, float]],
) -> Figures:
    right = [each.label == label for each, (label, _) in zip(test, answers, strict=True)]
    of = measures.Answers(
        labels=np.zeros(len(test), dtype=np.intp),
        confidences=np.array([confidence for _, confidence in answers]),
        right=np.array(right),
    )
    train, load, predict = times
    return Figures(
        name=name,
        train=train,
        load=load,
        predict=predict,
        size=size,
        accuracy=sum(right) / len(right),
        macro_f1=_macro_f1([each.label for each in test], [label for label, _ in answers]),
        ece=measures.calibration_error(of),
    )


def _macro_f1(wanted: Sequence[str], given: Sequence[str]) -> float:
    """The mean over the labels that are wanted."""
    whole = Counter(wanted) + Counter(given)
    right = Counter(one for one, other in zip(wanted, given, strict=True) if one == other)
    return statistics.mean(2 * right[label] / whole[label] for label in set(wanted))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", metavar="TRAIN")
    parser.add_argument("test", metavar="TEST")
    args = parser.parse_args()
    train, test = data.examples(args.train), data.examples(args.test)
    print(f"{len(train):,} texts to learn from, {len(test):,} to judge, {len({e.label for e in train})} labels")
    print(f"{'':14}{'accuracy':>9}{'macro-F1':>9}{'ECE':>7}{'train s':>9}{'load ms':>9}{'predict ms':>11}{'kB':>8}")
    for of in (ours(train, test), theirs(train, test)):
        shares = f"{of.accuracy:9.1%}{of.macro_f1:9.1%}{of.ece:7.1%}"
        print(f"{of.name:14}{shares}{of.train:9.1f}{of.load:9.2f}{of.predict:11.2f}{of.size / 1000:8,.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
