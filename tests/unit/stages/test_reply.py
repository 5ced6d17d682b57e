"""reply: the author of a mail is told, at most once, that it has arrived, or a named reason says why not."""

from dataclasses import dataclass, replace
from email import message_from_bytes, policy

import pytest

from postroom.address import State
from postroom.breaker import TRIALS_PER_DAY, Breaker, Circuit
from postroom.conversation import Entry, EntryKind
from postroom.errors import Poison, Retryable
from postroom.events import ReplySent, ReplyWithheld
from postroom.feedback import ses_events
from postroom.ids import ANSWERS_TAG, MessageId, SentId, SesId
from postroom.memory.desk import MemorySends
from postroom.outcome import Stage, outcome
from postroom.ports import Account
from postroom.reasons import Reason
from postroom.replies.preflight import Limits
from tests.unit.stages.desk import AT, MemoryDesk, mail


@dataclass(slots=True)
class ThrottledOnce(MemorySends):
    """DynamoDB throttles the first budget that is asked for."""

    throttled: bool = False

    def take(self, budget: str, limit: int, seconds: int, at: float) -> bool:
        if not self.throttled:
            self.throttled = True
            raise Retryable("take from a budget: ThrottlingException")
        return MemorySends.take(self, budget, limit, seconds, at)


def reason_of(desk: MemoryDesk, ses_id: str = "mail-1") -> Reason:
    return desk.ledger.rows_by_id[SesId(ses_id)].records[Stage.REPLY].reason


def test_a_persons_first_mail_is_acknowledged_in_its_thread() -> None:
    desk = MemoryDesk()
    event = desk.answered(mail())
    assert isinstance(event, ReplySent)
    raw, mail_from, rcpt_to = desk.mailer.sent[0]
    assert (mail_from, rcpt_to) == ("support@desk.example", ("ann@example.com",))
    sent = message_from_bytes(raw, policy=policy.default)
    assert sent["In-Reply-To"] == "<m1@example.com>"
    assert sent["Auto-Submitted"] == "auto-replied"
    assert reason_of(desk) is Reason.ACKNOWLEDGED
    row = desk.ledger.rows_by_id[SesId("mail-1")]
    assert outcome(row) is not None


def test_an_answer_to_our_reply_finds_its_conversation_by_the_id_that_ses_gave() -> None:
    for form in ("sent-1@email.amazonses.com", "sent-1@us-east-1.amazonses.com"):
        desk = MemoryDesk()
        event = desk.answered(mail())
        assert isinstance(event, ReplySent)
        found = desk.conversations.known([MessageId(form)]).get(MessageId(form))
        assert found is not None
        assert found.id == event.conversation


def test_the_same_event_twice_sends_once_and_says_the_same() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    assert desk.reply(classified) == desk.reply(classified)
    assert len(desk.mailer.sent) == 1


