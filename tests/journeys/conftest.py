"""One real local stack for all journeys: MiniStack, SES as we play it, and template.yaml deployed into them."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from types_boto3_sqs import SQSClient

from cli.running import Running, of_local
from cli.sending import deliver, envelope_sender
from local.stack import ports, stack
from local.stack import running as local_stack
from local.stack.ports import Port
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.conversations import DynamoConversations
from postroom.aws.counters import DynamoStatistics
from postroom.aws.raw_mails import S3RawMails
from postroom.aws.sends import DynamoSends
from postroom.clock import iso, now
from postroom.ids import SesId
from postroom.outcome import MailRow, outcome

ROOT = Path(__file__).parents[2]
DESK = "support@desk.example"
LIMIT = 60.0  # seconds until something that must happen has not happened
T = TypeVar("T")


@dataclass
class Town:
    """The running stack, and what a journey does with it. Every mail of a journey has a Message-ID of its own."""

    stack: Running
    known: local_stack.Running
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def client(self, service: Any) -> Any:
        session = self.stack.session
        return boto3.client(
            service, **(session | {"endpoint_url": self.stack.ses_url} if "ses" in service else session)
        )

    def fresh(self) -> str:
        """What no journey has used before."""
        return f"{next(self.numbers)}-{time.monotonic_ns()}"

    def mail(self, sender: str = "", body: str = "Where is my order?", **headers: str) -> EmailMessage:
        """A mail of a new customer, unless the sender is given: each customer has a budget of answers."""
        message = EmailMessage()
        sender = sender or f"ann-{self.fresh()}@example.com"
        message["From"], message["To"], message["Subject"] = sender, DESK, headers.pop("Subject", "A question")
        message["Message-ID"] = f"<journey-{self.fresh()}@example.com>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        return message

    def send(self, message: EmailMessage | bytes, mail_from: str | None = None, rcpt_to: str = DESK) -> SesId:
        """Over SMTP; the envelope sender is the author, unless it is given."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        assert self.stack.smtp
        return SesId(deliver(self.stack.smtp, raw, envelope_sender(raw) if mail_from is None else mail_from, rcpt_to))

    def outcome(self, ses_id: SesId) -> MailRow:
        """The row, once the mail has its outcome."""

        def done() -> MailRow | None:
            row = self.stack.ledger.row(ses_id)
            return row if row and outcome(row) else None

        return until(done, f"an outcome of {ses_id}")

    def outbox(self) -> list[Path]:
        assert self.stack.outbox
        return sorted(self.stack.outbox.glob("*.eml"))

    def queue(self, logical_id: str) -> str:
        return self.known.resources[logical_id]

    def waiting_in(self, queue_url: str) -> int:
        """Messages in a queue, those in flight too."""
        sqs: SQSClient = self.client("sqs")
        found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def dead_letters(self) -> int:
        return sum(self.waiting_in(url) for name, url in self.known.resources.items() if name.endswith("DeadLetters"))

    def settled(self) -> None:
        """Every queue of the pipeline is empty."""
        queues = [url for name, url in self.known.resources.items() if name.endswith("Queue")]
        until(lambda: not any(self.waiting_in(url) for url in queues), "empty queues")

    def invoked(self, function: str, event: object) -> tuple[str, Any]:
        """How a function failed, where it did, and what it answers."""
        answer = self.client("lambda").invoke(FunctionName=self.known.resources[function], Payload=json.dumps(event))
        return answer.get("FunctionError", ""), json.loads(answer["Payload"].read())

    def counted(self, event: str) -> int:
        """How many SES events of this type were counted today."""
        table, day = self.known.outputs["AddressTableName"], iso(now())[:10]
        counted = DynamoStatistics(client=self.client("dynamodb"), table=table).days([day])
        return counted.get(day, {}).get(event, 0)

    @property
    def addresses(self) -> DynamoAddressBook:
        table = self.known.outputs["AddressTableName"]
        return DynamoAddressBook(client=self.client("dynamodb"), table=table, clock=now)

    @property
    def raw_mails(self) -> S3RawMails:
        return self.stack.raw_mails

    @property
    def sends(self) -> DynamoSends:
        return DynamoSends(client=self.client("dynamodb"), table=self.stack.desk_table)

    @property
    def conversations(self) -> DynamoConversations:
        return DynamoConversations(client=self.client("dynamodb"), table=self.stack.desk_table)


def until(found: Callable[[], T | None], what: str) -> T:
    deadline = time.monotonic() + LIMIT
    while not (value := found()):
        assert time.monotonic() < deadline, f"no {what} after {LIMIT:.0f} s"
        time.sleep(0.1)
    return value


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    plan = stack.Plan(
        root=ROOT,
        state=tmp_path_factory.mktemp("stack"),
        smtp=Port(number=0, option="--smtp-port"),
        aws=ports.free("--aws-port"),
        ses=ports.free("--ses-port"),
        parameters={**stack.DEMO_DESK, "Agents": "staff.example", "SesTemplates": "on"},
    )
    with stack.running(plan) as (up, _):
        yield Town(stack=of_local(up), known=up)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that needs the stack runs in one process, so that it is started once."""
    for item in items:
        if "town" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("town"))
