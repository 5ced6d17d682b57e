"""What hostile senders, and faults between two calls, tried against the desk."""

from collections.abc import Mapping, Sequence

import pytest

from postroom.address import State
from postroom.conversation import Conversation
from postroom.envelope import Verdict, Verdicts
from postroom.errors import Poison, Retryable
from postroom.events import MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import MessageId, SesId
from postroom.memory.raw_mails import MemoryRawMail
from postroom.mime import headers, stored, transfer
from postroom.reasons import Reason
from postroom.stages import parse
from tests.unit.stages.desk import MemoryDesk, mail, with_verdicts

FORGED = with_verdicts(spf=Verdict.FAIL, dkim=Verdict.FAIL, dmarc=Verdict.FAIL)
OURS = "0100018b-11112222-3333-4444-5555-666677778888-000000@email.amazonses.com"


def bounce(message_id: str, recipient: str) -> bytes:
    return (
        "From: MAILER-DAEMON@evil.example\r\nSubject: Undelivered\r\nMessage-ID: <d@evil.example>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n"
        f"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;{recipient}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp;550 5.1.1 user unknown\r\n--b\r\n"
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    ).encode()


def reported(desk: MemoryDesk, raw: bytes) -> None:
    event = desk.classify(desk.parse(desk.arrived(raw, "report", None, FORGED)))
    assert isinstance(event, MessageClassified)
    desk.reported(event)


def test_a_message_id_that_a_stranger_chose_is_no_proof_of_a_mail_of_ours() -> None:
    desk = MemoryDesk()
    desk.classify(desk.parse(desk.arrived(mail(sender="victim@bank.example", message_id=OURS), verdicts=FORGED)))
    reported(desk, bounce(OURS, "victim@bank.example"))
    assert desk.addresses.states == {}


def test_whom_a_stranger_named_in_cc_is_not_whom_we_wrote_to() -> None:
    desk = MemoryDesk()
    desk.answered(mail(extra="Cc: victim@bank.example\r\n"))
    reported(desk, bounce("sent-1@email.amazonses.com", "victim@bank.example"))
    assert desk.addresses.states == {}
    reported(desk, bounce("sent-1@email.amazonses.com", "ann@example.com"))
    assert desk.addresses.states == {"ann@example.com": "hard"}


@pytest.mark.parametrize(
    "value",
    [
        b"<=?utf-8?b?dmljdGltQGdtYWlsLmNv@bQ.IO>",
        b"<=?utf-8?q?victim=40gmail.com=28?=@evil.com)>",
        b"=?utf-8?b?dmljdGltQGdtYWlsLmNv@bQ.IO",
    ],
)
def test_an_encoded_word_in_an_address_is_not_read(value: bytes) -> None:
    assert "victim@gmail.com" not in [a.address for a in headers.addresses(value)]


def test_an_address_that_no_key_holds_is_none() -> None:
    assert [a.address for a in headers.addresses(b"Ann <" + b"a" * 600 + b"@example.com>, b@example.com")] == [
        "",
        "b@example.com",
    ]
    assert [a.address for a in headers.addresses(b"a" * 500_000 + b"@example.com")] == [""]


def test_a_throttled_budget_does_not_cost_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = MemoryDesk()
    event = desk.classified(mail())

    def throttled(*_: object) -> bool:
        raise Retryable("throttled")

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.sends), "take", throttled)
        with pytest.raises(Retryable):
            desk.reply(event)
    assert isinstance(desk.reply(event), ReplySent)


def test_sends_that_ses_throttled_do_not_use_up_the_budget() -> None:
    desk = MemoryDesk()
    event = desk.classified(mail())
    for _ in range(6):
        desk.mailer.failure = Retryable("throttled")
        with pytest.raises(Retryable):
            desk.reply(event)
    assert isinstance(desk.reply(event), ReplySent)


def test_a_late_repeat_does_not_take_back_a_reply_that_was_sent() -> None:
    desk = MemoryDesk()
    event = desk.classified(mail())
    desk.reply(event)
    desk.addresses.states["ann@example.com"] = State.HARD
    assert isinstance(desk.reply(event, hours_later=100), ReplySent)
    assert len(desk.mailer.sent) == 1


def test_a_sender_does_not_write_the_results_that_are_read_back() -> None:
    head = (
        b"Return-Path: <spf=pass@bank.example>\r\nReceived: from x (x [1.2.3.4])\r\n"
        b" by inbound-smtp.us-east-1.amazonaws.com with SMTP id a\r\n for s@desk.example;\r\n date\r\n"
        b"Authentication-Results: amazonses.com;\r\n spf=fail (spfCheck: x) envelope-from=spf=pass@bank.example;\r\n"
        b" dkim=none header.i=@x;\r\n dmarc=none header.from=bank.example;\r\nFrom: v@bank.example\r\n\r\n"
    )
    verdicts = stored.received(head, SesId("a"), "b", "k", "2026-11-24T07:29:00.000Z").verdicts
    assert verdicts == Verdicts(spf=Verdict.FAIL, dkim=Verdict.GRAY, dmarc=Verdict.GRAY)


def test_uuencoded_lines_promise_little_more_than_they_hold() -> None:
    assert len(transfer.decode("x-uuencode", b"_\n" * 1_000_000)) <= 1 << 20
    assert transfer.decode("x-uuencode", b"begin 644 x\n#\n`\nend\n") == b"\0\0\0"


def test_messages_inside_messages_are_not_stored_a_hundred_times() -> None:
    raw = (
        b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 99 + b"A: b\r\n\r\n" + b"x\r\n" * 1_000_000
    )
    with pytest.raises(Poison) as poison:
        parse.read(MemoryRawMail(body=raw))
    assert poison.value.reason is Reason.TOO_COMPLEX


def test_a_mail_that_came_twice_at_one_moment_is_acknowledged_once() -> None:
    desk = MemoryDesk()
    first, second = (desk.parse(desk.arrived(mail(), ses_id)) for ses_id in ("mail-1", "mail-2"))
    found = desk.conversations
    answers: list[object] = []

    class Racing:
        """Lets the other copy through between the look-up and the opening."""

        def __getattr__(self, name: str) -> object:
            return getattr(found, name)

        def known(self, ids: Sequence[MessageId]) -> Mapping[MessageId, Conversation]:
            conversations = found.known(ids)
            if not answers:
                answers.append(desk_of_the_other())
            return conversations

    def desk_of_the_other() -> object:
        desk.conversations = found
        return desk.classify(second)

    desk.conversations = Racing()  # type: ignore[assignment]  # it does what the others do, and something before
    mine = desk.classify(first)
    desk.conversations = found
    for event in (mine, *answers):
        assert isinstance(event, MessageClassified)
        desk.reply(event)
    assert len(desk.mailer.sent) == 1


@pytest.mark.parametrize("field", ["Auto-Submitted: (vacation) auto-replied", "Precedence: bulk (newsletter)"])
def test_a_comment_hides_no_robot(field: str) -> None:
    assert isinstance(MemoryDesk().answered(mail(extra=f"{field}\r\n")), ReplyWithheld)