def test_the_second_mail_of_a_conversation_is_not_acknowledged_again() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    desk.answered(mail(message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"), "mail-2")
    assert reason_of(desk, "mail-2") is Reason.ALREADY_ACKNOWLEDGED
    assert len(desk.mailer.sent) == 1


def test_a_send_that_may_have_happened_is_never_repeated() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.mailer.failure = TimeoutError("no answer after the request went out")
    with pytest.raises(TimeoutError):
        desk.reply(classified)
    with pytest.raises(Retryable, match="under way"):  # at the same moment it may be another worker's
        desk.reply(classified)
    event = desk.reply(classified, hours_later=0.1)
    assert isinstance(event, ReplyWithheld)
    assert event.reason is Reason.SEND_UNCERTAIN
    assert desk.mailer.sent == []


def test_a_send_that_did_not_happen_is_tried_again() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.mailer.failure = Retryable("throttled")
    with pytest.raises(Retryable):
        desk.reply(classified)
    assert isinstance(desk.reply(classified), ReplySent)
    assert len(desk.mailer.sent) == 1


def test_a_budget_that_cant_be_asked_has_sent_nothing_and_is_asked_again() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.sends = ThrottledOnce()
    with pytest.raises(Retryable):
        desk.reply(classified)
    assert isinstance(desk.reply(classified), ReplySent)
    assert len(desk.mailer.sent) == 1


def test_what_ses_refuses_is_withheld_with_its_words() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.mailer.failure = Poison(Reason.SEND_REFUSED, "MessageRejected: address is not verified")
    event = desk.reply(classified)
    assert isinstance(event, ReplyWithheld)
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.REPLY]
    assert record.reason is Reason.SEND_REFUSED
    assert "not verified" in record.facts["detail"]


def test_a_crash_after_the_send_is_finished_by_the_next_try() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.sends.begin("mail-1/acknowledgement", AT)
    desk.sends.finish("mail-1/acknowledgement", SentId("sent-9"), "ann@example.com")
    event = desk.reply(classified)
    assert isinstance(event, ReplySent)
    assert event.sent_id == "sent-9"
    assert desk.mailer.sent == []
    assert desk.conversations.known([MessageId("sent-9@email.amazonses.com")])


def delivered(desk: MemoryDesk, sent_id: str, recipient: str = "ann@example.com") -> None:
    """SES tells of a mail of ours, by the tag of the mail that it answers."""
    told = {"messageId": sent_id, "timestamp": AT, "tags": {ANSWERS_TAG: ["mail-1"]}}
    desk.happened(ses_events.read({"eventType": "Delivery", "delivery": {"recipients": [recipient]}, "mail": told}))


def test_a_send_that_nobody_lived_to_note_is_found_by_what_ses_tells_of_it() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.sends.begin("mail-1/acknowledgement", AT)
    delivered(desk, "sent-9")
    event = desk.reply(classified, hours_later=0.1)
    assert isinstance(event, ReplySent)
    assert event.sent_id == "sent-9"
    assert desk.conversations.known([MessageId("sent-9@email.amazonses.com")])
    assert desk.reply(classified, hours_later=0.2) == event
    assert desk.mailer.sent == []


@pytest.mark.parametrize("told", [[("sent-9", "agent@staff.example")], [("sent-8", "ann@example.com")] * 2, []])
def test_what_ses_tells_of_other_mails_says_nothing_of_this_one(told: list[tuple[str, str]]) -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    noted = Entry(at=AT, kind=EntryKind.REPLY, id="sent-8", author="ann@staff.example")
    desk.conversations.add(classified.conversation, noted)
    desk.sends.begin("mail-1/acknowledgement", AT)
    for sent_id, recipient in told:
        delivered(desk, sent_id, recipient)
    event = desk.reply(classified, hours_later=0.1)
    assert isinstance(event, ReplyWithheld)
    assert event.reason is Reason.SEND_UNCERTAIN


def test_a_sender_gets_no_more_than_a_days_budget() -> None:
    desk = MemoryDesk(limits=Limits(per_sender_per_day=2))
    for number in range(4):
        desk.answered(mail(message_id=f"m{number}@example.com"), f"mail-{number}")
    assert [reason_of(desk, f"mail-{n}") for n in range(4)] == [Reason.ACKNOWLEDGED] * 2 + [Reason.SENDER_BUDGET] * 2
    assert len(desk.mailer.sent) == 2


def test_a_domain_gets_no_more_than_an_hours_budget_and_leaves_the_others_theirs() -> None:
    desk = MemoryDesk(limits=Limits(per_domain_per_hour=2))
    for number in range(3):
        desk.answered(mail(sender=f"flood{number}@evil.example", message_id=f"m{number}@x.test"), f"mail-{number}")
    desk.answered(mail(message_id="ann@x.test"), "mail-ann")
    assert [reason_of(desk, f"mail-{n}") for n in range(3)] == [Reason.ACKNOWLEDGED] * 2 + [Reason.DOMAIN_BUDGET]
    assert reason_of(desk, "mail-ann") is Reason.ACKNOWLEDGED


def test_a_throttled_send_costs_no_budget() -> None:
    desk = MemoryDesk(limits=Limits(per_sender_per_day=1, per_domain_per_hour=1, per_hour=1))
    classified = desk.classified(mail())
    for _ in range(3):
        desk.mailer.failure = Retryable("throttled")
        with pytest.raises(Retryable):
            desk.reply(classified)
    assert isinstance(desk.reply(classified), ReplySent)


def test_the_desk_sends_no_more_than_an_hours_budget() -> None:
    desk = MemoryDesk(limits=Limits(per_hour=3))
    for number in range(5):
        desk.answered(mail(sender=f"c{number}@example.com", message_id=f"m{number}@example.com"), f"mail-{number}")
    assert len(desk.mailer.sent) == 3
    assert reason_of(desk, "mail-4") is Reason.ACCOUNT_BUDGET


def test_a_suppressed_address_is_not_written_to() -> None:
    desk = MemoryDesk()
    desk.addresses.states["ann@example.com"] = State.HARD
    desk.answered(mail())
    assert reason_of(desk) is Reason.SUPPRESSED


def test_a_mail_that_waited_for_days_is_not_acknowledged() -> None:
    desk = MemoryDesk()
    desk.reply(desk.classified(mail()), hours_later=100)
    assert reason_of(desk) is Reason.TOO_OLD


def test_a_withheld_reply_names_every_check_that_was_made() -> None:
    desk = MemoryDesk()
    desk.reply(desk.classified(mail(), mail_from=None))
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.REPLY]
    assert record.reason is not Reason.ACKNOWLEDGED
    assert record.signals[-1] == record.rule
    assert desk.mailer.sent == []


