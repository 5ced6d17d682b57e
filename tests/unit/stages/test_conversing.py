"""Mails and their conversations: who gets in, who stays outside, and what a conversation knows afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom.clock import iso
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.envelope import Verdict, Verdicts
from postroom.errors import Retryable
from postroom.events import MessageClassified
from postroom.ids import ConversationId, MessageId, SesId, sent_message_id
from postroom.keys import Keys
from postroom.memory.desk import MemoryConversations
from postroom.outcome import Stage
from postroom.threads.evidence import FRESH_DAYS
from postroom.threads.placing import Judged
from postroom.threads.tokens import Tokens
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import ALL_PASS, AT, MemoryDesk, mail

T = TypeVar("T")

GRAY = Verdicts(spam=Verdict.PASS, virus=Verdict.PASS, spf=Verdict.GRAY, dkim=Verdict.GRAY, dmarc=Verdict.GRAY)
FORGED = replace(GRAY, spf=Verdict.FAIL, dmarc=Verdict.FAIL, dmarc_policy="reject")
OURS = Tokens(keys=Keys(current=b"k" * 32), desk="support@desk.example")


def _came(desk: MemoryDesk, raw: bytes, ses_id: str, verdicts: Verdicts = ALL_PASS, to: str = "") -> MessageClassified:
    received = desk.arrived(raw, ses_id, verdicts=verdicts)
    if to:
        received = replace(received, envelope=replace(received.envelope, rcpt_to=(to,)))
    event = desk.classify(desk.parse(received))
    assert isinstance(event, MessageClassified)
    return event


def _of(desk: MemoryDesk, event: MessageClassified) -> Conversation:
    found = desk.conversations.get(event.conversation)
    assert found is not None
    return found


def _answered(desk: MemoryDesk) -> tuple[ConversationId, str, MessageId]:
    """Ann's conversation after our acknowledgement: its id, the token in it, and the id that SES gave our mail."""
    first = _came(desk, mail(), "mail-1")
    desk.reply(first)
    (raw, _, _) = desk.mailer.sent[0]
    token = OURS.sign(first.conversation, NOW)
    assert token.encode() in raw
    sent_id = desk.sends.states["mail-1/acknowledgement"].sent_id
    assert sent_id is not None
    return first.conversation, token, sent_message_id(sent_id)


# --- Every proof that a client may keep of our mail ---------------------------------------------------------------


@pytest.mark.parametrize(
    "kept", ["address", "references", "body", "html_body", "ses_id", "ses_id_of_a_region", "own_first_id"]
)
def test_a_customers_answer_finds_its_conversation_by_any_one_thing_that_its_client_keeps(kept: str) -> None:
    desk = MemoryDesk()
    conversation, token, sent_id = _answered(desk)
    extra, body, to = "", "Thanks!", ""
    match kept:
        case "address":
            to = f"support+{token}@desk.example"
        case "references":
            extra = f"References: <{token}@desk.example>\r\n"
        case "body":
            body = f"Thanks!\r\n\r\n> Your request [{token}]\r\n"
        case "html_body":
            extra = 'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\nX-Rest: '
            html = f'Thanks!<blockquote>hello<span style="display:none">{token}</span></blockquote>'
            body = f"--b\r\n\r\nThanks!\r\n> hello\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--"
        case "ses_id":
            extra = f"In-Reply-To: <{sent_id}>\r\n"
        case "ses_id_of_a_region":
            extra = f"In-Reply-To: <{sent_id.replace('@email.', '@eu-west-1.')}>\r\n"
        case _:
            extra = "References: <m1@example.com>\r\n"
    answer = _came(desk, mail(message_id="m2@example.com", extra=extra, body=body), "mail-2", GRAY, to)
    assert answer.conversation == conversation
    assert not answer.opened


def test_the_decision_tells_every_proof_and_what_came_of_it() -> None:
    desk = MemoryDesk()
    _, token, sent_id = _answered(desk)
    extra = f"In-Reply-To: <{sent_id}>\r\nReferences: <m1@example.com> <{token}@desk.example> <{sent_id}>\r\n"
    _came(desk, mail(message_id="m2@example.com", extra=extra), "mail-2")
    record = desk.ledger.rows_by_id[SesId("mail-2")].records[Stage.CLASSIFY]
    assert (record.facts["proof"], record.facts["standing"]) == ("fresh_token", "participant")
    assert list(filter(Judged.is_told_by, record.signals)) == [
        "fresh_token (100) in references: participant, so join",
        "our_mail (70) in references: participant, so join",
        "reference (60) in references: participant, so join",
    ]


