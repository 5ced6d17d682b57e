"""`python -m local.stack run`: the whole of Postroom on this machine, until Ctrl-C."""

import argparse
import os
import shlex
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from local.stack import bridge, models, parameters, stack
from local.stack.errors import StackError
from local.stack.ports import Port
from local.stack.running import Running
from local.stack.stack import DEMO_DESK, Plan

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".postroom" / "run"
SMTP_PORT = 2525
RETRY = 30  # five tries of it are longer than the 90 s in which reply takes another try of its own for running
COMMAND = ".venv/bin/postroom"  # as `make setup` installs it


def main(argv: list[str] | None = None) -> int:
    """0 after a clean stop, 2 where the stack could not start or a part of it died (the reason on standard error)."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt(stopping))
    try:
        given = _arguments(argv)
        return _run(_plan(given), stopping, given.bridge)
    except KeyboardInterrupt:  # while it was starting: what was up has been ended on the way here
        return 0
    except StackError as error:
        print(f"postroom: {error}", file=sys.stderr)
        return 2


def _interrupt(stopping: threading.Event) -> None:
    """The first signal stops; more of them change nothing, or the end itself would be interrupted."""
    if not stopping.is_set():
        stopping.set()
        raise KeyboardInterrupt


def _run(plan: Plan, stopping: threading.Event, bridge_address: str) -> int:
    began = time.monotonic()
    with stack.running(plan) as (up, family), _door(bridge_address, up):
        print(_welcome(up, time.monotonic() - began), flush=True)
        try:
            stack.watch(family, stopping.is_set)
        except KeyboardInterrupt:
            print("stopping", flush=True)
    return 0


def _door(address: str, up: Running) -> AbstractContextManager[None]:
    """The way in for containers, where one is wanted: to MiniStack, to SES's API and to the proxy in front."""
    numbers = [int(url.rpartition(":")[2]) for url in (up.aws_url, up.ses_url, up.faults_url) if url]
    return bridge.opened(address, numbers) if address else nullcontext()


def _welcome(up: Running, seconds: float) -> str:
    desk = up.parameters.get("DeskAddress", "")
    state = "" if Path(up.state) == STATE else f" --state {up.state}"
    return f"""\
Postroom is up after {seconds:.1f} s: mail to {up.parameters.get("Recipients", "")} comes to {desk}.
  SMTP   127.0.0.1:{up.smtp_port}
  AWS    {up.aws_url} (region {up.region}, credentials test and test)
  SES    {up.ses_url} (in a browser: what comes and goes), SMTP for sending on port {up.submission_port}
  logs   {Path(up.state) / "logs"}
Send to it:  {COMMAND} send FILE.eml
             curl smtp://127.0.0.1:{up.smtp_port} --mail-from me@home.example --mail-rcpt {desk} -T FILE.eml
See it:      {COMMAND} inbox, show ID, why ID, outbox, conversations, conversation ID{state and f" (each with{state})"}
Its rules:   {COMMAND} rules push NEW.yaml, rules show{state and f" (each with{state})"}
Let it fail: {COMMAND} local fault add --help
Ctrl-C ends it."""


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.stack", description="Postroom's local stack.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start it, and keep it up until Ctrl-C or SIGTERM")
    run.add_argument(
        "--smtp-port", type=_port, default=None, help=f"where mail comes in ({SMTP_PORT}; 0 is any free port)"
    )
    run.add_argument("--aws-port", type=_port, default=0, help="where MiniStack listens (any free port)")
    run.add_argument("--ses-port", type=_port, default=0, help="where SES's API listens (any free port)")
    run.add_argument("--state", type=Path, default=STATE, help="what it writes goes here")
    run.add_argument(
        "--ses", type=shlex.split, default=(), metavar="OPTIONS",
        help="more options of `python -m local.ses` in one word: --ses='--zone my.zone --sandbox'",
    )  # fmt: skip
    run.add_argument("--workers", type=_workers, default=2, help="processes of each function at once, 2 or more (2)")
    run.add_argument(
        "--retry",
        type=_seconds,
        default=RETRY,
        help=f"seconds until what failed is tried again ({RETRY}; 0: as on AWS)",
    )
    run.add_argument("--no-faults", action="store_true", help="no proxy that lets calls to AWS fail")
    run.add_argument("--no-warm", action="store_true", help="start each function at its first mail")
    run.add_argument("--bridge", default="", metavar="ADDRESS", help="let containers in at this address (172.17.0.1)")
    run.add_argument("--model", type=Path, metavar="FILE", help="a model of `postroom train`, which the desk asks")
    run.add_argument("--desk", default=DEMO_DESK["DeskAddress"], help="the desk's address (%(default)s)")
    run.add_argument("--from-name", default=DEMO_DESK["FromName"], help="the name beside it (%(default)s)")
    run.add_argument("--recipients", default=DEMO_DESK["Recipients"], help="whose mail it takes (%(default)s)")
    run.add_argument(
        "--agents", default="", help="the addresses and domains of who works at the desk, by comma (nobody)"
    )
    run.add_argument(
        "--set", default="", metavar="PARAMETERS", dest="parameters",
        help=f"parameters of template.yaml, over the options above: {parameters.EXAMPLE.replace('SET', '--set')}",
    )  # fmt: skip
    return parser.parse_args(argv)


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return number


def _workers(text: str) -> int:
    # AWS takes no MaximumConcurrency under 2, and neither does MiniStack.
    number = int(text) if text.isdecimal() else 0
    if not 2 <= number <= 100:
        raise argparse.ArgumentTypeError(f"from 2 to 100, not {text!r}")
    return number


def _seconds(text: str) -> int:
    # SQS takes 12 hours at most (SetQueueAttributes, VisibilityTimeout).
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= 43_200:
        raise argparse.ArgumentTypeError(f"from 0 to 43200, not {text!r}")
    return number


def _plan(given: argparse.Namespace) -> Plan:
    return Plan(
        root=ROOT,
        state=given.state.resolve(),
        smtp=Port(number=_smtp_port(given.smtp_port), option="`make run PORT=2626` (or --smtp-port)"),
        aws=Port(number=given.aws_port, option="--aws-port"),
        ses=Port(number=given.ses_port, option="--ses-port"),
        ses_options=tuple(given.ses),
        parameters={
            "DeskAddress": given.desk,
            "FromName": given.from_name,
            "Recipients": given.recipients,
            "Agents": given.agents,
            # `postroom rules push` changes them while it runs; until then those of the checkout hold.
            "RulesLocation": "bucket",
            **parameters.read(given.parameters),
        },
        model=models.read(given.model) if given.model else b"",
        workers=given.workers,
        warm=not given.no_warm,
        faults=not given.no_faults,
        retry_seconds=given.retry,
        tell=lambda what: print(f"{what} ...", flush=True),
    )


def _smtp_port(option: int | None) -> int:
    """The option, or else the variable, or else 2525."""
    if option is not None:
        return option
    variable = os.environ.get("POSTROOM_SMTP_PORT", "")
    try:
        return _port(variable) if variable else SMTP_PORT
    except argparse.ArgumentTypeError as error:
        raise StackError(f"POSTROOM_SMTP_PORT: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
