"""postroom local: how AWS and SES, as the local stack plays them, misbehave from now on."""

import argparse
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from rich.text import Text

from cli import running
from cli.files import Usage
from cli.terminal import Column, Terminal
from local.faults.fault import MEANINGS, Kind
from local.stack import running as local_stack
from local.stack.errors import NotRunning
from postroom.ports import NotFound

_FUNCTION = re.compile(r"([A-Z][a-z]+)Function")
MAX_DUPLICATES, MAX_LATE = 10, 600.0  # as the local SES takes them
_SECONDS = 10  # until what is on this machine has answered
_KINDS = "\n".join(
    f"  {'slow:MS' if kind is Kind.SLOW else kind.value:<10}{meaning}" for kind, meaning in MEANINGS.items()
)
_COLUMNS = [
    Column("id", justify="right"),
    Column("who"),
    Column("what"),
    Column("how"),
    Column("times", justify="right"),
    Column("seen", justify="right"),
    Column("hits", justify="right"),
]


def arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "let AWS and SES, as the local stack plays them, misbehave"
    local = commands.add_parser("local", help=about, description=_sentence(about))
    kinds = local.add_subparsers(title="commands", metavar="COMMAND", required=True)
    fault = kinds.add_parser("fault", help="calls to AWS that fail", description="Calls to AWS that fail.")
    _fault_arguments(fault.add_subparsers(title="commands", metavar="COMMAND", required=True))
    _events_arguments(kinds)


def _fault_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = _parser(commands, "add", "let a function's calls to AWS fail from now on", _ADD)
    add.add_argument(
        "who", metavar="WHO", help="a function (parse), ses, cli (what `postroom reply` sends), or * for all"
    )
    add.add_argument("what", metavar="WHAT", help="service:operation, each of them may hold * (s3:GetObject, dynamodb)")
    add.add_argument("how", metavar="HOW", help="one of the kinds below")
    add.add_argument("--times", type=int, metavar="N", help="only the first N calls (default: always)")
    add.add_argument("--skip", type=int, default=0, metavar="N", help="let N calls pass first (%(default)s)")
    add.add_argument("--probability", type=float, default=1.0, metavar="P", help="of each call, up to 1 (%(default)s)")
    add.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed hits the same calls (%(default)s)")
    add.set_defaults(command=added)
    list_ = _parser(commands, "list", "the faults, and how often each was hit")
    list_.add_argument("--json", action="store_true", help="JSON, for scripts")
    list_.set_defaults(command=listed)
    clear = _parser(commands, "clear", "take faults back: all of them, or one")
    clear.add_argument("id", metavar="ID", type=int, nargs="?", help="its number in the list")
    clear.set_defaults(command=cleared)


def _events_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "how SES's events come: repeated, in another order, late; without options, how they come now"
    events = _parser(commands, "events", about, _EVENTS)
    events.add_argument("--duplicates", type=_duplicates, default=0, metavar="N", help="each comes so often more (0)")
    events.add_argument("--shuffle", action="store_true", help="not in the order in which they happened")
    events.add_argument("--late", type=_late, default=0.0, metavar="SECONDS", help="each comes so much later (0)")
    events.add_argument("--normal", action="store_true", help="each once, in order, at once")
    events.add_argument("--json", action="store_true", help="JSON, for scripts")
    events.set_defaults(command=events_come)