def test_a_decision_that_is_made_again_tells_the_same() -> None:
    desk = MemoryDesk()
    answer = mail(message_id="m2@example.com", extra="References: <m1@example.com>\r\n")
    records = []
    for raw, ses_id in [(mail(), "mail-1"), *[(answer, "mail-2")] * 3]:
        _came(desk, raw, ses_id)
        records.append(desk.ledger.rows_by_id[SesId(ses_id)].records[Stage.CLASSIFY])
    assert any(Judged.is_told_by(signal) for signal in records[1].signals)
    assert records[1].signals == records[2].signals == records[3].signals


def test_a_subject_alone_is_enough_for_a_proven_customer_soon_after() -> None:
    desk = MemoryDesk()
    conversation, _, _ = _answered(desk)
    raw = mail(subject="AW: a  Question", message_id="m2@example.com")
    assert _came(desk, raw, "mail-2").conversation == conversation
    assert _came(desk, mail(subject="Re: A question", message_id="m3@example.com"), "mail-3", GRAY).opened
    assert _came(desk, mail(message_id="m4@example.com"), "mail-4").opened  # no answer: the same question again


# --- Who stays outside: what somebody could try who has seen an id, a token or an address ---------------------------


@pytest.mark.parametrize("verdicts", [ALL_PASS, GRAY, FORGED])
@pytest.mark.parametrize(
    "shown", ["ses_id", "reference", "own_message_id", "stale_token", "other_key", "conversation_id"]
)
def test_a_stranger_with_anything_less_than_a_fresh_token_stays_outside(verdicts: Verdicts, shown: str) -> None:
    desk = MemoryDesk()
    conversation, _, sent_id = _answered(desk)
    before = desk.conversations.get(conversation)
    stale = OURS.sign(conversation, NOW - timedelta(days=FRESH_DAYS + 1))
    forged = Tokens(keys=Keys(current=b"x" * 32), desk="support@desk.example").sign(conversation, NOW)
    extra = {
        "ses_id": f"In-Reply-To: <{sent_id}>\r\n",
        "reference": "References: <m1@example.com>\r\n",
        "own_message_id": "",
        "stale_token": f"References: <{stale}@desk.example>\r\n",
        "other_key": f"References: <{forged}@desk.example>\r\n",
        "conversation_id": f"X-Postroom-Conversation: {conversation}\r\nReferences: <{conversation}@desk.example>\r\n",
    }[shown]
    own = "m1@example.com" if shown == "own_message_id" else "e@evil.example"
    raw = mail(sender="eve@evil.example", message_id=own, extra=f"{extra}Cc: eve2@evil.example\r\n")
    event = _came(desk, raw, "mail-2", verdicts)
    assert event.conversation != conversation
    assert desk.conversations.get(conversation) == before
    assert [entry.id for entry in desk.conversations.entries(conversation)][-1] != "mail-2"


@pytest.mark.parametrize("shown", ["ses_id", "reference", "stale_token", "subject"])
def test_a_forged_sender_stays_outside_as_a_stranger_does(shown: str) -> None:
    desk = MemoryDesk()
    conversation, _, sent_id = _answered(desk)
    stale = OURS.sign(conversation, NOW - timedelta(days=FRESH_DAYS + 1))
    extra = {
        "ses_id": f"In-Reply-To: <{sent_id}>\r\n",
        "reference": "References: <m1@example.com>\r\n",
        "stale_token": f"References: <{stale}@desk.example>\r\n",
        "subject": "",
    }[shown]
    raw = mail(subject="Re: A question", message_id="f@evil.example", extra=extra)
    event = _came(desk, raw, "mail-2", FORGED)
    assert event.conversation != conversation
    assert _of(desk, event).linked_to == (None if shown == "subject" else conversation)


def test_a_leaked_id_and_an_unproven_sender_bring_nobody_else_in() -> None:
    """A forged From of a domain without DMARC gets its mail in; it can't make its writer a participant."""
    desk = MemoryDesk()
    conversation, _, _ = _answered(desk)
    extra = "References: <m1@example.com>\r\nCc: eve@evil.example\r\nReply-To: eve@evil.example\r\n"
    assert _came(desk, mail(message_id="f@x.example", extra=extra), "mail-2", GRAY).conversation == conversation
    found = desk.conversations.get(conversation)
    assert found is not None
    assert found.participants == ("ann@example.com",)


def test_a_colleague_with_a_fresh_token_gets_in_and_takes_part() -> None:
    desk = MemoryDesk()
    conversation, token, _ = _answered(desk)
    raw = mail(sender="bob@other.example", message_id="b@other.example")
    assert _came(desk, raw, "mail-2", GRAY, f"support+{token}@desk.example").conversation == conversation
    again = mail(sender="bob@other.example", message_id="b2@other.example", extra="In-Reply-To: <b@other.example>\r\n")
    assert _came(desk, again, "mail-3", GRAY).conversation == conversation


