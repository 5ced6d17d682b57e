"""What a language model answered, read strictly: three names of closed sets, or it is thrown away whole."""

import msgspec

from postroom.opinion import Confidence, NoOpinion, Opinion, Question
from postroom.opinions.prompt import NOTHING_FITS
from postroom.reasons import Reason


class _Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    category: str
    priority: str
    confidence: Confidence


def read(said: object, question: Question) -> Opinion | NoOpinion:
    """The opinion in an answer, given as JSON's values; NoOpinion(OPINION_ODD) for anything but the form asked for."""
    try:
        answer = msgspec.convert(said, _Answer, strict=True)
    except msgspec.ValidationError:
        return NoOpinion(reason=Reason.OPINION_ODD, detail="not the form that was asked for")
    if answer.category not in (*question.categories, NOTHING_FITS):
        return NoOpinion(reason=Reason.OPINION_ODD, detail="a category that the desk does not have")
    if answer.priority not in question.priorities:
        return NoOpinion(reason=Reason.OPINION_ODD, detail="a priority that there is not")
    category = None if answer.category == NOTHING_FITS else answer.category
    return Opinion(category=category, priority=answer.priority, confidence=answer.confidence)
