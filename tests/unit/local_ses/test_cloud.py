"""The contract of S3 and SNS as SES uses them: MiniStack's by boto3, and the tests' own in memory, pass it alike."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from local.ses.cloud import BotoCloud, Cloud, CloudError
from tests.unit.local_ses.memory_cloud import MemoryCloud

MINISTACK = Path(__file__).parents[3] / ".venvs" / "stack" / "bin" / "ministack"
TOPIC = "arn:aws:sns:us-east-1:000000000000:inbound"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    with subprocess.Popen(  # noqa: S603 (ours)
        [MINISTACK], env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield _healthy(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def _healthy(endpoint: str) -> str:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1).close()  # noqa: S310 (our own)
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
        else:
            return endpoint
    raise TimeoutError(endpoint)


Read = Callable[[str], bytes]
Heard = Callable[[], list[str]]
Clouds = tuple[Cloud, Read, Heard]


@pytest.fixture(params=["memory", pytest.param("ministack", marks=pytest.mark.journey)])
def clouds(request: pytest.FixtureRequest) -> Clouds:
    """A cloud with the bucket `mail` and a topic, how to read an object of the bucket, and what the topic has heard."""
    if request.param == "memory":
        memory = MemoryCloud(buckets={"mail": {}}, topics={TOPIC: []})
        return memory, lambda key: memory.buckets["mail"][key], lambda: memory.messages(TOPIC, 1)
    endpoint: str = request.getfixturevalue("endpoint")
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=endpoint)
    sns = session.client("sns", endpoint_url=endpoint)
    sqs = session.client("sqs", endpoint_url=endpoint)
    s3.create_bucket(Bucket="mail")
    assert sns.create_topic(Name="inbound")["TopicArn"] == TOPIC
    queue = sqs.create_queue(QueueName=f"heard-{time.monotonic_ns()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)

    def heard() -> list[str]:
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages", [])
        return [json.loads(message["Body"])["Message"] for message in found]

    return BotoCloud(endpoint, "us-east-1"), lambda key: s3.get_object(Bucket="mail", Key=key)["Body"].read(), heard


def test_an_object_is_stored_byte_for_byte(clouds: Clouds) -> None:
    cloud, read, _ = clouds
    cloud.store("mail", "raw/1", bytes(range(256)), {})
    assert read("raw/1") == bytes(range(256))


def test_a_key_that_is_not_there_is_an_error(clouds: Clouds) -> None:
    missing = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
    with pytest.raises(CloudError, match="Could not use the KMS key"):
        clouds[0].data_key(missing, {"aws:ses:rule-name": "desk"})


def test_the_same_key_is_written_over(clouds: Clouds) -> None:
    cloud, read, _ = clouds
    cloud.store("mail", "raw/1", b"one", {})
    cloud.store("mail", "raw/1", b"two", {})
    assert read("raw/1") == b"two"


def test_a_message_is_published_as_it_is(clouds: Clouds) -> None:
    cloud, _, heard = clouds
    cloud.publish(TOPIC, "Subject", '{"a": "\\u00e9"}')
    assert heard() == ['{"a": "\\u00e9"}']


def test_a_bucket_that_is_not_there_is_an_error(clouds: Clouds) -> None:
    with pytest.raises(CloudError, match="missing"):
        clouds[0].store("missing", "raw/1", b"", {})


def test_a_topic_that_is_not_there_is_an_error(clouds: Clouds) -> None:
    with pytest.raises(CloudError, match="missing"):
        clouds[0].publish(TOPIC + "-missing", "Subject", "x")


def test_an_endpoint_where_nothing_is_is_an_error() -> None:
    with pytest.raises(CloudError, match="Could not write to bucket: mail"):
        BotoCloud("http://127.0.0.1:9", "us-east-1").store("mail", "raw/1", b"", {})
