"""postroom bounces, complaints: what came back of what we sent, the last first. Read day by day, as it is kept."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice

from rich.text import Text

from cli import mails, running
from cli.commands import Commands, command
from cli.files import Usage, write_json
from cli.running import Running
from cli.terminal import Column, Terminal
from postroom.address import Incident, IncidentSort, domain_of
from postroom.clock import iso, now
from postroom.conversation import Conversation
from postroom.feedback.report import BounceReason, Permanence
from postroom.ids import ConversationId, MessageId, SentId, sent_message_id
from postroom.ports import AddressBook

KEPT_DAYS = 400  # how long they are kept; no older day is asked for
_TOGETHER = 100  # ids of one request
_WORDS = 120  # characters of the server's words in a table
_NO_BOUNCE = frozenset({BounceReason.VACATION, BounceReason.COMPLAINT, BounceReason.DELIVERED})
_STYLES: Mapping[str, str] = {Permanence.PERMANENT: "red", Permanence.TRANSIENT: "yellow"}
_COLUMNS = [
    Column("when"),
    Column("who", shrinks=True),
    Column("why", shrinks=True),
    Column("how long", rank=2),
    Column("conversation", rank=1),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents are asked for. `domain` is folded; empty texts are for all."""

    since: str
    domain: str = ""
    reason: str = ""
    permanent: bool = False

    def takes(self, address: str, incident: Incident) -> bool:
        return (
            incident.at >= self.since
            and (not self.domain or domain_of(address) == self.domain)
            and (not self.reason or incident.reason == self.reason)
            and (not self.permanent or incident.permanence == Permanence.PERMANENT)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An incident, to whom it happened, and the conversation that its mail was sent in, if there is one."""

    address: str
    incident: Incident
    conversation: ConversationId | None = None


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    bounces_ = command(commands, "bounces", "mails of ours that came back, the last first", bounces)
    bounces_.add_argument("--domain", metavar="DOMAIN", default="", help="only of addresses of this domain")
    reasons = [reason.value for reason in BounceReason if reason not in _NO_BOUNCE]
    about = f"only for this reason: {', '.join(reasons)}"
    bounces_.add_argument("--reason", metavar="REASON", default="", choices=reasons, help=about)
    bounces_.add_argument("--permanent", action="store_true", help="only those that trying again can't help")
    complaints_ = command(commands, "complaints", "who complained of our mail, the last first", complaints)
    for each, days in ((bounces_, "7d"), (complaints_, "30d")):
        how = f"24h, 7d, {KEPT_DAYS}d at most (default: %(default)s)"
        each.add_argument("--since", type=mails.since, default=days, help=how)
        each.add_argument("--limit", type=mails.limit, default=50, help="how many at most (default: %(default)s)")
        running.arguments(each)
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


def bounces(args: argparse.Namespace) -> int:
    domain = domain_of(f"@{args.domain.strip().lower().rstrip('.')}")
    if args.domain and not domain:
        raise Usage(f"{args.domain!r} is no domain: write one such as example.com")
    return _list(args, IncidentSort.BOUNCE, domain=domain, reason=args.reason, permanent=args.permanent)


def complaints(args: argparse.Namespace) -> int:
    return _list(args, IncidentSort.COMPLAINT)


def _list(
    args: argparse.Namespace, sort: IncidentSort, *, domain: str = "", reason: str = "", permanent: bool = False
) -> int:
    moment = now()
    wanted = Wanted(since=iso(moment - args.since), domain=domain, reason=reason, permanent=permanent)
    stack = running.find(args)
    found = list(islice(incidents(stack.addresses, sort, wanted, moment), args.limit + 1))
    shown = _placed(stack, found[: args.limit])
    if args.json:
        write_json([form(each) for each in shown])
        return 0
    terminal = Terminal()
    title = f"{mails.plural(len(shown), sort)}, the last first (times in UTC)"
    terminal.table(title, _COLUMNS, [_row(each) for each in shown])
    if len(found) > args.limit:
        terminal.line("(there are more: --limit shows them, --since takes a shorter time)", "dim")
    return 0


def incidents(
    book: AddressBook, sort: IncidentSort, wanted: Wanted, moment: datetime
) -> Iterator[tuple[str, Incident]]:
    """Those that are wanted, the last first; each day is asked for when it is needed."""
    for number in range(KEPT_DAYS + 1):
        day = (moment - timedelta(days=number)).date().isoformat()
        if day < wanted.since[:10]:
            return
        yield from (each for each in book.incidents(sort, day) if wanted.takes(*each))


def _placed(stack: Running, found: Sequence[tuple[str, Incident]]) -> list[Told]:
    """With the conversations that their mails are in now."""
    ids = {each.sent_id: sent_message_id(SentId(each.sent_id)) for _, each in found if each.sent_id}
    named = list(ids.values())
    known: dict[MessageId, Conversation] = {}
    for start in range(0, len(named), _TOGETHER):
        known |= stack.conversations.known(named[start : start + _TOGETHER])
    there = {sent_id: known[id_].id for sent_id, id_ in ids.items() if id_ in known}
    return [Told(address=whose, incident=each, conversation=there.get(each.sent_id)) for whose, each in found]


def form(told: Told) -> dict[str, object]:
    return {"address": told.address, **_form(told.incident), "conversation": told.conversation}


def _form(incident: Incident) -> dict[str, object]:
    return {name: str(value) for name, value in asdict(incident).items()}


def _row(told: Told) -> list[str | Text]:
    incident = told.incident
    return [
        incident.at[5:16].replace("T", " "),
        told.address,
        why(incident),
        Text(incident.permanence, style=_STYLES.get(incident.permanence, "")),
        (told.conversation or "")[:8],
    ]


def why(incident: Incident) -> str:
    """The reason, and what was said, in one line: of a person their own words, of a server its first ones."""
    named = (incident.feedback_type or incident.reason).replace("_", " ")
    words = " ".join((incident.why or incident.diagnostic).removeprefix("smtp;").split())
    said = words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"
    return ": ".join(filter(None, (named, said))) or incident.event.replace("_", " ")
