"""What customers, strangers, robots and faults try against agents' answers and the notices that agents get."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from postroom.breaker import Circuit
from postroom.conversation import State
from postroom.envelope import Verdict
from postroom.errors import Poison, Retryable
from postroom.events import MessageClassified, ReplySent
from postroom.ids import ConversationId
from postroom.memory.thread_keys import MemoryKeys
from postroom.ports import Account
from postroom.reasons import Reason
from postroom.replies.notice import MARK
from postroom.stages import documents
from postroom.stages.notices import Notices
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import mail, with_verdicts
from tests.unit.stages.test_answering_interrupted import Cut, CutOff, Fragile
from tests.unit.stages.test_attacks import bounce
from tests.unit.stages.test_by_mail import DESK, EVE, TOKENS, Office, answer, text_of

ANN, MALLORY = "ann@example.com", "mallory@evil.example"


def writes(office: Office, raw: bytes, ses_id: str, sender: str = ANN) -> MessageClassified:
    """A customer's mail, or a stranger's, with all that follows from it."""
    event = office.desk.classified(raw, ses_id, sender)
    office.handled(event)
    return event


def with_token(id_: ConversationId, sender: str, number: int = 1, subject: str = "Re: A question") -> bytes:
    """A mail of somebody who has a token of the conversation, as everybody has to whom a mail of ours was forwarded."""
    return mail(
        subject, sender, f"r{number}@evil.example", extra=f"References: <{TOKENS.sign(id_, NOW)}@desk.example>\r\n"
    )


# What an agent means to keep


@pytest.mark.parametrize(
    "first",
    [
        "# note",
        "#note,",
        "#note.",
        "#note—",
        "#note:",
        "＃note",
        "\u200b#note",
        "*#note*",
        "\\#note",
        "- #note",
        "#NOTE\u00a0",
    ],
)
def test_a_note_stays_inside_however_it_was_typed(first: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(answer(id_, f"{first} She is angry."))
    assert office.reason() is Reason.STAYS_INTERNAL
    assert office.desk.mailer.sent == []


@pytest.mark.parametrize("first", ["#notes", "#intern/secret", "#nöte", "#" + "a" * 60, "# internal:", "#solved/open"])
def test_what_begins_like_a_command_and_is_none_is_not_sent(first: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(answer(id_, f"{first} She is angry."))
    assert office.reason() is Reason.UNKNOWN_COMMAND
    assert office.sent(ANN) == []


@pytest.mark.parametrize("body", ["#4711 left this morning.", "Your order is #open.", "It is C# code."])
def test_a_number_or_a_word_further_on_is_no_command(body: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    assert isinstance(office.writes(answer(id_, body)), ReplySent)
    assert text_of(office.sent(ANN)[0]).startswith(body)


@pytest.mark.parametrize("subject", ["#note Hi", "##solved Hi", "Re: # #Note Hi", "#Re: #pending Hi", "＃open Hi"])
def test_a_customers_subject_gives_no_commands(subject: str) -> None:
    """The agent's client repeats the subject of the notice."""
    office = Office()
    event = office.desk.classified(mail(subject))
    office.desk.conversations.change(event.conversation, lambda was: replace(was, assignee=EVE))
    office.handled(event)
    [notice] = office.sent(EVE)
    assert isinstance(office.writes(answer(event.conversation, subject=str(notice["Subject"]))), ReplySent)
    assert office.state(event.conversation) is State.PENDING


@pytest.mark.parametrize(
    "left",
    [
        MARK.replace("desk's ", "desk's\r\n"),
        MARK.replace("'", "’"),
        MARK.replace(" ", "\u00a0").upper(),
        f"| {MARK[:50]}",
        "A first line of #note keeps what you write inside\r\nthe desk; #solved",
        "Reply-To: support+{token}@desk.example",
        "To: support+{token}@DESK.EXAMPLE".upper().replace("{TOKEN}", "{token}"),
    ],
)
def test_nothing_of_a_notice_reaches_the_customer_however_a_client_breaks_it(left: str) -> None:
    office = Office()
    id_ = office.asked().conversation
    office.writes(answer(id_, f"It left.\r\n\r\n{left.format(token=TOKENS.sign_for(EVE, id_, NOW))}"))
    assert office.sent(ANN) == []
    assert office.reason() is Reason.QUOTE_NOT_CUT


