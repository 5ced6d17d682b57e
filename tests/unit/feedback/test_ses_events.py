"""SES events and notifications become Feedback, whatever is missing from them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.address import AddressEvent
from postroom.errors import Poison
from postroom.feedback.faults import fault_of
from postroom.feedback.report import BounceReason, Feedback, FeedbackKind, Permanence
from postroom.feedback.ses_events import of_body, read
from postroom.feedback.table import event_of
from postroom.inbound import Ignored
from postroom.reasons import Reason

MAIL = {
    "timestamp": "2026-03-02T10:00:00.000Z",
    "messageId": "0100018ee0000000-11111111-2222-3333-4444-555555555555-000000",
    "source": "desk@example.com",
    "destination": ["jane@example.net"],
    "commonHeaders": {"messageId": "<ours.1@example.com>"},
}


def bounce(kind: str = "Permanent", subtype: str = "General", **recipient: str) -> dict[str, Any]:
    return {
        "eventType": "Bounce",
        "mail": MAIL,
        "bounce": {
            "feedbackId": "f-1",
            "bounceType": kind,
            "bounceSubType": subtype,
            "timestamp": "2026-03-02T10:00:02.000Z",
            "bouncedRecipients": [{"emailAddress": "jane@example.net", **recipient}],
        },
    }


def test_a_bounce_names_recipient_codes_reason_and_permanence() -> None:
    feedback = read(bounce(action="failed", status="5.1.1", diagnosticCode="smtp; 550 5.1.1 user unknown"))
    (report,) = feedback.reports
    assert feedback.kind is FeedbackKind.BOUNCE
    assert (report.recipient, report.status, report.smtp_code) == ("jane@example.net", "5.1.1", "550")
    assert (report.reason, report.permanence) == (BounceReason.NO_SUCH_USER, Permanence.PERMANENT)
    assert report.original_message_id == "ours.1@example.com"
    assert feedback.about == MAIL["messageId"]
    assert feedback.at == "2026-03-02T10:00:02.000Z"


@pytest.mark.parametrize(
    ("subtype", "reason"),
    [
        ("NoEmail", BounceReason.NO_SUCH_USER),
        ("MailboxFull", BounceReason.MAILBOX_FULL),
        ("MessageTooLarge", BounceReason.TOO_LARGE),
        ("OnAccountSuppressionList", BounceReason.SUPPRESSED),
        ("OnTenantSuppressionList", BounceReason.SUPPRESSED),
        ("SomethingNew", BounceReason.OTHER),
    ],
)
def test_the_subtype_of_a_bounce_gives_its_reason(subtype: str, reason: BounceReason) -> None:
    assert read(bounce(subtype=subtype)).reports[0].reason is reason


def test_an_out_of_office_that_comes_as_a_bounce_is_an_automatic_reply() -> None:
    feedback = read(bounce("Transient", "General", diagnosticCode="I am out of the office until Monday"))
    assert (feedback.kind, feedback.reports) == (FeedbackKind.AUTO_REPLY, ())


def test_a_transient_general_bounce_without_a_diagnostic_changes_no_address() -> None:
    (report,) = read(bounce("Transient", "General")).reports
    assert event_of(report) is None


def test_a_delivery_of_the_older_notifications_is_read_too() -> None:
    event = {
        "notificationType": "Delivery",
        "mail": MAIL,
        "delivery": {"recipients": ["jane@example.net"], "smtpResponse": "250 ok"},
    }
    feedback = read(event)
    assert feedback.kind is FeedbackKind.DELIVERED
    assert [(r.recipient, r.smtp_code, r.reason) for r in feedback.reports] == [
        ("jane@example.net", "250", BounceReason.DELIVERED)
    ]


def test_a_delay_is_transient() -> None:
    event = {
        "eventType": "DeliveryDelay",
        "mail": MAIL,
        "deliveryDelay": {
            "delayType": "TransientCommunicationFailure",
            "delayedRecipients": [{"emailAddress": "jane@example.net", "status": "4.4.1"}],
        },
    }
    (report,) = read(event).reports
    assert (report.action, report.status, report.reason) == ("delayed", "4.4.1", BounceReason.NETWORK_OR_TIMEOUT)
    assert report.permanence is Permanence.TRANSIENT


def test_a_complaint_keeps_its_feedback_type() -> None:
    complaint = {"complainedRecipients": [{"emailAddress": "jane@example.net"}], "complaintFeedbackType": "abuse"}
    feedback = read({"eventType": "Complaint", "mail": MAIL, "complaint": complaint})
    assert feedback.kind is FeedbackKind.COMPLAINT
    assert [(r.recipient, r.feedback_type) for r in feedback.reports] == [("jane@example.net", "abuse")]


@pytest.mark.parametrize("kind", ["Send", "Open", "Click", "Rendering Failure", "Subscription", "Unheard Of"])
def test_other_events_report_on_nothing_and_keep_their_type(kind: str) -> None:
    feedback = read({"eventType": kind, "mail": MAIL})
    assert (feedback.kind, feedback.reports, feedback.event_type) == (FeedbackKind.NONE, (), kind)


def test_a_reject_is_of_the_whole_mail_and_holds_nothing_against_its_recipients() -> None:
    mail = {**MAIL, "destination": ["jane@example.net", "joe@example.org"]}
    feedback = read({"eventType": "Reject", "mail": mail, "reject": {"reason": "Bad content"}})
    assert feedback.kind is FeedbackKind.REJECTED
    assert [(each.recipient, each.diagnostic) for each in feedback.reports] == [
        ("jane@example.net", "Bad content"),
        ("joe@example.org", "Bad content"),
    ]
    assert {event_of(each) for each in feedback.reports} == {AddressEvent.BLAMED_ON_US}
    assert fault_of(feedback) is None


def test_the_same_event_has_the_same_id_bare_and_in_its_sns_envelope() -> None:
    event = {"eventType": "Open", "mail": MAIL, "open": {"timestamp": "2026-03-02T10:00:02.000Z"}}
    bare = of_body(json.dumps(event))
    wrapped = of_body(json.dumps({"Type": "Notification", "MessageId": "m", "Message": json.dumps(event)}))
    assert isinstance(bare, Feedback)
    assert bare == wrapped


def test_two_opens_of_one_mail_have_two_ids() -> None:
    first, second = (
        {"eventType": "Open", "mail": MAIL, "open": {"timestamp": f"2026-03-02T10:00:0{n}.000Z"}} for n in (1, 2)
    )
    assert read(first).event_id != read(second).event_id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Successfully validated SNS topic for Amazon SES event publishing.", Reason.TOPIC_VALIDATION),
        ('{"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "ok"}', Reason.TOPIC_VALIDATION),
        (
            '{"notificationType": "Received", "mail": {"messageId": "AMAZON_SES_SETUP_NOTIFICATION"}}',
            Reason.SETUP_NOTIFICATION,
        ),
    ],
)
def test_greetings_of_ses_are_ignored_and_no_error(body: str, reason: Reason) -> None:
    assert of_body(body) == Ignored(reason=reason)


@pytest.mark.parametrize(
    "body", ["", "hello", "[]", "17", "{}", '{"mail": {}}', '{"eventType": "Bounce"}', "[" * 100_000]
)
def test_what_is_no_event_is_poison_with_a_named_reason(body: str) -> None:
    with pytest.raises(Poison) as raised:
        of_body(body)
    assert raised.value.reason is Reason.UNREADABLE_EVENT


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["bouncedRecipients", "emailAddress", "status", "timestamp", "bounceType", "recipients", "mail"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(kind=st.sampled_from(["Bounce", "Complaint", "Delivery", "DeliveryDelay"]), mail=JUNK, own=JUNK)
def test_no_junk_in_the_fields_raises(kind: str, mail: object, own: object) -> None:
    event: Mapping[str, Any] = {"eventType": kind, "mail": mail} | dict.fromkeys(
        ["bounce", "complaint", "delivery", "deliveryDelay"], own
    )
    assert read(event).event_id


@pytest.mark.parametrize(
    ("conversation", "draft", "key"),
    [
        (["abcd2345efgh6723"], ["0123456789abcdef" * 2], "abcd2345efgh6723/" + "0123456789abcdef" * 2),
        (["abcd2345efgh6723"], None, ""),
        (None, ["0123456789abcdef" * 2], ""),
        (["abcd2345efgh6723"], ["../../x"], ""),
        ("abcd2345efgh6723", {"0": 1}, ""),
    ],
)
def test_an_answer_of_a_person_is_known_by_its_two_tags(conversation: object, draft: object, key: str) -> None:
    tags = {"postroom-conversation": conversation, "postroom-draft": draft}
    assert read({"eventType": "Send", "mail": {"messageId": "m", "tags": tags}}).draft == key
