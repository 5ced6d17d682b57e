"""What kind of mail it is and by which signals; its language; category and priority, by which rule of which version."""

from collections.abc import Iterator, Mapping

from cli.explaining.paragraph import Paragraph, paragraph, said, sentence
from cli.explaining.place import is_proof
from postroom.kinds.signals import Signal
from postroom.opinions.effect import OPINION
from postroom.outcome import MailRow, Stage, StageRecord
from postroom.stages.categorising import MODEL

#: What a rule saw, by the word before the colon of its signal.
_SEEN: Mapping[str, str] = {
    "subject": "the subject has “{}”",
    "text": "the text has “{}”",
    "to": "it was written to {}@",
    "kind": "its kind is {}",
    "language": "its language is {}",
    "urgency": "it presses, in points, by {}",
    "model": "the desk's model {} was asked",
    "unsure": "the model wasn't sure of {}",
    "word": "the model goes by “{}”",
}

#: What else a rule may have said, by the name of the fact.
HANDLING: Mapping[str, str] = {
    "rules": "Rules that acted: {}.",
    "handling": "They say: {}.",
    "tags": "Tagged {}.",
    "assign": "Given to {}.",
    "reply": "Template of the answer: {}.",
    "notify": "To be told: {}.",
    "due_at": "A first answer is due by {}.",
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
    yield from _told(ABSENCE, record)


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
        yield f"{named}{priority}, by {_who(by)}{sure}{version}."
    else:
        yield f"None: no rule fits it{version}."
    yield said("A second opinion: {}.", record.facts.get("opinion", ""))
    yield said("Taken of it: {}.", record.facts.get("opinion_taken", ""))
    for signal in record.signals:
        if not (signal in (*Signal,) or is_proof(signal) or signal.startswith(f"{OPINION}:")):
            yield f"Seen: {_seen(signal)}."
    yield said("Signals that are not kept, and did not decide: {}.", record.facts.get("signals_left_out", ""))


def _who(by: str) -> str:
    """Who gave the category: the rule of this name, the desk's model, or a second opinion."""
    if by == OPINION:
        return "a second opinion"
    return f"the desk's model {by.removeprefix(MODEL)}" if by.startswith(MODEL) else f"the rule “{by}”"


def handling(row: MailRow) -> Paragraph:
    """What the rules say beside category and priority."""
    record = row.records.get(Stage.CLASSIFY)
    return paragraph("handling", _told(HANDLING, record) if record else ())


def _told(words: Mapping[str, str], record: StageRecord) -> Iterator[str]:
    """The facts that have such words, in these."""
    return (said(text, record.facts.get(name, "")) for name, text in words.items())


def _seen(signal: str) -> str:
    name, colon, value = signal.partition(":")
    return _SEEN[name].replace("{}", value) if colon and name in _SEEN else signal


def _spoken(word: str) -> str:
    return word.replace("_", " ")
