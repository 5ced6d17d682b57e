"""The mail's way through the stages: where it was stopped, what it still waits for, and when each stage spoke."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.explaining.paragraph import Paragraph, paragraph, said, sentence
from postroom.clock import from_iso
from postroom.outcome import MailRow, Stage, StageRecord, waiting_for
from postroom.reasons import Disposition

#: Longer than a mail takes that is tried again once (docs/flow.md).
_LATE = timedelta(minutes=15)


def stopped(row: MailRow) -> Paragraph:
    """The stages that ended the mail's way, or would have."""
    ends = [row.records[s] for s in Stage if s in row.records and _ends(row.records[s])]
    return paragraph("stopped", (sentence for record in ends for sentence in _stopped(record)))


def _ends(record: StageRecord) -> bool:
    return record.disposition is not Disposition.ACCEPTED


def _stopped(record: StageRecord) -> Iterator[str]:
    yield f"{sentence(record.stage)} {record.disposition} it: {record.reason.text} ({record.reason})."
    yield said("Seen: {}.", record.facts.get("detail", ""))
    since = record.facts.get("waited_since", "")
    yield said(f"It was sent round {record.facts.get('tries', 'several')} times since {{}}.", since)


def waiting(row: MailRow, now: datetime) -> Paragraph:
    """The stages that have said nothing yet, and whether that is late."""
    owed = [stage.value for stage in Stage if stage in waiting_for(row)]
    return paragraph("waiting", _waiting(owed, row, now) if owed else ())


def _waiting(owed: list[str], row: MailRow, now: datetime) -> Iterator[str]:
    since = now - from_iso(row.received_at) if row.received_at else timedelta()
    yield f"Nothing was heard yet of {', '.join(owed)}, {_long(since)} after the mail came."
    if since > _LATE:
        yield "That is late: a queue, or its dead letters, may hold it. The ledger sends such a mail round again."


def _long(since: timedelta) -> str:
    seconds = max(0, int(since.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def when(row: MailRow) -> Paragraph:
    """How long after its receipt each stage spoke."""
    spoke = [f"{stage} {_after(row, row.records[stage])}" for stage in Stage if stage in row.records]
    return paragraph("when", (said("After SES had it: {}.", ", ".join(spoke)),) if row.received_at else ())


def _after(row: MailRow, record: StageRecord) -> str:
    return f"{max(0.0, (from_iso(record.at) - from_iso(row.received_at)).total_seconds()):.1f} s"
