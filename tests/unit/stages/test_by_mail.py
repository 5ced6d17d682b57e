"""An agent answers from their own mail client. A customer's token, a forged agent or a robot starts nothing."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial

import pytest

from cli import views
from cli.explaining.explanation import explain
from postroom.address import State as AddressState
from postroom.conversation import Entry, EntryKind, State
from postroom.desk import Desk
from postroom.envelope import Verdict, Verdicts
from postroom.errors import Retryable
from postroom.events import Event, MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import ConversationId, SesId
from postroom.memory.thread_keys import MemoryKeys
from postroom.mime import message
from postroom.outcome import Stage
from postroom.reasons import Reason
from postroom.replies.notice import MARK
from postroom.stages.answering import Answering
from postroom.stages.assigned import Assigned
from postroom.stages.by_mail import ByMail
from postroom.stages.correspondence import Correspondence
from postroom.stages.drafts import Fate, fate_of
from postroom.stages.notices import Notices
from postroom.stages.notifying import Notify, Notifying
from postroom.stages.work import Work
from postroom.threads.tokens import Tokens
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import ALL_PASS, OURS, MemoryDesk, mail, with_verdicts

EVE, KIM = "eve@staff.example", "kim@staff.example"
DESK = replace(OURS, agents=("staff.example", KIM))
TOKENS = Tokens(keys=MemoryKeys().keys(), desk=DESK.address)


@dataclass
class Office:
    """A desk in memory whose agents write and are written to."""

    desk: MemoryDesk = field(default_factory=MemoryDesk)
    at: datetime = NOW + timedelta(minutes=5)
    notify: Notify = Notify.ASSIGNED

    def asked(self) -> MessageClassified:
        """Ann has asked, and the conversation is Eve's."""
        event = self.desk.classified(mail())
        self.desk.conversations.change(event.conversation, lambda was: replace(was, assignee=EVE))
        return event

    def handled(self, event: MessageClassified) -> Event | None:
        return self.desk.done(self.stage(event))

    def writes(
        self, raw: bytes, ses_id: str = "mail-2", author: str = EVE, verdicts: Verdicts = ALL_PASS
    ) -> Event | None:
        """An agent's mail comes in, and goes as far as the reply stage."""
        event = self.desk.classify(self.desk.parse(self.desk.arrived(raw, ses_id, author, verdicts)))
        assert isinstance(event, MessageClassified)
        return self.handled(event)

    @property
    def stage(self) -> Correspondence:
        desk = self.desk
        notices = Notices(
            conversations=desk.conversations,
            sends=desk.sends,
            addresses=desk.addresses,
            mailer=desk.mailer,
            desk=DESK,
            keys=MemoryKeys(),
            clock=lambda: self.at,
            account=desk.account,
        )
        answering = partial(
            Answering,
            conversations=desk.conversations,
            objects=desk.objects,
            sends=desk.sends,
            addresses=desk.addresses,
            account=desk.account,
            breakers=desk.breakers,
            mailer=desk.mailer,
            desk=DESK,
            keys=MemoryKeys(),
            clock=lambda: self.at,
            pause=lambda seconds: None,
        )
        by_mail = ByMail(
            conversations=desk.conversations,
            sends=desk.sends,
            keys=MemoryKeys(),
            clock=lambda: self.at,
            notices=notices,
            answering=lambda agent: answering(agent=agent),
        )
        notifying = Notifying(conversations=desk.conversations, notices=notices, notify=self.notify)
        return Correspondence(
            objects=desk.objects,
            by_mail=by_mail,
            acknowledge=lambda event, _: desk.decided(event, self.at),
            notifying=notifying,
            assigned=Assigned(
                objects=desk.objects,
                conversations=desk.conversations,
                notices=notices,
                notify=self.notify,
                clock=lambda: self.at,
            ),
        )

    def sent(self, *to: str) -> list[EmailMessage]:
        """What went out to these."""
        return [message_from_bytes(raw, policy=policy.default) for raw, _, rcpt in self.desk.mailer.sent if rcpt == to]

    def replies(self, id_: ConversationId) -> list[Entry]:
        there = self.desk.conversations.entries(id_)
        return [e for e in there if e.kind is EntryKind.REPLY and fate_of(e, self.at)]

    def reason(self, ses_id: str = "mail-2") -> Reason:
        return self.desk.ledger.rows_by_id[SesId(ses_id)].records[Stage.REPLY].reason

    def placed(self, ses_id: str = "mail-2") -> ConversationId:
        return ConversationId(self.desk.ledger.rows_by_id[SesId(ses_id)].fact(Stage.CLASSIFY, "conversation"))

    def state(self, id_: ConversationId) -> State:
        found = self.desk.conversations.get(id_)
        assert found is not None
        return found.state


