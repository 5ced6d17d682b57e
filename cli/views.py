"""Rows of the ledger as a person reads them."""

from collections.abc import Mapping
from datetime import datetime

from rich.text import Text

from cli.explaining.explanation import explain
from cli.terminal import Column, Terminal, harmless
from postroom.clock import from_iso
from postroom.outcome import MailRow, Stage, outcome, waiting_for
from postroom.reasons import Disposition, Reason

_STYLES = {
    Disposition.ACCEPTED: "green",
    Disposition.QUARANTINED: "yellow",
    Disposition.REFUSED: "red",
    Disposition.IGNORED: "dim",
}
#: What was done about a mail, where it isn't left unanswered.
_DONE: Mapping[Reason, str] = {
    Reason.ACKNOWLEDGED: "sent",
    Reason.RELAYED: "sent on to the customer",
    Reason.STAYS_INTERNAL: "a note",
    Reason.STATE_SET: "state set",
}
_COLUMNS = [
    Column("id"),
    Column("time", rank=2),
    Column("from", shrinks=True),
    Column("subject", shrinks=True),
    Column("kind", rank=1),
    Column("category", rank=3),
    Column("conversation", rank=4),
    Column("files", rank=5, justify="right"),
    Column("reply"),
    Column("seconds", rank=6, justify="right"),
]


def inbox(terminal: Terminal, title: str, rows: list[MailRow]) -> None:
    """A table of mails. Times are in UTC, with their day where the mails are of several."""
    several = len({row.received_at[:10] for row in rows}) > 1
    terminal.table(title, _COLUMNS, [_row(row, several) for row in rows])


def _row(row: MailRow, with_day: bool) -> list[str | Text]:
    return [
        row.ses_id[:8],
        row.received_at[5:16].replace("T", " ") if with_day else row.received_at[11:19],
        _short(row.fact(Stage.PARSE, "from") or "?", 28),
        _short(row.fact(Stage.PARSE, "subject") or "(no subject)", 40),
        row.fact(Stage.CLASSIFY, "kind"),
        row.fact(Stage.CLASSIFY, "category"),
        row.fact(Stage.CLASSIFY, "conversation")[:8],
        row.fact(Stage.PARSE, "attachments", "0"),
        reply(row),
        f"{seconds(row):.1f}",
    ]


def reply(row: MailRow) -> Text:
    """Whether the mail was answered, or the reason why not."""
    found = outcome(row)
    if found is None:
        return Text(f"waiting for {', '.join(sorted(waiting_for(row)))}", style="magenta")
    if found.disposition is not Disposition.ACCEPTED:
        return Text(f"{found.disposition}: {_spoken(found.reason)}", style=_STYLES[found.disposition])
    if found.reason in _DONE:
        return Text(_DONE[found.reason], style="green")
    return Text(f"no: {_spoken(found.reason)}", style="cyan")


def _spoken(reason: Reason) -> str:
    return reason.replace("_", " ")


def seconds(row: MailRow) -> float:
    """From SES's receipt to the last stage's record."""
    last = max((record.at for record in row.records.values()), default=row.received_at)
    return max(0.0, (from_iso(last) - from_iso(row.received_at)).total_seconds()) if row.received_at else 0.0


def why(terminal: Terminal, row: MailRow, at: datetime) -> None:
    """Every decision about a mail, as an explanation. `at` is the present moment: what is late follows from it."""
    told = explain(row, at)
    terminal.prose(told.subject, "bold")
    terminal.prose(told.mail, "dim")
    terminal.line()
    terminal.prose(told.headline, _STYLES[told.disposition] if told.disposition else "magenta")
    terminal.line()
    terminal.paragraphs([(each.label, each.sentences) for each in told.paragraphs])


def _short(text: str, length: int) -> str:
    plain = " ".join(harmless(text).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"
