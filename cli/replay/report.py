"""The differences as a person reads them, and as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from cli.forms import Form
from cli.mails import plural
from cli.replay.replaying import OF_ONE, Plan
from cli.replay.sides import Side, Trained, asked, loaded
from cli.replay.tally import DUE, Replayed, Tally
from cli.terminal import Column, Terminal

NOTHING = "-"  # in the place of a value that isn't there: "none" may be one
_MOST_ROWS = 12  # changes of one field that a person is shown; --json has all
_MOST_DUE = 3  # of the time at which an answer is due: nearly each mail may have its own
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
    if tally.due:
        terminal.line(f"the first answer to {_of(tally.due, tally.mails)} would be due at another time")
    terminal.line(f"present: {_named(report.plan.present)}", "dim")
    terminal.line(f"new:     {_named(report.plan.new)}", "dim")
    if tally.counts:
        terminal.line()
        terminal.table("", _COLUMNS, list(_rows(tally)))
    for example in tally.examples_by_mail() if tally.shown else ():
        _example(terminal, example)
    _notes(terminal, report)


def _headline(report: Report) -> str:
    tally = report.tally
    ended = "" if report.whole else ", then it was interrupted"
    if not tally.mails:
        return f"No mail was replayed{ended}"
    told = f"{tally.changed:,} would be decided differently" if tally.changed else "every decision stays as it is"
    return f"{plural(tally.mails, 'mail')} replayed{ended}: {told}"


def _of(count: int, whole: int) -> str:
    return f"{count:,} of them" if whole > 1 else "it"


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
        most = _MOST_DUE if name == DUE else _MOST_ROWS
        for number, (change, count) in enumerate(changes[:most]):
            label = name.replace("_", " ") if number == 0 else ""
            example = tally.examples[change][0].mail
            yield [label, change.before or NOTHING, change.after or NOTHING, f"{count:,}", example]
        if rest := changes[most:]:
            yield ["", f"({len(rest):,} more; --json has them)", "", f"{sum(count for _, count in rest):,}", ""]


def _example(terminal: Terminal, each: Replayed) -> None:
    """One mail with all that changes of it, and why."""
    terminal.line(f"\n{each.mail}  {each.subject or '(no subject)'}", "bold")
    for change in each.changes:
        terminal.line(f"  {change.field.replace('_', ' ')}: {change.before or NOTHING} → {change.after or NOTHING}")
    terminal.facts([("  present", "\n".join(each.present.because)), ("  new", "\n".join(each.new.because))])


def _notes(terminal: Terminal, report: Report) -> None:
    tally = report.tally
    notes = [_assumed(count, what) for what, count in sorted(tally.assumed.items())]
    present = loaded(report.plan.present.rules).version
    if others := sum(count for version, count in tally.decided_by.items() if version != present):
        notes.append(_BY_OTHERS[others == 1].format(f"{others:,}"))
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


_BY_OTHERS = {
    False: "{} of them were decided by other rules than the present ones when they came",
    True: "{} of them was decided by other rules than the present ones when it came",
}


def _assumed(count: int, what: str) -> str:
    return f"{count:,} of them {OF_ONE[what] if count == 1 else what}"


def form(report: Report) -> Form:
    """`postroom replay --json`."""
    tally = report.tally
    return {
        "present": _side_form(report.plan.present),
        "new": _side_form(report.plan.new),
        "mails": tally.mails,
        "changed": tally.changed,
        "due_changed": tally.due,
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
