"""A person answers: one mail to those who take part, once, and the conversation shows what became of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from postroom.address import State as AddressState
from postroom.breaker import Breaker, Circuit
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.errors import Poison, Retryable, Throttled, Unanswered
from postroom.feedback.delivery import deliveries
from postroom.feedback.report import BounceReason, Feedback, FeedbackKind, Permanence, Report, Source
from postroom.ids import ConversationId, MessageId, SentId, SesId
from postroom.memory.thread_keys import MemoryKeys
from postroom.ports import Account, NotFound
from postroom.reasons import Reason
from postroom.stages.answering import Answering, NotSent, Sent, Uncertain, Wanted
from postroom.stages.drafts import Fate, fate_of, sent_key
from postroom.stages.erasure import Erasure
from postroom.stages.work import Work
from tests.contracts.conftest import NOW, clock
from tests.unit.stages.desk import AT, OURS, MemoryDesk, mail

EVE = "eve@staff.example"
HELLO = Wanted(text="It left this morning.")


@dataclass
class Office:
    """A desk with Ann's question in it, and Eve who answers."""

    desk: MemoryDesk = field(default_factory=MemoryDesk)
    at: datetime = NOW + timedelta(minutes=5)
    paused: list[float] = field(default_factory=list)

    def asked(
        self, raw: bytes | None = None, ses_id: str = "mail-1", mail_from: str = "ann@example.com"
    ) -> ConversationId:
        return self.desk.classified(mail() if raw is None else raw, ses_id, mail_from).conversation

    @property
    def eve(self) -> Answering:
        return Answering(
            conversations=self.desk.conversations,
            objects=self.desk.objects,
            sends=self.desk.sends,
            addresses=self.desk.addresses,
            account=self.desk.account,
            breakers=self.desk.breakers,
            mailer=self.desk.mailer,
            desk=OURS,
            keys=MemoryKeys(),
            clock=lambda: self.at,
            agent=EVE,
            pause=self.paused.append,
        )

    def answers(self, id_: ConversationId, wanted: Wanted = HELLO, anyway: bool = False) -> Sent | NotSent | Uncertain:
        return self.eve.send(self.eve.prepared(id_, wanted, again=anyway), anyway)

    def replies(self, id_: ConversationId) -> list[Entry]:
        return [e for e in self.desk.conversations.entries(id_) if e.kind is EntryKind.REPLY]

    def fates(self, id_: ConversationId) -> list[Fate | None]:
        return [fate_of(each, self.at) for each in self.replies(id_)]

    def one(self, id_: ConversationId) -> Conversation:
        found = self.desk.conversations.get(id_)
        assert found is not None
        return found

    def told(self, sent_id: str = "sent-1") -> Feedback:
        """SES's event that it has sent the last answer, with the tags that the mail had."""
        tags = dict(self.desk.mailer.tags[-1])
        key = f"{tags['postroom-conversation']}/{tags['postroom-draft']}"
        return Feedback(
            kind=FeedbackKind.NONE,
            source=Source.SES_EVENT,
            event_type="Send",
            about=SentId(sent_id),
            draft=key,
            event_id="event-1",
            at="2026-11-24T07:36:00.000Z",
        )

    def bounced(self, sent_id: str) -> Feedback:
        """SES's event that the last answer bounced for good."""
        hard = Report(
            recipient="ann@example.com",
            action="failed",
            reason=BounceReason.NO_SUCH_USER,
            permanence=Permanence.PERMANENT,
        )
        return replace(self.told(sent_id), kind=FeedbackKind.BOUNCE, event_type="Bounce", reports=(hard,))


