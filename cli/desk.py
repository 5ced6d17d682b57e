"""The desk of a stack, and who acts at it, for the commands that work with conversations."""

import argparse
import getpass
import os
import socket
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from cli import running
from cli.files import Usage
from cli.running import Running
from postroom.clock import iso, now
from postroom.conversation import Conversation, State
from postroom.ids import ConversationId, SesId
from postroom.outcome import MailRow, Stage
from postroom.ports import NotFound
from postroom.stages.work import Refused, Work, address_of

AGENT = "POSTROOM_AGENT"
_LOOKED_AT = 2_000  # conversations of each state, and mails, among which an abbreviated id is looked for
_RECENT = timedelta(days=7)
_NAMED = 5  # conversations that are asked where they are now


def arguments(parser: argparse.ArgumentParser) -> None:
    running.arguments(parser)
    about = f"who acts, for the record (default: ${AGENT}, else you@this-machine)"
    parser.add_argument("--as", dest="agent", metavar="ADDRESS", help=about)


def agent_of(args: argparse.Namespace) -> str:
    """Who acts. It is a name for the record and no proof: what the credentials allow is allowed."""
    wanted = args.agent or os.environ.get(AGENT) or f"{getpass.getuser()}@{socket.gethostname()}"
    try:
        return address_of(wanted)
    except Refused as error:
        raise Usage(f"{error} (--as, or ${AGENT})") from None


def work(args: argparse.Namespace) -> tuple[Running, Work]:
    stack = running.find(args)
    return stack, Work(
        conversations=stack.conversations,
        objects=stack.objects,
        ledger=stack.ledger,
        sends=stack.sends,
        desk=stack.desk,
        clock=now,
        agent=agent_of(args),
    )


def every(stack: Running, state: State) -> Iterator[Conversation]:
    return stack.conversations.in_state(stack.desk.address.lower(), state)


def conversation(stack: Running, id_: str) -> Conversation:
    """The conversation of this id, which may be abbreviated; NotFound where there is none, or more than one."""
    if not id_:
        raise NotFound("an id is needed: `postroom conversations` lists them")
    if found := stack.conversations.get(ConversationId(id_)):
        return found
    recent = (each for state in State for each in islice(every(stack, state), _LOOKED_AT))
    rows = list(islice(stack.ledger.rows_since(iso(now() - _RECENT)), _LOOKED_AT))
    starting = (each for each in recent if each.id.startswith(id_))
    matching = {each.id: each for each in (*starting, *_named(stack, rows, id_))}
    if len(matching) == 1:
        return next(iter(matching.values()))
    if stack.ledger.row(SesId(id_)) or any(row.ses_id.startswith(id_) for row in rows):
        raise NotFound(f"{id_} is a mail: `postroom show` shows it, and `postroom why` names its conversation")
    many = "no conversation has an id" if not matching else f"{len(matching)} conversations have an id"
    raise NotFound(f"{many} that starts with {id_!r}: `postroom conversations` lists them")


def _named(stack: Running, rows: Sequence[MailRow], start: str) -> Iterator[Conversation]:
    """Where the mails of these rows are now. A row has the id that the conversation had then, and so has `inbox`."""
    named = {id_ for row in rows if (id_ := row.fact(Stage.CLASSIFY, "conversation")).startswith(start)}
    for id_ in sorted(named)[:_NAMED]:
        if found := stack.conversations.get(ConversationId(id_)):
            yield found
