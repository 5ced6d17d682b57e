"""A classifier that answers what it is told to, and remembers what it was asked."""

from dataclasses import dataclass, field

from postroom.opinion import NoOpinion, Opinion, Question


@dataclass(slots=True, kw_only=True)
class MemoryClassifier:
    """`postroom.ports.Classifier`; set `failure` to have every question raise it."""

    says: Opinion | NoOpinion
    failure: Exception | None = None
    asked: list[Question] = field(default_factory=list)

    def opinion(self, question: Question) -> Opinion | NoOpinion:
        self.asked.append(question)
        if self.failure:
            raise self.failure
        return self.says