@pytest.mark.parametrize(("kind", "sent"), [("application/pdf", False), ("text/calendar", False), ("image/png", True)])
def test_a_file_is_no_image_of_a_signature_because_it_has_an_id(kind: str, sent: bool) -> None:
    office = Office()
    id_ = office.asked().conversation
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = EVE, f"support+{TOKENS.sign_for(EVE, id_, NOW)}@desk.example"
    made.set_content("See the file.")
    maintype, subtype = kind.split("/")
    made.add_attachment(b"...", maintype=maintype, subtype=subtype, filename="offer", cid="<a@staff.example>")
    office.writes(made.as_bytes())
    assert office.reason() is (Reason.RELAYED if sent else Reason.ATTACHED_BY_MAIL)


# Who speaks


@pytest.mark.parametrize("name", ["X-Postroom-Loop", "X-Postroom-Conversation", "x-postroom-anything"])
def test_a_desk_that_is_an_agent_answers_nobody(name: str) -> None:
    """The way has lost its Auto-Submitted, and a field of its own was left."""
    office = Office()
    id_ = office.asked().conversation
    office.writes(answer(id_, extra=f"{name}: other@desk.example\r\n"))
    assert office.desk.mailer.sent == []
    assert office.reason() is Reason.LOOP


def test_a_notice_names_who_wrote_and_not_whose_conversation_it_is() -> None:
    office = Office()
    event = office.asked()
    raw = with_token(event.conversation, MALLORY).replace(b"From: Ann <", b"From: <")
    assert writes(office, raw, "mail-2", MALLORY).conversation == event.conversation
    [notice] = office.sent(EVE)
    assert f"<{MALLORY}> wrote" in text_of(notice)
    assert f"{ANN} wrote" not in text_of(notice)


@pytest.mark.parametrize("proven", [True, False])
def test_a_notice_says_where_nothing_proves_who_wrote(proven: bool) -> None:
    office = Office()
    event = office.asked()
    verdicts = with_verdicts() if proven else with_verdicts(dmarc=Verdict.GRAY, spf=Verdict.FAIL)
    raw = with_token(event.conversation, ANN)
    classified = office.desk.classify(office.desk.parse(office.desk.arrived(raw, "mail-2", ANN, verdicts)))
    assert isinstance(classified, MessageClassified)
    office.handled(classified)
    [notice] = office.sent(EVE)
    assert ("Nothing proves" in text_of(notice)) is not proven


def test_a_stranger_who_names_many_in_reply_to_makes_no_mailing_of_an_agents_answer() -> None:
    """And whoever would get the answer stands in the notice."""
    office = Office()
    victims = [f"victim-{number}@bank.example" for number in range(20)]
    event = office.desk.classified(mail(extra=f"Reply-To: {', '.join(victims)}\r\n"))
    office.desk.conversations.change(event.conversation, lambda was: replace(was, assignee=EVE))
    office.handled(event)
    office.writes(answer(event.conversation))
    [notice] = office.sent(EVE)
    reached = office.desk.mailer.sent[-1][2]
    assert len(reached) == 4
    assert all(each in text_of(notice) for each in reached)


