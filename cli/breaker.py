"""postroom breaker show, reset: whether mail goes out by itself, at what rates, and a person's word that it may."""

import argparse
from collections.abc import Mapping
from itertools import islice

from rich.text import Text

from cli import desk, running
from cli.commands import Commands, command
from cli.files import Usage, write_json
from cli.running import Running
from cli.terminal import Column, Terminal
from postroom.breaker import (
    COOLING_HOURS,
    DAYS,
    LIMITS,
    PROVEN,
    REPRESENTATIVE,
    TRIALS_PER_DAY,
    Breaker,
    Circuit,
    Fault,
    Tally,
)
from postroom.clock import now
from postroom.stages.breaking import Breaking

_MOVES = 10
_REASON = 500  # characters
_STYLES: Mapping[Circuit, str] = {Circuit.CLOSED: "green", Circuit.HALF_OPEN: "yellow", Circuit.OPEN: "red"}
_MEANS: Mapping[Circuit, str] = {
    Circuit.CLOSED: "mail goes out by itself",
    Circuit.HALF_OPEN: f"up to {TRIALS_PER_DAY} mails a day go out by themselves, on trial",
    Circuit.OPEN: "nothing goes out by itself",
}
_NEXT: Mapping[Circuit, str] = {
    Circuit.CLOSED: "It opens where a rate is judged and reaches its limit.",
    Circuit.HALF_OPEN: (
        f"It closes after {PROVEN} mails on trial if both rates are low enough by then, and opens again where one "
        "is judged and reaches its limit."
    ),
    Circuit.OPEN: (
        f"After {COOLING_HOURS} hours a few mails go out on trial. Once the cause is mended, "
        "`postroom breaker reset --reason TEXT` closes it at once."
    ),
}
_COLUMNS = [Column(""), *(Column(name, justify="right") for name in ("count", "rate", "opens at", "closes at"))]


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    about = "the circuit breaker: whether mail goes out by itself, and why not"
    breaker = commands.add_parser("breaker", help=about, description=about[0].upper() + about[1:] + ".")
    actions = breaker.add_subparsers(title="actions", metavar="ACTION", required=True)
    show_ = command(actions, "show", "how it stands, by what rates, and how it was moved", show)
    running.arguments(show_)
    reset_ = command(actions, "reset", "close it: the rates are counted anew from now on", reset)
    reset_.add_argument("--reason", metavar="TEXT", required=True, help="what was mended; it is kept")
    desk.arguments(reset_)
    for each in (show_, reset_):
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


def show(args: argparse.Namespace) -> int:
    breaking = _breaking(running.find(args), "")
    breaker, total = breaking.volume()
    moves = list(islice(breaking.breakers.moves(), _MOVES))
    if args.json:
        write_json({**form(breaker), **_counted(breaker, total), "moves": [form(each) for each in moves]})
        return 0
    terminal = Terminal()
    terminal.line(f"{_word(breaker)}: {_MEANS[breaker.circuit]}", _STYLES[breaker.circuit])
    terminal.facts([("since", breaker.since), ("why", breaker.why), ("by", breaker.by)])
    terminal.prose(_NEXT[breaker.circuit])
    terminal.line()
    terminal.table(_sent(breaker, total), _COLUMNS, [_rate(total, fault) for fault in Fault])
    terminal.prose("\n".join(_standing(breaker, total, fault) for fault in Fault))
    terminal.line()
    if moves:
        terminal.table("", [Column("moved"), Column("to"), Column("by"), Column("why")], [_row(each) for each in moves])
    return 0


def reset(args: argparse.Namespace) -> int:
    reason = " ".join(args.reason.split())[:_REASON]
    if not reason:
        raise Usage("a reason is needed (--reason): what was mended, for whoever looks at this later")
    stack = running.find(args)
    closed = _breaking(stack, desk.agent_of(args)).reset(reason)
    if args.json:
        write_json(form(closed))
    else:
        Terminal().line(f"closed by {closed.by}: {closed.why}. The rates are counted anew.")
    return 0


def form(breaker: Breaker) -> dict[str, str]:
    return {"circuit": breaker.circuit, "since": breaker.since, "why": breaker.why, "by": breaker.by}


def _counted(breaker: Breaker, total: Tally) -> dict[str, object]:
    return {
        "counted_from": breaker.mark.day,
        "sent": total.sent,
        "bounces": total.bounces,
        "complaints": total.complaints,
        "rates": {f"{fault}s": _rated(breaker, total, fault) for fault in Fault},
    }


def _rated(breaker: Breaker, total: Tally, fault: Fault) -> dict[str, object]:
    limit, least = LIMITS[fault], LIMITS[fault].least_in(breaker.circuit)
    return {
        "count": total.of(fault),
        "rate": total.rate(fault) if total.sent else None,
        "opens_at": limit.opens,
        "closes_at": limit.closes,
        "at_least": least,
        "judged": _is_judged(breaker, total, fault),
    }


def _is_judged(breaker: Breaker, total: Tally, fault: Fault) -> bool:
    """An open breaker waits, whatever comes back; the others need enough of it for a rate."""
    return breaker.circuit is not Circuit.OPEN and total.of(fault) >= LIMITS[fault].least_in(breaker.circuit)


def _sent(breaker: Breaker, total: Tally) -> str:
    """What the rates are shares of."""
    since = f" since {breaker.mark.day}, when it was moved last" if breaker.mark.day else ""
    mails = "mail" if total.sent == 1 else "mails"
    return f"{total.sent:,} {mails} sent{since}: the days back until there are {REPRESENTATIVE:,}, {DAYS} at most"


def _rate(total: Tally, fault: Fault) -> list[str | Text]:
    limit = LIMITS[fault]
    # What comes back may be of a mail from before the count began: a share of nothing is no number.
    rate = f"{total.rate(fault):.2%}" if total.sent else "-"
    return [f"{fault}s", f"{total.of(fault):,}", rate, f"{limit.opens:.2%}", f"{limit.closes:.2%}"]


def _standing(breaker: Breaker, total: Tally, fault: Fault) -> str:
    """Whether the breaker judges this rate now, and what it finds."""
    least = LIMITS[fault].least_in(breaker.circuit)
    if breaker.circuit is Circuit.OPEN:
        return f"The rate of {fault}s is not judged while it is open."
    if not _is_judged(breaker, total, fault):
        return f"The rate of {fault}s is not judged yet: that takes at least {least}."
    over = total.rate(fault) >= LIMITS[fault].opens
    return f"The rate of {fault}s is judged: it {'has reached' if over else 'is below'} the limit."


def _row(breaker: Breaker) -> list[str | Text]:
    return [breaker.since, _word(breaker), breaker.by, breaker.why]


def _word(breaker: Breaker) -> str:
    return breaker.circuit.replace("_", "-")


def _breaking(stack: Running, by: str) -> Breaking:
    return Breaking(breakers=stack.breakers, clock=now, by=by)
