"""`postroom`: what became of a mail, and why.

Exit status: 0 done; 1 something asked for was not found or could not be read; 2 wrong usage, or no stack to speak to.
"""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from cli import environment, event, files, mails, read_files, running
from cli.terminal import Terminal
from postroom.errors import PostroomError
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
    except (NotFound, PostroomError) as error:
        Terminal().error(str(error))
        return _FOUND_WRONG
    except (BotoCoreError, ClientError) as error:
        Terminal().error(f"the stack does not answer: {error}")
        return _NOT_READY
    except BrokenPipeError:  # `postroom … | head`
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="postroom", description="An inbound-mail desk whose every decision can be explained."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _file_commands(commands)
    _stack_commands(commands)
    return parser


def _file_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parse = commands.add_parser("parse", help="what a raw message says", description=read_files.__doc__)
    files.arguments(parse)
    parse.set_defaults(command=read_files.parse)
    classify = commands.add_parser(
        "classify", help="what kind of mail a raw message is", description=read_files.__doc__
    )
    files.arguments(classify)
    classify.add_argument("--rules", metavar="FILE", help="a rules file (default: the classify function's)")
    classify.set_defaults(command=read_files.classified)
    feedback = commands.add_parser("feedback", help="what a bounce, a complaint or an SES event reports")
    files.arguments(feedback)
    feedback.set_defaults(command=read_files.reported)


def _stack_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    send = commands.add_parser("send", help="send raw messages to the local stack over SMTP")
    send.add_argument("files", nargs="+", metavar="FILE")
    send.add_argument("--from", dest="sender", help="the envelope sender ('' for the null return path)")
    send.add_argument("--to", default="support@desk.example", help="the envelope recipient (default: %(default)s)")
    send.set_defaults(command=mails.send)

    inbox = commands.add_parser("inbox", help="the mails that came, newest first")
    inbox.add_argument("--since", type=mails.since, default="24h", help="90m, 24h, 7d (default: %(default)s)")
    inbox.add_argument("--limit", type=int, default=50, help="how many at most (default: %(default)s)")
    inbox.set_defaults(command=mails.inbox)

    show = commands.add_parser("show", help="one mail")
    show.add_argument("id", metavar="ID", help="its SES id, or the start of it")
    show.add_argument("--raw", action="store_true", help="the raw mail as SES stored it")
    show.set_defaults(command=mails.show)

    why = commands.add_parser("why", help="every decision about one mail, and its reason")
    why.add_argument("id", metavar="ID", help="its SES id, or the start of it")
    why.set_defaults(command=mails.why)

    outbox = commands.add_parser("outbox", help="what the local stack has sent")
    outbox.add_argument("id", metavar="ID", nargs="?", help="print this mail (its id, or the start of it)")
    outbox.add_argument("--limit", type=int, default=50, help="how many at most (default: %(default)s)")
    outbox.set_defaults(command=mails.outbox)

    env = commands.add_parser("env", help="the local stack's names and endpoints, for `sam local invoke --env-vars`")
    env.add_argument(
        "--host", default="host.docker.internal", help="this machine, as a container sees it (%(default)s)"
    )
    env.set_defaults(command=environment.env)

    of_mail = commands.add_parser("event", help="a function's event for one mail, for `sam local invoke -e`")
    of_mail.add_argument("id", metavar="ID", help="its SES id, or the start of it")
    of_mail.add_argument("--stage", choices=list(Stage), default=Stage.PARSE, help="whose event (default: %(default)s)")
    of_mail.set_defaults(command=event.event)

    for command in (send, inbox, show, why, outbox, env, of_mail):
        running.arguments(command)
    for command in (inbox, show, why, outbox):
        command.add_argument("--json", action="store_true", help="JSON, for scripts")
