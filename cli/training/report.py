"""What a model says of itself, from what it answered on mails that it had not seen."""

from collections import Counter
from collections.abc import Sequence

from cli.training import measures
from cli.training.measures import Answers
from postroom.categories.example import Example
from postroom.categories.report import LabelReport, LanguageReport, Report
from postroom.kinds.language import language_of


def report(examples: Sequence[Example], labels: Sequence[str], of: Answers, threshold: float, made_at: str) -> Report:
    sure = of.confidences >= threshold
    of_labels = _labels(examples, labels, of)
    return Report(
        made_at=made_at,
        examples=len(examples),
        corrected=sum(each.corrected for each in examples),
        accuracy=float(of.right.mean()),
        macro_f1=sum(map(_f1, of_labels)) / len(of_labels),
        ece=measures.calibration_error(of),
        answered=float(sure.mean()),
        right=float(of.right[sure].mean()) if sure.any() else 0.0,
        labels=of_labels,
        languages=_languages(examples, of),
    )


def _labels(examples: Sequence[Example], labels: Sequence[str], of: Answers) -> tuple[LabelReport, ...]:
    wanted = Counter(each.label for each in examples)
    given = Counter(labels[number] for number in of.labels.tolist())
    right = Counter(each.label for each, ok in zip(examples, of.right.tolist(), strict=True) if ok)
    return tuple(
        LabelReport(
            label=label,
            examples=wanted[label],
            precision=right[label] / given[label] if given[label] else 0.0,
            recall=right[label] / wanted[label],
        )
        for label in labels
    )


def _languages(examples: Sequence[Example], of: Answers) -> tuple[LanguageReport, ...]:
    """The commonest first."""
    spoken = [language_of(f"{each.subject}\n{each.text}") or "" for each in examples]
    right = Counter(language for language, ok in zip(spoken, of.right.tolist(), strict=True) if ok)
    return tuple(
        LanguageReport(language=language, examples=count, accuracy=right[language] / count)
        for language, count in Counter(spoken).most_common()
    )


def _f1(of: LabelReport) -> float:
    whole = of.precision + of.recall
    return 2 * of.precision * of.recall / whole if whole else 0.0