def test_an_acknowledgement_stands_in_the_conversation_and_answers_nothing() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    before = desk.conversations.get(classified.conversation)
    desk.reply(classified)
    assert [entry.kind for entry in desk.conversations.entries(classified.conversation)] == ["mail", "reply"]
    assert desk.conversations.get(classified.conversation) == before


def test_a_conversation_that_is_forgotten_while_its_first_mail_is_answered_is_no_error() -> None:
    desk = MemoryDesk()
    classified = desk.classified(mail())
    desk.conversations.forget(classified.conversation)
    assert isinstance(desk.reply(classified), ReplySent)
    assert isinstance(desk.reply(classified), ReplySent)
    assert len(desk.mailer.sent) == 1


def test_nothing_goes_out_by_itself_while_the_breaker_is_open() -> None:
    desk = MemoryDesk()
    desk.addresses.moved.append(Breaker(circuit=Circuit.OPEN, since=AT, why="bounces 3.40% (34 of 1000)"))
    desk.answered(mail())
    record = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.REPLY]
    assert (record.reason, record.rule) == (Reason.BREAKER_OPEN, "breaker")
    assert "34 of 1000" in record.facts["detail"]
    assert desk.mailer.sent == []


def test_a_half_open_breaker_lets_a_few_out_on_trial() -> None:
    desk = MemoryDesk()
    desk.addresses.moved.append(Breaker(circuit=Circuit.HALF_OPEN, since=AT))
    for number in range(TRIALS_PER_DAY + 2):
        desk.answered(mail(sender=f"c{number}@example.com", message_id=f"m{number}@example.com"), f"mail-{number}")
    assert len(desk.mailer.sent) == TRIALS_PER_DAY
    assert reason_of(desk, f"mail-{TRIALS_PER_DAY}") is Reason.BREAKER_OPEN


def test_nothing_is_sent_while_ses_has_the_account_paused() -> None:
    desk = MemoryDesk()
    desk.account.known = Account(sending=False)
    desk.answered(mail())
    assert reason_of(desk) is Reason.SENDING_PAUSED
    assert desk.sends.states == {}


def test_ses_is_asked_about_an_address_only_where_its_mail_came_back_before() -> None:
    desk = MemoryDesk()
    desk.account.listed = {"ann@example.com", "bob@example.com"}
    desk.addresses.states["bob@example.com"] = State.SOFT_ONCE
    desk.answered(mail())
    desk.answered(mail(sender="bob@example.com", message_id="b@example.com"), "mail-2")
    assert desk.account.asked == ["bob@example.com"]
    assert [reason_of(desk, one) for one in ("mail-1", "mail-2")] == [Reason.ACKNOWLEDGED, Reason.LISTED_BY_SES]


def test_a_template_that_speaks_for_a_person_never_goes_out_by_itself() -> None:
    desk = MemoryDesk()
    event = desk.reply(replace(desk.classified(mail()), reply="more_details"))
    assert isinstance(event, ReplySent)
    assert event.template == "acknowledgement"
