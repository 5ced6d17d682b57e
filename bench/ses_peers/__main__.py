"""`python -m bench.ses_peers`: what programs that play Amazon SES do, operation by operation.

Our own SES (with MiniStack behind it) and MiniStack's own SES are started here. Others take part where they run:

    python -m bench.ses_peers --moto http://127.0.0.1:5000 --ses-v2-local http://127.0.0.1:8005

How to have them (each in a folder of its own; nothing is installed here):

    python -m venv moto && moto/bin/pip install 'moto[server]'      # the version that requirements/dev.txt pins
    moto/bin/moto_server -H 127.0.0.1 -p 5000
    npm install aws-ses-v2-local
    AWS_SES_ACCOUNT='(an answer to GetAccount, in JSON)' \\
    SMTP_TRANSPORT='{"host": "127.0.0.1", "port": 2599, "ignoreTLS": true}' \\
        npx aws-ses-v2-local --host 127.0.0.1 --port 8005

Port 2599 (`--relay-port`) is opened here while the probes run: what a program sends is looked at there, since a mail
that can't be looked at can't be judged. Where a program has no way to show a mail, that is its answer.
Prints a table in Markdown; `--json FILE` has every reason. `--only WORD` asks the probes whose name or group has it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench import ses_running
from bench.ses_peers import table
from bench.ses_peers.mails import Moto, Outbox, Relay
from bench.ses_peers.probe import Answer, Probe
from bench.ses_peers.probes import PROBES
from bench.ses_peers.target import Target

OURS = "local.ses"
_RATE = "--max-send-rate"
_SLOW = 6.0  # seconds of a probe that are worth a word


@contextmanager
def targets(args: argparse.Namespace) -> Iterator[list[Target]]:
    with ExitStack() as started:
        relay = Relay(args.relay_port)
        relay.controller.start()
        started.callback(relay.controller.stop)
        aws = started.enter_context(ses_running.ministack(relay.port))
        folder = started.enter_context(tempfile.TemporaryDirectory())
        found = [_ours(started, Path(folder), aws)]
        if args.moto:
            found.append(Target(name="moto", url=args.moto, aws=args.moto, mails=Moto(url=args.moto)))
        found.append(Target(name="MiniStack", url=aws, aws=aws, mails=relay))
        if args.ses_v2_local:
            found.append(Target(name="aws-ses-v2-local", url=args.ses_v2_local, aws=aws, mails=relay))
        yield found


def _ours(started: ExitStack, folder: Path, aws: str) -> Target:
    slow = None
    if ses_running.offers(_RATE):
        one = started.enter_context(ses_running.ses(folder / "slow", aws, _RATE, "2"))
        slow = Target(name="slow", url=one.url, aws=aws, mails=Outbox(url=one.url))
    ours = started.enter_context(ses_running.ses(folder / "ours", aws))
    return Target(
        name=OURS,
        url=ours.url,
        aws=aws,
        smtp=ours.smtp,
        submission=ours.submission,
        mails=Outbox(url=ours.url),
        slow=slow,
    )


def ask(target: Target, probes: Sequence[Probe]) -> list[Answer]:
    target.prepare()
    if target.slow:
        target.slow.prepare()
    return [_timed(target, probe) for probe in probes]


def _timed(target: Target, probe: Probe) -> Answer:
    began = time.monotonic()
    answer = probe.of(target)
    if (took := time.monotonic() - began) > _SLOW:
        print(f"{target.name}: {probe.name}: {took:.0f} s", file=sys.stderr)
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moto", metavar="URL", type=_local, help="a running moto_server")
    parser.add_argument("--ses-v2-local", metavar="URL", type=_local, help="a running aws-ses-v2-local")
    parser.add_argument("--relay-port", type=int, default=2599, help="where those relay their mail to (2599)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every answer with its reason")
    parser.add_argument("--only", default="", metavar="WORD", help="probes whose name or group has this word")
    parser.add_argument("--why", action="store_true", help="print the reason of everything that isn't a yes")
    args = parser.parse_args()
    probes = [one for one in PROBES if args.only.lower() in f"{one.group} {one.name}".lower()]
    with targets(args) as found, ThreadPoolExecutor(len(found)) as threads:
        answers = dict(zip((one.name for one in found), threads.map(lambda one: ask(one, probes), found), strict=True))
    print(table.markdown(probes, answers))
    if args.why:
        _reasons(probes, answers)
    if args.json:
        args.json.write_text(table.as_json(probes, answers))
    return 0


def _reasons(probes: Sequence[Probe], answers: table.Answers) -> None:
    for name, found in answers.items():
        for probe, one in zip(probes, found, strict=True):
            if one.why:
                print(f"{name}: {probe.name}: {one.verdict}: {one.why}")


def _local(text: str) -> str:
    """Probes are for this machine only."""
    if urlsplit(text).hostname not in ("127.0.0.1", "localhost"):
        raise argparse.ArgumentTypeError(f"{text} is not on this machine")
    return text.rstrip("/")


if __name__ == "__main__":
    sys.exit(main())
