"""SES's suppression list: both adapters list, tell and take off, without regard to case."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber
from types_boto3_sesv2 import SESV2Client

from postroom.aws.suppression import SesSuppressionList
from postroom.clock import iso
from postroom.errors import Retryable
from postroom.memory.outside import MemorySuppressionList
from postroom.ports import ListReason, Suppressed, SuppressionList
from tests.contracts.conftest import NOW, clock

ANN = "ann@example.com"
LISTED = Suppressed(address=ANN, reason=ListReason.COMPLAINT, since=iso(NOW))


@pytest.fixture
def client(aws: None) -> SESV2Client:
    return boto3.client("sesv2")


@pytest.fixture
def ses(client: SESV2Client) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_both_lists_tell_what_was_put_until_it_is_taken_off(client: SESV2Client, ses: Stubber) -> None:
    ses.add_response("put_suppressed_destination", {}, {"EmailAddress": ANN, "Reason": "COMPLAINT"})
    said = {"EmailAddress": ANN, "Reason": "COMPLAINT", "LastUpdateTime": NOW}
    ses.add_response("get_suppressed_destination", {"SuppressedDestination": said}, {"EmailAddress": "Ann@example.com"})
    ses.add_response("delete_suppressed_destination", {}, {"EmailAddress": ANN})
    for call in ("delete_suppressed_destination", "get_suppressed_destination"):
        ses.add_client_error(call, "NotFoundException", http_status_code=404)
    lists: tuple[SuppressionList, ...] = (SesSuppressionList(client=client), MemorySuppressionList(clock=clock))
    for each in lists:
        each.put(ANN, ListReason.COMPLAINT)
        assert each.get("Ann@example.com") == LISTED
        assert [each.delete(ANN), each.delete(ANN)] == [True, False]
        assert each.get(ANN) is None


@pytest.mark.parametrize("call", ["get", "put", "delete"])
def test_what_came_too_early_may_be_asked_again(client: SESV2Client, ses: Stubber, call: str) -> None:
    ses.add_client_error(f"{call}_suppressed_destination", "TooManyRequestsException", http_status_code=429)
    listed = SesSuppressionList(client=client)
    with pytest.raises(Retryable):
        {"get": listed.get, "put": lambda a: listed.put(a, ListReason.BOUNCE), "delete": listed.delete}[call](ANN)