def test_two_who_answer_one_newsletter_have_nothing_to_do_with_each_other() -> None:
    desk = MemoryDesk()
    extra = "In-Reply-To: <newsletter@desk.example>\r\n"
    first = _came(desk, mail(extra=extra), "mail-1")
    other = _came(desk, mail(sender="bob@other.example", message_id="b@other.example", extra=extra), "mail-2")
    assert other.opened
    assert _of(desk, other).linked_to is None
    assert _came(desk, mail(message_id="m9@example.com", extra=extra), "mail-3").conversation == first.conversation


# --- Agents, lists, copies ------------------------------------------------------------------------------------------

FORWARD = (
    "Please help her, she is important.\r\n\r\n---------- Forwarded message ---------\r\n"
    "From: Ann <ann@example.com>\r\nDate: Mon, 23 Nov 2026 at 10:00\r\nSubject: It is broken\r\n"
    "To: Carl <carl@staff.example>\r\nCc: Bob <bob@example.com>\r\n\r\nMy order never came.\r\n"
)


def test_an_agents_forward_is_the_customers_conversation_and_what_the_agent_wrote_a_note() -> None:
    desk = MemoryDesk()
    raw = mail(subject="Fwd: It is broken", sender="carl@staff.example", message_id="c@staff.example", body=FORWARD)
    event = _came(desk, raw, "mail-1")
    conversation = _of(desk, event)
    assert (conversation.customer, conversation.subject) == ("ann@example.com", "It is broken")
    assert conversation.participants == ("ann@example.com", "bob@example.com")
    came, note = desk.conversations.entries(conversation.id)
    assert (came.kind, came.author, came.facts["forwarded_by"]) == (
        EntryKind.MAIL,
        "ann@example.com",
        "carl@staff.example",
    )
    assert (note.kind, note.author, note.text) == (
        EntryKind.NOTE, "carl@staff.example", "Please help her, she is important.",
    )  # fmt: skip
    desk.reply(event)
    assert desk.mailer.sent == []


@pytest.mark.parametrize("verdicts", [GRAY, FORGED])
def test_who_only_says_to_be_an_agent_forwards_for_nobody(verdicts: Verdicts) -> None:
    desk = MemoryDesk()
    raw = mail(subject="Fwd: It is broken", sender="carl@staff.example", message_id="c@staff.example", body=FORWARD)
    conversation = _of(desk, _came(desk, raw, "mail-1", verdicts))
    assert conversation.customer == "carl@staff.example"


def test_an_agents_answer_with_the_customer_in_it_waits_for_the_customer_and_one_without_is_a_note() -> None:
    desk = MemoryDesk()
    conversation, _, _ = _answered(desk)
    refers = "References: <m1@example.com>\r\n"
    inside = mail(sender="carl@staff.example", message_id="c1@staff.example", extra=refers)
    _came(desk, inside, "mail-2")
    (entry,) = (one for one in desk.conversations.entries(conversation) if one.id == "mail-2")
    assert entry.facts["internal"] == "yes"
    assert _of(desk, _came(desk, inside, "mail-2")).state is State.NEW
    outside = mail(sender="carl@staff.example", message_id="c2@staff.example", extra=f"{refers}Cc: ann@example.com\r\n")
    assert _of(desk, _came(desk, outside, "mail-3")).state is State.PENDING
    assert _of(desk, _came(desk, outside, "mail-3")).participants == ("ann@example.com",)


def test_a_list_that_writes_itself_into_from_hides_nobody() -> None:
    desk = MemoryDesk()
    raw = (
        b"From: 'Ann' via Support <support-list@groups.example>\r\nX-Original-From: Ann <ann@example.com>\r\n"
        b"List-Id: <support-list.groups.example>\r\nTo: support@desk.example\r\nSubject: hello\r\n"
        b"Message-ID: <l1@example.com>\r\n\r\nWhere is it?\r\n"
    )
    assert _of(desk, _came(desk, raw, "mail-1")).customer == "ann@example.com"


def test_a_customer_added_in_cc_takes_part() -> None:
    desk = MemoryDesk()
    conversation, _, _ = _answered(desk)
    extra = "References: <m1@example.com>\r\nCc: Bob <bob@Example.com>, support@desk.example, carl@staff.example\r\n"
    event = _came(desk, mail(message_id="m2@example.com", extra=extra), "mail-2")
    assert event.conversation == conversation
    assert _of(desk, event).participants == ("ann@example.com", "bob@example.com")


# --- Life -----------------------------------------------------------------------------------------------------------


