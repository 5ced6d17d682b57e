"""What an account may: the sandbox, the quotas, and what is counted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local.ses.account import Limits
from local.ses.account.account import SANDBOX
from local.ses.account.quota import Quota
from local.ses.account.statistics import Statistics
from local.ses.assembly import Settings
from local.ses.refused import Refused
from tests.unit.local_ses.conftest import Running, serving
from tests.unit.local_ses.memory_cloud import MemoryCloud

RAW = b"From: desk@example.com\r\nSubject: x\r\n\r\nx"


def _send(ses: Running, *to: str) -> str:
    return ses.v2.send_email(Content={"Raw": {"Data": RAW}}, Destination={"ToAddresses": list(to)})["MessageId"]


def test_in_the_sandbox_both_ends_must_be_verified(cloud: MemoryCloud, tmp_path: Path) -> None:
    limits = Limits(sandbox=True)
    with serving(Settings(state=tmp_path, limits=limits), cloud) as ses:
        with pytest.raises(ses.v2.exceptions.MessageRejected, match=r"US-EAST-1: desk@example\.com, ann@example\.org$"):
            _send(ses, "ann@example.org")
        ses.v2.create_email_identity(EmailIdentity="example.com")
        with pytest.raises(ses.v1.exceptions.MessageRejected, match=r"US-EAST-1: ann@example\.org$"):
            ses.v1.send_raw_email(RawMessage={"Data": RAW}, Destinations=["ann@example.org"])
        _send(ses, "success@simulator.amazonses.com", "boss@example.com")
        ses.v2.create_email_identity(EmailIdentity="Ann@example.org")
        _send(ses, "ann@example.org")


def test_the_sandbox_is_left_by_asking(cloud: MemoryCloud, tmp_path: Path) -> None:
    with serving(Settings(state=tmp_path, limits=SANDBOX), cloud) as ses:
        account = ses.v2.get_account()
        assert account["ProductionAccessEnabled"] is False
        assert account["SendQuota"] == {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}
        ses.v2.put_account_details(
            MailType="TRANSACTIONAL", WebsiteURL="https://example.com", ProductionAccessEnabled=True
        )
        account = ses.v2.get_account()
        assert account["ProductionAccessEnabled"] is True
        assert account["Details"]["WebsiteURL"] == "https://example.com"
        _send(ses, "ann@example.org")


def test_too_fast_and_too_many_are_throttled_in_both_apis(cloud: MemoryCloud, tmp_path: Path) -> None:
    limits = Limits(max_send_rate=0.001, max_24_hour_send=3)
    with serving(Settings(state=tmp_path, limits=limits), cloud) as ses:
        with pytest.raises(ses.v2.exceptions.TooManyRequestsException, match="Daily message quota exceeded"):
            _send(ses, *(f"a{number}@example.org" for number in range(4)))
        _send(ses, "a@example.org", "b@example.org")
        with pytest.raises(ses.v2.exceptions.TooManyRequestsException, match="Maximum sending rate exceeded") as late:
            _send(ses, "a@example.org")
        assert late.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        with pytest.raises(ClientError) as refused:
            ses.v1.send_raw_email(RawMessage={"Data": RAW}, Destinations=["a@example.org"])
        assert refused.value.response["Error"]["Code"] == "Throttling"
        assert ses.v1.get_send_quota()["SentLast24Hours"] == 2.0


def test_a_mail_that_is_refused_takes_nothing_of_the_quota(ses: Running) -> None:
    with pytest.raises(ses.v2.exceptions.BadRequestException):
        _send(ses, "nobody")
    with pytest.raises(ses.v2.exceptions.NotFoundException):
        ses.v2.send_email(
            Content={"Raw": {"Data": RAW}},
            Destination={"ToAddresses": ["a@example.org"]},
            ConfigurationSetName="missing",
        )
    assert ses.v2.get_account()["SendQuota"]["SentLast24Hours"] == 0.0


def test_a_paused_account_sends_nothing_until_it_is_switched_on(ses: Running) -> None:
    ses.v1.update_account_sending_enabled(Enabled=False)
    assert ses.v2.get_account()["SendingEnabled"] is False
    with pytest.raises(ses.v2.exceptions.SendingPausedException):
        _send(ses, "a@example.org")
    with pytest.raises(ses.v1.exceptions.AccountSendingPausedException):
        ses.v1.send_raw_email(RawMessage={"Data": RAW}, Destinations=["a@example.org"])
    ses.v2.put_account_sending_attributes(SendingEnabled=True)
    assert ses.v1.get_account_sending_enabled()["Enabled"] is True
    _send(ses, "a@example.org")


def test_an_account_that_is_shut_down_sends_nothing(cloud: MemoryCloud, tmp_path: Path) -> None:
    with serving(Settings(state=tmp_path, limits=Limits(enforcement="SHUTDOWN")), cloud) as ses:
        assert ses.v2.get_account()["EnforcementStatus"] == "SHUTDOWN"
        with pytest.raises(ses.v2.exceptions.AccountSuspendedException):
            _send(ses, "a@example.org")


def test_what_became_of_mail_is_counted_by_the_quarter_of_an_hour(ses: Running) -> None:
    _send(ses, "a@example.org", "b@nowhere.invalid", "complaint@nowhere.invalid")
    points = ses.v1.get_send_statistics()["SendDataPoints"]
    assert sum(point["DeliveryAttempts"] for point in points) == 3
    assert sum(point["Bounces"] for point in points) == 1
    assert sum(point["Complaints"] for point in points) == 1
    assert all(point["Timestamp"].minute % 15 == point["Timestamp"].second == 0 for point in points)


def test_two_weeks_of_points_are_kept() -> None:
    statistics, start = Statistics(), datetime(2026, 1, 1, 12, 7, 30, tzinfo=UTC)
    for quarter in range(15 * 24 * 4):
        statistics.count("attempts", 1, start + timedelta(minutes=15 * quarter))
    points = statistics.points()
    assert len(points) == 14 * 24 * 4
    assert points[-1].timestamp - points[0].timestamp == timedelta(days=14, minutes=-15)
    assert points[0].timestamp.minute == 0


def _taken(quota: Quota, recipients: int, moment: float) -> bool:
    try:
        quota.take(recipients, moment)
    except Refused:
        return False
    return True


def test_a_mail_to_many_is_taken_and_waited_for_afterwards() -> None:
    quota = Quota(max_send_rate=1.0, max_24_hour_send=1000.0)
    assert _taken(quota, 5, 100.0)
    assert [_taken(quota, 1, 100.0 + second) for second in (1, 4, 5)] == [False, False, True]


def test_the_window_of_24_hours_moves_on() -> None:
    quota = Quota(max_send_rate=100.0, max_24_hour_send=10.0)
    assert _taken(quota, 10, 0.0)
    assert not _taken(quota, 1, 23 * 3600.0)
    assert _taken(quota, 10, 24 * 3600.0 + 60)
    assert quota.sent(24 * 3600.0 + 60) == 10


@given(
    rate=st.floats(min_value=0.5, max_value=50),
    waits=st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60),
)
def test_no_more_is_taken_than_burst_and_rate_allow(rate: float, waits: list[float]) -> None:
    quota, moment, taken = Quota(max_send_rate=rate, max_24_hour_send=-1), 1000.0, 0
    for wait in waits:
        moment += wait
        taken += _taken(quota, 1, moment)
    assert taken <= max(1.0, rate) + rate * sum(waits) + 1e-6
