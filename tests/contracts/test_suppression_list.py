"""SES's suppression list: both adapters list, tell and take off, without regard to case."""

from datetime import timedelta

import pytest
from botocore.stub import Stubber
from types_boto3_sesv2 import SESV2Client

from postroom.aws.suppression import SesSuppressionList
from postroom.clock import iso
from postroom.errors import Poison, Retryable
from postroom.memory.outside import MemorySuppressionList
from postroom.ports import ListReason, NotFound, Suppressed, SuppressionList
from tests.contracts.conftest import NOW, clock

ANN = "ann@example.com"
LISTED = Suppressed(address=ANN, reason=ListReason.COMPLAINT, since=iso(NOW))


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


def test_what_ses_lists_never_is_told_apart(client: SESV2Client, ses: Stubber) -> None:
    ses.add_client_error("put_suppressed_destination", "BadRequestException", http_status_code=400)
    with pytest.raises(Poison):
        SesSuppressionList(client=client).put("a@b", ListReason.BOUNCE)


@pytest.mark.parametrize("call", ["get", "put", "delete"])
def test_what_came_too_early_may_be_asked_again(client: SESV2Client, ses: Stubber, call: str) -> None:
    ses.add_client_error(f"{call}_suppressed_destination", "TooManyRequestsException", http_status_code=429)
    listed = SesSuppressionList(client=client)
    with pytest.raises(Retryable):
        {"get": listed.get, "put": lambda a: listed.put(a, ListReason.BOUNCE), "delete": listed.delete}[call](ANN)


def test_both_lists_are_read_in_pages_and_from_a_moment_on(client: SESV2Client, ses: Stubber) -> None:
    bob = "Bob@example.com"
    said = [{"EmailAddress": each, "Reason": "BOUNCE", "LastUpdateTime": NOW} for each in (ANN, bob)]
    since = {"PageSize": 100, "StartDate": NOW}
    ses.add_response(
        "list_suppressed_destinations", {"SuppressedDestinationSummaries": said[:1], "NextToken": "1"}, since
    )
    ses.add_response(
        "list_suppressed_destinations", {"SuppressedDestinationSummaries": said[1:]}, {**since, "NextToken": "1"}
    )
    ses.add_response("list_suppressed_destinations", {}, {"PageSize": 100, "StartDate": NOW + timedelta(days=1)})
    in_memory = MemorySuppressionList(clock=clock, page_size=1)
    for each in (ANN, bob):
        in_memory.put(each, ListReason.BOUNCE)
    lists: tuple[SuppressionList, ...] = (SesSuppressionList(client=client), in_memory)
    for listed in lists:
        first = listed.page(iso(NOW))
        second = listed.page(iso(NOW), first.token)
        assert [each.address for page in (first, second) for each in page.listed] == [ANN, bob]
        assert (first.token, second.token) == ("1", "")
        assert listed.page(iso(NOW + timedelta(days=1))).listed in ((), [])


def test_a_place_that_ses_knows_no_more_is_not_found(client: SESV2Client, ses: Stubber) -> None:
    ses.add_client_error("list_suppressed_destinations", "InvalidNextTokenException", http_status_code=400)
    lists: tuple[SuppressionList, ...] = (
        SesSuppressionList(client=client),
        MemorySuppressionList(clock=clock, forgotten={"7"}),
    )
    for each in lists:
        with pytest.raises(NotFound):
            each.page(token="7")


def test_a_reason_that_we_have_never_heard_of_lists_an_address_all_the_same(client: SESV2Client, ses: Stubber) -> None:
    said = [{"EmailAddress": ANN, "Reason": "UNENGAGED", "LastUpdateTime": NOW}]
    ses.add_response("list_suppressed_destinations", {"SuppressedDestinationSummaries": said})
    (listed,) = SesSuppressionList(client=client).page().listed
    assert listed.reason is ListReason.BOUNCE
