"""The ledger's row of one mail: what each stage decided, and the outcome that follows from it.

Each stage writes its own record and no other, so stages may come twice, late and in any order. The outcome is not
stored: it is derived here, in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from postroom.events import Event
from postroom.ids import SesId
from postroom.reasons import Disposition, Held, Reason


class Stage(StrEnum):
    """The stages of the pipeline; the verb is also the folder, the module and the logical id."""

    PARSE = "parse"
    ATTACHMENTS = "attachments"
    CLASSIFY = "classify"
    REPLY = "reply"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """One stage's decision: what it decided, why, which rule fired, on which signals, and the facts it noted.

    `at` is ISO 8601 in UTC. `signals` are named reasons; `facts` are short strings for people and for the inbox.
    """

    stage: Stage
    at: str
    disposition: Disposition
    reason: Reason
    rule: str = ""
    signals: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    held: tuple[Held, ...] = ()  # of the attachments stage: the first so many that are not allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a stage gives back: its record, for the ledger and the log, and the event, if there is something to tell.

    `ses_id` and `received_at` name the received mail that the record belongs to; an empty id is none: an event of a
    mail of ours that answers nobody.
    """

    ses_id: SesId
    received_at: str
    record: StageRecord
    event: Event | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """Everything that the ledger knows of one received mail."""

    ses_id: SesId
    received_at: str
    records: Mapping[Stage, StageRecord] = field(default_factory=dict)

    def fact(self, stage: Stage, name: str, default: str = "") -> str:
        record = self.records.get(stage)
        return record.facts.get(name, default) if record else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the mail in the end: decided at `stage`, for `reason`."""

    disposition: Disposition
    stage: Stage
    reason: Reason


#: Kinds whose mails the feedback stage reads (its EventBridge rule in template.yaml names the same three).
REPORTING_KINDS = frozenset({"bounce", "delivery_report", "complaint"})


def waiting_for(row: MailRow) -> frozenset[Stage]:
    """The stages that still owe this mail a record; empty when it has its outcome."""
    if _stopped(row):
        return frozenset()
    needed = {Stage.PARSE, Stage.CLASSIFY, Stage.REPLY}
    if row.fact(Stage.PARSE, "attachments", "0") != "0":
        needed.add(Stage.ATTACHMENTS)
    if row.fact(Stage.CLASSIFY, "kind") in REPORTING_KINDS:
        needed.add(Stage.FEEDBACK)
    return frozenset(needed - row.records.keys())


def outcome(row: MailRow) -> Outcome | None:
    """The outcome, or None while a stage still owes its record."""
    if stopped := _stopped(row):
        return Outcome(disposition=stopped.disposition, stage=stopped.stage, reason=stopped.reason)
    if waiting_for(row):
        return None
    reply = row.records[Stage.REPLY]
    return Outcome(disposition=Disposition.ACCEPTED, stage=Stage.REPLY, reason=reply.reason)


def _stopped(row: MailRow) -> StageRecord | None:
    """The first record, in pipeline order, that ends the mail's way."""
    return next(
        (row.records[s] for s in Stage if s in row.records and row.records[s].disposition is not Disposition.ACCEPTED),
        None,
    )
