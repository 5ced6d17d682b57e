"""A row of the ledger, explained: a headline, and paragraphs in the order in which things were decided."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cli.explaining import arrival, course, effects, place, sorts
from cli.explaining.paragraph import Paragraph, moment, paragraph, sentence
from postroom.outcome import MailRow, Stage, outcome, waiting_for
from postroom.reasons import Disposition, Reason

#: The facts that the paragraphs tell. Any other is told as it is, so that a stage may note what it likes.
TOLD: Mapping[Stage, frozenset[str]] = {
    Stage.PARSE: frozenset(
        {
            *("from", "from_name", "subject", "size", "attachments", "way", "authentication", "list", "secured"),
            *("first", "vouched"),
        }
    ),
    Stage.ATTACHMENTS: frozenset({"stored", "quarantined", "refused"}),
    Stage.CLASSIFY: frozenset(
        {
            *("kind", "confidence", "language", "rule_set"),
            *("category", "category_rule", "category_confidence", "priority", "opinion", "opinion_taken"),
            *("signals_left_out", "proofs_left_out"),
            *sorts.ABSENCE,
            *sorts.HANDLING,
            *("conversation", "opened", "state", "linked_to", "proof", "standing", "follow_up_on"),
        }
    ),
    Stage.REPLY: frozenset({"template", "sent_id", "to", "conversation"}),
    Stage.FEEDBACK: frozenset({"feedback", "reports", "recipients"}),
}
_OF_ANY_STAGE = frozenset({"detail", "tries", "waited_since"})


_DONE: Mapping[Reason, str] = {
    Reason.ACKNOWLEDGED: "Answered",
    Reason.RELAYED: "Sent on",
    Reason.STAYS_INTERNAL: "Noted",
    Reason.STATE_SET: "Done",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`disposition` is None as long as there is no outcome."""

    subject: str
    mail: str
    headline: str
    disposition: Disposition | None
    paragraphs: tuple[Paragraph, ...]


def explain(row: MailRow, now: datetime) -> Explanation:
    """Every decision about a mail, in sentences."""
    found = outcome(row)
    paragraphs = (
        arrival.came(row),
        arrival.sender(row),
        place.belongs(row),
        sorts.kind(row),
        sorts.language(row),
        sorts.category(row),
        sorts.handling(row),
        effects.attachments(row),
        effects.reply(row),
        effects.came_back(row),
        course.stopped(row),
        course.waiting(row, now),
        paragraph("also noted", _rest(row)),
        course.when(row),
    )
    received = moment(row.received_at) if row.received_at else "nobody knows when"
    return Explanation(
        subject=row.fact(Stage.PARSE, "subject") or "(no subject)",
        mail=f"mail {row.ses_id}, received {received}",
        headline=_headline(row),
        disposition=found.disposition if found else None,
        paragraphs=tuple(each for each in paragraphs if each.sentences),
    )


def _headline(row: MailRow) -> str:
    found = outcome(row)
    if found is None:
        owed = [stage.value for stage in Stage if stage in waiting_for(row)]
        return f"No outcome yet: waiting for {', '.join(owed)}."
    if found.disposition is not Disposition.ACCEPTED:
        return f"{sentence(found.disposition)} by {found.stage}: {found.reason.text} ({found.reason})."
    done = _DONE.get(found.reason, "Accepted, and not answered")
    return f"{done}: {found.reason.text} ({found.reason})."


def _rest(row: MailRow) -> Iterator[str]:
    for stage in Stage:
        if record := row.records.get(stage):
            for name, value in record.facts.items():
                if value and name not in TOLD[stage] | _OF_ANY_STAGE:
                    yield f"{stage}, {name.replace('_', ' ')}: {value}"
