"""The inbound topic: SES's receipt notifications, and what is there beside them."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom import inbound
from postroom.envelope import UNKNOWN_SENDER, Envelope, Received, Verdict, Verdicts
from postroom.errors import Poison
from postroom.ids import SesId
from postroom.reasons import Reason

RECEIVED = Received(
    ses_id=SesId("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"),
    bucket="mail",
    key="raw/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1",
    received_at="2026-11-24T07:03:17.120Z",
    envelope=Envelope(mail_from="ann@example.com", rcpt_to=("support@desk.example", "sales@desk.example")),
    verdicts=Verdicts(
        spam=Verdict.PASS,
        virus=Verdict.PASS,
        spf=Verdict.GRAY,
        dkim=Verdict.PROCESSING_FAILED,
        dmarc=Verdict.FAIL,
        dmarc_policy="reject",
    ),
)


def notification(**changes: Any) -> dict[str, Any]:
    return {**json.loads(inbound.notification(RECEIVED)), **changes}


def test_a_notification_is_read_back_as_it_was_written() -> None:
    assert inbound.read(inbound.notification(RECEIVED)) == RECEIVED


def test_it_may_come_in_its_sns_envelope() -> None:
    assert inbound.read(json.dumps({"Type": "Notification", "Message": inbound.notification(RECEIVED)})) == RECEIVED


def test_the_recipients_are_the_envelopes_and_not_the_headers() -> None:
    """Only `receipt.recipients` shows a Bcc."""
    body = notification()
    body["mail"]["destination"] = ["somebody@else.example"]
    read = inbound.read(json.dumps(body))
    assert isinstance(read, Received)
    assert read.envelope.rcpt_to == RECEIVED.envelope.rcpt_to


def test_an_empty_source_is_the_null_return_path() -> None:
    for source in ("", "<>", None):
        body = notification()
        body["mail"]["source"] = source
        read = inbound.read(json.dumps(body))
        assert isinstance(read, Received)
        assert read.envelope.mail_from is None


def test_a_missing_source_is_unknown_and_not_the_null_return_path() -> None:
    body = notification()
    del body["mail"]["source"]
    read = inbound.read(json.dumps(body))
    assert isinstance(read, Received)
    assert read.envelope.mail_from == UNKNOWN_SENDER


def test_a_missing_or_new_verdict_is_missing_and_never_a_pass() -> None:
    body = notification()
    body["receipt"]["spamVerdict"] = {"status": "SOMETHING_NEW"}
    del body["receipt"]["virusVerdict"]
    read = inbound.read(json.dumps(body))
    assert isinstance(read, Received)
    assert (read.verdicts.spam, read.verdicts.virus) == (Verdict.MISSING, Verdict.MISSING)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Successfully validated SNS topic for Amazon SES event publishing.", Reason.TOPIC_VALIDATION),
        (json.dumps({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "ok"}), Reason.TOPIC_VALIDATION),
        (
            json.dumps(
                notification(
                    receipt={"action": {"bucketName": "mail", "objectKey": "raw/AMAZON_SES_SETUP_NOTIFICATION"}}
                )
            ),
            Reason.SETUP_NOTIFICATION,
        ),
    ],
)
def test_what_ses_sends_beside_mail_is_ignored_and_no_error(body: str, reason: Reason) -> None:
    assert inbound.read(body) == inbound.Ignored(reason=reason)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[" * 100_000,
        "[]",
        "null",
        "{}",
        '{"mail": 1, "receipt": []}',
        json.dumps(notification(receipt={})),
    ],
)
def test_anything_else_is_poison_with_a_reason(body: str) -> None:
    with pytest.raises(Poison) as caught:
        inbound.read(body)
    assert caught.value.reason is Reason.UNREADABLE_EVENT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(st.fixed_dictionaries({"mail": JSON, "receipt": JSON, "notificationType": JSON}))
def test_no_json_makes_it_raise_anything_but_poison(body: Any) -> None:
    with contextlib.suppress(Poison):
        assert isinstance(inbound.read(json.dumps(body)), Received | inbound.Ignored)
