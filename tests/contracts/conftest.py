"""Every port's two adapters, so that each contract is asked of both: memory, and AWS's on moto.

moto runs single-threaded here; races are tested on the local stack (tests/journeys), since moto loses updates.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

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


@pytest.fixture
def dynamodb(aws: None) -> DynamoDBClient:
    """The two tables, keyed as in template.yaml (a test there holds the two together)."""
    client = boto3.client("dynamodb")
    for name in ("desk", "addresses"):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "hour", "received")],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_hour",
                    "KeySchema": [
                        {"AttributeName": "hour", "KeyType": "HASH"},
                        {"AttributeName": "received", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
    return client