def text_of(went: EmailMessage) -> str:
    body = went.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def on_one_line(went: EmailMessage) -> str:
    return " ".join(text_of(went).split())


def answer(
    id_: ConversationId,
    body: str = "It left this morning.",
    author: str = EVE,
    token: str = "",
    extra: str = "",
    subject: str = "Re: A question",
) -> bytes:
    """What an agent's client makes of a notice: to its Reply-To, with the notice quoted."""
    to = f"support+{token or TOKENS.sign_for(author, id_, NOW)}@desk.example"
    return (
        f"From: Eve <{author}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <n1@staff.example>\r\n"
        f"References: <{TOKENS.sign(id_, NOW)}@desk.example>\r\n{extra}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n\r\nOn 2026-11-24 at 07:30, Support wrote:\r\n"
        f"> {MARK}\r\n>\r\n> Ann wrote in conversation {id_}\r\n> -- \r\n> To answer, answer this mail.\r\n"
    ).encode()


def test_the_assigned_agent_is_told_once_in_a_mail_that_robots_leave_alone() -> None:
    office = Office()
    event = office.asked()
    office.handled(event)
    office.handled(event)
    [notice] = office.sent(EVE)
    assert notice["Auto-Submitted"] == "auto-generated"
    assert notice["X-Postroom-Loop"] == "support@desk.example"
    assert notice["Reply-To"] == f"support+{TOKENS.sign_for(EVE, event.conversation, NOW)}@desk.example"
    text = text_of(notice)
    assert text.startswith(MARK)
    assert "Ann <ann@example.com> wrote" in text
    assert "Hello, where is my order?" in text
    assert "http" not in text
    assert len(office.sent("ann@example.com")) == 1  # the acknowledgement


def test_the_lines_of_a_notice_are_short_and_nothing_in_it_is_lost() -> None:
    office = Office()
    said = "Where is my order? " * 40 + "https://shop.example/" + "a" * 90 + "\r\n  1. one\r\n  2. two"
    event = office.desk.classified(mail(body=said))
    office.desk.conversations.change(event.conversation, lambda was: replace(was, assignee=EVE))
    office.handled(event)
    [notice] = office.sent(EVE)
    lines = text_of(notice).splitlines()
    assert [len(line) for line in lines if len(line) > 78] == [111]  # a word is never cut
    assert " ".join(said.split()) in on_one_line(notice)
    assert [line for line in lines if line.startswith("  ")] == ["  1. one", "  2. two"]


def test_whom_the_desk_tells_is_a_setting() -> None:
    told = {}
    for notify in Notify:
        office = Office(notify=notify)
        office.handled(office.asked())
        told[notify] = [len(office.sent(each)) for each in (EVE, KIM)]
    assert told == {Notify.NOBODY: [0, 0], Notify.ASSIGNED: [1, 0], Notify.ALL: [1, 1]}


def test_nobody_is_told_of_a_colleagues_or_a_robots_mail_nor_at_an_address_that_bounced() -> None:
    office = Office(notify=Notify.ALL)
    office.desk.addresses.states[EVE] = AddressState.HARD
    office.handled(office.asked())
    assert office.sent(EVE) == []
    assert len(office.sent(KIM)) == 1
    office.writes(
        mail(extra="Auto-Submitted: auto-replied\r\nReferences: <m1@example.com>\r\n"), author="ann@example.com"
    )
    office.writes(mail(sender=EVE, extra="References: <m1@example.com>\r\n"), "mail-3")
    assert len(office.sent(KIM)) == 1


