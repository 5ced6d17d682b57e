"""The suppression list: read in pages and by dates, and switched by account and configuration set."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.local_ses.conftest import Running


def _send(ses: Running, to: str, configured: str = "") -> bool:
    """Whether the mail went out."""
    raw = b"From: desk@example.com\r\n\r\nx"
    named = {"ConfigurationSetName": configured} if configured else {}
    ses.v2.send_email(Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": [to]}, **named)  # type: ignore[arg-type] # a dict of str
    sent = [json.loads(path.read_text()) for path in (ses.state / "outbox").glob("*.json")]
    return any(to in one["destination"] for one in sent)


def test_the_list_is_read_in_pages(ses: Running) -> None:
    for number in range(5):
        ses.v2.put_suppressed_destination(EmailAddress=f"a{number}@example.org", Reason="BOUNCE")
    first = ses.v2.list_suppressed_destinations(PageSize=3)
    second = ses.v2.list_suppressed_destinations(PageSize=3, NextToken=first["NextToken"])
    listed = [*first["SuppressedDestinationSummaries"], *second["SuppressedDestinationSummaries"]]
    assert [one["EmailAddress"] for one in listed] == [f"a{number}@example.org" for number in range(5)]
    assert "NextToken" not in second


@pytest.mark.parametrize("token", ["nonsense", "ZnJvbTotMQ==", "é", "x" * 1000])
def test_a_token_that_was_not_given_is_refused(ses: Running, token: str) -> None:
    with pytest.raises(ses.v2.exceptions.InvalidNextTokenException):
        ses.v2.list_suppressed_destinations(NextToken=token)


def test_the_list_is_read_by_dates(ses: Running) -> None:
    ses.v2.put_suppressed_destination(EmailAddress="a@example.org", Reason="BOUNCE")
    moment, hour = datetime.now(UTC), timedelta(hours=1)

    def listed(start: datetime, end: datetime) -> int:
        found = ses.v2.list_suppressed_destinations(StartDate=start, EndDate=end)
        return len(found["SuppressedDestinationSummaries"])

    assert (listed(moment - hour, moment + hour), listed(moment + hour, moment + 2 * hour)) == (1, 0)
    assert listed(moment - 2 * hour, moment - hour) == 0


def test_what_is_no_address_or_no_reason_is_refused(ses: Running) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        ses.v2.put_suppressed_destination(EmailAddress="nobody", Reason="BOUNCE")
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        ses.v2.put_suppressed_destination(EmailAddress="a@example.org", Reason="WHIM")  # type: ignore[arg-type] # wrong on purpose


def test_the_account_says_which_reasons_count(ses: Running) -> None:
    ses.v2.put_suppressed_destination(EmailAddress="gone@example.org", Reason="BOUNCE")
    assert not _send(ses, "gone@example.org")
    ses.v2.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    assert ses.v2.get_account()["SuppressionAttributes"]["SuppressedReasons"] == ["COMPLAINT"]
    assert _send(ses, "gone@example.org")


def test_a_configuration_set_overrides_the_account(ses: Running) -> None:
    ses.v2.put_suppressed_destination(EmailAddress="gone@example.org", Reason="BOUNCE")
    ses.v2.create_configuration_set(ConfigurationSetName="strict")
    ses.v2.create_configuration_set(ConfigurationSetName="all", SuppressionOptions={"SuppressedReasons": []})
    assert not _send(ses, "gone@example.org", "strict")
    assert _send(ses, "gone@example.org", "all")


def test_an_account_that_suppresses_nothing_adds_nothing(ses: Running) -> None:
    ses.v2.put_account_suppression_attributes(SuppressedReasons=[])
    _send(ses, "gone@nowhere.invalid")
    assert ses.v2.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def test_tags_of_a_resource_are_asked_for_in_vain(ses: Running) -> None:
    arn = "arn:aws:ses:us-east-1:000000000000:configuration-set/desk"
    ses.v2.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert ses.v2.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    ses.v2.untag_resource(ResourceArn=arn, TagKeys=["a"])
