"""`postroom`: what became of a mail, and why.

Exit status: 0 done; 1 something asked for was not found or could not be read; 2 wrong usage, or no stack to speak to.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cli import (
    aws_errors,
    breaker,
    categories,
    conversations,
    environment,
    erase,
    event,
    files,
    incidents,
    local,
    mails,
    overview,
    read_files,
    reply,
    rules,
    running,
    work,
)
from cli.commands import Commands, command
from cli.replay import command as replaying
from cli.statistics import command as statistics
from cli.suppressions import command as suppressions
from cli.templates import command as templates
from cli.terminal import Terminal
from postroom.errors import Misconfigured, PostroomError
from postroom.outcome import Stage
from postroom.ports import NotFound

_FOUND_WRONG, _NOT_READY = 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        return int(args.command(args))
    except (running.NoStack, files.Usage) as error:
        Terminal().error(str(error))
        return _NOT_READY
    except Misconfigured as error:
        for fault in error.faults:
            Terminal().error(fault)
        return _FOUND_WRONG
    except (NotFound, PostroomError, files.Unreadable) as error:
        Terminal().error(str(error))
        return _FOUND_WRONG
    except (BotoCoreError, ClientError) as error:
        Terminal().error(aws_errors.sentence(error))
        return _NOT_READY
    except BrokenPipeError:  # `postroom … | head`
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    about = "An inbound-mail desk whose every decision can be explained."
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="postroom", usage="postroom COMMAND ...", description=about, formatter_class=raw
    )
    commands = parser.add_subparsers(prog="postroom", metavar="COMMAND", help=argparse.SUPPRESS)
    parser.set_defaults(command=lambda _: _help(parser))
    _file_commands(commands)
    _stack_commands(commands)
    for each in (
        conversations,
        work,
        reply,
        categories,
        erase,
        rules,
        templates,
        breaker,
        incidents,
        suppressions,
        statistics,
        local,
        replaying,
    ):
        each.arguments(commands)
    parser.epilog = overview.text(commands)
    return parser


def _help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return _NOT_READY


def _file_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    parse = command(commands, "parse", "what a raw message says", read_files.parse)
    trim = command(commands, "trim", "what the sender wrote, apart from quotes and signature", read_files.trimmed)
    trim.add_argument("--html", action="store_true", help="each FILE is an HTML body, not plain text")
    forwarded = command(commands, "forwarded", "the mail that was forwarded in a body of text", read_files.forwarded)
    classify = command(commands, "classify", "what kind of mail a raw message is, and why", read_files.classified)
    classify.add_argument("--rules", metavar="FILE", help="a rules file (default: the classify function's)")
    classify.add_argument("--model", metavar="FILE", help="a model of `postroom train` (default: none is asked)")
    policy = command(commands, "policy", "what the policy does with a message's attachments", read_files.policy)
    policy.add_argument("--policy", metavar="FILE", help="a policy file (default: the attachments function's)")
    feedback = command(commands, "feedback", "what a bounce, a complaint or an SES event reports", read_files.reported)
    threads = command(commands, "threads", "which raw messages belong to one conversation", read_files.threads)
    for each in (parse, trim, forwarded, classify, policy, feedback, threads):
        files.arguments(each)
    command(commands, "check", "whether the desk's rules, policy and templates can be deployed", read_files.check)


def _stack_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    send = command(commands, "send", "send raw messages, or an mbox, to the local stack over SMTP", mails.send)
    send.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a raw message, an mbox, or a folder of them")
    send.add_argument("--from", dest="sender", help="the envelope sender ('' for the null return path)")
    send.add_argument("--to", default="support@desk.example", help="the envelope recipient (default: %(default)s)")

    inbox = command(commands, "inbox", "the mails that came, newest first", mails.inbox)
    inbox.add_argument("--since", type=mails.since, default="24h", help="90m, 24h, 7d (default: %(default)s)")

    show = command(commands, "show", "one mail", mails.show)
    show.add_argument("--raw", action="store_true", help="the raw mail as SES stored it")

    attachment = command(commands, "attachment", "the attachments of a mail, or a link to one", mails.attachment)
    until = "how long the link holds: 15m, 2h, 7d at most (default: %(default)s)"
    attachment.add_argument("--expires", type=mails.lasting, default="15m", help=until)

    why = command(commands, "why", "every decision about one mail, and its reason", mails.why)

    outbox = command(commands, "outbox", "what the local stack has sent", mails.outbox)
    outbox.add_argument("id", metavar="ID", nargs="?", help="print this mail as it went out (its id, or a part of it)")

    env = command(commands, "env", "the local stack's names, for `sam local invoke --env-vars`", environment.env)
    env.add_argument("--host", default="host.docker.internal", help="this machine, seen from a container (%(default)s)")

    of_mail = command(commands, "event", "a function's event for one mail, for `sam local invoke -e`", event.event)
    stages = [stage.value for stage in Stage]
    of_mail.add_argument("--stage", choices=stages, default="parse", help="whose event (default: %(default)s)")

    for each in (show, attachment, why, of_mail):
        each.add_argument("id", metavar="ID", help="its SES id, or the start of it")
    attachment.add_argument("number", metavar="N", type=int, nargs="?", help="its number in the list")
    for each in (inbox, outbox):
        each.add_argument("--limit", type=mails.limit, default=50, help="how many at most (default: %(default)s)")
    for each in (send, outbox, env):
        running.local_arguments(each)
    for each in (inbox, show, attachment, why, of_mail):
        running.arguments(each)
    for each in (inbox, show, why, outbox):
        each.add_argument("--json", action="store_true", help="JSON, for scripts")
