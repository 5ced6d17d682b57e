"""What DynamoDB asks for what SES tells of, in request units: the figures that docs/data.md has."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from types_boto3_dynamodb import DynamoDBClient

from postroom.address import fold
from postroom.aws.addresses import DynamoAddressBook
from postroom.feedback import counting, incidents, ses_events, table
from tests.contracts.conftest import clock, table_of_addresses
from tests.contracts.units import counted, size_of
from tests.unit.feedback.told import AT, TYPES, told, whom

pytestmark = pytest.mark.journey

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
LONG = "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking " * 4

#: Requests, read units and write units, as the page has them.
COSTS = {
    "Send": (2, 0, 2),
    "Reject": (3, 2, 9),
    "Delivery": (4, 2, 3),
    "DeliveryDelay": (3, 2, 9),
    "Bounce": (3, 2, 12),
    "Complaint": (3, 2, 12),
    "Open": (2, 0, 2),
    "Click": (2, 0, 2),
    "Rendering Failure": (1, 0, 4),
    "Subscription": (1, 0, 4),
    "Something New": (1, 0, 4),
}


@pytest.fixture
def book(ministack: DynamoDBClient) -> DynamoAddressBook:
    return DynamoAddressBook(client=ministack, table=table_of_addresses(ministack), clock=clock)


def take(book: DynamoAddressBook, event: dict[str, Any]) -> Counter[str]:
    """What the stage does of it to the address table."""
    feedback = ses_events.read(event)
    with counted(book) as units:
        for index, report in enumerate(feedback.reports):
            happened = table.event_of(report)
            if happened:
                incident = incidents.incident(feedback, index, happened, AT)
                book.move(fold(report.recipient or ""), incident)
        book.count(counting.counted(feedback, AT[:10]))
    return units


@pytest.mark.parametrize("kind", TYPES)
def test_what_an_event_costs_as_the_page_says(book: DynamoAddressBook, kind: str) -> None:
    units = take(book, told(kind, 1))
    requests, read, write = COSTS[kind]
    assert (units["requests"], units["read"], units["write"]) == (requests, read, write)
    name = "an unknown type" if kind == "Something New" else kind
    assert f"| {name} | {requests} | {read or '–'} | {write} |" in PAGE


@pytest.mark.parametrize("kind", TYPES)
def test_one_that_comes_again_writes_nothing(book: DynamoAddressBook, kind: str) -> None:
    take(book, told(kind, 1))
    before = book.client.scan(TableName=book.table)["Items"]
    again = take(book, told(kind, 1))
    assert (again["write"], again["refused"]) == (0, 1 + (COSTS[kind][1] > 0 and kind != "Delivery"))
    assert book.client.scan(TableName=book.table)["Items"] == before


def test_a_delivery_that_heals_an_address_and_one_more_soft_bounce(book: DynamoAddressBook) -> None:
    soft = told("Bounce", 1)
    soft["bounce"] |= {"bounceType": "Transient", "bounceSubType": "General"}
    take(book, soft)
    healed = take(book, told("Delivery", 1))
    assert healed["write"] == 8  # the event 2, the state 2, one out of the index; and 3 to count it
    for number in range(2):
        soft["mail"]["messageId"], soft["bounce"]["feedbackId"] = f"more-{number}", f"more-{number}"
        units = take(book, soft)
    assert units["write"] == 13  # from one state to another: out of the index and in again


def test_an_incident_with_a_long_diagnostic_still_fits_into_one_unit(book: DynamoAddressBook) -> None:
    event = told("Bounce", 1)
    event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = LONG
    event["mail"]["messageId"] = "0100018f3c5e7a1b-5e9b7c3a-1d2e-4f5a-8b9c-0d1e2f3a4b5c-000000"
    take(book, event)
    assert max(map(size_of, book.client.scan(TableName=book.table)["Items"])) < 1_000


def test_what_a_send_asks_of_an_address_its_domain_and_the_breaker(book: DynamoAddressBook) -> None:
    take(book, told("Bounce", 1))
    with counted(book) as units:
        book.standing(whom(1))
    assert dict(units) == {"requests": 1, "read": 3}
