"""A program that plays SES, and everything that a probe needs to talk to it."""

import json
import re
import smtplib
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from types_boto3_events import EventBridgeClient
from types_boto3_kms import KMSClient
from types_boto3_lambda import LambdaClient
from types_boto3_s3 import S3Client
from types_boto3_ses import SESClient
from types_boto3_sesv2 import SESV2Client
from types_boto3_sns import SNSClient
from types_boto3_sqs import SQSClient

if TYPE_CHECKING:
    from types_boto3_ses.literals import EventTypeType as V1EventType
    from types_boto3_ses.type_defs import ReceiptActionTypeDef, ReceiptRuleTypeDef
    from types_boto3_sesv2.literals import EventTypeType
    from types_boto3_sesv2.type_defs import EventDestinationDefinitionTypeDef

DOMAIN = "example.com"
SENDER = f"desk@{DOMAIN}"
SECONDS = 4.0  # that an event or a mail may take
REGION = "us-east-1"

T = TypeVar("T")


class Mails(Protocol):
    """Where a target's sent mails can be seen as their recipients get them."""

    def to(self, address: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`smtp` is where it receives, `submission` where it sends for those who log in; None where it has no such port.

    S3, SNS and the others are the target's own, or those that it was told to use.
    """

    name: str
    url: str
    aws: str
    smtp: int | None = None
    submission: int | None = None
    mails: Mails
    slow: "Target | None" = None  # the same with a sending rate that a probe can reach
    v1: SESClient = field(init=False)
    v2: SESV2Client = field(init=False)
    s3: S3Client = field(init=False)
    sns: SNSClient = field(init=False)
    sqs: SQSClient = field(init=False)
    kms: KMSClient = field(init=False)
    events: EventBridgeClient = field(init=False)
    functions: LambdaClient = field(init=False)

    def __post_init__(self) -> None:
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106 (no secret)
        once = Config(
            connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
        )  # fmt: skip
        soon = once.merge(Config(read_timeout=3))  # some never answer a call that they don't know
        put = object.__setattr__
        put(self, "v1", session.client("ses", endpoint_url=self.url, config=soon))
        put(self, "v2", session.client("sesv2", endpoint_url=self.url, config=once))
        put(self, "s3", session.client("s3", endpoint_url=self.aws, config=once))
        put(self, "sns", session.client("sns", endpoint_url=self.aws, config=once))
        put(self, "sqs", session.client("sqs", endpoint_url=self.aws, config=once))
        put(self, "kms", session.client("kms", endpoint_url=self.aws, config=once))
        put(self, "events", session.client("events", endpoint_url=self.aws, config=once))
        put(self, "functions", session.client("lambda", endpoint_url=self.aws, config=once))

    def prepare(self) -> None:
        """Verifies the sender by every call that there is: some know one of them only."""
        for verify in (
            lambda: self.v1.verify_email_identity(EmailAddress=SENDER),
            lambda: self.v1.verify_domain_identity(Domain=DOMAIN),
            lambda: self.v2.create_email_identity(EmailIdentity=SENDER),
            lambda: self.v2.create_email_identity(EmailIdentity=DOMAIN),
        ):
            try:
                verify()
            except (ClientError, BotoCoreError):
                continue

    def send(self, to: str, text: str = "Hello.", through: str = "", html: str = "", **tags: str) -> str:
        """A small mail by API v2; gives its id."""
        body = {"Text": {"Data": text}} | ({"Html": {"Data": html}} if html else {})
        more = {"ConfigurationSetName": through} if through else {}
        return self.v2.send_email(
            FromEmailAddress=SENDER,
            Destination={"ToAddresses": [to]},
            Content={"Simple": {"Subject": {"Data": "A probe"}, "Body": body}},  # type: ignore[typeddict-item]  # so is this
            EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
            **more,  # type: ignore[arg-type]  # and this
        )["MessageId"]

    def sent(self, to: str) -> EmailMessage:
        """The mail to this address, as it went out. Raises AssertionError where it didn't, or can't be seen."""
        found = self.sent_raw(to)
        parsed = message_from_bytes(found, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def sent_raw(self, to: str) -> bytes:
        found = within(lambda: self.mails.to(to))
        assert found is not None, "the mail that went out isn't to be seen"
        return found

    def topic(self) -> "Topic":
        name = fresh("probe")
        arn = self.sns.create_topic(Name=name)["TopicArn"]
        ear = self.queue()
        self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=ear.arn)
        return Topic(arn=arn, ear=ear)

    def queue(self) -> "Ear":
        url = self.sqs.create_queue(QueueName=fresh("probe"))["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return Ear(sqs=self.sqs, url=url, arn=arn)

    def bucket(self) -> str:
        name = fresh("probe")
        self.s3.create_bucket(Bucket=name)
        return name

    def stored(self, bucket: str, prefix: str = "") -> list[bytes]:
        """The mails of the bucket; SES's object that tries a rule out is none."""
        listed = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        keys = [one["Key"] for one in listed if "AMAZON_SES_SETUP" not in one["Key"]]
        return [self.s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]

    def published(self, *types: "EventTypeType") -> "tuple[str, Topic]":
        """A configuration set whose events of these types go to a topic."""
        topic = self.topic()
        try:
            return self._published(topic, types), topic
        except ClientError as missing:
            try:
                return self._published_by_v1(topic, types), topic
            except (ClientError, BotoCoreError):
                raise missing from None

    def _published(self, topic: "Topic", types: "Sequence[EventTypeType]") -> str:
        name = fresh("set")
        definition: EventDestinationDefinitionTypeDef = {
            "Enabled": True,
            "MatchingEventTypes": list(types),
            "SnsDestination": {"TopicArn": topic.arn},
        }
        self.v2.create_configuration_set(ConfigurationSetName=name)
        self.v2.create_configuration_set_event_destination(
            ConfigurationSetName=name, EventDestinationName="topic", EventDestination=definition
        )
        return name

    def _published_by_v1(self, topic: "Topic", types: "Sequence[EventTypeType]") -> str:
        name = fresh("set")
        words = [one.lower().split("_") for one in types]
        wanted = cast("list[V1EventType]", [first + "".join(word.title() for word in rest) for first, *rest in words])
        self.v1.create_configuration_set(ConfigurationSet={"Name": name})
        self.v1.create_configuration_set_event_destination(
            ConfigurationSetName=name,
            EventDestination={
                "Name": fresh("topic"),
                "Enabled": True,
                "MatchingEventTypes": wanted,
                "SNSDestination": {"TopicARN": topic.arn},
            },
        )
        return name

    @contextmanager
    def rules(self, *rules: "ReceiptRuleTypeDef") -> Iterator[str]:
        """An active rule set of these rules, in this order; none is active afterwards."""
        name = fresh("rules")
        self.v1.create_receipt_rule_set(RuleSetName=name)
        try:
            after = ""
            for rule in rules:
                more = {"After": after} if after else {}
                self.v1.create_receipt_rule(RuleSetName=name, Rule=rule, **more)
                after = rule["Name"]
            self.v1.set_active_receipt_rule_set(RuleSetName=name)
            yield name
        finally:
            self.v1.set_active_receipt_rule_set()

    def client(self) -> smtplib.SMTP:
        """A connection to where mail comes in."""
        assert self.smtp is not None, "no SMTP port that receives"
        return smtplib.SMTP("127.0.0.1", self.smtp, local_hostname="mail.example.org", timeout=5)

    def receive(self, to: str | Sequence[str], raw: bytes | None = None, source: str = "kim@example.org") -> None:
        """Hands a mail in, as a sending server does. Raises SMTPException."""
        with self.client() as client:
            client.sendmail(source, [to] if isinstance(to, str) else list(to), raw if raw is not None else mail())


def rule(name: str, *actions: "ReceiptActionTypeDef", to: Sequence[str] = (), **more: object) -> "ReceiptRuleTypeDef":
    made: ReceiptRuleTypeDef = {
        "Name": name, "Enabled": True, "ScanEnabled": True, "Recipients": list(to), "Actions": list(actions),
    }  # fmt: skip
    return made | more  # type: ignore[return-value]  # what is more is TlsPolicy and the like


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """A queue that is listened at."""

    sqs: SQSClient
    url: str
    arn: str

    def messages(self, wait: int = 1) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=wait, MaxNumberOfMessages=10)
        return [one["Body"] for one in found.get("Messages", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    arn: str
    ear: Ear

    def hears(self, *wanted: tuple[str, str]) -> object:
        """The first notification in which each path has its value, such as ("bounce.bounceType", "Permanent").

        Without a path, the first that is JSON. Raises AssertionError with what was heard instead.
        """
        heard: list[str] = []
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for body in self.ear.messages():
                text = at(json.loads(body), "Message")
                event = parsed(text) if isinstance(text, str) else text
                if isinstance(event, dict) and all(at(event, path) == value for path, value in wanted):
                    return event
                heard.append(str(at(event, "eventType") or at(event, "notificationType") or at(event, "") or "?"))
        what = ", ".join(f"{path} {value}" for path, value in wanted)
        raise AssertionError(f"no notification with {what}; heard {', '.join(heard) or 'nothing'}")


def parsed(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found


def at(node: object, path: str) -> object:
    """What is at a path of names and numbers (`mail.headers.0.name`); None where there is nothing."""
    for part in path.split("."):
        if isinstance(node, Mapping):
            node = node.get(part)
        elif isinstance(node, Sequence) and not isinstance(node, str) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        else:
            return None
    return node


def within(look: Callable[[], T | None], seconds: float = SECONDS) -> T | None:
    """What is there, as soon as it is."""
    until = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < until:
        time.sleep(0.1)
    return found


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


def address(name: str = "to") -> str:
    """A recipient of nobody else."""
    return f"{fresh(name)}@{DOMAIN}"


def mail(*fields: str, to: str = SENDER, body: str = "Hello.\r\n") -> bytes:
    """A small raw mail; the fields come first."""
    own = ("From: Kim <kim@example.org>", f"To: {to}", "Subject: A probe", "Message-ID: <probe@example.org>")
    names = {one.partition(":")[0].lower() for one in fields}
    more = [one for one in own if one.partition(":")[0].lower() not in names]
    return ("\r\n".join((*fields, *more, "", "")) + body).encode()


def link(html: str) -> str:
    """The first address that a link of the page leads to."""
    found = re.search(r'<a [^>]{0,500}?href="([^"]{1,2000})"', html)
    assert found, "no link in the mail"
    return found.group(1)
