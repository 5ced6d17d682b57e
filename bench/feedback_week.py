"""`python -m bench.feedback_week`: a week of SES's events through the feedback stage, checked against a plain model.

Counters must be those of the model to the last one, and so must states, but where contrary things were told in the
wrong order (docs/suppression.md). First over memory, then with the address table on MiniStack, by threads that know
nothing of each other, for as long as it is given.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.config import Config

from bench import simulated_week
from bench.ses_running import ministack
from bench.simulated_week import DAYS, END, Telling
from local.stack import tree
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.breakers import DynamoBreakers
from postroom.aws.counters import DynamoStatistics
from postroom.errors import Retryable
from postroom.feedback import ses_events
from postroom.feedback.report import Feedback
from postroom.memory.desk import MemoryConversations, MemoryLedger, MemorySends
from postroom.memory.objects import MemoryObjects
from postroom.memory.outside import MemoryAddressBook, MemoryBreakers, MemoryExchange
from postroom.memory.raw_mails import MemoryRawMails
from postroom.memory.thread_keys import MemoryKeys
from postroom.ports import AddressBook, Breakers, Statistics
from postroom.stages.breaking import Breaking
from postroom.stages.drafts import Drafts
from postroom.stages.feedback import FeedbackStage
from postroom.stages.proving import Proving
from postroom.stages.telling import Telling as InConversations

EVENTS = 100_000
SECONDS = 150
THREADS = 4
_TEMPLATE = Path(__file__).resolve().parents[1] / "template.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the events go."""

    name: str
    book: AddressBook
    statistics: Statistics
    breakers: Breakers

    def take(self, telling: Telling) -> None:
        """As the function does; what finds no room now comes again, as from the queue."""
        feedback = ses_events.of_body(telling.body)
        assert isinstance(feedback, Feedback)
        while True:
            try:
                self._stage().of_event(feedback)
            except Retryable:
                continue
            return

    def _stage(self) -> FeedbackStage:
        objects, conversations, sends = MemoryObjects(), MemoryConversations(), MemorySends()
        return FeedbackStage(
            objects=objects,
            raw_mails=MemoryRawMails(objects=objects),
            proving=Proving(sends=sends, conversations=conversations, keys=MemoryKeys(), desk="support@desk.example"),
            addresses=self.book,
            exchange=MemoryExchange(),
            breaking=Breaking(breakers=self.breakers, clock=_clock, by="feedback"),
            telling=InConversations(
                ledger=MemoryLedger(),
                conversations=conversations,
                drafts=Drafts(conversations=conversations, sends=sends),
            ),
            clock=_clock,
        )


def _clock() -> datetime:
    return END


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How far what was kept is what happened. `wrong`: addresses whose state is not the model's, although nothing
    contrary was told in the wrong order; `late`: those where it was."""

    told: int
    happened: int
    seconds: float
    counters: bool
    domains: bool
    addresses: int
    wrong: tuple[str, ...]
    late: int

    @property
    def right(self) -> bool:
        return self.counters and self.domains and not self.wrong


def in_memory() -> Desk:
    book = MemoryAddressBook(clock=_clock)
    return Desk(name="memory", book=book, statistics=book, breakers=MemoryBreakers(book=book))


@contextmanager
def on_ministack() -> Iterator[Desk]:
    """The address table as the template has it."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")  # noqa: S106 (no secret)
    with ministack() as endpoint:
        client = session.client("dynamodb", endpoint_url=endpoint, config=Config(max_pool_connections=2 * THREADS))
        client.create_table(TableName="addresses", **_address_table())
        yield Desk(
            name=f"MiniStack, {THREADS} threads",
            book=DynamoAddressBook(client=client, table="addresses", clock=_clock),
            statistics=DynamoStatistics(client=client, table="addresses"),
            breakers=DynamoBreakers(client=client, table="addresses"),
        )


def _address_table() -> dict[str, Any]:
    resources = tree.mapping(tree.load(_TEMPLATE.read_text(encoding="utf-8"))["Resources"])
    properties = tree.mapping(tree.mapping(resources["AddressTable"])["Properties"])
    asked = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {name: cast("Any", properties[name]) for name in asked}


def run(desk: Desk, tellings: Sequence[Telling]) -> Checked:
    """All of them, one after the other."""
    began = time.perf_counter()
    for each in tellings:
        desk.take(each)
    return check(desk, tellings, time.perf_counter() - began)


def run_at_once(desk: Desk, tellings: Sequence[Telling], seconds: float) -> Checked:
    """As many as there is time for, by threads; in groups, so that what was taken is known."""
    began, taken = time.perf_counter(), 0
    with ThreadPoolExecutor(THREADS) as pool:
        while taken < len(tellings) and time.perf_counter() - began < seconds:
            group = tellings[taken : taken + 25 * THREADS]
            list(pool.map(desk.take, group))
            taken += len(group)
    return check(desk, tellings[:taken], time.perf_counter() - began, at_once=25 * THREADS)


def check(desk: Desk, tellings: Sequence[Telling], seconds: float, at_once: int = 1) -> Checked:
    """What the desk has against what the model makes of it."""
    expected = simulated_week.states(tellings)
    other = {whom for whom, state in expected.items() if desk.book.state(whom) is not state}
    excused = simulated_week.misordered(tellings, at_once)
    return Checked(
        told=len(tellings),
        happened=len({each.happening for each in tellings}),
        seconds=seconds,
        counters=_plain(desk.statistics.days(DAYS)) == simulated_week.counters(tellings),
        domains=_plain(desk.statistics.domains(DAYS)) == simulated_week.of_domains(tellings),
        addresses=len(expected),
        wrong=tuple(sorted(other - excused)),
        late=len(other & excused),
    )


def _plain(counted: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {name: dict(counters) for name, counters in counted.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=EVENTS, help="how many are told (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="on MiniStack; 0 for memory alone (%(default)s)")
    parser.add_argument("--seed", type=int, default=8)
    args = parser.parse_args()
    tellings = simulated_week.week(args.events, random.Random(args.seed))  # noqa: S311 (the same week each time)
    done = [_shown("memory", lambda: run(in_memory(), tellings))]
    if args.seconds:
        with on_ministack() as desk:
            done.append(_shown(desk.name, lambda: run_at_once(desk, tellings, args.seconds)))
    return 0 if all(each.right for each in done) else 1


def _shown(name: str, measure: Callable[[], Checked]) -> Checked:
    done = measure()
    print(f"{name}: {done.told} told, {done.happened} happened, {done.told / done.seconds:.0f} events/s")
    print(f"  counters {_word(done.counters)}, domains {_word(done.domains)}")
    some = ", ".join(done.wrong[:5])
    print(f"  of {done.addresses} addresses {len(done.wrong)} wrong{f' ({some})' if some else ''}")
    print(f"  {done.late} otherwise, since contrary things were told in the wrong order")
    return done


def _word(exact: bool) -> str:
    return "exact" if exact else "NOT EXACT"


if __name__ == "__main__":
    sys.exit(main())