def test_a_customer_reopens_and_an_out_of_office_only_moves_the_follow_up() -> None:
    desk = MemoryDesk()
    conversation, _, _ = _answered(desk)
    desk.conversations.change(conversation, lambda now: replace(now, state=State.SOLVED))
    away = mail(
        subject="Automatic reply: A question",
        message_id="m2@example.com",
        extra="References: <m1@example.com>\r\nAuto-Submitted: auto-replied\r\n",
        body="I am out of the office until 4 December 2026.",
    )
    after = _of(desk, _came(desk, away, "mail-2"))
    assert (after.state, after.follow_up_on, after.mails) == (State.SOLVED, "2026-12-05", 2)
    back = mail(message_id="m3@example.com", extra="References: <m1@example.com>\r\n")
    after = _of(desk, _came(desk, back, "mail-3"))
    assert (after.state, after.follow_up_on, after.mails) == (State.OPEN, None, 3)


def test_a_mail_that_comes_again_counts_once_and_reopens_nothing() -> None:
    desk = MemoryDesk()
    conversation, _, _ = _answered(desk)
    answer = mail(message_id="m2@example.com", extra="References: <m1@example.com>\r\n")
    _came(desk, answer, "mail-2")
    desk.conversations.change(conversation, lambda now: replace(now, state=State.SOLVED))
    desk.ledger.rows_by_id.pop(SesId("mail-2"))  # the earlier run broke off before its record was written
    after = _of(desk, _came(desk, answer, "mail-2"))
    assert (after.state, after.mails) == (State.SOLVED, 2)
    assert sum(entry.id == "mail-2" for entry in desk.conversations.entries(conversation)) == 1


# --- What breaks off ------------------------------------------------------------------------------------------------


@dataclass
class BreaksOff(MemoryConversations):
    """Fails at the write that has this number, counted from 0: before it is done, or once it is."""

    at: int = 0
    done: bool = False

    def _write(self, write: Callable[[], T]) -> T:
        self.at -= 1
        if self.at == -1 and not self.done:
            raise Retryable("throttled")
        given = write()
        if self.at == -1:
            raise Retryable("the answer was lost")
        return given

    def open(self, conversation: Conversation) -> Conversation:
        return self._write(lambda: MemoryConversations.open(self, conversation))

    def add(self, conversation: ConversationId, entry: Entry) -> bool:
        return self._write(lambda: MemoryConversations.add(self, conversation, entry))

    def change(self, id_: ConversationId, to: Callable[[Conversation], Conversation]) -> Conversation:
        return self._write(lambda: MemoryConversations.change(self, id_, to))

    def prove(self, conversation: ConversationId, ids: Sequence[MessageId]) -> None:
        self._write(lambda: MemoryConversations.prove(self, conversation, ids))


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("joins", [False, True])
def test_wherever_a_run_breaks_off_the_next_makes_of_it_what_one_run_would_have(
    joins: bool, at: int, done: bool
) -> None:
    def came(desk: MemoryDesk) -> MessageClassified:
        if not joins:
            return _came(desk, mail(), "mail-1")
        return _came(desk, mail(message_id="m2@example.com", extra="References: <m1@example.com>\r\n"), "mail-2")

    whole, desk = MemoryDesk(), MemoryDesk()
    if joins:
        for each in (whole, desk):
            _came(each, mail(), "mail-1")
    came(whole)
    there = desk.conversations
    desk.conversations = BreaksOff(there.conversations, there.proofs, there.standing, at=at, done=done)
    with pytest.raises(Retryable):
        came(desk)
    desk.conversations = there
    came(desk)
    assert desk.conversations == whole.conversations
    assert all(found.mails == 1 + joins for found in there.conversations.values())


# --- Whatever the order ---------------------------------------------------------------------------------------------

THREAD = {
    "a": (),
    "b": ("a",),
    "c": ("a", "b"),
    "d": ("a", "b", "c"),
    "x": (),
    "y": ("x",),
    "z": ("never-came", "y"),
}


def _thread_mail(name: str) -> bytes:
    answers = " ".join(f"<{each}@example.com>" for each in THREAD[name])
    extra = f"References: {answers}\r\n" if answers else ""
    return mail(subject=f"Mail {name}", message_id=f"{name}@example.com", extra=extra)


@settings(max_examples=60)
@given(st.permutations([*THREAD, *THREAD]))
def test_in_whatever_order_mails_come_and_however_often_they_make_the_same_conversations(order: list[str]) -> None:
    desk = MemoryDesk()
    for number, name in enumerate(order):
        received = desk.arrived(_thread_mail(name), f"ses-{name}")
        moment = datetime.fromisoformat(AT).astimezone(UTC) + timedelta(seconds=number)
        desk.classify(desk.parse(replace(received, received_at=iso(moment))))
    where = {name: desk.conversations.known([MessageId(f"{name}@example.com")]) for name in THREAD}
    ids = {name: next(iter(found.values())).id for name, found in where.items()}
    assert len({ids[name] for name in "abcd"}) == 1
    assert len({ids[name] for name in "xyz"}) == 1
    assert ids["a"] != ids["x"]
    assert sorted(
        one.mails for one in {found.id: found for each in where.values() for found in each.values()}.values()
    ) == [3, 4]
