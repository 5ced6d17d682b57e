"""What is known of the sending account: SES asked seldom, and believed only where it answers."""

from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber
from types_boto3_sesv2 import SESV2Client

from postroom.aws.account import KEPT, SesAccount
from postroom.memory.outside import MemoryAccount
from postroom.ports import Account, SendingAccount
from tests.contracts.conftest import NOW

SAID = {
    "SendingEnabled": True,
    "EnforcementStatus": "PROBATION",
    "SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 190.0},
}


def test_both_accounts_say_what_is_known_and_whom_ses_lists(client: SESV2Client, ses: Stubber) -> None:
    ses.add_response("get_account", SAID)
    listed = {"EmailAddress": "ann@example.com", "Reason": "BOUNCE", "LastUpdateTime": NOW}
    ses.add_response("get_suppressed_destination", {"SuppressedDestination": listed})
    ses.add_client_error("get_suppressed_destination", "NotFoundException", http_status_code=404)
    known = Account(enforcement="PROBATION", daily=200, left=10)
    accounts: tuple[SendingAccount, ...] = (
        SesAccount(client=client, clock=lambda: NOW),
        MemoryAccount(known=known, listed={"ann@example.com"}),
    )
    for account in accounts:
        assert account.account() == known
        assert (account.lists("ann@example.com"), account.lists("bob@example.com")) == (True, False)


def test_an_answer_is_kept_for_some_minutes(client: SESV2Client, ses: Stubber) -> None:
    moment = NOW
    account = SesAccount(client=client, clock=lambda: moment)
    ses.add_response("get_account", SAID)
    assert account.account() == account.account()
    moment += KEPT
    ses.add_response("get_account", {**SAID, "SendingEnabled": False})
    assert not account.account().sending


def test_any_number_a_day_is_no_number(client: SESV2Client, ses: Stubber) -> None:
    ses.add_response("get_account", {"SendingEnabled": True, "SendQuota": {"Max24HourSend": -1.0}})
    assert SesAccount(client=client, clock=lambda: NOW).account() == Account()


def test_where_ses_does_not_say_nothing_is_held_against_us_and_it_is_not_asked_again_at_once(
    client: SESV2Client, ses: Stubber
) -> None:
    account = SesAccount(client=client, clock=lambda: NOW)
    ses.add_client_error("get_account", "TooManyRequestsException", http_status_code=429)
    assert account.account() == Account()
    assert account.account() == Account()
    assert not account.lists("ann@example.com")  # there is no answer left in the stub


def test_the_last_answer_holds_where_the_next_one_fails(client: SESV2Client, ses: Stubber) -> None:
    moment = NOW
    account = SesAccount(client=client, clock=lambda: moment)
    ses.add_response("get_account", {**SAID, "SendingEnabled": False})
    assert not account.account().sending
    moment += KEPT + timedelta(seconds=1)
    ses.add_client_error("get_account", "InternalFailure", http_status_code=500)
    assert not account.account().sending


def test_a_connection_that_hangs_is_no_answer(client: SESV2Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(**_: object) -> object:
        raise ReadTimeoutError(endpoint_url="https://ses.example")

    monkeypatch.setattr(client, "get_suppressed_destination", hangs)
    monkeypatch.setattr(client, "get_account", hangs)
    account = SesAccount(client=client, clock=lambda: NOW)
    assert not account.lists("ann@example.com")
    assert account.account() == Account()
