"""postroom erase: what there is of a person, and, with --yes, its end."""

import argparse
from datetime import timedelta

from cli import desk, mails, running
from cli.commands import Commands, command
from cli.files import write_json
from cli.running import Running
from cli.terminal import Terminal
from postroom.clock import iso, now
from postroom.stages.erasure import Erasure, Found, hash_of

_NAMED = 5


def arguments(commands: "Commands[argparse.ArgumentParser]") -> None:
    about = "erase a customer: mails, attachments, conversations; without --yes, only say what there is"
    erase_ = command(commands, "erase", about, erase)
    erase_.add_argument("address", metavar="ADDRESS", help="the customer's address")
    how = erase_.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="do it; it can't be undone")
    how.add_argument("--dry-run", action="store_true", help="only say what there is (the default)")
    since = "look through the mails of so many days, 3650d (default: since the desk's table was made)"
    erase_.add_argument("--since", type=mails.since, metavar="DAYS", help=since)
    erase_.add_argument("--json", action="store_true", help="JSON, for scripts")
    desk.arguments(erase_)


def erase(args: argparse.Namespace) -> int:
    stack = running.find(args)
    erasure = _erasure(stack, desk.agent_of(args))
    found = erasure.find(args.address, _since(stack, args.since))
    done = dict(erasure.erase(found)) if args.yes else found.counts
    if args.json:
        ids = {"conversation_ids": found.own, "shared_ids": found.shared, "mail_ids": list(found.mails)}
        write_json({"erased": args.yes, "tombstone": hash_of(found.address), **done, **ids, "others": found.others})
        return 0
    _tell(Terminal(), done, found, args.yes)
    return 0


def _tell(terminal: Terminal, done: dict[str, int], found: Found, erased: bool) -> None:
    address = found.address
    if not any(done.values()):
        terminal.line(f"there is nothing of {address}" + (": what was known of the address is gone" if erased else ""))
        return
    terminal.line(f"erased {address}" if erased else f"what there is of {address} (nothing was changed)", "bold")
    terminal.facts(
        [
            ("conversations", " ".join((str(done.get("conversations", 0)), *found.own[:_NAMED]))),
            ("takes part in", f"{mails.plural(done.get('shared', 0), 'conversation')} of others"),
            ("mails", str(done.get("mails", 0))),
            ("attachments", f"{done.get('attachments', 0)} removed" if erased else ""),
            ("mails of others", _others(found, erased)),
            ("", _kept(done, "attachments_shared", "kept: another mail has the same")),
            ("", _kept(done, "attachments_kept", "kept: nobody noted who else has the same")),
        ]
    )
    if not erased:
        terminal.line("`--yes` erases it; it can't be undone", "yellow")


def _others(found: Found, erased: bool) -> str:
    """Whose mails lose their conversation with it: most of all where somebody merged the conversations of several."""
    if not found.others:
        return ""
    who = ", ".join(f"{count} of {author or 'somebody'}" for author, count in sorted(found.others.items())[:_NAMED])
    how = "" if erased else "; `postroom split` takes them out before"
    return f"{who}: they stay, and stand in no conversation{how}"


def _kept(done: dict[str, int], name: str, why: str) -> str:
    return f"{done[name]} {why}" if done.get(name) else ""


def _erasure(stack: Running, agent: str) -> Erasure:
    return Erasure(
        conversations=stack.conversations,
        objects=stack.objects,
        ledger=stack.ledger,
        sends=stack.sends,
        addresses=stack.addresses,
        holders=stack.holders,
        erasures=stack.erasures,
        desk=stack.desk,
        clock=now,
        agent=agent,
    )


def _since(stack: Running, wanted: timedelta | None) -> str:
    """No row is older than its table."""
    if wanted is not None:
        return iso(now() - wanted)
    made = stack.dynamodb.describe_table(TableName=stack.desk_table)["Table"]["CreationDateTime"]
    return iso(made)
