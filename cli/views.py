"""Rows of the ledger as a person reads them."""

from rich.text import Text

from cli.terminal import Column, Terminal, harmless
from postroom.clock import from_iso
from postroom.outcome import MailRow, Stage, StageRecord, outcome, waiting_for
from postroom.reasons import Disposition, Reason

_STYLES = {
    Disposition.ACCEPTED: "green",
    Disposition.QUARANTINED: "yellow",
    Disposition.REFUSED: "red",
    Disposition.IGNORED: "dim",
}
_COLUMNS = [
    Column("time"),
    Column("from", shrinks=True),
    Column("subject", shrinks=True),
    Column("kind"),
    Column("category"),
    Column("thread"),
    Column("files", justify="right"),
    Column("reply"),
    Column("ms", justify="right"),
    Column("id"),
]


def inbox(terminal: Terminal, title: str, rows: list[MailRow]) -> None:
    terminal.table(title, _COLUMNS, [_row(row) for row in rows])


def _row(row: MailRow) -> list[str | Text]:
    return [
        _clock(row.received_at),
        _short(row.fact(Stage.PARSE, "from") or "?", 28),
        _short(row.fact(Stage.PARSE, "subject") or "(no subject)", 40),
        row.fact(Stage.CLASSIFY, "kind"),
        row.fact(Stage.CLASSIFY, "category"),
        row.fact(Stage.CLASSIFY, "conversation")[:6],
        row.fact(Stage.PARSE, "attachments", "0"),
        reply(row),
        str(milliseconds(row)),
        row.ses_id[:8],
    ]


def reply(row: MailRow) -> Text:
    """Whether the mail was answered, or the reason why not."""
    found = outcome(row)
    if found is None:
        return Text(f"waiting for {', '.join(sorted(waiting_for(row)))}", style="magenta")
    if found.disposition is not Disposition.ACCEPTED:
        return Text(f"{found.disposition}: {_spoken(found.reason)}", style=_STYLES[found.disposition])
    if found.reason is Reason.ACKNOWLEDGED:
        return Text("sent", style="green")
    return Text(f"no: {_spoken(found.reason)}", style="cyan")


def _spoken(reason: Reason) -> str:
    return reason.replace("_", " ")


def milliseconds(row: MailRow) -> int:
    """From SES's receipt to the last stage's record."""
    last = max((record.at for record in row.records.values()), default=row.received_at)
    return max(0, round((from_iso(last) - from_iso(row.received_at)).total_seconds() * 1000))


def why(terminal: Terminal, row: MailRow) -> None:
    """Every decision about a mail, in the order of the pipeline."""
    terminal.line(f"{row.fact(Stage.PARSE, 'subject') or '(no subject)'}", "bold")
    sender = row.fact(Stage.PARSE, "from") or "nobody that could be named"
    terminal.line(f"from {sender}, received {row.received_at}, SES id {row.ses_id}", "dim")
    terminal.line()
    found = outcome(row)
    if found:
        terminal.line(f"{found.disposition}: {found.reason.text} ({found.reason})", _STYLES[found.disposition])
    else:
        terminal.line(f"no outcome yet: waiting for {', '.join(sorted(waiting_for(row)))}", "magenta")
    for stage in Stage:
        if record := row.records.get(stage):
            terminal.line()
            _decision(terminal, record)


def _decision(terminal: Terminal, record: StageRecord) -> None:
    terminal.line(f"{record.stage}: {record.disposition}, {record.reason.text}", "bold")
    terminal.facts(
        [
            ("at", record.at),
            ("reason", record.reason),
            ("rule", record.rule),
            ("checks" if record.stage is Stage.REPLY else "signals", ", ".join(record.signals)),
            *((name.replace("_", " "), value) for name, value in record.facts.items()),
        ]
    )


def _clock(moment: str) -> str:
    return moment[11:19]


def _short(text: str, length: int) -> str:
    plain = " ".join(harmless(text).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"
