"""postroom note, assign, tag, state, merge, split: what an agent does with a conversation, in a terminal."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from cli import desk, mails
from cli.commands import Commands, command
from cli.conversations import form
from cli.files import Usage, write_json
from cli.running import Running
from cli.terminal import Terminal
from postroom.conversation import Conversation, EntryKind, State
from postroom.errors import PostroomError
from postroom.events import ConversationAssigned
from postroom.ids import ConversationId, SesId


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    note = command(commands, "note", "put an internal note into a conversation", noted)
    assign = command(commands, "assign", "give a conversation to an agent, or to nobody", assigned)
    tag = command(commands, "tag", "put tags on a conversation, or take them away", tagged)
    state = command(commands, "state", "set the state of a conversation", moved)
    merge = command(commands, "merge", "make conversations part of another", merged)
    split = command(commands, "split", "take mails out of a conversation into a new one", split_off)
    for each in (note, assign, tag, state, split):
        each.add_argument("id", metavar="ID", help="the conversation's id, or the start of it")
    note.add_argument("text", metavar="TEXT", help="what to note; - is standard input")
    assign.add_argument("assignee", metavar="ADDRESS", help="an agent's address, or `nobody`")
    tag.add_argument("tags", metavar="TAG", nargs="+", help="a tag")
    tag.add_argument("--remove", action="store_true", help="take them away")
    state.add_argument(
        "to", metavar="STATE", type=str.lower, choices=[each.value for each in State], help="one of %(choices)s"
    )
    merge.add_argument("ids", metavar="ID", nargs="+", help="what is to become a part")
    merge.add_argument("--into", metavar="ID", required=True, help="the conversation that stays")
    split.add_argument("mails", metavar="MAIL", nargs="+", help="the SES id of a mail in it, or the start of it")
    for each in (note, assign, tag, state, merge, split):
        desk.arguments(each)
        each.add_argument("--json", action="store_true", help="JSON, for scripts")


def noted(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    text = sys.stdin.read(100_000) if args.text == "-" else args.text
    found = desk.conversation(stack, args.id)
    entry = work.note(found.id, text)
    return _done(args, found, f"noted in {found.id} as {entry.author}")


def assigned(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    whose = None if args.assignee == "nobody" else args.assignee
    before = desk.conversation(stack, args.id)
    found = work.assign(before.id, whose)
    if (given := work.to_tell(before, found)) is not None:
        _handed_on(stack, given)
    return _done(args, found, f"{found.id} is {found.assignee or 'nobody'}'s")


def _handed_on(stack: Running, given: ConversationAssigned) -> None:
    """The reply function tells them, if the desk wants it. Whoever may not ask it has assigned it all the same."""
    try:
        stack.outgoing.put(given)
    except (PostroomError, BotoCoreError, ClientError) as error:
        Terminal().error(f"it is assigned, but {given.assignee} is not told by mail: {error}")


def tagged(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    found = desk.conversation(stack, args.id)
    found = work.untag(found.id, *args.tags) if args.remove else work.tag(found.id, *args.tags)
    return _done(args, found, f"{found.id} has the tags: {', '.join(found.tags) or 'none'}")


def moved(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    found = work.state(desk.conversation(stack, args.id).id, State(args.to))
    return _done(args, found, f"{found.id} is {found.state}")


def merged(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    into = desk.conversation(stack, args.into).id
    before = stack.conversations.get(into)
    ids = [_typed(stack, id_) for id_ in args.ids]
    found = work.merge(ids, into)
    came = [each for each in found.participants if before and each not in before.participants]
    told = [f"{found.id} has {mails.plural(found.mails, 'mail')} now, and is {found.state}"]
    told += [f"{id_} leads there from now on" for id_ in ids if id_ != found.id]
    told += [f"takes part from now on: {', '.join(came)}"] * bool(came)
    return _done(args, found, "\n".join(told))


def _typed(stack: Running, id_: str) -> ConversationId:
    whole = ConversationId(id_)
    return whole if stack.conversations.get(whole) else desk.conversation(stack, id_).id


def split_off(args: argparse.Namespace) -> int:
    stack, work = desk.work(args)
    source = desk.conversation(stack, args.id)
    there = [e.id for e in stack.conversations.entries(source.id) if e.kind is EntryKind.MAIL]
    found = work.split(source.id, [_mail(there, wanted, source.id) for wanted in args.mails])
    return _done(args, found, f"{mails.plural(found.mails, 'mail')} of {source.id} went to the new {found.id}")


def _mail(there: list[str], wanted: str, source: str) -> SesId:
    matching = [id_ for id_ in there if id_.startswith(wanted)]
    if len(matching) > 1 and wanted not in matching:
        raise Usage(f"{len(matching)} mails of {source} have an id that starts with {wanted!r}: write more of it")
    return SesId(wanted if wanted in matching or not matching else matching[0])


def _done(args: argparse.Namespace, found: Conversation, told: str) -> int:
    if args.json:
        write_json(form(found))
    else:
        Terminal().line(told)
    return 0
