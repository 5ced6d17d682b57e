"""feedback: what came back changes the state of addresses, and is counted."""

import json
from typing import Any

from postroom.events import FeedbackRecorded, ReplySent
from postroom.feedback import ses_events
from postroom.feedback.report import Feedback
from postroom.feedback.table import State
from postroom.ids import SesId
from postroom.inbound import Ignored
from postroom.outcome import Stage, outcome
from postroom.reasons import Reason
from tests.unit.stages.desk import MemoryDesk, mail

BOUNCE: dict[str, Any] = {
    "eventType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "feedbackId": "0100-feedback",
        "timestamp": "2026-11-24T07:30:00.000Z",
        "bouncedRecipients": [
            {
                "emailAddress": "ann@example.com",
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 no such user",
            }
        ],
    },
    "mail": {"messageId": "sent-1", "timestamp": "2026-11-24T07:29:30.000Z", "destination": ["ann@example.com"]},
}


def dsn(original: str, recipient: str = "ann@example.com") -> bytes:
    return (
        "From: mailer-daemon@mx.example.com\r\nTo: support@desk.example\r\nSubject: Undelivered Mail\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original}>\r\nTo: {recipient}\r\n--b--\r\n"
    ).encode()


def of_event(desk: MemoryDesk, event: dict[str, Any]) -> FeedbackRecorded | Ignored:
    feedback = ses_events.of_body(json.dumps(event))
    assert isinstance(feedback, Feedback)
    return desk.feedback.of_event(feedback)


def test_a_permanent_bounce_suppresses_the_address_and_is_counted() -> None:
    desk = MemoryDesk()
    recorded = of_event(desk, BOUNCE)
    assert isinstance(recorded, FeedbackRecorded)
    assert (recorded.kind, recorded.reports, recorded.suppressed) == ("bounce", 1, 1)
    assert desk.addresses.state("ann@example.com") == State.HARD
    assert desk.addresses.counters == {("2026-11-24", "bounce"): 1}


def test_the_same_event_twice_changes_and_counts_nothing_more() -> None:
    desk = MemoryDesk()
    of_event(desk, BOUNCE)
    again = of_event(desk, BOUNCE)
    assert isinstance(again, FeedbackRecorded)
    assert again.suppressed == 0
    assert desk.addresses.counters == {("2026-11-24", "bounce"): 1}


def test_that_a_mail_was_delivered_is_counted_and_told_to_nobody() -> None:
    desk = MemoryDesk()
    mail_part = BOUNCE["mail"]
    delivery = {"eventType": "Delivery", "delivery": {"recipients": ["ann@example.com"]}, "mail": mail_part}
    assert of_event(desk, delivery) == Ignored(reason=Reason.COUNTED)
    assert desk.addresses.counters == {("2026-11-24", "delivery"): 1}


def test_a_dsn_about_a_reply_of_ours_suppresses_its_recipient() -> None:
    desk = MemoryDesk()
    assert isinstance(desk.answered(mail()), ReplySent)
    classified = desk.classified(dsn("sent-1@email.amazonses.com"), "mail-2", mail_from=None)
    assert classified.kind == "bounce"
    assert desk.feedback.of_mail(classified).suppressed == 1
    assert desk.addresses.state("ann@example.com") == State.HARD


def test_a_forged_dsn_about_a_mail_that_we_never_sent_suppresses_nobody() -> None:
    desk = MemoryDesk()
    classified = desk.classified(dsn("made-up@evil.example"), "mail-2", mail_from=None)
    assert desk.feedback.of_mail(classified).suppressed == 0
    assert desk.addresses.state("ann@example.com") == State.HEALTHY
    assert desk.ledger.rows[SesId("mail-2")].records[Stage.FEEDBACK].reason is Reason.NOT_OURS


def test_a_customers_own_message_id_is_no_proof_that_we_sent_it() -> None:
    """Anybody who was in the conversation knows the ids of its mails; only SES's id of a mail of ours is a proof."""
    desk = MemoryDesk()
    desk.answered(mail(message_id="m1@example.com"))
    classified = desk.classified(dsn("m1@example.com", "bob@example.com"), "mail-2", mail_from=None)
    assert desk.feedback.of_mail(classified).suppressed == 0


def test_a_customer_who_knows_the_id_of_a_reply_cant_suppress_somebody_else_with_it() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    forged = dsn("sent-1@email.amazonses.com", "bob@example.com")
    assert desk.feedback.of_mail(desk.classified(forged, "mail-2", mail_from=None)).suppressed == 0
    assert desk.addresses.state("bob@example.com") == State.HEALTHY


def test_a_dsn_has_its_outcome_after_reply_and_feedback() -> None:
    desk = MemoryDesk()
    classified = desk.classified(dsn("x@y.example"), "mail-2", mail_from=None)
    desk.reply(classified)
    assert outcome(desk.ledger.rows[SesId("mail-2")]) is None
    desk.feedback.of_mail(classified)
    parsed = desk.ledger.rows[SesId("mail-2")].fact(Stage.PARSE, "attachments")
    assert parsed != "0"  # the delivery status is an attachment, so that stage still owes its record
    assert desk.mailer.sent == []