def sent_mail(office: Office, number: int = -1) -> EmailMessage:
    message = message_from_bytes(office.desk.mailer.sent[number][0], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def rcpt_to(office: Office) -> list[str]:
    return list(office.desk.mailer.sent[-1][2])


def test_the_answer_goes_to_the_customer_in_the_thread_and_as_a_persons_mail() -> None:
    office = Office()
    id_ = office.asked(mail(extra="References: <m0@example.com>\r\n"))
    assert office.answers(id_) == Sent(sent_id=SentId("sent-1"))
    _, mail_from, recipients = office.desk.mailer.sent[0]
    assert (mail_from, recipients) == ("support@desk.example", ("ann@example.com",))
    went = sent_mail(office)
    assert went["From"] == "Support <support@desk.example>"
    assert went["To"] == "ann@example.com"
    assert went["In-Reply-To"] == "<m1@example.com>"
    assert went["References"].startswith("<m0@example.com> <t")
    assert went["Reply-To"].addresses[0].username.startswith("support+t")
    for automatic in (
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Postroom-Loop",
        "Precedence",
        "List-Unsubscribe",
    ):
        assert automatic not in went
    body = went.get_body(("plain",))
    assert body is not None
    said = ["It left this morning.", "", "On 2026-11-24 at 07:29, Ann wrote:", "> Hello, where is my order?"]
    assert body.get_content().splitlines() == said


def test_it_stands_in_the_conversation_under_the_id_of_ses_and_the_customers_answer_finds_it() -> None:
    office = Office()
    id_ = office.asked()
    office.answers(id_)
    [entry] = office.replies(id_)
    assert (entry.id, entry.author, entry.text) == ("sent-1", EVE, "It left this morning.")
    assert office.fates(id_) == [Fate.SENT]
    assert office.one(id_).state is State.PENDING
    assert b"It left this morning." in office.desk.objects.read(sent_key(entry.facts["draft"]))
    back = office.asked(
        mail(message_id="m2@example.com", extra="In-Reply-To: <sent-1@email.amazonses.com>\r\n"), "mail-2"
    )
    assert back == id_
    assert office.one(id_).state is State.OPEN


def test_the_state_afterwards_may_be_chosen() -> None:
    office = Office()
    id_ = office.asked()
    office.answers(id_, replace(HELLO, then=State.SOLVED))
    assert office.one(id_).state is State.SOLVED


def test_who_takes_part_gets_a_copy_if_wanted_and_the_local_part_keeps_its_case() -> None:
    office = Office()
    id_ = office.asked(
        mail(sender="Ann.O@example.com", extra="Cc: Bob <bob@example.org>\r\n"), mail_from="Ann.O@example.com"
    )
    office.answers(id_)
    assert rcpt_to(office) == ["Ann.O@example.com"]
    office.answers(id_, replace(HELLO, text="To both.", others=True))
    assert rcpt_to(office) == ["Ann.O@example.com", "bob@example.org"]
    assert sent_mail(office)["Cc"] == "bob@example.org"


def test_reply_to_counts_only_where_its_owner_takes_part() -> None:
    office = Office()
    id_ = office.asked(mail(extra="Reply-To: sales@example.com\r\n"))
    assert "sales@example.com" in office.one(id_).participants  # Ann is proven
    assert office.eve.prepared(id_, HELLO).answer.to == ("sales@example.com", "ann@example.com")
    office.desk.conversations.change(id_, lambda was: replace(was, participants=("ann@example.com",)))
    assert office.eve.prepared(id_, HELLO).answer.to == ("ann@example.com",)


def test_a_stranger_is_written_to_only_by_name() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.conversations.change(id_, lambda was: replace(was, participants=()))  # as a forged mail opens it
    refused = office.answers(id_)
    assert isinstance(refused, NotSent)
    assert refused.refusals[0].reason is Reason.NOT_IN_CONVERSATION
    assert isinstance(office.answers(id_, anyway=True), NotSent)
    assert isinstance(office.answers(id_, replace(HELLO, cc=("mallory@example.net",))), NotSent)
    assert office.desk.mailer.sent == []
    assert isinstance(office.answers(id_, replace(HELLO, to=("mallory@example.net",))), Sent)


def test_each_refusal_stands_in_the_conversation_with_its_reason_and_the_text() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.addresses.states["ann@example.com"] = AddressState.HARD
    assert isinstance(office.answers(id_), NotSent)
    [entry] = office.replies(id_)
    assert fate_of(entry, office.at) is Fate.REFUSED
    assert entry.facts["reason"] == Reason.SUPPRESSED
    assert "--anyway" in entry.facts["detail"]
    assert entry.text == HELLO.text
    assert isinstance(office.answers(id_, anyway=True), Sent)
    assert office.one(id_).state is State.PENDING


@pytest.mark.parametrize("state", [state for state in AddressState if state is not AddressState.HEALTHY])
def test_what_ses_lists_is_not_sent_whatever_the_person_says_and_is_once_it_is_taken_off(state: AddressState) -> None:
    office = Office()
    id_ = office.asked()
    office.desk.addresses.states["ann@example.com"] = state
    office.desk.account.listed.add("ann@example.com")
    refused = office.answers(id_, anyway=True)
    assert isinstance(refused, NotSent)
    assert [each.reason for each in refused.refusals] == [Reason.LISTED_BY_SES]
    assert "delete-suppressed-destination" in refused.refusals[0].text
    office.desk.account.listed.clear()
    assert isinstance(office.answers(id_, anyway=True), Sent)


def test_ses_is_not_asked_about_an_address_that_gets_its_mail() -> None:
    office = Office()
    office.answers(office.asked())
    assert office.desk.account.asked == []


def test_that_it_was_sent_before_is_told_before_what_came_of_it() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure_after = TimeoutError("SES took it, and its answer got lost")
    office.answers(id_)
    office.desk.happened(office.bounced("sent-1"))
    again = office.answers(id_)
    assert isinstance(again, NotSent)
    assert [each.reason for each in again.refusals] == [Reason.ANSWERED_BEFORE, Reason.SUPPRESSED]
    assert "sent-1" in again.refusals[0].text


def test_a_bounce_that_names_no_draft_still_settles_the_answer_as_sent() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure_after = TimeoutError("SES took it, and its answer got lost")
    office.answers(id_)
    [delivery] = deliveries(office.bounced("sent-1"), "2026-11-24T07:36:00.000Z")
    office.desk.conversations.add(id_, delivery.entry)
    assert office.eve.prepared(id_, HELLO).refusals[0].reason is Reason.ANSWERED_BEFORE
    assert office.fates(id_) == [Fate.UNCERTAIN]  # looking at it changes nothing
    office.at += timedelta(seconds=9)
    assert isinstance(office.answers(id_), NotSent)
    assert office.fates(id_) == [Fate.SENT, Fate.REFUSED]
    assert office.desk.mailer.sent[1:] == []


def test_what_ses_rejects_for_a_virus_is_told_in_the_conversation_and_is_the_desks_turn_again() -> None:
    office = Office()
    id_ = office.asked()
    office.answers(id_)
    virus = Report(recipient="ann@example.com", reason=BounceReason.CONTENT_REJECTED)
    rejected = replace(office.told(), kind=FeedbackKind.REJECTED, event_type="Reject", reports=(virus,))
    office.desk.happened(rejected)
    *_, entry = office.desk.conversations.entries(id_)
    assert entry.kind is EntryKind.DELIVERY
    assert "SES rejected the mail to ann@example.com" in entry.text
    assert "it found a virus in it" in entry.text
    assert "answer again" in entry.text
    assert office.one(id_).state is State.OPEN
    assert office.desk.addresses.state("ann@example.com") is AddressState.HEALTHY


def test_what_is_refused_again_and_again_stands_there_once_with_the_number_of_tries() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.addresses.states["ann@example.com"] = AddressState.HARD
    for _ in range(3):
        office.at += timedelta(minutes=1)
        office.answers(id_)
    [entry] = office.replies(id_)
    assert (entry.text, entry.facts["tries"]) == (HELLO.text, "3")
    assert (entry.at[11:16], entry.facts["last"][11:16]) == ("07:36", "07:38")


def test_what_was_sent_is_not_told_once_more_when_it_is_refused_the_second_time() -> None:
    office = Office()
    id_ = office.asked()
    for _ in range(3):
        office.answers(id_)
        office.at += timedelta(minutes=1)
    assert [each.text for each in office.replies(id_)] == [HELLO.text, ""]


def test_what_ses_did_not_take_twice_stands_there_once() -> None:
    office = Office()
    id_ = office.asked()
    for _ in range(2):
        office.at += timedelta(minutes=1)
        office.desk.mailer.failure = Retryable("SES could not be reached")
        with pytest.raises(Retryable):
            office.answers(id_)
    assert office.fates(id_) == [Fate.REFUSED]
    assert office.replies(id_)[0].facts["tries"] == "2"


def test_a_pause_of_the_account_binds_a_person_and_the_breaker_warns_them() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.account.known = Account(enforcement="SHUTDOWN")
    assert isinstance(office.answers(id_, anyway=True), NotSent)
    office.desk.account.known = Account()
    opened = Breaker(circuit=Circuit.OPEN, since="2026-11-24T07:00:00.000Z", why="bounces 4 %")
    office.desk.breakers.replace(Breaker(), opened)
    assert isinstance(office.answers(id_), NotSent)
    assert isinstance(office.answers(id_, anyway=True), Sent)


def test_the_same_answer_typed_again_is_not_sent_again_unless_the_person_says_so() -> None:
    office = Office()
    id_ = office.asked()
    office.answers(id_)
    again = office.answers(id_)
    assert isinstance(again, NotSent)
    assert again.refusals[0].reason is Reason.ANSWERED_BEFORE
    assert isinstance(office.answers(id_, replace(HELLO, text="Another.")), Sent)
    assert isinstance(office.answers(id_, anyway=True), Sent)
    assert len(office.desk.mailer.sent) == 3


def test_the_same_words_to_another_mail_are_another_answer() -> None:
    office = Office()
    id_ = office.asked()
    office.answers(id_)
    office.asked(mail(message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"), "mail-2")
    assert isinstance(office.answers(id_), Sent)


def test_a_time_out_is_shown_as_uncertain_and_not_repeated() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure = TimeoutError("no answer")
    assert isinstance(office.answers(id_), Uncertain)
    assert office.fates(id_) == [Fate.UNCERTAIN]
    again = office.answers(id_)
    assert isinstance(again, NotSent)
    assert again.refusals[0].reason is Reason.ANSWER_UNCERTAIN
    assert office.desk.mailer.sent == []
    assert isinstance(office.answers(id_, anyway=True), Sent)


def test_what_a_crash_left_begun_is_uncertain_after_a_while_until_ses_speaks_of_it() -> None:
    office = Office()
    id_ = office.asked()
    prepared = office.eve.prepared(id_, HELLO)
    office.eve.send(prepared)
    office.desk.sends.states[prepared.draft.key] = replace(  # as if nobody had lived to note what SES said
        office.desk.sends.states[prepared.draft.key], sent_id=None
    )
    [sent] = office.replies(id_)
    office.desk.conversations.amend(id_, sent, None)
    office.desk.conversations.add(id_, prepared.draft.entry(Fate.BEGUN))
    office.desk.conversations.change(id_, lambda was: replace(was, state=State.NEW, recent=()))
    assert office.fates(id_) == [Fate.BEGUN]
    office.at += timedelta(minutes=2)
    assert office.fates(id_) == [Fate.UNCERTAIN]
    office.desk.happened(office.told("sent-9"))
    office.desk.happened(office.told("sent-9"))
    assert office.fates(id_) == [Fate.SENT]
    assert [each.id for each in office.replies(id_)] == ["sent-9"]
    assert office.one(id_).state is State.PENDING
    assert office.desk.sends.recipient(SentId("sent-9")) == "ann@example.com"
    assert office.desk.conversations.known([MessageId("sent-9@email.amazonses.com")])


def test_a_time_out_whose_mail_went_out_is_known_as_sent_by_the_event_of_ses() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure_after = TimeoutError("SES took it, and its answer got lost")
    assert isinstance(office.answers(id_), Uncertain)
    office.desk.happened(office.told("sent-1"))
    assert office.fates(id_) == [Fate.SENT]


def test_nobody_reads_the_words_of_an_error_that_was_not_written_for_them() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure = RuntimeError("An error occurred (InternalFailure)")
    assert office.answers(id_) == Uncertain(told="RuntimeError")
    office.desk.mailer.failure = Unanswered("the connection broke off before SES answered")
    assert office.answers(id_, replace(HELLO, text="Another.")) == Uncertain(
        told="the connection broke off before SES answered"
    )


def test_a_throttle_is_waited_for_and_loses_nothing() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure = Throttled("SES did not send: TooManyRequestsException")
    assert isinstance(office.answers(id_), Sent)
    assert office.paused == [0.5]


def test_what_ses_does_not_take_now_was_not_sent_and_may_be_tried_again() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure = Retryable("SES could not be reached")
    with pytest.raises(Retryable):
        office.answers(id_)
    assert office.fates(id_) == [Fate.REFUSED]
    office.at += timedelta(seconds=9)
    assert isinstance(office.answers(id_), Sent)
    assert office.fates(id_) == [Fate.REFUSED, Fate.SENT]


def test_what_ses_refuses_is_told_in_its_words() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.mailer.failure = Poison(Reason.SEND_REFUSED, "MessageRejected: address is not verified")
    refused = office.answers(id_)
    assert isinstance(refused, NotSent)
    assert "not verified" in refused.refusals[0].text
    assert office.replies(id_)[0].facts["reason"] == Reason.SEND_REFUSED


def test_what_an_agent_forwarded_is_answered_to_its_writer_without_the_agents_thread() -> None:
    office = Office()
    forward = (
        "Please have a look.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Ann <ann@example.com>\r\n"
        "Date: Mon, 23 Nov 2026 at 10:00\r\nSubject: My order\r\nTo: Eve <eve@staff.example>\r\n\r\nWhere is it?\r\n"
    )
    raw = mail(subject="Fwd: My order", sender=EVE, body=forward)
    id_ = office.asked(raw, mail_from=EVE)
    assert office.one(id_).customer == "ann@example.com"
    office.answers(id_)
    went = sent_mail(office)
    assert (went["To"], went["Subject"], went["In-Reply-To"]) == ("ann@example.com", "Re: My order", None)
    body = went.get_body(("plain",))
    assert body is not None
    assert "> Where is it?" in body.get_content()
    assert "Please have a look" not in body.get_content()


def test_a_conversation_whose_mails_retention_has_taken_can_still_be_answered() -> None:
    office = Office()
    id_ = office.asked()
    office.desk.objects.remove("parsed/mail-1.json")
    assert isinstance(office.answers(id_), Sent)
    went = sent_mail(office)
    assert (went["To"], went["Subject"]) == ("ann@example.com", "Re: A question")


def test_a_conversation_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(NotFound, match="postroom conversations"):
        Office().eve.prepared(ConversationId("abcdefghijklmnop"), HELLO)


def test_who_is_erased_leaves_nothing_of_the_answers_behind() -> None:
    office = Office()
    id_ = office.asked()
    office.answers(id_)
    key = office.replies(id_)[0].facts["draft"]
    desk = office.desk
    erasure = Erasure(
        conversations=desk.conversations,
        objects=desk.objects,
        ledger=desk.ledger,
        sends=desk.sends,
        addresses=desk.addresses,
        holders=desk.holders,
        erasures=desk.erasures,
        desk=OURS,
        clock=clock,
        agent=EVE,
    )
    erasure.erase(erasure.find("ann@example.com", AT))
    assert desk.sends.state(key) is None
    assert desk.sends.recipient(SentId("sent-1")) is None
    assert desk.objects.written_at(sent_key(key)) is None


def test_an_answer_leaves_with_the_mail_that_it_answers() -> None:
    office = Office()
    id_ = office.asked()
    office.asked(mail(message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"), "mail-2")
    office.answers(id_)
    desk = office.desk
    work = Work(
        conversations=desk.conversations,
        objects=desk.objects,
        ledger=desk.ledger,
        sends=desk.sends,
        desk=OURS,
        clock=clock,
        agent=EVE,
    )
    new = work.split(id_, [SesId("mail-2")]).id
    assert office.replies(id_) == []
    assert [each.id for each in office.replies(new)] == ["sent-1"]
    answer = MessageId("sent-1@email.amazonses.com")
    assert desk.conversations.known([answer])[answer].id == new
