"""postroom conversations, conversation: what the desk has, in a terminal."""

import argparse
import heapq
from collections.abc import Iterator, Mapping
from itertools import islice
from operator import attrgetter

import msgspec
from rich.text import Text

from cli import desk, mails, running
from cli.commands import Commands, command
from cli.files import write_json
from cli.running import Running
from cli.terminal import Column, Terminal, harmless
from postroom.address import as_person
from postroom.clock import now
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.feedback.became import Became, became, told
from postroom.ids import SentId, SesId
from postroom.outcome import Stage
from postroom.rules.actions import Priority
from postroom.stages import documents
from postroom.stages.documents import parsed_key
from postroom.stages.drafts import LAST, TRIES, Fate, fate_of
from postroom.threads.placing import Judged

_SEARCHED = 5_000  # conversations that a filter looks at
_MOST_ENTRIES = 2_000  # of one conversation that are shown
_MOST_TEXTS = 100  # mails of it whose text is read
_LINES = 12
_STYLES = {
    State.NEW: "magenta",
    State.OPEN: "yellow",
    State.PENDING: "cyan",
    State.SOLVED: "green",
    State.CLOSED: "dim",
}
_COLUMNS = [
    Column("id"),
    Column("changed", rank=2),
    Column("state"),
    Column("customer", shrinks=True),
    Column("subject", shrinks=True),
    Column("category", shrinks=True, rank=3),
    Column("priority", rank=4),
    Column("mails", rank=5, justify="right"),
    Column("assignee", shrinks=True, rank=1),
    Column("tags", shrinks=True, rank=6),
]


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    list_ = command(commands, "conversations", "the conversations, those that changed last first", listed)
    list_.add_argument(
        "--in",
        dest="state_in",
        metavar="STATE",
        type=str.lower,
        choices=[state.value for state in State],
        help="only in this state: %(choices)s",
    )
    list_.add_argument("--customer", metavar="ADDRESS", help="only of this customer")
    list_.add_argument("--tag", metavar="TAG", help="only with this tag")
    list_.add_argument("--category", metavar="NAME", help="only of this category, or `none`")
    priorities = [priority.value for priority in Priority]
    about = "only of this priority: %(choices)s"
    list_.add_argument("--priority", metavar="PRIORITY", choices=priorities, help=about)
    list_.add_argument("--assignee", metavar="ADDRESS", help="only of this agent, or `nobody`")
    list_.add_argument("--search", metavar="TEXT", help=f"in subject or customer, of the last {_SEARCHED:,}")
    list_.add_argument("--limit", type=mails.limit, default=50, help="how many at most (default: %(default)s)")
    running.arguments(list_)
    one = command(commands, "conversation", "one conversation: all that stands in it, by time", shown)
    one.add_argument("id", metavar="ID", help="its id, or the start of it")
    one.add_argument("--full", action="store_true", help=f"all of each text (otherwise its first {_LINES} lines)")
    running.arguments(one)
    for each in (list_, one):
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


# The list


def listed(args: argparse.Namespace) -> int:
    stack = running.find(args)
    every = _candidates(stack, args)
    wanted = (each for each in islice(every, _SEARCHED) if _wanted(each, args))
    found = list(islice(wanted, args.limit))
    if args.json:
        write_json([form(each) for each in found])
        return 0
    terminal = Terminal()
    title = f"{mails.plural(len(found), 'conversation')}, the last change first (times in UTC)"
    terminal.table(title, _COLUMNS, [_row(each) for each in found])
    if len(found) < args.limit and next(every, None) is not None:
        terminal.line(f"({_SEARCHED:,} conversations were looked at; --in or --customer look further back)", "dim")
    return 0


def _candidates(stack: Running, args: argparse.Namespace) -> Iterator[Conversation]:
    if args.customer is not None:
        return stack.conversations.of_customer(as_person(args.customer))
    states = [State(args.state_in)] if args.state_in else list(State)
    return heapq.merge(*(desk.every(stack, state) for state in states), key=attrgetter("changed_at"), reverse=True)


