"""Which mails a classifier is asked about, once each, and within a budget; whatever goes wrong, the mail goes on."""

from dataclasses import dataclass, field

from postroom.clock import Clock
from postroom.errors import Retryable
from postroom.kinds.kind import BY_PEOPLE, Kind
from postroom.message import Message
from postroom.opinion import NoOpinion, Opinion, Question
from postroom.opinions import answer
from postroom.opinions.clean import clean
from postroom.opinions.effect import Weighed, is_open, weighed
from postroom.opinions.patience import Patience
from postroom.outcome import StageRecord
from postroom.ports import Classifier, Sends
from postroom.reasons import Reason
from postroom.rules.actions import Priority
from postroom.rules.conditions import AllOf, OneOf
from postroom.rules.rule import Rule
from postroom.rules.rules import CategoryFinding, RuleSet

BUDGET, _DAY = "opinions", 86_400

_SUBJECT, _TEXT = 300, 4_000  # characters: who has not said by then what it is about won't


def offered(rules: RuleSet) -> tuple[str, ...]:
    """The categories that an opinion may name: those of rules that may fit a mail that is asked about."""
    return tuple(
        sorted({rule.actions.category for rule in rules.book.rules if rule.actions.category and _may_fit(rule)})
    )


def _may_fit(rule: Rule) -> bool:
    """False where the rule wants a kind of mail that nobody is asked about, by itself or beside other conditions."""
    wanted = rule.when.of if isinstance(rule.when, AllOf) else (rule.when,)
    kinds = (each.values for each in wanted if isinstance(each, OneOf) and each.fact == "kind")
    return all(values & BY_PEOPLE for values in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """Second opinions, `per_day` at most (a day in UTC)."""

    classifier: Classifier
    sends: Sends
    per_day: int
    clock: Clock
    patience: Patience = field(default_factory=Patience)

    def weigh(
        self, message: Message, kind: Kind, finding: CategoryFinding, rules: RuleSet, earlier: StageRecord | None
    ) -> Weighed:
        """The finding of these rules and the desk's model, with what an opinion may change in it.

        `earlier` is the record of an earlier run, whose opinion stays: nobody pays twice, nor gets two answers.
        """
        if kind not in BY_PEOPLE or not is_open(finding):
            return Weighed(finding=finding)
        question = _question(message, offered(rules))
        return weighed(finding, _heard(earlier, question) or self._asked(question))

    def _asked(self, question: Question) -> Opinion | NoOpinion:
        if not (question.subject or question.text):
            return NoOpinion(reason=Reason.OPINION_NOTHING_TO_READ)
        if self.patience.is_over:
            return NoOpinion(reason=Reason.OPINION_TOO_SLOW)
        try:
            if not self.sends.take(BUDGET, self.per_day, _DAY, self.clock().timestamp()):
                return NoOpinion(reason=Reason.OPINION_BUDGET)
            with self.patience.waiting():
                return self.classifier.opinion(question)
        except Retryable:
            return NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="its budget can't be read")
        except Exception as error:  # unforeseen, and no reason to hold a mail up: it has its category without
            return NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail=type(error).__name__)


def _question(message: Message, categories: tuple[str, ...]) -> Question:
    """What the sender wrote, as it is seen: nothing quoted, no signature, no address, no header but the subject."""
    return Question(
        subject=clean(message.subject.replace("\n", " "), _SUBJECT),
        text=clean(message.reply.visible, _TEXT),
        categories=categories,
        priorities=tuple(Priority),
    )


def _heard(earlier: StageRecord | None, question: Question) -> Opinion | None:
    """The opinion in a record, if there is one and it is still made of the question's names."""
    words = earlier.facts.get("opinion", "").split(" ") if earlier else []
    found = answer.read(dict(zip(("category", "priority", "confidence"), words, strict=False)), question)
    return found if isinstance(found, Opinion) and len(words) == 3 else None
