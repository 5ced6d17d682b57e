"""`python -m bench.flow FOLDER...`: all mails below the folders through the whole local stack, in one go.

Prints how many there were, what became of them, mails a second, and each process's peak memory. Exit status 0 only if
every mail has an outcome and no reply went to anything but a person.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from cli import mailbox
from cli.mailbox import Sample
from cli.running import Running, of_local
from cli.sending import Refused, deliver
from local.stack import ports, stack
from local.stack import running as local_stack
from local.stack.ports import Port
from postroom.ids import SesId
from postroom.outcome import MailRow, Stage, outcome

ROOT = Path(__file__).resolve().parents[1]
_STALL = 120.0  # seconds without a new outcome before the bench gives up
_SENDERS = 4  # SMTP connections at once


@dataclass(slots=True)
class Memory:
    """Peak resident memory of every process of the stack, in MB, by its name."""

    peaks: dict[str, float] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self, root: int) -> None:
        while not self.done.wait(0.5):
            for name, megabytes in _processes(root):
                self.peaks[name] = max(self.peaks.get(name, 0.0), megabytes)


def _processes(root: int) -> Iterator[tuple[str, float]]:
    """Name and resident MB of everything that descends from a process."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss=,command="], capture_output=True, text=True, check=True)  # noqa: S607 - ps is where the system has it
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    family = {root}
    for _ in range(8):  # generations
        family |= {int(row[0]) for row in rows if int(row[1]) in family}
    for row in rows:
        if int(row[0]) in family - {root} and len(row) == 4 and (name := _name(row[3])):
            yield name, int(row[2]) / 1024


def _name(command: str) -> str:
    if "-m ministack" in command:
        return "MiniStack"
    if "-m local.ses" in command:
        return "SES"
    _, found, rest = command.partition("ministack-lambda-")
    return next((stage for stage in rest.split("-") if stage.endswith("Function")), "a function") if found else ""


@dataclass(slots=True)
class Run:
    """What was sent and what came of it."""

    sent: dict[SesId, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    rows: dict[SesId, MailRow] = field(default_factory=dict)
    sending: float = 0.0
    whole: float = 0.0


def send(stack_: Running, samples: Sequence[Sample], run: Run) -> None:
    assert stack_.smtp
    server = stack_.smtp

    def one(sample: Sample) -> None:
        try:
            run.sent[SesId(deliver(server, sample.raw, sample.mail_from, "support@desk.example"))] = sample.name
        except Refused as error:
            run.refused[sample.name] = str(error)

    began = time.monotonic()
    with ThreadPoolExecutor(_SENDERS) as pool:
        list(pool.map(one, samples))
    run.sending = time.monotonic() - began


def collect(stack_: Running, up: local_stack.Running, run: Run, since: str, began: float) -> None:
    """Waits until every mail has its outcome, or none came for a while.

    Rows are read only when the queues are empty: reading them all the time would be a load of its own.
    """
    progress, waiting = time.monotonic(), -1
    while len(run.rows) < len(run.sent) and time.monotonic() - progress < _STALL:
        time.sleep(1.0)
        before, waiting = waiting, in_queues(up, stack_, "Queue")
        if waiting != before:
            progress = time.monotonic()
            print(f"  {waiting} messages in the queues", file=sys.stderr)
        if waiting == 0:
            rows = stack_.ledger.rows_since(since)
            run.rows = {row.ses_id: row for row in rows if row.ses_id in run.sent and outcome(row)}
    run.whole = time.monotonic() - began


@contextmanager
def a_stack() -> Iterator[tuple[Running, local_stack.Running]]:
    with tempfile.TemporaryDirectory() as folder:
        plan = stack.Plan(
            root=ROOT, state=Path(folder), smtp=Port(number=0, option=""), aws=ports.free(""), ses=ports.free(""),
            faults=False,
        )  # fmt: skip
        with stack.running(plan) as (up, _):
            yield of_local(up), up


def in_queues(up: local_stack.Running, stack_: Running, ending: str) -> int:
    """How many messages are in the queues whose logical id ends so, those in flight too."""
    sqs = boto3.client("sqs", **stack_.session)
    urls = [url for name, url in up.resources.items() if name.endswith(ending)]
    counts = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in urls]
    waiting = sum(int(found["ApproximateNumberOfMessages"]) for found in counts)
    return waiting + sum(int(found["ApproximateNumberOfMessagesNotVisible"]) for found in counts)


def report(run: Run, memory: Memory, dead: int) -> int:
    ends = Counter(f"{end.disposition}: {end.reason}" for row in run.rows.values() if (end := outcome(row)))
    kinds = Counter(row.fact(Stage.CLASSIFY, "kind", "-") for row in run.rows.values())
    answered = Counter(
        row.fact(Stage.CLASSIFY, "kind") for row in run.rows.values() if row.fact(Stage.REPLY, "sent_id")
    )
    lost = [name for ses_id, name in run.sent.items() if ses_id not in run.rows]
    print(
        f"sent {len(run.sent)} in {run.sending:.1f} s ({len(run.sent) / run.sending:.0f}/s), refused {len(run.refused)}"
    )
    rate = len(run.rows) / run.whole
    print(f"with an outcome {len(run.rows)} after {run.whole:.1f} s ({rate:.1f}/s end to end), without {len(lost)}")
    print(f"dead letters {dead}; replies sent {answered.total()}, to kinds {dict(answered)}")
    for title, counts in (("outcomes", ends), ("kinds", kinds)):
        print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    print("peak memory, MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in sorted(memory.peaks.items())))
    for name in [*lost[:20], *(f"{name}: {answer}" for name, answer in run.refused.items())][:40]:
        print(f"  not through: {name}")
    for row in run.rows.values():
        end = outcome(row)
        if end and end.disposition != "accepted" and end.reason not in {"spam", "virus"}:
            detail = row.records[end.stage].facts.get("detail", "")
            print(f"  {end.disposition} at {end.stage}: {end.reason}: {run.sent[row.ses_id]}: {detail[:120]}")
    return 1 if lost or dead or set(answered) - {"person", "unknown"} else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER[:N]", help="all its mails, or N by chance (seed 1)")
    args = parser.parse_args()
    samples = [sample for folder in args.folders for sample in _some(folder)]
    run, memory = Run(), Memory()
    with a_stack() as (stack_, up):
        watcher = threading.Thread(target=memory.watch, args=(up.pid,), daemon=True)
        watcher.start()
        since, began = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), time.monotonic()
        send(stack_, samples, run)
        collect(stack_, up, run, since, began)
        memory.done.set()
        watcher.join()
        dead = in_queues(up, stack_, "DeadLetters")
    return report(run, memory, dead)


def _some(asked: str) -> list[Sample]:
    folder, _, number = asked.partition(":")
    samples = mailbox.samples(mailbox.found(Path(folder)).files)
    found = [each for each in samples if isinstance(each, Sample)]
    return random.Random(1).sample(found, min(int(number), len(found))) if number else found  # noqa: S311 - no secret


if __name__ == "__main__":
    sys.exit(main())
