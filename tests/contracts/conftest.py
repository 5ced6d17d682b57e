"""Every port's two adapters, so that each contract is asked of both: memory, and AWS's on moto.

moto runs single-threaded here; races are tested on the local stack (tests/journeys), since moto loses updates.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws
from types_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


#: As in template.yaml; a test of the template holds the two together.
KEY_SCHEMA: list[Any] = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
INDEXES: list[Any] = [
    {
        "IndexName": "by_hour",
        "KeySchema": [
            {"AttributeName": "hour", "KeyType": "HASH"},
            {"AttributeName": "received", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
]


@pytest.fixture
def dynamodb(aws: None) -> DynamoDBClient:
    client = boto3.client("dynamodb")
    keys: list[Any] = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    hours: list[Any] = [{"AttributeName": name, "AttributeType": "S"} for name in ("hour", "received")]
    common: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": KEY_SCHEMA}
    client.create_table(
        TableName="desk", AttributeDefinitions=[*keys, *hours], GlobalSecondaryIndexes=INDEXES, **common
    )
    client.create_table(TableName="addresses", AttributeDefinitions=keys, **common)
    return client
