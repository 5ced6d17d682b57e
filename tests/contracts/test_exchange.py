"""What of the exchange with SES's list outlives a run: both adapters keep it alike."""

import pytest
from types_boto3_dynamodb import DynamoDBClient

from postroom.aws.exchange import DynamoExchange
from postroom.memory.outside import MemoryExchange
from postroom.ports import Exchange, Progress
from tests.contracts.conftest import clock


@pytest.fixture(params=["memory", "dynamodb"])
def exchange(request: pytest.FixtureRequest) -> Exchange:
    if request.param == "memory":
        return MemoryExchange()
    client: DynamoDBClient = request.getfixturevalue("dynamodb")
    return DynamoExchange(client=client, table="addresses", clock=clock)


def test_it_begins_with_nothing_and_stands_where_it_was_left(exchange: Exchange) -> None:
    assert exchange.progress() == Progress()
    stands = Progress(known_to="2026-11-24T07:00:00.000Z", began="", token="a", checked_to="b")
    exchange.keep(stands)
    assert exchange.progress() == stands


def test_an_address_is_owed_once_until_it_is_settled(exchange: Exchange) -> None:
    exchange.keep(Progress(token="a"))
    for address in ("ann@example.com", "Bob@example.com", "ann@example.com"):
        exchange.owe(address)
    assert sorted(exchange.owed()) == ["Bob@example.com", "ann@example.com"]
    exchange.settle("ann@example.com")
    exchange.settle("nobody@example.com")
    assert list(exchange.owed()) == ["Bob@example.com"]
    assert exchange.progress() == Progress(token="a")
