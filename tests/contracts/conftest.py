"""Every port's two adapters, so that each contract is asked of both: memory, and AWS's on moto.

moto runs single-threaded here; races are tested on the local stack (tests/journeys), since moto loses updates.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.loaders import create_loader
from botocore.stub import Stubber
from moto import mock_aws
from types_boto3_dynamodb import DynamoDBClient
from types_boto3_sesv2 import SESV2Client

from postroom.aws.conversations import DynamoConversations
from tests.ministack import BIN, running

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mocked():
        yield


#: What botocore knows of the services, read once: a session of its own for each test would read it again each time.
LOADER = create_loader()


@contextmanager
def mocked() -> Iterator[None]:
    """AWS as moto plays it, empty. moto takes the default session away, and so its loader."""
    with mock_aws():
        session = botocore.session.get_session()
        session.register_component("data_loader", LOADER)
        boto3.setup_default_session(botocore_session=session)
        yield


#: As in template.yaml; a test of the template holds the two together.
KEY_SCHEMA: list[Any] = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
INDEXES: list[Any] = [
    {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "Projection": projection,
    }
    for name, partition, sort, projection in (
        ("by_hour", "hour", "received", {"ProjectionType": "KEYS_ONLY"}),
        ("by_state", "desk_state", "updated_at", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["value"]}),
        ("by_customer", "customer", "updated_at", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["value"]}),
        (
            "by_follow_up",
            "follow_up_desk",
            "follow_up_on",
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["value"]},
        ),
    )
]


def create_desk(client: DynamoDBClient, name: str) -> None:
    """The desk's table, under this name."""
    used = {key["AttributeName"] for schema in (KEY_SCHEMA, *(i["KeySchema"] for i in INDEXES)) for key in schema}
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=KEY_SCHEMA,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in sorted(used)],
        GlobalSecondaryIndexes=INDEXES,
    )


#: As in template.yaml, too.
ADDRESS_INDEXES: list[Any] = [
    {
        "IndexName": name,
        "KeySchema": [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    for name, partition in (("by_state", "listed_as"), ("by_day", "sort_day"))
]


def create_addresses(client: DynamoDBClient, name: str) -> None:
    """The table of addresses, under this name."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=KEY_SCHEMA,
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", "listed_as", "sort_day", "at")
        ],
        GlobalSecondaryIndexes=ADDRESS_INDEXES,
    )


def table_of_addresses(client: DynamoDBClient) -> str:
    """A table of addresses of one's own; gives its name."""
    name = f"addresses-{time.monotonic_ns()}"
    create_addresses(client, name)
    return name


@pytest.fixture
def dynamodb(aws: None) -> DynamoDBClient:
    client = boto3.client("dynamodb")
    create_desk(client, "desk")
    create_addresses(client, "addresses")
    return client


@pytest.fixture
def client(aws: None) -> SESV2Client:
    return boto3.client("sesv2")


@pytest.fixture
def ses(client: SESV2Client) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture(scope="session")
def ministack() -> Iterator[DynamoDBClient]:
    """DynamoDB as MiniStack plays it: many may write at once, which moto does not bear."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    with running([BIN / "ministack"]) as endpoint:
        yield session.client("dynamodb", endpoint_url=endpoint, config=Config(max_pool_connections=32))


@pytest.fixture
def on_ministack(ministack: DynamoDBClient) -> DynamoConversations:
    """Conversations in a table of their own."""
    name = f"desk-{time.monotonic_ns()}"
    create_desk(ministack, name)
    return DynamoConversations(client=ministack, table=name)
