"""The differences as a person reads them, and as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from cli.forms import Form
from cli.mails import plural
from cli.replay.replaying import Plan
from cli.replay.sides import Side, Trained, asked, loaded
from cli.replay.tally import Change, Replayed, Tally
from cli.terminal import Column, Terminal

NOTHING = "-"  # in the place of a value that isn't there: "none" may be one
_MOST_ROWS = 12  # changes of one field that a person is shown; --json has all
_MOST_UNREAD = 20
_COLUMNS = [
    Column("what"),
    Column("from", shrinks=True),
    Column("to", shrinks=True),
    Column("mails", justify="right"),
    Column("example", shrinks=True, rank=1),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a replay has found so far; `whole` is False where it was ended before its last mail."""

    plan: Plan
    tally: Tally
    passed_over: int
    whole: bool


def show(terminal: Terminal, report: Report) -> None:
    tally = report.tally
    terminal.line(_headline(report), "bold")
    terminal.line(f"present: {_named(report.plan.present)}", "dim")
    terminal.line(f"new:     {_named(report.plan.new)}", "dim")
    if tally.counts:
        terminal.line()
        terminal.table("", _COLUMNS, list(_rows(tally)))
    for change, examples in tally.examples.items() if tally.shown else ():
        _examples(terminal, change, examples)
    _notes(terminal, report)


def _headline(report: Report) -> str:
    tally = report.tally
    ended = "" if report.whole else ", then it was interrupted"
    if not tally.mails:
        return f"No mail was replayed{ended}"
    if not tally.counts:
        return f"{plural(tally.mails, 'mail')} replayed{ended}: every decision stays as it is"
    return f"{plural(tally.mails, 'mail')} replayed{ended}: {tally.changed:,} would be decided differently"


def _named(side: Side) -> str:
    rules = f"{side.rules.source}, version {loaded(side.rules).version}"
    if side.model is None:
        return rules
    version = _version(side.model)
    return f"{rules}; model {side.model.source}, {f'version {version}' if version else 'which can not be used'}"


def _version(trained: Trained) -> str:
    """Empty where it can't be used."""
    model = asked(trained).model
    return model.version if model else ""


def _rows(tally: Tally) -> Iterator[list[str | Text]]:
    for name, changes in tally.by_field():
        for number, (change, count) in enumerate(changes[:_MOST_ROWS]):
            label = name.replace("_", " ") if number == 0 else ""
            example = tally.examples[change][0].mail
            yield [label, change.before or NOTHING, change.after or NOTHING, f"{count:,}", example]
        if len(changes) > _MOST_ROWS:
            rest = changes[_MOST_ROWS:]
            yield ["", f"({len(rest):,} more; --json has them)", "", f"{sum(count for _, count in rest):,}", ""]


def _examples(terminal: Terminal, change: Change, examples: list[Replayed]) -> None:
    name = change.field.replace("_", " ")
    terminal.line(f"\n{name}: {change.before or NOTHING} → {change.after or NOTHING}", "bold")
    for each in examples:
        terminal.line(f"{each.mail}  {each.subject or '(no subject)'}")
        terminal.facts([("  present", "\n".join(each.present.because)), ("  new", "\n".join(each.new.because))])


def _notes(terminal: Terminal, report: Report) -> None:
    tally = report.tally
    notes = [f"{count:,} of them {what}" for what, count in sorted(tally.assumed.items())]
    present = loaded(report.plan.present.rules).version
    if others := sum(count for version, count in tally.decided_by.items() if version != present):
        notes.append(f"{others:,} of them were decided by other rules than the present ones when they came")
    if report.passed_over:
        notes.append(f"{plural(report.passed_over, 'file')} passed over, since no mail begins as they do")
    if notes:
        terminal.line()
    for note in notes:
        terminal.line(note, "dim")
    for unread in tally.named[:_MOST_UNREAD]:
        terminal.error(f"{unread.mail}: {unread.why}")
    if tally.unread > _MOST_UNREAD:
        terminal.error(f"{tally.unread - _MOST_UNREAD:,} more could not be read (--json names {len(tally.named):,})")


def form(report: Report) -> Form:
    """`postroom replay --json`."""
    tally = report.tally
    return {
        "present": _side_form(report.plan.present),
        "new": _side_form(report.plan.new),
        "mails": tally.mails,
        "changed": tally.changed,
        "interrupted": not report.whole,
        "changes": [
            {
                "field": change.field,
                "from": change.before or None,
                "to": change.after or None,
                "mails": count,
                "examples": [_example_form(each) for each in tally.examples[change]],
            }
            for _, changes in tally.by_field()
            for change, count in changes
        ],
        "assumed": [{"mails": count, "what": what} for what, count in sorted(tally.assumed.items())],
        "decided_by": dict(sorted(tally.decided_by.items())),
        "unread": tally.unread,
        "unread_mails": [{"mail": each.mail, "error": each.why} for each in tally.named],
        "passed_over": report.passed_over,
    }


def _side_form(side: Side) -> Form:
    """`model` is null where the desk has none, its version where it can't be used."""
    model = {"file": side.model.source, "version": _version(side.model) or None} if side.model else None
    return {"rules": side.rules.source, "version": loaded(side.rules).version, "model": model}


def _example_form(each: Replayed) -> Form:
    return {
        "mail": each.mail,
        "subject": each.subject,
        "present": list(each.present.because),
        "new": list(each.new.because),
    }