def _wanted(each: Conversation, args: argparse.Namespace) -> bool:
    text = (args.search or "").casefold()
    return (
        (args.state_in is None or each.state == args.state_in)
        and (args.tag is None or args.tag.strip().casefold() in each.tags)
        and (args.category is None or (each.category or "none") == args.category)
        and (args.priority is None or each.priority == args.priority)
        and (args.assignee is None or (each.assignee or "nobody") == (as_person(args.assignee) or "nobody"))
        and (text in each.subject.casefold() or text in each.customer.casefold())
    )


def _row(each: Conversation) -> list[str | Text]:
    return [
        each.id,
        each.changed_at[5:16].replace("T", " "),
        Text(each.state, style=_STYLES[each.state]),
        each.customer or "(unknown)",
        " ".join(each.subject.split()) or "(no subject)",
        each.category or "",
        each.priority or "",
        str(each.mails),
        each.assignee or "",
        " ".join(each.tags),
    ]


# One


def shown(args: argparse.Namespace) -> int:
    stack = running.find(args)
    found = desk.conversation(stack, args.id)
    entries = list(islice(stack.conversations.entries(found.id), _MOST_ENTRIES))
    decided, texts = _decided(stack, entries), _texts(stack, entries)
    if args.json:
        fates = became(entries)
        shown_ = [{**_entry_form(each, decided, texts), **_became_form(each, fates)} for each in entries]
        write_json({**form(found), "entries": shown_})
        return 0
    terminal = Terminal()
    terminal.line(found.subject or "(no subject)", "bold")
    terminal.facts(_facts(found))
    terminal.line()
    ids, fates = {each.id for each in entries}, became(entries)
    for entry in entries:
        _tell(terminal, entry, decided.get(entry.id, ()), fates.get(SentId(entry.id), {}))
        noted = "internal" in entry.facts and f"{entry.id}/note" in ids  # the note below it says the same
        if entry.kind not in _SAID_ABOVE and not noted:
            _say(terminal, entry.text or texts.get(entry.id, ""), args.full)
    if len(entries) == _MOST_ENTRIES:
        terminal.line(f"(only the first {_MOST_ENTRIES:,} entries)", "dim")
    return 0


def _decided(stack: Running, entries: list[Entry]) -> dict[str, tuple[str, ...]]:
    """What let each mail in, and in which state it left the conversation, by its id, as its record has it."""
    ids = [SesId(each.id) for each in entries if each.kind is EntryKind.MAIL]
    found = {}
    for id_, row in stack.ledger.rows(ids).items():
        if record := row.records.get(Stage.CLASSIFY):
            state = record.facts.get("state")
            proofs = filter(Judged.is_told_by, record.signals)
            found[str(id_)] = (*proofs, *((f"{state} from then on",) if state else ()))
    return found


def _texts(stack: Running, entries: list[Entry]) -> dict[str, str]:
    """What the last mails say, by their ids, without what they quote; not of those that retention has taken."""
    found = {}
    for entry in [each for each in entries if each.kind is EntryKind.MAIL][-_MOST_TEXTS:]:
        if parsed := documents.stored(stack.objects, parsed_key(SesId(entry.id))):
            message = parsed.message
            forwarded = message.forwarded if "forwarded_by" in entry.facts else None
            found[entry.id] = forwarded.body if forwarded else message.reply.visible or message.text or ""
    return found


def _facts(found: Conversation) -> list[tuple[str, str]]:
    others = [each for each in found.participants if each != found.customer]
    return [
        ("id", found.id),
        ("state", found.state),
        ("customer", found.customer),
        ("also in it", ", ".join(others)),
        ("assignee", found.assignee or "nobody"),
        ("tags", " ".join(found.tags)),
        ("category", found.category or ""),
        ("priority", found.priority or ""),
        ("language", found.language or ""),
        ("follow up on", found.follow_up_on or ""),
        ("began", found.created_at),
        ("changed", found.updated_at),
        ("beside", found.linked_to or ""),
        ("split from", found.split_from or ""),
    ]


