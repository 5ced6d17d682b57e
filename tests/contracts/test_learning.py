"""What a desk teaches a model, over the stores in memory and over those that AWS's engines play: the same examples."""

import time
from dataclasses import dataclass

import boto3
import pytest
from types_boto3_dynamodb import DynamoDBClient

from postroom.aws.conversations import DynamoConversations
from postroom.aws.ledger import DynamoLedger
from postroom.aws.objects import S3Objects
from postroom.aws.sends import DynamoSends
from postroom.categories.example import Example
from postroom.envelope import Envelope, Received
from postroom.events import MessageClassified, MessageParsed
from postroom.ids import ConversationId, SesId
from postroom.memory.desk import MemoryConversations, MemoryLedger, MemorySends
from postroom.memory.objects import MemoryObjects
from postroom.memory.raw_mails import MemoryRawMails
from postroom.memory.thread_keys import MemoryKeys
from postroom.ports import Conversations, Ledger, Objects, Sends
from postroom.rules import rules
from postroom.stages.categorising import Categorising
from postroom.stages.classify import ClassifyStage
from postroom.stages.conversing import Conversing
from postroom.stages.history import History
from postroom.stages.parse import ParseStage
from postroom.stages.work import Work
from tests.contracts.conftest import clock, create_desk
from tests.unit.categories.small import model
from tests.unit.stages.desk import ALL_PASS, AT, OURS, mail

RULES = rules.load("rules: [{name: bill, category: billing, when: {subject: invoice}}, {name: rest, category: other}]")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Mail as far as classify, a person who corrects it, and what is learned then."""

    conversations: Conversations
    ledger: Ledger
    objects: Objects
    sends: Sends

    def takes(self, number: int, subject: str, body: str = "Please.") -> ConversationId:
        """The mail of another customer each time."""
        sender, key = f"ann-{number}@example.com", f"raw/mail-{number}"
        raw_mails = MemoryRawMails(objects=MemoryObjects())
        raw_mails.objects.write(key, mail(subject, sender, f"m{number}@example.com", body), "message/rfc822")
        received = Received(
            ses_id=SesId(f"mail-{number}"),
            bucket="mail",
            key=key,
            received_at=AT,
            envelope=Envelope(mail_from=sender, rcpt_to=(OURS.address,)),
            verdicts=ALL_PASS,
        )
        parse = ParseStage(objects=self.objects, raw_mails=raw_mails, ledger=self.ledger, clock=clock)
        parsed = parse(received).event
        assert isinstance(parsed, MessageParsed)
        decision = self._classify(parsed)
        self.ledger.record(decision.ses_id, decision.received_at, decision.record)
        assert isinstance(decision.event, MessageClassified)
        return ConversationId(decision.event.conversation)

    @property
    def _classify(self) -> ClassifyStage:
        return ClassifyStage(
            objects=self.objects,
            ledger=self.ledger,
            conversing=Conversing(conversations=self.conversations, desk=OURS, keys=MemoryKeys()),
            rules=RULES,
            clock=clock,
            categorising=Categorising(model=model()),
        )

    def corrects(self, id_: ConversationId, category: str) -> None:
        Work(
            conversations=self.conversations,
            objects=self.objects,
            ledger=self.ledger,
            sends=self.sends,
            desk=OURS,
            clock=clock,
            agent="eve@staff.example",
        ).categorise(id_, category)

    def learned(self, most: int = 100) -> list[Example]:
        history = History(conversations=self.conversations, ledger=self.ledger, objects=self.objects, desk=OURS.address)
        return sorted(history.examples(most), key=lambda each: (each.label, each.subject))


@pytest.fixture(params=["memory", "moto", pytest.param("ministack", marks=pytest.mark.journey)])
def desk(request: pytest.FixtureRequest) -> Desk:
    if request.param == "memory":
        return Desk(
            conversations=MemoryConversations(), ledger=MemoryLedger(), objects=MemoryObjects(), sends=MemorySends()
        )
    if request.param == "moto":
        return on_aws(request.getfixturevalue("dynamodb"), "desk")
    client: DynamoDBClient = request.getfixturevalue("ministack")
    name = f"desk-{time.monotonic_ns()}"
    create_desk(client, name)
    return on_aws(client, name)


def on_aws(client: DynamoDBClient, table: str) -> Desk:
    """A table that is there, and a bucket of the same name that is made."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    played = client.meta.endpoint_url if "127.0.0.1" in client.meta.endpoint_url else None
    s3 = session.client("s3", endpoint_url=played)
    s3.create_bucket(Bucket=table)
    return Desk(
        conversations=DynamoConversations(client=client, table=table),
        ledger=DynamoLedger(client=client, table=table, clock=clock),
        objects=S3Objects(client=s3, bucket=table),
        sends=DynamoSends(client=client, table=table),
    )


def test_rules_and_people_teach_and_models_and_the_rule_for_the_rest_do_not(desk: Desk) -> None:
    desk.takes(1, "Invoice")
    desk.takes(2, "Qqq", "My parcel")  # the model knows it
    desk.takes(3, "Qqq")  # and not this one
    desk.corrects(desk.takes(4, "Zzz", "My parcel"), "delivery")
    desk.corrects(desk.takes(5, "Yyy"), "returns")
    desk.corrects(desk.takes(6, "Invoice again"), "returns")
    assert desk.learned() == [
        Example(subject="Invoice", text="Please.", label="billing"),
        Example(subject="Zzz", text="My parcel", label="delivery", corrected=True),
        Example(subject="Invoice again", text="Please.", label="returns", corrected=True),
        Example(subject="Yyy", text="Please.", label="returns", corrected=True),
    ]


def test_what_a_person_said_last_is_learned(desk: Desk) -> None:
    id_ = desk.takes(1, "Qqq")
    desk.corrects(id_, "returns")
    desk.corrects(id_, "delivery")
    assert [each.label for each in desk.learned()] == ["delivery"]


def test_a_mail_whose_document_is_gone_teaches_nothing(desk: Desk) -> None:
    desk.corrects(desk.takes(1, "Qqq"), "returns")
    desk.objects.remove("parsed/mail-1.json")
    assert desk.learned() == []


def test_no_more_conversations_are_read_than_asked_for(desk: Desk) -> None:
    for number in range(4):
        desk.takes(number, "Invoice")
    assert len(desk.learned(most=3)) == 3
