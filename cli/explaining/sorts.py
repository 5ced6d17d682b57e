"""What kind of mail it is and by which signals; its language; category and priority, by which rule of which version."""

from collections.abc import Iterator, Mapping

from cli.explaining.paragraph import Paragraph, moment, paragraph, said, sentence
from cli.explaining.place import is_proof
from cli.explaining.signals import seen, who
from postroom.kinds.answering import WANTS_AN_ANSWER
from postroom.kinds.signals import Signal
from postroom.opinions.effect import OPINION
from postroom.outcome import MailRow, Stage, StageRecord
from postroom.threads.admission import Standing

DUE = "due_at"
_UNANSWERED = frozenset(kind.value for kind, wanted in WANTS_AN_ANSWER.items() if not wanted)

#: What else a rule may have said, by the name of the fact.
HANDLING: Mapping[str, str] = {
    "rules": "Rules that acted: {}.",
    "handling": "They say: {}.",
    "tags": "Tagged {}.",
    "assign": "Given to {}.",
    "reply": "Template of the answer: {}.",
    "notify": "To be told: {}.",
    DUE: "A first answer is due by {}.",
}

#: What the mail of somebody absent says.
ABSENCE: Mapping[str, str] = {
    "back_on": "Its author is back on {}.",
    "stand_in": "In their stead writes {}.",
}


def kind(row: MailRow) -> Paragraph:
    record = row.records.get(Stage.CLASSIFY)
    return paragraph("kind", _kind(record) if record and record.facts.get("kind") else ())


def _kind(record: StageRecord) -> Iterator[str]:
    sure = said(", {} % sure", record.facts.get("confidence", ""))
    yield f"{sentence(_spoken(record.facts['kind']))}, by the rule “{record.rule}”{sure}."
    signals = [Signal(signal) for signal in record.signals if signal in (*Signal,)]
    yield "" if signals else "Nothing in it speaks of a machine."
    for signal in signals:
        yield f"Seen: {signal.text} ({signal})."
    for name, text in ABSENCE.items():
        yield said(text, record.facts.get(name, ""))


def language(row: MailRow) -> Paragraph:
    record = row.records.get(Stage.CLASSIFY)
    if record is None or "language" not in record.facts:
        return paragraph("language", ())
    found = record.facts["language"]
    return paragraph("language", (f"{found}." if found else "None that could be recognised.",))


def category(row: MailRow) -> Paragraph:
    record = row.records.get(Stage.CLASSIFY)
    return paragraph("category", _category(record) if record and "category" in record.facts else ())


def _category(record: StageRecord) -> Iterator[str]:
    version = said(" (rules of version {})", record.facts.get("rule_set", ""))
    if by := record.facts.get("category_rule", ""):
        named = sentence(_spoken(record.facts["category"] or "none"))
        priority = said(", priority {}", record.facts.get("priority", ""))
        sure = said(", {} % sure", record.facts.get("category_confidence", ""))
        yield f"{named}{priority}, by {who(by)}{sure}{version}."
    else:
        yield f"None: no rule fits it{version}."
    yield said("A second opinion: {}.", record.facts.get("opinion", ""))
    yield said("Taken of it: {}.", record.facts.get("opinion_taken", ""))
    named_already = {by, f"{OPINION}:category", f"{OPINION}:priority"}
    for signal in record.signals:
        if not (signal in (*Signal, *named_already) or is_proof(signal)):
            yield f"Seen: {seen(signal)}."
    yield said("Signals that are not kept, and did not decide: {}.", record.facts.get("signals_left_out", ""))


def handling(row: MailRow) -> Paragraph:
    """What the rules say beside category and priority."""
    record = row.records.get(Stage.CLASSIFY)
    return paragraph("handling", _handling(record.facts) if record else ())


def _handling(facts: Mapping[str, str]) -> Iterator[str]:
    """A due time of what nobody answers, which older records have, is not told."""
    for name, text in HANDLING.items():
        value = facts.get(name, "")
        if name == DUE and value:
            wanted = facts.get("kind") not in _UNANSWERED and facts.get("standing") != Standing.AGENT
            value = moment(value) if wanted else ""
        yield said(text, value)


def _spoken(word: str) -> str:
    return word.replace("_", " ")
