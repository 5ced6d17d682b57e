"""classify: kind, category, disposition, and the place in a conversation."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from postroom.conversation import Conversation
from postroom.envelope import Verdict
from postroom.events import MessageClassified, MessageQuarantined, ReplySent, ReplyWithheld
from postroom.ids import SesId
from postroom.memory.desk import MemoryConversations
from postroom.outcome import Stage
from postroom.reasons import Disposition, Reason
from postroom.rules import rules
from postroom.rules.rules import Handling
from postroom.stages.classify import TREATMENTS
from postroom.stages.conversing import conversation_id
from tests.unit.stages.desk import SHIPPED, MemoryDesk, mail, with_verdicts


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


# --- what rules do


RULES = """
version: test
hours: {zone: UTC, open: {mon-fri: 08:00-16:00}}
targets: {high: 2h, normal: 8h}
rules:
- {name: known, tags: [known], when: {mails_before: 1..}}
- {name: partner, disposition: handle, when: {from: partner.example, sender: proven}}
- {name: pills, disposition: refuse, when: {subject: pills}}
- {name: odd, disposition: quarantine, when: {subject: odd}}
- {name: pressing, priority: high, assign: bob@staff.example, notify: oncall, when: {subject: pressing}}
- {name: silent, reply: none, when: {subject: silent}}
- {name: rest, category: general}
"""


def test_a_rule_may_refuse_or_keep_apart_and_the_record_says_which() -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    for subject, disposition, reason in (
        ("pills", Disposition.REFUSED, Reason.REFUSED_BY_RULE),
        ("odd", Disposition.QUARANTINED, Reason.QUARANTINED_BY_RULE),
    ):
        event = desk.classify(desk.parse(desk.arrived(mail(subject), subject)))
        assert event == MessageQuarantined(ses_id=SesId(subject), stage="classify", reason=reason)
        record = desk.ledger.rows_by_id[SesId(subject)].records[Stage.CLASSIFY]
        assert (record.disposition, record.reason) == (disposition, reason)
        assert record.facts["rules"].startswith(subject)
    assert desk.conversations.conversations == {}


@pytest.mark.parametrize(
    ("verdict", "disposition", "reason"),
    [("spam", Disposition.ACCEPTED, Reason.HANDLED_BY_RULE), ("virus", Disposition.QUARANTINED, Reason.VIRUS)],
)
def test_a_rule_may_take_in_spam_and_never_a_virus(verdict: str, disposition: Disposition, reason: Reason) -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    received = desk.arrived(mail(sender="ann@partner.example"), verdicts=with_verdicts(**{verdict: Verdict.FAIL}))
    desk.classify(desk.parse(received))
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY]
    assert (record.disposition, record.reason) == (disposition, reason)


def test_every_verdict_and_handling_has_a_treatment() -> None:
    for verdicts in (with_verdicts(), with_verdicts(spam=Verdict.FAIL), with_verdicts(virus=Verdict.FAIL)):
        for handling in (None, *Handling):
            disposition, reason = TREATMENTS[verdicts.unwanted, handling]
            assert verdicts.virus is not Verdict.FAIL or reason is Reason.VIRUS
            assert disposition is not Disposition.IGNORED


def test_a_conversation_has_what_the_rules_said_and_later_mails_only_add_to_it() -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    event = desk.classified(mail())
    opened = desk.conversations.conversations[event.conversation]
    assert (opened.priority, opened.tags, opened.assignee) == ("normal", (), None)
    answer = mail("pressing", message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n")
    told = desk.classified(answer, "mail-2")
    joined = desk.conversations.conversations[event.conversation]
    assert (joined.priority, joined.tags, joined.assignee) == ("high", ("known",), "bob@staff.example")
    assert (told.priority, told.tags, told.notify, told.reply) == ("high", ("known",), ("oncall",), None)
    calmer = mail("thanks", message_id="m3@example.com", extra="In-Reply-To: <m1@example.com>\r\n")
    assert desk.classified(calmer, "mail-3").priority == "normal"
    assert desk.conversations.conversations[event.conversation].priority == "high"


def test_the_due_date_counts_from_the_receipt_and_stands_in_record_and_event() -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    event = desk.classified(mail("pressing"))
    assert event.due_at == "2026-11-24T10:00:00.000Z"
    facts = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY].facts
    assert (facts["due_at"], facts["assign"], facts["notify"]) == (event.due_at, "bob@staff.example", "oncall")
    assert facts["rule_set"].startswith("test ")


def test_a_mail_whose_receipt_nobody_dated_is_due_at_no_time() -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    received = replace(desk.arrived(mail("pressing")), received_at="1970-01-01T00:00:00.000Z")
    event = desk.classify(desk.parse(received))
    assert isinstance(event, MessageClassified)
    assert event.due_at is None


def test_a_repeat_finds_the_customer_as_unknown_as_the_first_try() -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    assert desk.classified(mail()) == desk.classified(mail())


class Listed(MemoryConversations):
    """Counts how often a customer's conversations are listed: on AWS that is a query."""

    times = 0

    def of_customer(self, customer: str) -> Iterator[Conversation]:
        self.times += 1
        return MemoryConversations.of_customer(self, customer)


@pytest.mark.parametrize(
    ("text", "extra", "times"),
    [
        ("rules: [{name: a, category: c}]", "", 0),
        ("rules: [{name: a, category: c, when: {subject: never, mails_before: 1..}}]", "", 0),
        ("rules: [{name: a, category: c, when: {mails_before: 1.., waiting_days: 2..}}]", "", 1),
        ("", "", 1),
        ("", "Auto-Submitted: auto-replied\r\n", 0),
    ],
    ids=["none asks", "none gets so far", "two ask", "shipped: a person", "shipped: a machine"],
)
def test_what_came_before_costs_a_query_where_a_rule_wants_to_know_and_nothing_elsewhere(
    text: str, extra: str, times: int
) -> None:
    listed = Listed()
    desk = MemoryDesk(conversations=listed, rules=rules.load(text) if text else SHIPPED)
    desk.classified(mail(extra=extra))
    assert listed.times == times


def test_a_mail_that_a_rule_silences_is_told_apart_from_one_that_nobody_could_answer() -> None:
    desk = MemoryDesk(rules=rules.load(RULES))
    told = desk.reply(desk.classified(mail("silent")))
    assert isinstance(told, ReplyWithheld)
    assert told.reason is Reason.NO_REPLY_BY_RULE
    assert isinstance(desk.reply(desk.classified(mail(message_id="m2@example.com"), "mail-2")), ReplySent)


def test_a_template_that_is_gone_gives_way_to_the_usual_one() -> None:
    desk = MemoryDesk(rules=rules.load("rules: [{name: a, reply: gone}]"))
    sent = desk.reply(desk.classified(mail()))
    assert isinstance(sent, ReplySent)
    assert sent.template == "acknowledgement"


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
