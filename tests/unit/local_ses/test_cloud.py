"""The contract of S3, SNS, EventBridge and Lambda as SES uses them.

MiniStack's by boto3, a folder, and the tests' own in memory pass it alike, as far as they have these services.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from local.ses.boto_cloud import BotoCloud
from local.ses.cloud import Cloud, CloudError
from local.ses.folder_cloud import FolderCloud
from local.ses.values import Json
from tests.ministack import BIN, running
from tests.unit.local_ses.memory_cloud import MemoryCloud

ROOT = Path(__file__).parents[3]
TOPIC = "arn:aws:sns:us-east-1:000000000000:inbound"
BUS = "arn:aws:events:us-east-1:000000000000:event-bus/mail"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:steer"
CODE = "def handler(event, context):\n    return {'disposition': event['wanted']}\n"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running([BIN / "python", ROOT / "local" / "stack" / "emulator.py"]) as started:
        _make_function(started)
        yield started


Events = list[tuple[str, str, object]]  # detail type, resource, detail


@dataclass(frozen=True, kw_only=True)
class Place:
    """A cloud with the bucket `mail`, a topic and a bus, and how to see what is in them."""

    cloud: Cloud
    read: Callable[[str], bytes]
    heard: Callable[[], list[str]]
    happened: Callable[[], Events]


def _steer(event: Json) -> Json:
    assert isinstance(event, dict)
    return {"disposition": event["wanted"]}


def _memory() -> Place:
    memory = MemoryCloud(buckets={"mail": {}}, topics={TOPIC: []}, buses={BUS: []}, functions={FUNCTION: _steer})
    return Place(
        cloud=memory,
        read=lambda key: memory.buckets["mail"][key],
        heard=lambda: memory.messages(TOPIC, 1),
        happened=lambda: [(kind, about, json.loads(detail)) for kind, about, detail in memory.buses[BUS]],
    )


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _folder(folder: Path) -> Place:
    def happened() -> Events:
        found = _lines(folder / "events" / "mail.jsonl")
        return [(str(one["detail-type"]), str(one["resources"])[2:-2], one["detail"]) for one in found]

    return Place(
        cloud=FolderCloud(folder),
        read=lambda key: (folder / "s3" / "mail" / key).read_bytes(),
        heard=lambda: [str(one["Message"]) for one in _lines(folder / "sns" / "inbound.jsonl")],
        happened=happened,
    )


def _ministack(endpoint: str) -> Place:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=endpoint)
    sns = session.client("sns", endpoint_url=endpoint)
    sqs = session.client("sqs", endpoint_url=endpoint)
    events = session.client("events", endpoint_url=endpoint)
    s3.create_bucket(Bucket="mail")
    assert sns.create_topic(Name="inbound")["TopicArn"] == TOPIC

    def queue(name: str) -> tuple[str, str]:
        url = sqs.create_queue(QueueName=f"{name}-{time.monotonic_ns()}")["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def bodies(url: str) -> list[dict[str, object]]:
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    topic_url, topic_queue = queue("heard")
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=topic_queue)
    bus_url, bus_queue = queue("happened")
    if "mail" not in {bus["Name"] for bus in events.list_event_buses()["EventBuses"]}:
        events.create_event_bus(Name="mail")
    events.put_rule(Name="all", EventBusName="mail", EventPattern='{"source": ["aws.ses"]}')
    events.put_targets(Rule="all", EventBusName="mail", Targets=[{"Id": "1", "Arn": bus_queue}])

    def happened() -> Events:
        return [(str(one["detail-type"]), str(one["resources"])[2:-2], one["detail"]) for one in bodies(bus_url)]

    return Place(
        cloud=BotoCloud(endpoint, "us-east-1"),
        read=lambda key: s3.get_object(Bucket="mail", Key=key)["Body"].read(),
        heard=lambda: [str(one["Message"]) for one in bodies(topic_url)],
        happened=happened,
    )


MINISTACKS = pytest.param("ministack", marks=pytest.mark.journey)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "memory":
        return _memory()
    return _folder(tmp_path) if request.param == "folder" else _ministack(request.getfixturevalue("endpoint"))


everywhere = pytest.mark.parametrize("place", ["memory", "folder", MINISTACKS], indirect=True)
where_things_are_made = pytest.mark.parametrize("place", ["memory", MINISTACKS], indirect=True)


def _make_function(endpoint: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("steer.py", CODE)
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    session.client("lambda", endpoint_url=endpoint).create_function(
        FunctionName="steer",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/steer",
        Handler="steer.handler",
        Code={"ZipFile": held.getvalue()},
    )


@everywhere
def test_an_object_is_stored_byte_for_byte(place: Place) -> None:
    place.cloud.store("mail", "raw/1", bytes(range(256)), {})
    assert place.read("raw/1") == bytes(range(256))


@everywhere
def test_a_key_that_is_not_there_is_an_error(place: Place) -> None:
    missing = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
    with pytest.raises(CloudError, match="Could not use the KMS key"):
        place.cloud.data_key(missing, {"aws:ses:rule-name": "desk"})


@everywhere
def test_the_same_key_is_written_over(place: Place) -> None:
    place.cloud.store("mail", "raw/1", b"one", {})
    place.cloud.store("mail", "raw/1", b"two", {})
    assert place.read("raw/1") == b"two"


@everywhere
def test_a_message_is_published_as_it_is(place: Place) -> None:
    place.cloud.publish(TOPIC, "Subject", '{"a": "\\u00e9"}')
    assert place.heard() == ['{"a": "\\u00e9"}']


IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/example.com"


@everywhere
def test_an_event_says_what_happened_and_to_what(place: Place) -> None:
    place.cloud.put_event(BUS, "Email Bounced", IDENTITY, '{"eventType": "Bounce"}')
    assert place.happened() == [("Email Bounced", IDENTITY, {"eventType": "Bounce"})]


@where_things_are_made
def test_a_bucket_that_is_not_there_is_an_error(place: Place) -> None:
    with pytest.raises(CloudError, match="missing"):
        place.cloud.store("missing", "raw/1", b"", {})


@where_things_are_made
def test_a_topic_that_is_not_there_is_an_error(place: Place) -> None:
    with pytest.raises(CloudError, match="missing"):
        place.cloud.publish(TOPIC + "-missing", "Subject", "x")


@everywhere
def test_a_function_that_is_not_there_is_an_error(place: Place) -> None:
    for call in (
        place.cloud.find_function,
        lambda arn: place.cloud.invoke(arn, "{}"),
        lambda arn: place.cloud.hand(arn, "{}"),
    ):
        with pytest.raises(CloudError, match="Could not invoke Lambda function"):
            call(FUNCTION + "-missing")


@where_things_are_made
def test_a_function_answers_the_one_who_waits(place: Place) -> None:
    place.cloud.find_function(FUNCTION)
    assert json.loads(place.cloud.invoke(FUNCTION, '{"wanted": "STOP_RULE"}')) == {"disposition": "STOP_RULE"}
    place.cloud.hand(FUNCTION, '{"wanted": "CONTINUE"}')


def test_an_endpoint_where_nothing_is_is_an_error() -> None:
    with pytest.raises(CloudError, match="Could not write to bucket: mail"):
        BotoCloud("http://127.0.0.1:9", "us-east-1").store("mail", "raw/1", b"", {})