def test_what_an_agent_answers_goes_to_the_customer_in_the_desks_name() -> None:
    office = Office()
    id_ = office.asked().conversation
    signed = answer(id_, "Hello Ann,\r\n\r\nIt left this morning.\r\n\r\n-- \r\nEve Example\r\n+49 30 1234567")
    happened = office.writes(signed)
    assert isinstance(happened, ReplySent)
    assert office.reason() is Reason.RELAYED
    [went] = office.sent("ann@example.com")
    assert went["From"] == "Support <support@desk.example>"
    assert went["In-Reply-To"] == "<m1@example.com>"
    assert "Auto-Submitted" not in went
    assert text_of(went).startswith(
        "Hello Ann,\n\nIt left this morning.\n\nOn 2026-11-24 at 07:29, Ann wrote:\n> Hello"
    )
    whole = office.desk.mailer.sent[-1][0]
    for private in (b"staff.example", b"Eve", b"1234567", MARK.encode(), TOKENS.sign_for(EVE, id_, NOW).encode()):
        assert private not in whole
    [entry] = office.replies(id_)
    assert (entry.author, fate_of(entry, office.at)) == (EVE, Fate.SENT)
    assert office.state(id_) is State.PENDING


@pytest.mark.parametrize("subject", ["Re: A question", "Re: #help me"])
@pytest.mark.parametrize(
    ("first", "state"),
    [("", State.PENDING), ("#solved\r\n", State.SOLVED), ("#open ", State.OPEN), ("#Pending:\r\n\r\n", State.PENDING)],
)
def test_a_command_in_the_first_line_sets_the_state_and_is_not_sent(first: str, state: State, subject: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(answer(id_, f"{first}It left.", subject=subject))
    [went] = office.sent("ann@example.com")
    assert text_of(went).startswith("It left.\n")
    assert office.state(id_) is state


@pytest.mark.parametrize("command", ["#solved", "#open", "#pending"])
@pytest.mark.parametrize("where", ["body", "subject"])
def test_a_command_without_a_text_sets_the_state_once_and_sends_nothing(command: str, where: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    raw = answer(id_, command) if where == "body" else answer(id_, "", subject=f"{command} Re: A question")
    assert isinstance(office.writes(raw), ReplyWithheld)
    assert office.reason() is Reason.STATE_SET
    assert office.state(id_) == command[1:]
    office.desk.conversations.change(id_, lambda was: replace(was, state=State.CLOSED))
    office.writes(raw)
    assert office.state(id_) is State.CLOSED
    assert office.desk.mailer.sent == []
    [told] = [each for each in office.desk.conversations.entries(id_) if each.kind is EntryKind.CHANGE]
    assert (told.author, told.text) == (EVE, f"new to {command[1:]}")


@pytest.mark.parametrize(
    ("raw", "noted"),
    [
        ({"body": "#note She is angry."}, ["She is angry."]),
        ({"subject": "#note Re: A question"}, ["It left this morning."]),
        ({"body": "#note"}, []),
    ],
)
def test_a_note_stays_inside_and_stands_there_as_one(raw: dict[str, str], noted: list[str]) -> None:
    office = Office()
    id_ = office.asked().conversation
    for _ in range(2):
        assert isinstance(office.writes(answer(id_, **raw)), ReplyWithheld)
    assert office.reason() is Reason.STAYS_INTERNAL
    assert office.desk.mailer.sent == []
    notes = [each for each in office.desk.conversations.entries(id_) if each.kind is EntryKind.NOTE]
    assert [each.text for each in notes] == noted
    assert all(each.author == EVE for each in notes)


@pytest.mark.parametrize(
    ("body", "extra", "reason"),
    [
        ("#notte She is angry.", "", Reason.UNKNOWN_COMMAND),
        (f"{MARK}\r\n\r\nIt left.", "", Reason.QUOTE_NOT_CUT),
        ("", "", Reason.NOTHING_WRITTEN),
    ],
)
def test_what_cannot_be_sent_on_is_told_to_the_agent_once(body: str, extra: str, reason: Reason) -> None:
    office = Office()
    id_ = office.asked().conversation
    event = office.writes(answer(id_, body, extra=extra))
    assert isinstance(event, ReplyWithheld)
    assert event.reason is reason
    office.writes(answer(id_, body, extra=extra))
    assert office.sent("ann@example.com") == []
    [told] = office.sent(EVE)
    assert "was not sent" in text_of(told)
    assert told["In-Reply-To"] == "<n1@staff.example>"
    assert told["Auto-Submitted"] == "auto-replied"
    shown = [each for each in office.replies(id_) if each.facts["reason"] == reason]
    assert {fate_of(each, office.at) for each in shown} == {Fate.REFUSED}
    assert all(each.facts["detail"] and each.author == EVE for each in shown)
    assert len(shown) == len(office.replies(id_)) == 1


def test_a_file_of_an_agents_is_not_lost_unseen() -> None:
    office = Office()
    id_ = office.asked().conversation
    made = EmailMessage()
    made["From"], made["To"] = EVE, f"support+{TOKENS.sign_for(EVE, id_, NOW)}@desk.example"
    made["Message-ID"] = "<n1@staff.example>"
    made.set_content("See the file.")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="offer.pdf")
    office.writes(made.as_bytes(policy=policy.SMTP))
    assert office.reason() is Reason.ATTACHED_BY_MAIL
    assert "offer.pdf" in text_of(office.sent(EVE)[0])


def test_what_the_checks_refuse_is_told_and_stands_in_the_conversation() -> None:
    office = Office()
    id_ = office.asked().conversation
    office.desk.addresses.states["ann@example.com"] = AddressState.HARD
    office.writes(answer(id_))
    assert office.reason() is Reason.SUPPRESSED
    assert "bounced or complained" in on_one_line(office.sent(EVE)[0])
    assert [fate_of(each, office.at) for each in office.replies(id_)] == [Fate.REFUSED]


def test_a_repeat_sends_nothing_again_also_where_a_customer_wrote_meanwhile() -> None:
    office = Office()
    id_ = office.asked().conversation
    first = office.writes(answer(id_))
    office.desk.classified(mail(message_id="m9@example.com", extra="References: <m1@example.com>\r\n"), "mail-9")
    assert office.writes(answer(id_)) == first
    assert len(office.sent("ann@example.com")) == 1
    assert len(office.replies(id_)) == 1


def test_a_throttle_leaves_it_to_the_queue_and_a_time_out_is_told() -> None:
    office = Office()
    id_ = office.asked().conversation
    office.desk.mailer.failure = Retryable("SES could not be reached")
    with pytest.raises(Retryable):
        office.writes(answer(id_))
    office.at += timedelta(minutes=1)
    assert isinstance(office.writes(answer(id_)), ReplySent)

    office = Office()
    id_ = office.asked().conversation
    office.desk.mailer.failure = TimeoutError("no answer")
    assert isinstance(office.writes(answer(id_)), ReplyWithheld)
    assert office.reason() is Reason.ANSWER_UNCERTAIN
    assert "may have been sent" in on_one_line(office.sent(EVE)[0])
    with pytest.raises(Retryable, match="under way"):
        office.writes(answer(id_))
    office.at += timedelta(minutes=5)
    office.writes(answer(id_))
    assert office.sent("ann@example.com") == []
    assert len(office.sent(EVE)) == 1


def other_tokens(id_: ConversationId) -> dict[str, str]:
    return {
        "a customer's": TOKENS.sign(id_, NOW),
        "a colleague's": TOKENS.sign_for(KIM, id_, NOW),
        "an old one": TOKENS.sign_for(EVE, id_, NOW - timedelta(days=60)),
        "another desk's": Tokens(keys=MemoryKeys().keys(), desk="sales@desk.example").sign_for(EVE, id_, NOW),
        "a made-up one": f"a{id_}{'a' * 24}",
    }


@pytest.mark.parametrize("whose", other_tokens(ConversationId("abcdefghijklmnop")))
def test_no_other_token_speaks_for_an_agent(whose: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(answer(id_, token=other_tokens(id_)[whose]))
    assert office.sent("ann@example.com") == []
    assert office.reason() is (Reason.AGENT if whose == "a customer's" else Reason.NOT_YOUR_NOTICE)


def to_notice(author: str, whose: str, id_: ConversationId, extra: str = "") -> bytes:
    """To the address of somebody's notice, and with nothing else of it: neither quote nor ids."""
    to = f"support+{TOKENS.sign_for(whose, id_, NOW)}@desk.example"
    return (
        f"From: {author}\r\nTo: {to}\r\nSubject: Order\r\nMessage-ID: <n2@staff.example>\r\n{extra}"
        "Content-Type: text/plain\r\n\r\nIt left this morning.\r\n"
    ).encode()


def test_the_address_of_a_notice_alone_brings_its_agents_answer_into_the_conversation() -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(to_notice(EVE, EVE, id_))
    assert office.placed() == id_
    assert office.reason() is Reason.RELAYED
    assert len(office.sent("ann@example.com")) == 1


def test_an_answer_that_kept_nothing_but_the_id_of_its_notice_joins_and_its_author_is_told_where_to_write() -> None:
    office = Office()
    event = office.asked()
    office.handled(event)
    sent_id = f"sent-{len(office.desk.mailer.sent)}"
    for number, domain in enumerate(("email.amazonses.com", "eu-west-1.amazonses.com"), 2):
        raw = mail("Order", EVE, f"n{number}@staff.example", extra=f"In-Reply-To: <{sent_id}@{domain}>\r\n")
        office.writes(raw, f"mail-{number}")
        assert office.placed(f"mail-{number}") == event.conversation
        assert office.reason(f"mail-{number}") is Reason.ADDRESS_LOST
    assert len(office.sent("ann@example.com")) == 1  # the acknowledgement
    assert "Reply-To" in text_of(office.sent(EVE)[-1])
    office.writes(
        mail("Order", KIM, "n5@staff.example", extra=f"In-Reply-To: <{sent_id}@email.amazonses.com>\r\n"), "mail-5", KIM
    )
    assert office.placed("mail-5") == event.conversation
    assert office.reason("mail-5") is Reason.AGENT  # it was no notice of theirs: a word among colleagues
    assert office.sent(KIM) == []


@pytest.mark.parametrize(
    ("body", "in_the_inbox", "why"),
    [
        ("It left.", "sent on to the customer", "Sent on to the customer in the desk's name"),
        ("#note She is angry.", "a note", "it stands in the conversation as a note"),
        ("#solved", "state set", "it set the state of the conversation"),
        ("#notte She is angry.", "no: unknown command", "Withheld"),
    ],
)
def test_inbox_and_why_tell_what_an_agents_mail_has_done_and_nobody_has_to_answer_it(
    body: str, in_the_inbox: str, why: str
) -> None:
    office = Office()
    event = office.asked()
    office.writes(answer(event.conversation, body))
    row = office.desk.ledger.rows_by_id[SesId("mail-2")]
    assert views.reply(row).plain == in_the_inbox
    told = " ".join(sentence for each in explain(row, office.at).paragraphs for sentence in each.sentences)
    assert why in told
    assert "due by" not in told
    assert event.due_at
    assert row.fact(Stage.CLASSIFY, "due_at") == ""


def given(office: Office, by: str, to: str = EVE) -> Reason | None:
    """Kim, or somebody, gives Ann's conversation away; what the reply stage makes of that, twice over."""
    desk, id_ = office.desk, office.desk.classified(mail()).conversation
    work = Work(
        conversations=desk.conversations,
        objects=desk.objects,
        ledger=desk.ledger,
        sends=desk.sends,
        desk=DESK,
        clock=lambda: office.at,
        agent=by,
    )
    before = work.there(id_)
    event = work.to_tell(before, work.assign(id_, to))
    assert work.to_tell(work.there(id_), work.assign(id_, to)) is None  # it is theirs already
    if event is None:
        return None
    first = office.stage.assigned(event).record.reason
    office.stage.assigned(event)
    return first


def test_whom_a_conversation_is_given_to_is_told_once_and_may_answer_from_there() -> None:
    office = Office()
    assert given(office, KIM) is Reason.AGENT_TOLD
    [notice] = office.sent(EVE)
    id_ = office.placed("mail-1")
    assert notice["Reply-To"] == f"support+{TOKENS.sign_for(EVE, id_, NOW)}@desk.example"
    assert f"{KIM} has given you conversation {id_}, of ann@example.com." in on_one_line(notice)
    assert "Hello, where is my order?" in text_of(notice)
    assert office.sent(KIM) == []
    office.writes(answer(id_))
    assert office.reason() is Reason.RELAYED


def test_nobody_is_told_of_what_they_took_themselves_nor_where_the_desk_does_not_want_it() -> None:
    assert given(Office(), EVE) is None
    office = Office(notify=Notify.NOBODY)
    assert given(office, KIM) is Reason.AGENT_NOT_TOLD
    assert office.desk.mailer.sent == []


def test_a_colleague_who_answers_a_notice_of_anothers_is_told_why_it_was_not_sent() -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(to_notice(KIM, EVE, id_), author=KIM)
    assert office.placed() == id_
    assert office.reason() is Reason.NOT_YOUR_NOTICE
    assert office.sent("ann@example.com") == []
    [told] = office.sent(KIM)
    assert "for the answers of the one whom we sent that notice" in on_one_line(told)
    assert told["Reply-To"] is None  # who had no token gets none by asking


@pytest.mark.parametrize("author", ["eve@home.example", "stranger@example.net"])
def test_who_is_no_agent_gets_no_acknowledgement_at_the_address_of_a_notice(author: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(to_notice(author, EVE, id_), author=author)
    beside = office.desk.conversations.get(office.placed())
    assert beside is not None
    assert beside.linked_to == id_
    assert office.reason() is Reason.ANSWERS_OUR_MAIL
    assert office.desk.mailer.sent == []


@pytest.mark.parametrize(
    ("author", "extra", "verdicts"),
    [
        (EVE, "", with_verdicts(dmarc=Verdict.FAIL, spf=Verdict.FAIL, dkim=Verdict.FAIL)),
        (EVE, "", with_verdicts(dmarc=Verdict.GRAY, spf=Verdict.FAIL)),
        (EVE, "Auto-Submitted: auto-replied\r\n", ALL_PASS),
        (EVE, "Cc: ann@example.com\r\n", ALL_PASS),
        ("ann@example.com", "", ALL_PASS),
    ],
)
def test_a_forged_agent_a_robot_and_a_customer_with_an_agents_token_send_nothing(
    author: str, extra: str, verdicts: Verdicts
) -> None:
    office = Office()
    id_ = office.asked().conversation
    token = TOKENS.sign_for(EVE, id_, NOW)
    office.writes(answer(id_, author=author, token=token, extra=extra), author=author, verdicts=verdicts)
    assert office.replies(id_) == []
    assert all(message.read(raw).facts.get("auto-submitted") for raw, _, _ in office.desk.mailer.sent)


def test_the_token_counts_as_a_recipient_alone() -> None:
    office = Office()
    id_ = office.asked().conversation
    token = TOKENS.sign_for(EVE, id_, NOW)
    office.writes(
        mail(sender=EVE, body=f"support+{token}@desk.example", extra=f"References: <{token}@desk.example>\r\n")
    )
    assert office.desk.mailer.sent == []


def test_two_desks_that_are_each_others_agents_do_not_write_to_each_other_for_ever() -> None:
    office = Office()
    id_ = office.asked().conversation
    office.desk.conversations.change(id_, lambda was: replace(was, assignee="support@desk.example"))
    desk = Desk(address="support@desk.example", from_name="", agents=("support@desk.example",))
    assert desk.employs(desk.address)
    office.handled(
        office.desk.classified(mail(message_id="m7@example.com", extra="References: <m1@example.com>\r\n"), "m7")
    )
    assert office.sent("support@desk.example") == []
