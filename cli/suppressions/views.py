"""postroom suppressions list, show: the addresses that are held back, and one of them with its history."""

import argparse
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from botocore.exceptions import ClientError
from rich.text import Text

from cli import aws_errors, incidents, running
from cli.files import write_json
from cli.running import Running
from cli.suppressions import meaning
from cli.terminal import Column, Terminal
from postroom.address import FADES, Incident, Record, State, domain_of
from postroom.clock import now
from postroom.errors import Retryable
from postroom.ports import AddressBook, Suppressed
from postroom.stages.suppressing import address_named, listed_as, seen_there

SUPPRESSED = tuple(state for state in State if state.suppressed)
_SHOWN = 50  # incidents of an address; --json has all
_STYLES: Mapping[State, str] = {state: "red" if state.suppressed else "yellow" for state in State}
_COLUMNS = [
    Column("address", shrinks=True),
    Column("state"),
    Column("since"),
    Column("until", rank=2),
    Column("why", shrinks=True, rank=1),
]
_HISTORY = [Column("when"), Column("what"), Column("why", shrinks=True), Column("told by", shrinks=True, rank=1)]


def listed(args: argparse.Namespace) -> int:
    stack = running.find(args)
    wanted = wanted_states(args.of_state)
    found = list(islice(standing(stack.addresses, wanted, now()), args.limit + 1))
    shown_ = found[: args.limit]
    if args.json:
        write_json([form(*each) for each in shown_])
        return 0
    terminal = Terminal()
    held = "held back" if args.of_state is None else meaning.named(State(args.of_state))
    title = f"{addresses(len(shown_))} {held}, the last first (times in UTC)"
    terminal.table(title, _COLUMNS, [_row(*each) for each in shown_])
    if len(found) > args.limit:
        terminal.line("(there are more: --limit shows them, `postroom suppressions export` has all)", "dim")
    return 0


def shown(args: argparse.Namespace) -> int:
    stack = running.find(args)
    whose = address_named(args.address)
    record, history = stack.addresses.record(whose), list(stack.addresses.history(whose))
    away = stack.addresses.standing(whose).domain_failing
    said, on_list = _asked(stack, whose, args.address.strip(), *seen_there(history))
    if args.json:
        told = [{name: str(value) for name, value in asdict(each).items()} for each in history]
        state = {**form(whose, record), "means": meaning.MEANS[record.state], "domain_away": away}
        write_json({**state, "ses_list": _listing_form(on_list), "ses_list_says": said, "history": told})
        return 0
    terminal = Terminal()
    terminal.line(f"{whose}: {meaning.named(record.state)}", _STYLES[record.state] if record.because else "green")
    terminal.facts(_facts(whose, record, away, said))
    if history:
        terminal.line()
        terminal.table("what happened to it, the last first (times in UTC)", _HISTORY, _history(history[:_SHOWN]))
    return 0


def wanted_states(named: str | None) -> tuple[State, ...]:
    return (State(named),) if named else SUPPRESSED


def standing(book: AddressBook, states: Sequence[State], moment: datetime) -> Iterator[tuple[str, Record]]:
    """The addresses that are in one of these states now, the last first. What has faded is left out, and where it has
    faded to a state that is wanted it is there as that."""
    sources = dict.fromkeys((*states, *(state for state in FADES if _fades_to(state, states))))
    each = heapq.merge(*map(book.in_state, sources), key=lambda found: found[1].since, reverse=True)
    now_ = ((address, record.at(moment)) for address, record in each)
    return (found for found in now_ if found[1].state in states)


def addresses(number: int) -> str:
    return f"{number:,} address{'' if number == 1 else 'es'}"


def form(address: str, record: Record) -> dict[str, object]:
    because = {name: str(value) for name, value in asdict(record.because).items()} if record.because else None
    state = {"state": str(record.state), "since": record.since, "until": record.until}
    return {"address": address, **state, "suppressed": record.state.suppressed, "because": because}


def _fades_to(state: State, wanted: Sequence[State]) -> bool:
    while state in FADES:
        state = FADES[state][1]
        if state in wanted:
            return True
    return False


def _row(address: str, record: Record) -> list[str | Text]:
    state = Text(meaning.named(record.state), style=_STYLES[record.state])
    why = incidents.why(record.because) if record.because else ""
    return [address, state, record.since[:10], record.until[:10], why]


def _facts(whose: str, record: Record, away: bool, said: str) -> list[tuple[str, str]]:
    because = record.because
    return [
        ("means", meaning.MEANS[record.state]),
        ("since", record.since),
        ("until", record.until or ("a person lifts it" if record.state.suppressed else "")),
        ("why", incidents.why(because) if because else "nothing is known of it"),
        ("by", because.by if because else ""),
        ("domain", meaning.DOMAIN_AWAY.format(domain=domain_of(whose)) if away else ""),
        ("SES's list", said),
    ]


def _asked(stack: Running, whose: str, *spellings: str) -> tuple[str, Suppressed | None]:
    """What SES's list says, as a sentence too; that it can't be asked is no fault of the question."""
    try:
        found = next(iter(listed_as(stack.suppression_list, whose, *spellings)), None)
    except Retryable as error:
        return f"could not be asked ({error})", None
    except ClientError as error:  # one may read the desk's tables, and not ask SES
        return f"could not be asked ({aws_errors.sentence(error)})", None
    return (f"has {found.address} since {found.since}, for {found.reason}" if found else "doesn't have it"), found


def _listing_form(found: Suppressed | None) -> dict[str, str] | None:
    return {"address": found.address, "reason": str(found.reason), "since": found.since} if found else None


def _history(history: Sequence[Incident]) -> list[list[str | Text]]:
    return [
        [each.at[:16].replace("T", " "), each.event.replace("_", " "), incidents.why(each), _teller(each)]
        for each in history
    ]


def _teller(incident: Incident) -> str:
    return incident.by or incident.channel.replace("_", " ")
