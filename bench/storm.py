"""`python -m bench.storm`: ten thousand mails at once, by who sends them: what the reply stage answers, and its price.

The stage itself runs over the memory ports. Each call is counted, and priced as the adapter for AWS makes it (`UNITS`);
what a mail costs on its whole way is told by `bench.cost`. Every mail opens a conversation of its own, unless told
otherwise: the worst case, since a mail that joins one is withheld before the first write.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bench import prices
from postroom.clock import iso
from postroom.conversation import Conversation
from postroom.desk import Desk
from postroom.envelope import Envelope, Received, Verdict, Verdicts
from postroom.events import MessageClassified
from postroom.ids import MessageId, SesId, conversation_named_after
from postroom.memory.desk import MemoryConversations, MemorySends
from postroom.memory.objects import MemoryObjects
from postroom.memory.outside import MemoryAccount, MemoryAddressBook, MemoryMailer
from postroom.memory.thread_keys import MemoryKeys
from postroom.message import Address, Message, Parsed
from postroom.replies import templates
from postroom.replies.preflight import Limits
from postroom.stages.automatic import Automatic
from postroom.stages.reply import ReplyStage

MAILS = 10_000
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OURS = Desk(address="support@desk.example", from_name="Support", recipients=("desk.example",))
STANDARD = Limits()
TEMPLATES = Path(__file__).resolve().parents[1] / "functions" / "reply" / "templates"

#: Read and write units of each call, as the adapters make it. Items are under a kilobyte; all reads are consistent.
UNITS: Mapping[str, tuple[float, float]] = {
    "sends.state": (1, 0),
    "sends.begin": (0, 1),
    "sends.take": (0, 1),  # also where nothing is left: a condition that fails is paid for
    "sends.give_back": (0, 1),
    "sends.abandon": (0, 1),
    "sends.finish": (0, 2),
    "sends.recipient": (1, 0),
    "addresses.standing": (3, 0),  # the address, its domain, the breaker
    "conversations.prove": (0, 1),
    "conversations.add": (1, 1),
}


@dataclass(slots=True)
class Meter:
    """What the calls of the ports come to."""

    calls: Counter[str] = field(default_factory=Counter)

    def through(self, port: str, inner: object) -> Any:
        return Metered(self, port, inner)

    def units(self) -> tuple[float, float]:
        reads = sum(UNITS[name][0] * count for name, count in self.calls.items() if name in UNITS)
        return reads, sum(UNITS[name][1] * count for name, count in self.calls.items() if name in UNITS)

    def dollars(self) -> float:
        reads, writes = self.units()
        objects = self.calls["objects.read"] * prices.S3["GetObject"]
        return reads * prices.DYNAMODB_READ + writes * prices.DYNAMODB_WRITE + objects


@dataclass(slots=True)
class Metered:
    """A port whose calls are counted."""

    meter: Meter
    port: str
    inner: object

    def __getattr__(self, name: str) -> Callable[..., object]:
        self.meter.calls[f"{self.port}.{name}"] += 1
        method: Callable[..., object] = getattr(self.inner, name)
        return method


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """One sort of storm: who writes the mail with this number, over how many hours; whether each mail opens one."""

    name: str
    author: Callable[[int], str]
    hours: float = 1.0
    opens: bool = True


STORMS = (
    Storm(name="one sender, within an hour", author=lambda _: "flood@example.com"),
    Storm(name="one sender, over two days", author=lambda _: "flood@example.com", hours=48),
    Storm(name="one sender, in one conversation", author=lambda _: "flood@example.com", opens=False),
    Storm(name="one domain, a name for each mail", author=lambda number: f"c{number}@example.com"),
    Storm(name="a domain for each mail", author=lambda number: f"ann@d{number}.example"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weathered:
    """What became of a storm."""

    sent: int
    reasons: Counter[str]
    meter: Meter
    seconds: float


def weather(storm: Storm, mails: int = MAILS, limits: Limits = STANDARD) -> Weathered:
    """Puts the storm through the stage."""
    meter, mailer, objects, conversations = Meter(), MemoryMailer(), MemoryObjects(), MemoryConversations()
    moment = NOON
    automatic = Automatic(
        conversations=meter.through("conversations", conversations),
        sends=meter.through("sends", MemorySends()),
        addresses=meter.through("addresses", MemoryAddressBook()),
        account=meter.through("account", MemoryAccount()),
        mailer=mailer,
        templates=templates.load(TEMPLATES),
        desk=OURS,
        keys=MemoryKeys(),
        clock=lambda: moment,
        limits=limits,
    )
    stage = ReplyStage(objects=meter.through("objects", objects), automatic=automatic)
    reasons: Counter[str] = Counter()
    began = time.perf_counter()
    for number in range(mails):
        moment = NOON + timedelta(hours=storm.hours * number / mails)
        event = _arrived(storm, number, moment, objects, conversations)
        reasons[stage(event).record.reason] += 1
        objects.bodies.clear()
    seconds = time.perf_counter() - began
    return Weathered(sent=len(mailer.sent), reasons=reasons, meter=meter, seconds=seconds)


def _arrived(
    storm: Storm, number: int, at: datetime, objects: MemoryObjects, conversations: MemoryConversations
) -> MessageClassified:
    ses_id, author = SesId(f"storm-{number}"), storm.author(number)
    id_ = conversation_named_after(f"conversation {ses_id if storm.opens else 'storm'}")
    conversations.open(
        Conversation(id=id_, customer=author, participants=(author,), subject="A question", created_at=iso(at))
    )
    objects.write(f"parsed/{ses_id}.json", msgspec.json.encode(_parsed(ses_id, author, at)), "application/json")
    return MessageClassified(
        ses_id=ses_id,
        bucket="mail",
        raw_key=f"raw/{ses_id}",
        parsed_key=f"parsed/{ses_id}.json",
        kind="person",
        category=None,
        language="en",
        conversation=id_,
        opened=storm.opens,
    )


def _parsed(ses_id: SesId, author: str, at: datetime) -> Parsed:
    received = Received(
        ses_id=ses_id,
        bucket="mail",
        key=f"raw/{ses_id}",
        received_at=iso(at),
        envelope=Envelope(mail_from=author, rcpt_to=(OURS.address,)),
        verdicts=Verdicts(dmarc=Verdict.PASS),
    )
    message = Message(
        message_id=MessageId(f"{ses_id}@example.com"), subject="A question", from_=(Address(name="", address=author),)
    )
    return Parsed(received=received, message=message, size=1_000, fingerprint=ses_id)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=MAILS, help="how many (default: %(default)s)")
    args = parser.parse_args()
    print(f"{args.mails} mails through the reply stage:\n")
    print("| who sends them | replies | why not | read units | write units | USD | mails/s |")
    print("|---|---|---|---|---|---|---|")
    for storm in STORMS:
        done = weather(storm, args.mails)
        reads, writes = done.meter.units()
        why = ", ".join(_withheld(done.reasons))
        cost, speed = f"{done.meter.dollars():.4f}", f"{args.mails / done.seconds:.0f}"
        print(f"| {storm.name} | {done.sent} | {why} | {reads:.0f} | {writes:.0f} | {cost} | {speed} |")
    return 0


def _withheld(reasons: Counter[str]) -> Iterator[str]:
    return (f"{reason} {count}" for reason, count in reasons.most_common() if reason != "acknowledged")


if __name__ == "__main__":
    sys.exit(main())
