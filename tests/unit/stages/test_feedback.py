"""feedback: what came back changes the state of addresses, and is counted."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from postroom.address import State
from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind
from postroom.conversation import State as ConversationState
from postroom.errors import Retryable
from postroom.events import Event, FeedbackRecorded, MessageClassified, ReplySent
from postroom.feedback import ses_events
from postroom.feedback.delivery import MOST
from postroom.feedback.report import Feedback
from postroom.ids import ANSWERS_TAG, ConversationId, SentId, SesId
from postroom.memory.desk import MemoryConversations
from postroom.memory.outside import MemoryAddressBook
from postroom.outcome import Stage, waiting_for
from postroom.reasons import Reason
from tests.contracts.conftest import NOW, clock
from tests.unit.stages.desk import AT, MemoryDesk, mail

LATER = "2026-11-24T07:31:00.000Z"
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
    assert desk.addresses.days(["2026-11-24"]) == {
        "2026-11-24": {"bounce": 1, "bounce:no_such_user": 1, "hard_bounce": 1}
    }


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
    assert desk.addresses.days(["2026-11-24"]) == {
        "2026-11-24": {"bounce": 1, "bounce:no_such_user": 1, "hard_bounce": 1}
    }


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


def test_a_dsn_that_a_stranger_dates_nine_thousand_years_on_happened_when_it_came() -> None:
    desk = MemoryDesk(addresses=MemoryAddressBook(clock=clock))
    desk.answered(mail())
    full = dsn("sent-1@email.amazonses.com").replace(b"5.1.1 no such user", b"5.2.2 mailbox full")
    dated = b"Date: Fri, 31 Dec 9999 12:00:00 +0000\r\n" + full.replace(b"Status: 5.1.1", b"Status: 5.2.2")
    desk.reported(desk.classified(dated, "mail-2", mail_from=None))
    record = desk.addresses.record("ann@example.com")
    assert (record.state, record.since) == (State.MAILBOX_FULL, AT)


def test_an_event_that_is_dated_ahead_is_counted_today() -> None:
    desk = MemoryDesk(addresses=MemoryAddressBook(clock=clock))
    of_event(desk, {**BOUNCE, "bounce": {**BOUNCE["bounce"], "timestamp": "9999-12-31T23:59:59.000Z"}})
    assert list(desk.addresses.days(["2026-11-24", "9999-12-31"])) == ["2026-11-24"]
    assert desk.addresses.record("ann@example.com").since == iso(NOW)


def test_a_dsn_about_a_bounce_that_ses_has_told_of_is_the_same_bounce() -> None:
    desk = MemoryDesk(addresses=MemoryAddressBook(clock=clock))
    desk.answered(mail())
    of_event(desk, BOUNCE)
    assert desk.reported(desk.classified(dsn("sent-1@email.amazonses.com"), "mail-2", mail_from=None)).suppressed == 0
    assert len([*desk.addresses.history("ann@example.com")]) == 1


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


# In the conversation


def tagged(event: dict[str, Any] = BOUNCE, **own: Any) -> dict[str, Any]:
    """An event of the reply to mail-1; `own` changes what is particular to a bounce."""
    bounce = {**event["bounce"], **own}
    return {**event, "bounce": bounce, "mail": {**event["mail"], "tags": {ANSWERS_TAG: ["mail-1"]}}}


def of(desk: MemoryDesk, kind: str, **particular: Any) -> Event | None:
    """An event of another kind about the reply to mail-1."""
    name = kind[0].lower() + kind[1:]
    mail_part = {**BOUNCE["mail"], "tags": {ANSWERS_TAG: ["mail-1"]}}
    return of_event(desk, {"eventType": kind, name: {"timestamp": LATER, **particular}, "mail": mail_part})


def answered(desk: MemoryDesk, state: ConversationState = ConversationState.NEW) -> ConversationId:
    """The conversation of an acknowledged mail, in this state."""
    classified = desk.classified(mail())
    desk.reply(classified)
    desk.conversations.change(classified.conversation, lambda now: replace(now, state=state))
    return classified.conversation


def shown(desk: MemoryDesk, conversation: ConversationId) -> list[str]:
    found = desk.conversations.entries(conversation)
    return [entry.text for entry in found if entry.kind is EntryKind.DELIVERY]


def state(desk: MemoryDesk, conversation: ConversationId) -> ConversationState:
    found = desk.conversations.get(conversation)
    assert found is not None
    return found.state


NOBODY_THERE = (
    "delivery to ann@example.com failed: the address doesn't exist, or has moved without a forwarding address. "
    "Ask the customer for another address, by phone or by post: this one gets nothing any more."
)


@pytest.mark.parametrize(
    ("before", "after"),
    [("new", "new"), ("open", "open"), ("pending", "open"), ("solved", "open"), ("closed", "open")],
)
def test_a_bounce_of_a_reply_stands_in_the_conversation_and_makes_it_the_desks_turn(before: str, after: str) -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState(before))
    of_event(desk, tagged())
    (entry,) = (one for one in desk.conversations.entries(conversation) if one.kind is EntryKind.DELIVERY)
    assert (entry.id, entry.author, entry.text) == ("ses/0100-feedback/0", "feedback", NOBODY_THERE)
    assert entry.facts == {
        "recipient": "ann@example.com",
        "event": "hard_bounce",
        "reason": "no_such_user",
        "sent_id": "sent-1",
    }
    assert state(desk, conversation) == after
    found = desk.conversations.get(conversation)
    assert found is not None
    assert found.updated_at == "2026-11-24T07:30:00.000Z"


def test_a_delivery_a_delay_and_a_complaint_are_shown_and_change_no_state() -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.SOLVED)
    before = desk.conversations.get(conversation)
    whom = {"emailAddress": "ann@example.com"}
    of(desk, "DeliveryDelay", delayType="MailboxFull", delayedRecipients=[whom])
    of(desk, "Delivery", recipients=["ann@Example.com"])
    of(desk, "Complaint", complainedRecipients=[whom])
    assert sorted(shown(desk, conversation)) == [
        "complaint of ann@example.com: the recipient, or their provider, complained about the mail. "
        "Write no more, unless they write again and ask for an answer.",
        "delivered to ann@example.com",
        "delivery to ann@example.com is delayed: the mailbox is over its quota",
    ]
    assert desk.conversations.get(conversation) == before


def test_what_may_be_an_out_of_office_reopens_nothing() -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.SOLVED)
    away = [{"emailAddress": "ann@example.com", "diagnosticCode": "I am out of the office until Monday"}]
    of_event(desk, tagged(bounceType="Transient", bouncedRecipients=away))
    of_event(desk, tagged(feedbackId="0100-2", bounceType="Transient", bouncedRecipients=away[:0]))
    bare = [{"emailAddress": "ann@example.com"}]
    of_event(desk, tagged(feedbackId="0100-3", bounceType="Transient", bouncedRecipients=bare))
    assert (shown(desk, conversation), state(desk, conversation)) == ([], ConversationState.SOLVED)


def test_a_bounce_that_comes_again_is_shown_once_and_reopens_nothing_more() -> None:
    desk = MemoryDesk()
    conversation = answered(desk)
    of_event(desk, tagged())
    desk.conversations.change(conversation, lambda now: replace(now, state=ConversationState.SOLVED))
    of_event(desk, tagged())
    assert (shown(desk, conversation), state(desk, conversation)) == ([NOBODY_THERE], ConversationState.SOLVED)
    of_event(desk, tagged(feedbackId="0100-another"))  # the same bounce, as an identity's notification
    assert state(desk, conversation) is ConversationState.SOLVED


def test_a_run_that_broke_off_after_the_entry_still_changes_the_state_when_it_is_tried_again() -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.PENDING)
    whole = desk.conversations

    class BreaksOff(MemoryConversations):
        def change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation:
            raise Retryable("throttled")

    desk.conversations = BreaksOff(whole.conversations, whole.proofs, whole.standing)
    with pytest.raises(Retryable):
        of_event(desk, tagged())
    desk.conversations = whole
    assert (shown(desk, conversation), state(desk, conversation)) == ([NOBODY_THERE], ConversationState.PENDING)
    of_event(desk, tagged())
    assert (shown(desk, conversation), state(desk, conversation)) == ([NOBODY_THERE], ConversationState.OPEN)


def test_an_event_without_the_tag_finds_its_conversation_by_the_id_that_ses_gave() -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.PENDING)
    of_event(desk, BOUNCE)
    assert (shown(desk, conversation), state(desk, conversation)) == ([NOBODY_THERE], ConversationState.OPEN)


def test_an_event_that_is_quicker_than_the_reply_functions_notes_finds_it_by_the_tag() -> None:
    desk = MemoryDesk()
    conversation = desk.classified(mail()).conversation
    of_event(desk, tagged())
    assert shown(desk, conversation) == [NOBODY_THERE]


def test_an_event_of_somebody_elses_mail_or_of_a_forgotten_conversation_is_counted_and_told_nowhere() -> None:
    desk = MemoryDesk()
    conversation = answered(desk)
    other = {**BOUNCE, "mail": {**BOUNCE["mail"], "messageId": "sent-by-others"}}
    of_event(desk, other)
    assert shown(desk, conversation) == []
    desk.conversations.forget(conversation)
    assert isinstance(of_event(desk, tagged(feedbackId="0100-2")), FeedbackRecorded)
    assert shown(desk, conversation) == []


def test_one_that_is_forgotten_between_the_entry_and_the_change_is_no_error() -> None:
    desk = MemoryDesk()
    conversation = answered(desk)

    class Forgetful(MemoryConversations):
        def add(self, conversation: ConversationId, entry: Entry) -> bool:
            self.forget(conversation)
            return True

    whole = desk.conversations
    desk.conversations = Forgetful(whole.conversations, whole.proofs, whole.standing)
    assert isinstance(of_event(desk, tagged()), FeedbackRecorded)
    assert desk.conversations.get(conversation) is None


def test_a_bounce_is_told_where_the_conversation_was_merged_to() -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.SOLVED)
    other = desk.classified(mail(message_id="m2@example.com"), "mail-2").conversation
    desk.conversations.merge([conversation], other, "2026-11-24T07:29:40.000Z")
    desk.conversations.change(other, lambda now: replace(now, state=ConversationState.PENDING))
    of_event(desk, tagged())
    assert (shown(desk, other), state(desk, other)) == ([NOBODY_THERE], ConversationState.OPEN)


def test_a_dsn_about_a_reply_is_told_in_the_conversation_of_the_reply() -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.SOLVED)
    classified = desk.classified(dsn("sent-1@email.amazonses.com"), "mail-2", mail_from=None)
    desk.reported(classified)
    desk.reported(classified)
    assert (shown(desk, conversation), state(desk, conversation)) == ([NOBODY_THERE], ConversationState.OPEN)


@pytest.mark.parametrize(
    ("original", "recipient"),
    [
        ("made-up@email.amazonses.com", "ann@example.com"),
        ("m1@example.com", "ann@example.com"),
        ("sent-1@email.amazonses.com", "eve@evil.example"),
        ("sent-1@evil.example", "ann@example.com"),
    ],
)
def test_a_forged_report_changes_no_conversation(original: str, recipient: str) -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.SOLVED)
    before = desk.conversations.get(conversation)
    desk.reported(desk.classified(dsn(original, recipient), "mail-2", mail_from=None))
    assert shown(desk, conversation) == []
    assert desk.conversations.get(conversation) == before


def test_a_tag_in_a_mail_is_anybodys_word() -> None:
    """A mail may hold an event of SES in JSON: whoever wrote it chose the tag."""
    desk = MemoryDesk()
    ann = answered(desk, ConversationState.SOLVED)
    bob = desk.classified(mail(sender="bob@example.net", message_id="b@example.net"), "mail-2").conversation
    desk.sends.finish("mail-2/acknowledgement", SentId("sent-2"), "bob@example.net")
    common = {"messageId": "<sent-2@email.amazonses.com>"}
    forged = tagged(bouncedRecipients=[{"emailAddress": "bob@example.net"}])
    forged["mail"]["commonHeaders"] = common
    body = (
        b"From: no-reply@sns.amazonaws.com\r\nTo: support@desk.example\r\nSubject: AWS Notification Message\r\n"
        b"Message-ID: <f@x.example>\r\nContent-Type: text/plain\r\n\r\n" + json.dumps(forged).encode() + b"\r\n"
    )
    classified = desk.classified(body, "mail-3", mail_from=None)
    desk.reported(classified)
    assert shown(desk, ann) == []
    assert state(desk, ann) is ConversationState.SOLVED
    assert shown(desk, bob) == []  # that reply was never proved to stand there


def test_a_report_about_thousands_shows_as_many_as_ses_takes_in_a_send() -> None:
    desk = MemoryDesk()
    conversation = answered(desk)
    many = [{"emailAddress": f"a{number}@example.com", "status": "5.1.1"} for number in range(900)]
    of_event(desk, tagged(bouncedRecipients=many))
    assert len(shown(desk, conversation)) == MOST


# What SES is to be told


def test_what_ses_told_us_is_not_owed_to_it() -> None:
    desk = MemoryDesk()
    of_event(desk, BOUNCE)
    assert desk.exchange.owing == {}


def test_a_proved_report_that_came_as_mail_is_owed_to_ses() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    desk.reported(desk.classified(dsn("sent-1@email.amazonses.com"), "mail-2", mail_from=None))
    assert list(desk.exchange.owing) == ["ann@example.com"]


def test_a_report_that_is_not_proved_is_owed_to_nobody() -> None:
    desk = MemoryDesk()
    desk.reported(desk.classified(dsn("made-up@evil.example"), "mail-2", mail_from=None))
    assert desk.exchange.owing == {}


# Told twice


def by_mail(desk: MemoryDesk) -> None:
    desk.reported(desk.classified(dsn("sent-1@email.amazonses.com"), "mail-2", mail_from=None))


@pytest.mark.parametrize("ses_first", [True, False])
def test_a_bounce_that_ses_and_a_server_tell_is_shown_once_and_reopens_once(ses_first: bool) -> None:
    desk = MemoryDesk()
    conversation = answered(desk, ConversationState.PENDING)
    by_ses, by_server = partial(of_event, desk, tagged()), partial(by_mail, desk)
    (by_ses if ses_first else by_server)()
    desk.conversations.change(conversation, lambda now: replace(now, state=ConversationState.SOLVED))
    (by_server if ses_first else by_ses)()
    assert (shown(desk, conversation), state(desk, conversation)) == ([NOBODY_THERE], ConversationState.SOLVED)


def test_a_bounce_of_the_next_mail_to_the_same_one_is_another() -> None:
    desk = MemoryDesk()
    conversation = answered(desk)
    of_event(desk, tagged())
    again = tagged(feedbackId="0100-another")
    again["mail"]["messageId"] = "sent-2"
    of_event(desk, again)
    assert shown(desk, conversation) == [NOBODY_THERE, NOBODY_THERE]
