"""postroom stats: what became of our mail, as a table, as a picture, and beside what SES counts."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.text import Text

from cli import running
from cli.commands import Commands, command
from cli.files import Unreadable, Usage, write_json
from cli.running import Running
from cli.statistics import beside_ses, chart, rates
from cli.statistics.beside_ses import Compared
from cli.statistics.counted import NAMES, Counted, OfDomain, counted, last_days, total, worst
from cli.statistics.rates import Rate
from cli.terminal import Column, Terminal
from postroom import breaker
from postroom.breaker import Fault
from postroom.clock import now
from postroom.feedback import faults

_MOST_DAYS = 400  # how long they are kept
_DOMAINS = 20
_ALWAYS = ("sent", "delivered", "hard", "soft", "complained")  # the other columns where there is anything in them
_RANKS: Mapping[str, int] = {"clicked": 7, "opened": 6, "rejected": 5, "delayed": 4, "withheld": 3, "ours": 2}
_MEANT = (
    ("hard", "no such mailbox, or another permanent failure: SES holds these against the account"),
    ("soft", "did not arrive for a passing reason, after SES had tried for hours"),
    ("ours", "of both, those that speak of our mail or our name, and not of the address"),
    ("withheld", "never sent: the address is on a suppression list of SES"),
)


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    stats_ = command(commands, "stats", "what became of our mail: counts a day, rates, domains, a chart", stats)
    stats_.add_argument("--days", type=days, default=30, metavar="N", help="so many days (default: %(default)s)")
    how = stats_.add_mutually_exclusive_group()
    how.add_argument("--domains", action="store_true", help="the domains at which most failed")
    how.add_argument("--ses", action="store_true", help="SES's own counts of two weeks beside ours")
    how.add_argument("--chart", type=Path, metavar="FILE.svg", help="a picture of it, for a browser")
    running.arguments(stats_)
    stats_.add_argument("--json", action="store_true", help="JSON, for scripts")


def days(text: str) -> int:
    if text.isdecimal() and 0 < int(text[:6]) <= _MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to {_MOST_DAYS}: no older ones are kept")


def stats(args: argparse.Namespace) -> int:
    if args.chart is not None and args.chart.suffix.lower() != ".svg":
        raise Usage(
            f"{args.chart}: charts are written as SVG, which every browser shows; name a file that ends in .svg"
        )
    stack = running.find(args)
    if args.domains:
        return _domains(stack, args)
    if args.ses:
        return _beside_ses(stack, args)
    return _days(stack, args)


def _days(stack: Running, args: argparse.Namespace) -> int:
    wanted = last_days(args.days, now())
    counters = stack.statistics.days(last_days(args.days + breaker.DAYS, now()))
    found = {day: counted(counters[day]) for day in wanted if day in counters}
    tallies = {day: faults.tally(each) for day, each in counters.items()}
    if args.chart is not None:
        return _draw(args.chart, stack, wanted, found, rates.rolling(tallies, wanted))
    today = {fault: each[-1] for fault, each in rates.rolling(tallies, wanted[-1:]).items()}
    if args.json:
        write_json(_form(found, today))
        return 0
    _tell(Terminal(), args.days, found, today)
    return 0


def _tell(terminal: Terminal, number: int, found: Mapping[str, Counted], today: Mapping[Fault, Rate]) -> None:
    whole = total(found.values())
    shown = [name for name in NAMES if name in _ALWAYS or getattr(whole, name)]
    columns = [Column("day"), *(Column(name, rank=_RANKS.get(name, 0), justify="right") for name in shown)]
    table: list[list[str | Text]] = [[day, *_numbers(each, shown)] for day, each in found.items()]
    table.append(["total", *_numbers(whole, shown)])
    terminal.table(f"mails of the last {number} days (in UTC)", columns, table)
    terminal.line()
    terminal.facts([(f"{fault}s", rates.told(rate)) for fault, rate in today.items()])
    if meant := [(name, meant) for name, meant in _MEANT if getattr(whole, name)]:
        terminal.line()
        terminal.facts(meant)


def _numbers(each: Counted, names: Sequence[str]) -> list[str | Text]:
    numbers = ((name, getattr(each, name)) for name in names)
    return [f"{number:,}" if number or name == "sent" else "" for name, number in numbers]


def _form(found: Mapping[str, Counted], today: Mapping[Fault, Rate]) -> dict[str, object]:
    listed = [{"day": day, **asdict(each)} for day, each in found.items()]
    return {
        "days": listed,
        "total": asdict(total(found.values())),
        "rates": {str(fault): _rate_form(rate) for fault, rate in today.items()},
    }


def _rate_form(rate: Rate) -> dict[str, object]:
    limit = rates.THRESHOLDS[rate.fault]
    counts = {"rate": round(rate.share, 6), "count": rate.tally.of(rate.fault), "sent": rate.tally.sent}
    limits = {"breaker_opens": breaker.LIMITS[rate.fault].opens, "ses_reviews": limit.review, "ses_pauses": limit.pause}
    return {**counts, **limits, "too_few": rate.too_few}


def _draw(
    file: Path, stack: Running, wanted: Sequence[str], found: Mapping[str, Counted], each: Mapping[Fault, list[Rate]]
) -> int:
    title = f"{stack.desk.address or 'Our mail'}: {wanted[0]} to {wanted[-1]}"
    picture = chart.svg(title, wanted, [found.get(day, Counted()) for day in wanted], each)
    try:
        file.write_text(picture, encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unreadable(f"{file} can't be written: {error.strerror}") from error
    Terminal().note(f"the chart is in {file}: open it in a browser")
    return 0


def _domains(stack: Running, args: argparse.Namespace) -> int:
    found = worst(stack.statistics.domains(last_days(args.days, now())))
    if args.json:
        write_json([{**asdict(each), "failed": each.failed, "share": round(each.share, 6)} for each in found])
        return 0
    names = ("failed", "hard", "soft", "ours", "complained", "delayed", "delivered")
    columns = [Column("domain", shrinks=True), *(Column(name, justify="right") for name in ("share", *names))]
    title = f"where most failed in the last {args.days} days, by recipients"
    terminal = Terminal()
    terminal.table(title, columns, [_domain_row(each, names) for each in found[:_DOMAINS]])
    if len(found) > _DOMAINS:
        terminal.line(f"({len(found) - _DOMAINS:,} domains more; --json has all)", "dim")
    return 0


def _domain_row(each: OfDomain, names: Sequence[str]) -> list[str | Text]:
    numbers = (getattr(each, name) for name in names)
    return [each.domain, f"{each.share:.1%}", *(f"{number:,}" if number else "" for number in numbers)]


def _beside_ses(stack: Running, args: argparse.Namespace) -> int:
    wanted = last_days(min(args.days, beside_ses.KEPT_DAYS), now())
    counters = stack.statistics.days(wanted)
    ours = {day: counted(counters[day]) for day in wanted if day in counters}
    found = beside_ses.compared(beside_ses.by_day(stack.ses_v1), ours, wanted)
    why = list(beside_ses.explained(found, ours, wanted[-1]))
    if args.json:
        listed = [{"day": each.day, "ses": asdict(each.ses), "ours": asdict(each.ours)} for each in found]
        write_json({"days": listed, "why": why})
        return 0
    terminal = Terminal()
    columns = [Column("day"), *(Column(name, justify="right") for name in _BESIDE)]
    terminal.table("SES counts the account, we our own mail (days in UTC)", columns, list(map(_beside_row, found)))
    terminal.line()
    for sentence in why:
        terminal.prose(sentence)
    if found and not why:
        terminal.prose("Both agree.")
    return 0


_BESIDE = ("SES sent", "we", "more", "SES bounced", "we", "SES complaints", "we")


def _beside_row(each: Compared) -> list[str | Text]:
    pairs = (
        (each.ses.attempts, each.ours.sent),
        (each.ses.bounces, each.ours.bounced),
        (each.ses.complaints, each.ours.complained),
    )
    (sent, bounced, complained) = ([f"{theirs:,}", f"{ours:,}"] for theirs, ours in pairs)
    return [each.day, *sent, f"{each.more:+,}" if each.more else "", *bounced, *complained]