def _tell(terminal: Terminal, entry: Entry, decided: tuple[str, ...], fates: Mapping[str, Became]) -> None:
    when = entry.at[:16].replace("T", " ")
    terminal.line(f"{when}  {entry.kind:<10}{_headline(entry, fates)}", _ENTRY_STYLES[entry.kind])
    files = (f"with {entry.facts['files']}",) if entry.kind is EntryKind.REPLY and "files" in entry.facts else ()
    for line in (*decided, *files):
        terminal.line(f"    {_line(line)}", "dim")


def _say(terminal: Terminal, text: str, full: bool) -> None:
    lines = text.strip().splitlines()
    for line in lines if full else lines[:_LINES]:
        terminal.line(f"    {line}")
    if len(lines) > _LINES and not full:
        terminal.line(f"    ({len(lines) - _LINES} more lines: --full)", "dim")


_SAID_ABOVE = frozenset({EntryKind.DELIVERY, EntryKind.CHANGE})  # all of their text is in their headline
#: What is said of an answer beside its subject; nothing of one that was sent.
_FATES: Mapping[Fate | None, str] = {
    None: "",
    Fate.SENT: " to {to}",
    Fate.BEGUN: " to {to}, being sent",
    Fate.UNCERTAIN: " to {to}, UNCERTAIN: it may have been sent, and nobody sends it again by itself",
    Fate.REFUSED: " to {to}, NOT SENT: {detail}",
}
_ENTRY_STYLES = {
    EntryKind.MAIL: "bold",
    EntryKind.REPLY: "green",
    EntryKind.NOTE: "yellow",
    EntryKind.DELIVERY: "",
    EntryKind.CHANGE: "dim",
}


def _headline(entry: Entry, fates: Mapping[str, Became]) -> str:
    facts = entry.facts
    match entry.kind:
        case EntryKind.MAIL:
            subject = f"{entry.author or 'somebody'}: {facts.get('subject') or '(no subject)'}"
            via = f", forwarded by {facts['forwarded_by']}" if "forwarded_by" in facts else ""
            internal = ", internal" if "internal" in facts else ""
            return f"{_line(subject)}  ({facts.get('kind', 'mail')}{internal}{via}, {entry.id})"
        case EntryKind.REPLY:
            said = f"{entry.author}: {facts.get('template') or facts.get('subject') or 'sent'}"
            tries = (
                f" ({facts[TRIES]} tries, the last at {facts[LAST][:16].replace('T', ' ')})" if TRIES in facts else ""
            )
            fate = fate_of(entry, now())
            became_ = f": {told(fates)}" if fate in (None, Fate.SENT) else ""
            return _line(f"{said}{_FATES[fate].format(**facts)}{became_}{tries}  ({entry.id})")
        case EntryKind.NOTE:
            return _line(entry.author)
        case EntryKind.DELIVERY | EntryKind.CHANGE:
            return _line(f"{entry.text or ', '.join(facts.values())}  ({entry.author})")


def _line(text: str) -> str:
    return " ".join(harmless(text).split())


def form(each: Conversation) -> dict[str, object]:
    return dict(msgspec.to_builtins(each))


def _entry_form(entry: Entry, decided: dict[str, tuple[str, ...]], texts: dict[str, str]) -> dict[str, object]:
    said = {"text": entry.text or texts.get(entry.id, ""), "proofs": list(decided.get(entry.id, ()))}
    return {**msgspec.to_builtins(entry), **said}


def _became_form(entry: Entry, fates: Mapping[SentId, Mapping[str, Became]]) -> dict[str, object]:
    if entry.kind is not EntryKind.REPLY or fate_of(entry, now()) not in (None, Fate.SENT):
        return {}
    return {"became": dict(fates.get(SentId(entry.id), {}))}