HOSTILE = (
    "Hi\r\n\tBcc: victim@bank.example",
    "=?utf-8?q?Hi=0D=0ABcc:_victim@bank.example?=",
    "=?utf-8?b?PC9wcmU+PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==?=",
    '"</blockquote><script>alert(1)</script>"',
    "=?utf-8?q?=E2=80=AEgnp.exe?=",
    "{who} {day!r} {0} {{subject}} %s",
    "=?utf-7?q?+2AA-?= =?utf-16?b?2AA=?= \udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
)
FIELDS = {
    "from", "to", "reply-to", "subject", "in-reply-to", "references", "mime-version", "content-type",
    "content-transfer-encoding", "content-language", "auto-submitted", "x-auto-response-suppress", "x-postroom-loop",
    "x-postroom-conversation",
}  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_a_customers_words_are_words_in_whatever_the_desk_sends(words: str) -> None:
    office = Office()
    raw = mail(words, body=f"{words}\r\n<script>alert(1)</script>").replace(b"From: Ann", f"From: {words}".encode())
    event = office.desk.classified(raw)
    office.desk.conversations.change(event.conversation, lambda was: replace(was, assignee=EVE))
    office.handled(event)
    office.writes(answer(event.conversation))
    assert len(office.sent(EVE)) == 1
    assert office.reason() is Reason.RELAYED
    for each in (*office.sent(EVE), *office.sent(ANN)):
        assert {name.lower() for name in each} <= FIELDS
        assert len({name.lower() for name in each}) == len(each.keys())
        assert each["To"] in (EVE, ANN)
        pages = [str(part.get_content()) for part in each.walk() if part.get_content_type() == "text/html"]
        assert not any("<script" in page for page in pages)
        assert "\u202e" not in f"{each['Subject']}{each['From']}"


# Who answers whom for ever


def answers(office: Office, notice: EmailMessage, number: int, body: str) -> None:
    """What an agent's responder makes of a notice that says nothing of being one."""
    id_ = ConversationId(str(notice["X-Postroom-Conversation"]))
    raw = answer(id_, body, subject=str(notice["Subject"])).replace(b"<n1@", f"<n{number}@".encode())
    office.writes(raw, f"agents-{number}")


@pytest.mark.parametrize("body", ["Thank you for your message.", "#away until Monday"])
def test_an_agents_responder_and_a_customers_that_hide_what_they_are_end_in_one_conversation(body: str) -> None:
    office = Office()
    event = office.asked()
    office.handled(event)
    done = 0
    while done < len(office.desk.mailer.sent) < 200:
        done += 1
        if noticed := office.sent(EVE)[done - 1 : done]:
            answers(office, noticed[0], done, body)
        if office.sent(ANN)[done - 1 : done]:
            writes(office, with_token(event.conversation, ANN, done), f"customers-{done}")
    assert len(office.sent(EVE)) == 20
    assert len(office.desk.mailer.sent) <= 42


def test_a_flood_in_one_conversation_does_not_keep_agents_from_hearing_of_others() -> None:
    office = Office()
    flooded = office.asked().conversation
    for number in range(30):
        writes(office, with_token(flooded, MALLORY, number), f"flood-{number}", MALLORY)
    other = office.desk.classified(
        mail(message_id="o@example.com", sender="bob@example.com"), "other", "bob@example.com"
    )
    office.desk.conversations.change(other.conversation, lambda was: replace(was, assignee=EVE))
    office.handled(other)
    assert len(office.sent(EVE)) == 21


# Faults


def noticing(office: Office) -> Notices:
    desk = office.desk
    return Notices(
        conversations=office.desk.conversations,
        sends=desk.sends,
        addresses=desk.addresses,
        mailer=desk.mailer,
        desk=DESK,
        keys=MemoryKeys(),
        clock=lambda: office.at,
        account=desk.account,
    )


def told(office: Office, event: MessageClassified, ports: Callable[[Any], Any] = lambda port: port) -> bool:
    """Whether the agent is told by this try."""
    there = office.desk.conversations.get(event.conversation)
    assert there is not None
    message = documents.load(office.desk.objects, event.parsed_key).message
    notices = noticing(office)
    notices = replace(
        notices, sends=ports(notices.sends), mailer=ports(notices.mailer), addresses=ports(notices.addresses)
    )
    return notices.customer_wrote("mail-1/notice", EVE, message, there)


