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
from postroom.breaker import LIMITS, Breaker, Circuit, Fault, Tally
from postroom.clock import now
from postroom.stages.breaking import Breaking

_MOVES = 10
_REASON = 500  # characters
_STYLES: Mapping[Circuit, str] = {Circuit.CLOSED: "green", Circuit.HALF_OPEN: "yellow", Circuit.OPEN: "red"}
_MEANS: Mapping[Circuit, str] = {
    Circuit.CLOSED: "mail goes out by itself",
    Circuit.HALF_OPEN: "a few mails go out by themselves, on trial",
    Circuit.OPEN: "nothing goes out by itself",
}


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
        write_json({**form(breaker), **_counted(total), "moves": [form(each) for each in moves]})
        return 0
    terminal = Terminal()
    terminal.line(f"{_word(breaker)}: {_MEANS[breaker.circuit]}", _STYLES[breaker.circuit])
    terminal.facts([("since", breaker.since), ("why", breaker.why), ("by", breaker.by)])
    terminal.facts([(f"{fault}s", _rate(total, fault)) for fault in Fault])
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


def _counted(total: Tally) -> dict[str, int]:
    return {"sent": total.sent, "bounces": total.bounces, "complaints": total.complaints}


def _rate(total: Tally, fault: Fault) -> str:
    limit = LIMITS[fault]
    counted = f"{total.rate(fault):.2%} ({total.of(fault)} of {total.sent})"
    return f"{counted}; opens at {limit.opens:.2%}, closes at {limit.closes:.2%}"


def _row(breaker: Breaker) -> list[str | Text]:
    return [breaker.since, _word(breaker), breaker.by, breaker.why]


def _word(breaker: Breaker) -> str:
    return breaker.circuit.replace("_", "-")


def _breaking(stack: Running, by: str) -> Breaking:
    return Breaking(breakers=stack.breakers, clock=now, by=by)