def _duplicates(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 3 and int(text) <= MAX_DUPLICATES:
        return int(text)
    raise argparse.ArgumentTypeError(f"each comes from 0 to {MAX_DUPLICATES} times more, not {text!r}")


def _late(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds <= MAX_LATE:  # what is no number (nan) is neither
        return seconds
    raise argparse.ArgumentTypeError(f"from 0 to {MAX_LATE:g} seconds, not {text!r}")


_ADD = f"""\
how a call can fail:
{_KINDS}

examples:
  postroom local fault add parse s3:GetObject throttle --times 3
  postroom local fault add reply ses:SendEmail after --times 1
  postroom local fault add cli ses:SendEmail throttle --times 1
  postroom local fault add '*' 'dynamodb:*' slow:800 --probability 0.2 --seed 7
  postroom local fault add ses sns:Publish error500 --times 1
"""
_EVENTS = """\
examples:
  postroom local events --duplicates 1 --shuffle --late 2
  postroom local events --normal
"""


def _parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str, more: str = ""
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=about,
        description=_sentence(about),
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    running.local_arguments(parser)
    return parser


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def added(args: argparse.Namespace) -> int:
    up = _up(args)
    if "*" not in args.who and args.who not in (known := callers(up)):
        raise Usage(f"nobody is called {args.who!r}: WHO is one of {', '.join(known)}, or *")
    wish = {name: getattr(args, name) for name in ("who", "what", "how", "times", "skip", "probability", "seed")}
    fault = _asked(f"{_proxy(up)}/_faults", "POST", wish)
    Terminal().line(f"fault {fault['id']}: {fault['who']} {fault['what']} {fault['how']}, {_often(fault)}")
    return 0


def listed(args: argparse.Namespace) -> int:
    faults = _asked(f"{_proxy(_up(args))}/_faults", "GET")["faults"]
    if args.json:
        print(json.dumps(faults, indent=1))
    elif not faults:
        Terminal().line("no faults: every call goes through")
    else:
        Terminal().table("faults", _COLUMNS, [_row(fault) for fault in faults])
    return 0


def cleared(args: argparse.Namespace) -> int:
    one = "" if args.id is None else f"/{args.id}"
    _asked(f"{_proxy(_up(args))}/_faults{one}", "DELETE")
    Terminal().line("all faults are cleared" if args.id is None else f"fault {args.id} is cleared")
    return 0


def events_come(args: argparse.Namespace) -> int:
    url = f"{_up(args).ses_url}/_local/events"
    wanted = {"duplicates": args.duplicates, "shuffled": args.shuffle, "late_seconds": args.late}
    come = _asked(url, "PUT", wanted) if args.normal or any(wanted.values()) else _asked(url, "GET")
    if args.json:
        print(json.dumps(come))
        return 0
    Terminal().facts(
        [
            ("each comes", f"{int(come['duplicates']) + 1} times" if come["duplicates"] else "once"),
            ("in the order", "of chance" if come["shuffled"] else "in which they happened"),
            ("late by", f"{come['late_seconds']} s" if come["late_seconds"] else ""),
        ]
    )
    return 0


def callers(up: local_stack.Running) -> list[str]:
    """Who calls AWS in this stack, by the names that their calls bear."""
    functions = (_FUNCTION.fullmatch(name) for name in up.resources)
    return sorted([found.group(1).lower() for found in functions if found] + ["ses", running.CALLER])


def _row(fault: Mapping[str, Any]) -> list[str | Text]:
    return [str(fault["id"]), fault["who"], fault["what"], fault["how"], _often(fault), *_counts(fault)]


def _counts(fault: Mapping[str, Any]) -> list[str]:
    return [str(fault["seen"]), str(fault["hits"])]


def _often(fault: Mapping[str, Any]) -> str:
    times = "always" if fault["times"] is None else f"{fault['times']} times" if fault["times"] > 1 else "once"
    after = f" after {fault['skip']} calls" if fault["skip"] else ""
    chance = f" with probability {fault['probability']:g}" if fault["probability"] < 1 else ""
    return f"{times}{after}{chance}"


def _up(args: argparse.Namespace) -> local_stack.Running:
    try:
        return local_stack.Running.read(args.state)
    except NotRunning as error:
        raise running.NoStack(str(error)) from None


def _proxy(up: local_stack.Running) -> str:
    if not up.faults_url:
        raise running.NoStack("this stack was started without faults: start one with `make run`")
    return up.faults_url


def _asked(url: str, method: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
    """What it answers; NotFound and Usage with its own words where it refuses."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, method=method, headers={"Content-Type": "application/json"})  # noqa: S310 - our own stack's
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS) as response:
            return dict(json.loads(response.read() or b"{}"))
    except HTTPError as error:
        raise (NotFound if error.code == 404 else Usage)(_said(error)) from None
    except (URLError, OSError, ValueError) as error:
        raise running.NoStack(f"{url} does not answer: {error}") from None


def _said(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read(65_536))["error"])
    except (ValueError, KeyError, TypeError):
        return f"{error.url} answered {error.code}"