def calls_of_a_notice() -> int:
    office, cut = Office(), Cut(number=0, after=False)
    told(office, office.asked(), lambda port: Fragile(port, cut))
    return cut.calls


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, calls_of_a_notice() + 1))
def test_no_agent_is_told_twice_whatever_call_is_the_last(number: int, after: bool) -> None:
    office = Office()
    event, cut = office.asked(), Cut(number=number, after=after)
    with pytest.raises(CutOff):
        told(office, event, lambda port: Fragile(port, cut))
    told(office, event)
    told(office, event)
    assert len(office.sent(EVE)) <= 1


class Throttling(Fragile):
    """Once says that it takes nothing at the moment."""

    def __getattr__(self, name: str) -> Any:
        cut = self._cut
        cut.calls += 1
        if cut.calls == cut.number:
            raise Retryable("throttled")
        return getattr(self._port, name)


@pytest.mark.parametrize("number", range(1, calls_of_a_notice() + 1))
def test_a_throttle_at_whatever_call_costs_no_agent_the_notice(number: int) -> None:
    office = Office()
    event, cut = office.asked(), Cut(number=number, after=False)
    try:
        told(office, event, lambda port: Throttling(port, cut))
    except Retryable:
        told(office, event)
    assert cut.calls >= number
    assert len(office.sent(EVE)) == 1


def test_a_paused_account_keeps_notices_back_and_holds_nothing_up() -> None:
    office = Office()
    event = office.asked()
    office.desk.mailer.failure = Retryable("SES did not send: SendingPausedException")
    there = office.desk.conversations.get(event.conversation)
    assert there is not None
    message = documents.load(office.desk.objects, event.parsed_key).message
    office.desk.account.known = Account(enforcement="SHUTDOWN")
    notices = noticing(office)
    assert notices.customer_wrote("mail-1/notice", EVE, message, there) is False
    assert office.desk.sends.states == {}


@pytest.mark.parametrize("failure", [TimeoutError("no answer"), Poison(Reason.SEND_REFUSED, "MessageRejected")])
def test_what_may_have_gone_out_or_never_will_is_not_tried_again(failure: Exception) -> None:
    office = Office()
    event = office.asked()
    office.desk.mailer.failure_after = failure
    try:
        told(office, event)
    except TimeoutError:
        told(office, event)
    assert len(office.sent(EVE)) == 1


def test_two_agents_who_answer_at_one_moment_are_both_sent_on_and_neither_twice() -> None:
    office = Office()
    id_ = office.asked().conversation
    kims = answer(id_, "It left yesterday.", author="kim@staff.example").replace(b"<n1@", b"<n2@")
    for _ in range(2):
        office.writes(answer(id_), "mail-2")
        office.writes(kims, "mail-3", author="kim@staff.example")
    assert len(office.sent(ANN)) == 2
    office.at += timedelta(minutes=10)
    office.writes(answer(id_), "mail-2")
    assert len(office.sent(ANN)) == 2


def test_an_answer_that_is_delivered_twice_or_by_somebody_else_again_is_sent_on_once() -> None:
    office = Office()
    id_ = office.asked().conversation
    first = office.writes(answer(id_), "mail-2")
    office.at += timedelta(days=1)
    again = office.writes(answer(id_), "mail-3")
    assert isinstance(first, ReplySent)
    assert isinstance(again, ReplySent)
    assert again.sent_id == first.sent_id
    assert len(office.sent(ANN)) == 1


def test_a_leaked_token_does_not_make_an_answer_of_another_mail_of_the_agents() -> None:
    """Its signature still holds when a stranger sends it once more, to whomever they like."""
    office = Office()
    id_ = office.asked().conversation
    note = mail(sender=EVE, message_id="old@staff.example", body="She never pays.")
    received = office.desk.arrived(note, "mail-2", "x@evil.example", with_verdicts(spf=Verdict.FAIL))
    leaked = f"support+{TOKENS.sign_for(EVE, id_, NOW)}@desk.example"
    received = replace(received, envelope=replace(received.envelope, rcpt_to=(leaked,)))
    event = office.desk.classify(office.desk.parse(received))
    assert isinstance(event, MessageClassified)
    office.handled(event)
    assert office.sent(ANN) == []
    assert office.reason() is Reason.AGENT


