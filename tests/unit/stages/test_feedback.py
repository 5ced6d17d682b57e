"""feedback: what came back changes the state of addresses, and is counted."""

import json
from collections.abc import Callable
from typing import Any

from postroom.address import State
from postroom.events import Event, FeedbackRecorded, MessageClassified, ReplySent
from postroom.feedback import ses_events
from postroom.feedback.report import Feedback
from postroom.ids import ANSWERS_TAG, SesId
from postroom.outcome import Stage, waiting_for
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


def of_event(desk: MemoryDesk, event: dict[str, Any]) -> Event | None:
    feedback = ses_events.of_body(json.dumps(event))
    assert isinstance(feedback, Feedback)
    return desk.happened(feedback)


def test_a_permanent_bounce_suppresses_the_address_and_is_counted() -> None:
    desk = MemoryDesk()
    recorded = of_event(desk, BOUNCE)
    assert isinstance(recorded, FeedbackRecorded)
    assert (recorded.kind, recorded.reports, recorded.suppressed) == ("bounce", 1, 1)
    assert desk.addresses.state("ann@example.com") == State.HARD
    assert desk.addresses.counters == {("2026-11-24", "bounce"): 1}


def test_a_bounce_of_a_reply_stands_in_the_row_of_the_mail_that_was_answered() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    tagged = {**BOUNCE, "mail": {**BOUNCE["mail"], "tags": {ANSWERS_TAG: ["mail-1"]}}}
    recorded = of_event(desk, tagged)
    assert isinstance(recorded, FeedbackRecorded)
    assert (recorded.ses_id, recorded.about) == ("mail-1", "sent-1")
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.FEEDBACK]
    assert (record.reason, record.facts["feedback"]) == (Reason.RECORDED, "bounce")


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
    assert of_event(desk, delivery) is None
    assert desk.addresses.counters == {("2026-11-24", "delivery"): 1}


def test_a_dsn_about_a_reply_of_ours_suppresses_its_recipient() -> None:
    desk = MemoryDesk()
    assert isinstance(desk.answered(mail()), ReplySent)
    classified = desk.classified(dsn("sent-1@email.amazonses.com"), "mail-2", mail_from=None)
    assert classified.kind == "bounce"
    assert desk.reported(classified).suppressed == 1
    assert desk.addresses.state("ann@example.com") == State.HARD


def test_a_forged_dsn_about_a_mail_that_we_never_sent_suppresses_nobody() -> None:
    desk = MemoryDesk()
    classified = desk.classified(dsn("made-up@evil.example"), "mail-2", mail_from=None)
    assert desk.reported(classified).suppressed == 0
    assert desk.addresses.state("ann@example.com") == State.HEALTHY
    assert desk.ledger.rows_by_id[SesId("mail-2")].records[Stage.FEEDBACK].reason is Reason.NOT_OURS


def test_a_customers_own_message_id_is_no_proof_that_we_sent_it() -> None:
    """Anybody who was in the conversation knows the ids of its mails; only SES's id of a mail of ours is a proof."""
    desk = MemoryDesk()
    desk.answered(mail(message_id="m1@example.com"))
    classified = desk.classified(dsn("m1@example.com", "bob@example.com"), "mail-2", mail_from=None)
    assert desk.reported(classified).suppressed == 0


def test_a_customer_who_knows_the_id_of_a_reply_cant_suppress_somebody_else_with_it() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    forged = dsn("sent-1@email.amazonses.com", "bob@example.com")
    assert desk.reported(desk.classified(forged, "mail-2", mail_from=None)).suppressed == 0
    assert desk.addresses.state("bob@example.com") == State.HEALTHY


def test_a_dsn_has_its_outcome_when_reply_feedback_and_attachments_are_done() -> None:
    desk = MemoryDesk()
    parsed = desk.parse(desk.arrived(dsn("x@y.example"), "mail-2", mail_from=None))
    classified = desk.classify(parsed)
    assert isinstance(classified, MessageClassified)
    steps: list[Callable[[], object]] = [
        lambda: desk.reply(classified),
        lambda: desk.reported(classified),
        lambda: desk.attachments(parsed),
    ]
    waited = [waiting_for(desk.ledger.rows_by_id[SesId("mail-2")])]
    for step in steps:
        step()
        waited.append(waiting_for(desk.ledger.rows_by_id[SesId("mail-2")]))
    assert [len(stages) for stages in waited] == [3, 2, 1, 0]
    assert desk.mailer.sent == []
