"""postroom suppressions list, show, add, lift, import, export: where they are taken from the command line."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli import desk, mails, running
from cli.commands import Commands, command
from cli.files import write_json
from cli.running import Running
from cli.suppressions import exchange, meaning, rows, views
from cli.terminal import Terminal
from postroom.address import State, domain_of
from postroom.clock import now
from postroom.stages.suppressing import Outcome, Suppressing

_LISTABLE = tuple(state.value for state in State if state is not State.HEALTHY)


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    about = "to which addresses nothing is sent, why, and a person's word on each"
    suppressions = commands.add_parser("suppressions", help=about, description=about[0].upper() + about[1:] + ".")
    actions = suppressions.add_subparsers(title="actions", metavar="ACTION", required=True)
    _reading(actions)
    _acting(actions)
    _exchanging(actions)


def _reading(actions: "Commands[argparse.ArgumentParser]") -> None:
    list_ = command(actions, "list", "the addresses that are held back, the last first", views.listed)
    list_.add_argument("--limit", type=mails.limit, default=50, help="how many at most (default: %(default)s)")
    show = command(actions, "show", "all that is known of one address, and what SES's list says of it", views.shown)
    show.add_argument("address", metavar="ADDRESS", help="the address, as we write to it")
    _of_state(list_, _LISTABLE)
    for each in (list_, show):
        running.arguments(each)
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


def _acting(actions: "Commands[argparse.ArgumentParser]") -> None:
    add = command(actions, "add", "send an address nothing from now on", added)
    add.add_argument("--complaint", action="store_true", help="its owner asked for that: it counts as a complaint")
    lift = command(actions, "lift", "take an address back into use, here and on SES's list", lifted)
    lift.add_argument("--complaint", action="store_true", help="also where they complained: they want our mail again")
    for each in (add, lift):
        each.add_argument("address", metavar="ADDRESS", help="the address, as we write to it")
        each.add_argument("--reason", metavar="TEXT", required=True, help="why; it is kept")
        desk.arguments(each)
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


def _exchanging(actions: "Commands[argparse.ArgumentParser]") -> None:
    import_ = command(actions, "import", "hold back the addresses of a file; without --yes, only check it", imported)
    import_.add_argument("file", metavar="FILE", help="CSV (email,reason,date), or what SES lists as JSON; - is input")
    how = import_.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="do it")
    how.add_argument("--dry-run", action="store_true", help="only say what the file has (the default)")
    default = "the reason of lines that have none: %(choices)s"
    import_.add_argument("--reason", metavar="REASON", choices=["bounce", "complaint"], default="", help=default)
    desk.arguments(import_)
    import_.add_argument("--json", action="store_true", help="JSON, for scripts")
    export = command(actions, "export", "the addresses that are held back, as CSV", exchange.exported)
    export.add_argument("file", metavar="FILE", nargs="?", type=Path, help="where to (default: standard output)")
    _of_state(export, rows.state_names())
    running.arguments(export)


def _of_state(parser: argparse.ArgumentParser, states: Sequence[str]) -> None:
    how = f"only in this state: {', '.join(states)} (default: all that nothing is sent to)"
    parser.add_argument("--in", dest="of_state", metavar="STATE", choices=states, help=how)


def added(args: argparse.Namespace) -> int:
    stack = running.find(args)
    done = _suppressing(stack, args).add(args.address, args.reason, complaint=args.complaint)
    return _done(args, done, [*_added(done), *_at_ses(done, "SES's list has it now, too")])


def lifted(args: argparse.Namespace) -> int:
    stack = running.find(args)
    done = _suppressing(stack, args).lift(args.address, args.reason, complaint=args.complaint)
    told = [*_lifted(done), *_at_ses(done, "It was taken off SES's list, too")]
    if stack.addresses.standing(done.address).domain_failing:
        told.append(meaning.DOMAIN_AWAY.format(domain=domain_of(done.address)))
    return _done(args, done, told)


def imported(args: argparse.Namespace) -> int:
    return exchange.imported(args, desk.agent_of(args))


def _suppressing(stack: Running, args: argparse.Namespace) -> Suppressing:
    agent = desk.agent_of(args)
    return Suppressing(addresses=stack.addresses, suppression_list=stack.suppression_list, clock=now, agent=agent)


def _added(done: Outcome) -> list[str]:
    if done.before is done.after:
        return [f"{done.address} was {meaning.named(done.before)} before, and stays so"]
    return [f"{done.address} is {meaning.named(done.after)} from now on: {meaning.MEANS[done.after]}"]


def _lifted(done: Outcome) -> list[str]:
    if done.before is State.HEALTHY:
        return [f"Nothing held {done.address} back here: it is healthy"]
    return [f"{done.address} was {meaning.named(done.before)} and is healthy now", meaning.AFTER_LIFTING[done.before]]


def _at_ses(done: Outcome, told: str) -> list[str]:
    return [told] if done.listing_changed else []


def _done(args: argparse.Namespace, done: Outcome, told: list[str]) -> int:
    if args.json:
        write_json(_form(done))
        return 0
    terminal = Terminal()
    for sentence in told:
        terminal.prose(f"{sentence}.")
    return 0


def _form(done: Outcome) -> Mapping[str, object]:
    states = {"before": str(done.before), "after": str(done.after)}
    return {"address": done.address, **states, "ses_list_changed": done.listing_changed}