def test_a_desk_whose_address_has_no_room_for_a_token_asks_no_agent_for_an_answer_by_mail() -> None:
    office = Office()
    there = office.desk.conversations.get(office.asked().conversation)
    assert there is not None
    message = documents.load(office.desk.objects, "parsed/mail-1.json").message
    long = replace(DESK, address=f"{'a' * 30}@desk.example")
    assert replace(noticing(office), desk=long).customer_wrote("key", EVE, message, there)
    [notice] = office.sent(EVE)
    assert "Reply-To" not in notice
    assert MARK not in text_of(notice)
    assert f"postroom reply {there.id}" in text_of(notice)


PORTS = ("objects", "conversations", "sends", "mailer")


def answered(office: Office, raw: bytes, ports: Callable[[Any], Any]) -> None:
    """An agent's answer comes as far as the reply stage, whose ports are made into others for this once."""
    event = office.desk.classify(office.desk.parse(office.desk.arrived(raw, "mail-2", EVE)))
    assert isinstance(event, MessageClassified)
    whole = {name: getattr(office.desk, name) for name in PORTS}
    for name, port in whole.items():
        setattr(office.desk, name, ports(port))
    try:
        office.handled(event)
    finally:
        for name, port in whole.items():
            setattr(office.desk, name, port)


def calls_of_an_answer(body: str) -> int:
    office, cut = Office(), Cut(number=0, after=False)
    answered(office, answer(office.asked().conversation, body), lambda port: Fragile(port, cut))
    return cut.calls


CASES = [
    pytest.param(body, number, after, id=f"{body} {number} {'after' if after else 'before'}")
    for body in ("It left.", "#notes: It left.")
    for number in range(1, calls_of_an_answer(body) + 1)
    for after in (False, True)
]


@pytest.mark.parametrize(("body", "number", "after"), CASES)
def test_an_answer_by_mail_that_is_cut_off_at_any_call_is_sent_once_at_most_or_its_agent_told(
    body: str, number: int, after: bool
) -> None:
    office, cut = Office(), Cut(number=number, after=after)
    id_ = office.asked().conversation
    with pytest.raises(CutOff):
        answered(office, answer(id_, body), lambda port: Fragile(port, cut))
    for _ in range(3):
        office.at += timedelta(minutes=5)
        office.writes(answer(id_, body))
    assert len(office.sent(ANN)) <= 1
    assert 1 <= len(office.sent(ANN)) + len(office.sent(EVE)) <= 2


# What strangers can take from others


def test_mails_forged_in_a_victims_name_take_nothing_from_the_victims_budgets() -> None:
    office = Office()
    forged = with_verdicts(spf=Verdict.FAIL, dkim=Verdict.FAIL, dmarc=Verdict.FAIL)
    for number in range(10):
        raw = mail(message_id=f"f{number}@evil.example")
        event = office.desk.classify(office.desk.parse(office.desk.arrived(raw, f"forged-{number}", ANN, forged)))
        assert isinstance(event, MessageClassified)
        office.handled(event)
    assert office.desk.sends.budgets == {}
    office.handled(office.desk.classified(mail(message_id="true@example.com"), "true"))
    assert len(office.sent(ANN)) == 1


@pytest.mark.parametrize("sent_id", ["made-up", "sent-1"])
def test_reports_that_come_as_mails_move_no_breaker(sent_id: str) -> None:
    """Not even those of somebody who had our mail: the worst is that we write to them no more."""
    office = Office()
    office.handled(office.asked())
    for number in range(30):
        raw = bounce(f"{sent_id}@email.amazonses.com", ANN).replace(b"<d@", f"<d{number}@".encode())
        office.desk.reported(office.desk.classified(raw, f"report-{number}", ""))
    stands, total = office.desk.breaking().volume()
    assert stands.circuit is Circuit.CLOSED
    assert total.bounces == total.complaints == 0
    assert set(office.desk.addresses.states) <= {ANN}
