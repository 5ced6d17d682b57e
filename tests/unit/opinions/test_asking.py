"""Which mails a classifier is asked about: few, once, within a budget, and never so that a mail waits for it."""

from dataclasses import dataclass, field

import pytest

from postroom.errors import Retryable
from postroom.kinds.kind import BY_PEOPLE, Kind
from postroom.memory.classifier import MemoryClassifier
from postroom.memory.desk import MemorySends
from postroom.message import Message, Reply
from postroom.opinion import Confidence, NoOpinion, Opinion
from postroom.opinions.asking import Opinions, offered
from postroom.opinions.patience import Patience
from postroom.outcome import Stage, StageRecord
from postroom.reasons import Disposition, Reason
from postroom.rules import rules
from postroom.rules.actions import Priority
from postroom.rules.rules import CategoryFinding
from tests.contracts.conftest import clock
from tests.unit.opinions.test_effect import BY_A_RULE, NOBODY

SAID = Opinion(category="billing", priority="normal", confidence=Confidence.HIGH)
RULES = rules.load("rules: [{name: a, category: billing, when: {words: [paid]}}, {name: b, category: order}]")
MAIL = Message(
    subject="Charged twice\nBcc: all@example.com",
    text="The whole text",
    reply=Reply(visible="You took 20 EUR twice.", quoted="> what we wrote", signature="Ann, +49 30 1234567"),
)


@dataclass(kw_only=True)
class Time:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(kw_only=True)
class Asker:
    """Opinions over memory."""

    classifier: MemoryClassifier = field(default_factory=lambda: MemoryClassifier(says=SAID))
    sends: MemorySends = field(default_factory=MemorySends)
    per_day: int = 100
    patience: Patience = field(default_factory=Patience)

    def weigh(
        self,
        message: Message = MAIL,
        kind: Kind = Kind.PERSON,
        finding: CategoryFinding = NOBODY,
        earlier: StageRecord | None = None,
    ) -> tuple[str | None, str]:
        """The category after it, and the record's words."""
        opinions = Opinions(
            classifier=self.classifier,
            sends=self.sends,
            per_day=self.per_day,
            clock=clock,
            patience=self.patience,
        )
        found = opinions.weigh(message, kind, finding, RULES, earlier)
        return found.finding.category, found.facts.get("opinion", "")


def recorded(opinion: str) -> StageRecord:
    return StageRecord(
        stage=Stage.CLASSIFY,
        at="2026-11-24T07:30:00.000Z",
        disposition=Disposition.ACCEPTED,
        reason=Reason.ORDINARY,
        facts={"opinion": opinion},
    )


def test_a_mail_that_the_rules_leave_open_is_asked_about() -> None:
    assert Asker().weigh() == ("billing", "billing normal high")


def test_only_what_the_sender_wrote_is_told() -> None:
    asker = Asker()
    asker.weigh()
    (question,) = asker.classifier.asked
    assert (question.subject, question.text) == ("Charged twice Bcc: [address]", "You took 20 EUR twice.")
    assert question.categories == ("billing", "order")
    assert question.priorities == tuple(Priority)


def test_a_mail_that_a_rule_has_decided_is_asked_of_nobody() -> None:
    asker = Asker()
    assert asker.weigh(finding=BY_A_RULE) == ("order", "")
    assert asker.classifier.asked == []


@pytest.mark.parametrize("kind", sorted(set(Kind) - BY_PEOPLE))
def test_a_machines_mail_is_asked_of_nobody(kind: Kind) -> None:
    asker = Asker()
    assert asker.weigh(kind=kind) == (None, "")
    assert asker.classifier.asked == []


def test_a_mail_without_a_visible_word_is_asked_of_nobody() -> None:
    asker = Asker()
    message = Message(subject="\u200b", reply=Reply(visible="\U000e0041 \u3164"))
    assert asker.weigh(message) == (None, "none: opinion_nothing_to_read")
    assert asker.classifier.asked == []


def test_a_repeat_keeps_the_opinion_of_the_run_before() -> None:
    asker = Asker()
    assert asker.weigh(earlier=recorded("order low high")) == ("order", "order low high")
    assert asker.classifier.asked == []


@pytest.mark.parametrize("opinion", ["", "none: opinion_budget", "sales low high", "order soon high", "order low 9"])
def test_a_repeat_without_an_opinion_of_our_names_asks(opinion: str) -> None:
    asker = Asker()
    assert asker.weigh(earlier=recorded(opinion))[0] == "billing"
    assert len(asker.classifier.asked) == 1


def test_a_day_has_its_budget() -> None:
    asker = Asker(per_day=2)
    assert [asker.weigh()[1] for _ in range(3)] == [*["billing normal high"] * 2, "none: opinion_budget"]
    assert len(asker.classifier.asked) == 2


@pytest.mark.parametrize("failure", [Retryable("x"), KeyError("x"), RecursionError("x"), TimeoutError("x")])
def test_a_mail_goes_on_whatever_the_classifier_does(failure: Exception) -> None:
    asker = Asker(classifier=MemoryClassifier(says=SAID, failure=failure))
    category, told = asker.weigh()
    assert category is None
    assert told.startswith("none: opinion_unavailable (")


def test_no_opinion_is_told_with_its_reason() -> None:
    silent = MemoryClassifier(says=NoOpinion(reason=Reason.OPINION_REFUSED, detail="AccessDeniedException"))
    assert Asker(classifier=silent).weigh() == (None, "none: opinion_refused (AccessDeniedException)")


def test_a_slow_classifier_is_left_alone_until_a_minute_has_gone() -> None:
    time = Time()
    asker = Asker(patience=Patience(seconds=12, window=60, clock=time))

    def after(seconds: float) -> str:
        """What is told once this was waited for an answer before."""
        with asker.patience.waiting():
            time.now += seconds
        return asker.weigh()[1]

    assert [after(11), after(1)] == ["billing normal high", "none: opinion_too_slow"]
    time.now += 61
    assert asker.weigh()[1] == "billing normal high"


def test_an_opinion_may_name_the_categories_of_rules_for_people() -> None:
    text = """
rules:
  - {name: a, category: newsletter, when: {kind: bulk}}
  - {name: b, category: sales, when: {kind: [person, bulk]}}
  - {name: c, category: billing, when: {words: [invoice]}}
  - {name: d, category: general}
"""
    assert offered(rules.load(text)) == ("billing", "general", "sales")
