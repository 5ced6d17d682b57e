"""classify: kind, category, disposition, and the place in a conversation."""

import pytest

from postroom.envelope import Verdict
from postroom.events import MessageClassified, MessageQuarantined
from postroom.ids import SesId
from postroom.outcome import Stage
from postroom.reasons import Disposition, Reason
from postroom.stages.conversing import conversation_id
from tests.unit.stages.desk import MemoryDesk, mail, with_verdicts


def test_a_persons_mail_opens_a_conversation() -> None:
    desk = MemoryDesk()
    event = desk.classified(mail())
    assert (event.kind, event.opened, event.conversation) == ("person", True, conversation_id(SesId("mail-1")))
    conversation = desk.conversations.conversations[event.conversation]
    assert (conversation.customer, conversation.participants) == ("ann@example.com", ("ann@example.com",))


def test_a_repeat_chooses_the_same_conversation() -> None:
    desk = MemoryDesk()
    assert desk.classified(mail()) == desk.classified(mail())
    assert len(desk.conversations.conversations) == 1


def test_an_answer_of_a_participant_joins_the_conversation() -> None:
    desk = MemoryDesk()
    first = desk.classified(mail())
    second = desk.classified(mail(message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"), "mail-2")
    assert (second.conversation, second.opened) == (first.conversation, False)


def test_somebody_in_cc_is_a_participant_and_our_own_address_is_none() -> None:
    desk = MemoryDesk()
    first = desk.classified(mail(extra="Cc: bob@example.com, other@desk.example\r\n"))
    assert desk.conversations.conversations[first.conversation].participants == ("ann@example.com", "bob@example.com")
    answer = mail(sender="bob@example.com", message_id="m2@x.example", extra="References: <m1@example.com>\r\n")
    assert desk.classified(answer, "mail-2").conversation == first.conversation


def test_a_stranger_who_quotes_its_ids_opens_a_side_conversation() -> None:
    desk = MemoryDesk()
    first = desk.classified(mail())
    stranger = mail(sender="eve@evil.example", message_id="e@evil.example", extra="In-Reply-To: <m1@example.com>\r\n")
    second = desk.classified(stranger, "mail-2")
    assert second.conversation != first.conversation
    assert second.opened
    assert desk.conversations.conversations[second.conversation].linked_to == first.conversation
    assert desk.ledger.rows_by_id[SesId("mail-2")].fact(Stage.CLASSIFY, "linked_to") == first.conversation


def test_a_resubmission_joins_the_conversation_of_the_first() -> None:
    desk = MemoryDesk()
    first, second = desk.classified(mail(), "mail-1"), desk.classified(mail(), "mail-2")
    assert (second.conversation, second.opened) == (first.conversation, False)


@pytest.mark.parametrize(("verdict", "reason"), [("spam", Reason.SPAM), ("virus", Reason.VIRUS)])
def test_what_ses_condemns_is_quarantined_and_enters_no_conversation(verdict: str, reason: Reason) -> None:
    desk = MemoryDesk()
    received = desk.arrived(mail(), verdicts=with_verdicts(**{verdict: Verdict.FAIL}))
    event = desk.classify(desk.parse(received))
    assert event == MessageQuarantined(ses_id=SesId("mail-1"), stage="classify", reason=reason)
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY]
    assert (record.disposition, record.reason) == (Disposition.QUARANTINED, reason)
    assert desk.conversations.conversations == {}


@pytest.mark.parametrize("verdict", [Verdict.GRAY, Verdict.MISSING, Verdict.PROCESSING_FAILED, Verdict.DISABLED])
def test_only_a_plain_fail_condemns(verdict: Verdict) -> None:
    desk = MemoryDesk()
    received = desk.arrived(mail(), verdicts=with_verdicts(spam=verdict, virus=verdict))
    assert isinstance(desk.classify(desk.parse(received)), MessageClassified)


def test_a_mail_without_a_sender_still_has_a_conversation() -> None:
    desk = MemoryDesk()
    event = desk.classified(b"Subject: hello\r\n\r\nno From at all\r\n")
    assert desk.conversations.conversations[event.conversation].customer == ""


def test_nobody_without_a_sender_joins_anothers_conversation() -> None:
    desk = MemoryDesk()
    first = desk.classified(b"Subject: hello\r\nMessage-ID: <a@x.example>\r\n\r\nno From\r\n", "mail-1")
    second = desk.classified(b"Subject: hello\r\nIn-Reply-To: <a@x.example>\r\n\r\nno From\r\n", "mail-2")
    assert second.conversation != first.conversation


def test_the_record_names_rule_signals_and_the_rules_version() -> None:
    desk = MemoryDesk()
    desk.classified(mail(extra="Auto-Submitted: auto-replied\r\n"))
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY]
    assert record.facts["kind"] in {"auto_reply", "out_of_office"}
    assert record.rule
    assert record.signals
    assert record.facts["rule_set"]


def test_the_record_of_an_out_of_office_tells_when_it_ends_and_who_stands_in() -> None:
    desk = MemoryDesk()
    desk.classified(
        b"From: bo@firm.example\r\nTo: support@desk.example\r\nSubject: Out of office\r\n"
        b"Auto-Submitted: auto-replied\r\n"
        b"Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\n"
        b"I am away and back on 7 December. Please contact support@desk.example or ann@firm.example.\r\n"
    )
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY]
    assert (record.facts["back_on"], record.facts["stand_in"]) == ("2026-12-07", "ann@firm.example")
