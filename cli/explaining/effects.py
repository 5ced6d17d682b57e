"""What was done: about the attachments, about an answer; and what came back."""

from collections.abc import Iterator, Mapping

from cli.explaining.paragraph import Paragraph, paragraph, said, sentence
from postroom.feedback.report import BounceReason
from postroom.outcome import REPORTING_KINDS, MailRow, Stage, StageRecord, outcome
from postroom.reasons import Disposition, Held, Reason, Treatment

PAST: Mapping[Treatment, str] = {
    Treatment.ALLOW: "allowed",
    Treatment.QUARANTINE: "quarantined",
    Treatment.REFUSE: "refused",
}
_COUNTED: Mapping[str, str] = {"stored": "allowed", "quarantined": "quarantined", "refused": "refused"}


def attachments(row: MailRow) -> Paragraph:
    record = row.records.get(Stage.ATTACHMENTS)
    return paragraph("attachments", _attachments(record) if record else ())


def _attachments(record: StageRecord) -> Iterator[str]:
    counts = [f"{record.facts[name]} {past}" for name, past in _COUNTED.items() if record.facts.get(name, "0") != "0"]
    yield f"{sentence(record.reason.text)} ({record.reason})" + said(": {}", ", ".join(counts)) + "."
    for held in record.held:
        yield f"Part {held.path} {treated(held)}."
    yield said("Seen in them: {}.", ", ".join(record.signals))


def treated(held: Held | None) -> str:
    """What was done with one attachment, and why; None is one that the policy allows."""
    if held is None:
        return "allowed"
    detail = f" ({held.detail})" if held.detail else ""
    return f"{PAST[held.treatment]}, {held.reason}: {held.reason.text}{detail}"


def reply(row: MailRow) -> Paragraph:
    record, found = row.records.get(Stage.REPLY), outcome(row)
    if record and record.disposition is Disposition.ACCEPTED:  # it may have gone out before another stage stopped
        return paragraph("reply", _reply(record))
    return paragraph("reply", (f"None, since the mail was {found.disposition}.",) if found else ())


#: What an agent's mail has done that stayed inside the desk.
_INSIDE: Mapping[Reason, str] = {
    Reason.STAYS_INTERNAL: "Nothing went to the customer: it stands in the conversation as a note",
    Reason.STATE_SET: "Nothing went to the customer: it set the state of the conversation",
}


def _reply(record: StageRecord) -> Iterator[str]:
    if record.reason is Reason.RELAYED:
        yield f"Sent on to the customer in the desk's name: {record.rule}."
        yield said("SES sent it as {}.", record.facts.get("sent_id", ""))
        return
    if record.reason in _INSIDE:
        yield f"{_INSIDE[record.reason]} ({record.reason})."
        return
    if record.reason is Reason.ACKNOWLEDGED:
        to, template = record.facts.get("to", ""), record.facts.get("template", "")
        yield f"Sent{said(' to {}', to)}{said(', from the template “{}”', template)}: {record.rule}."
        yield said("SES sent it as {}.", record.facts.get("sent_id", ""))
        yield said("Checked: {}.", ", ".join(record.signals))
        return
    yield f"Withheld: {record.reason.text} ({record.reason})."
    yield said("Seen: {}.", record.facts.get("detail", ""))
    *passed, decided = record.signals or (record.rule,)
    yield said("Passed before: {}.", ", ".join(passed))
    yield said("Decided by the check {}.", decided)


def came_back(row: MailRow) -> Paragraph:
    """What came back about our reply; or what the mail itself reports, if it is a report."""
    record = row.records.get(Stage.FEEDBACK)
    itself = row.fact(Stage.CLASSIFY, "kind") in REPORTING_KINDS
    return paragraph("reports" if itself else "came back", _came_back(record, itself) if record else ())


def _came_back(record: StageRecord, itself: bool) -> Iterator[str]:
    what = record.facts.get("feedback", "").replace("_", " ")
    for_ = said(" for {}", record.facts.get("recipients", ""))
    yield said("The mail reports: {}." if itself else "About our reply: {}.", f"{what}{for_}" if what else "")
    for signal in dict.fromkeys(record.signals):
        yield f"Why: {BounceReason(signal).text} ({signal})." if signal in (*BounceReason,) else f"Why: {signal}."
    yield said("Not proved to be about a mail of ours, and left aside: {} of them.", record.facts.get("unproved", ""))
    yield f"{sentence(record.reason.text)} ({record.reason})."
