"""A forged report suppresses nobody: what a report says of us is looked up in our own record of the send."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest

from postroom.address import AddressEvent, Channel, Incident, State
from postroom.clock import iso
from postroom.conversation import Entry, EntryKind
from postroom.events import MessageClassified
from postroom.feedback.read import from_mail
from postroom.ids import ConversationId, SentId, SesId, sent_message_id
from postroom.keys import Keys
from postroom.memory.thread_keys import MemoryKeys
from postroom.outcome import Stage, StageRecord
from postroom.reasons import Reason
from postroom.stages.proving import Proving
from postroom.threads.evidence import FRESH_DAYS
from postroom.threads.tokens import Tokens
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import ALL_PASS, OURS, MemoryDesk, mail

ANN, BOB = "ann@example.com", "bob@example.com"
SES_ID = "sent-1@email.amazonses.com"


def dsn(returned: str, *recipients: str) -> bytes:
    """A bounce for these recipients, with this header of the mail that is returned."""
    groups = "".join(
        f"\r\nFinal-Recipient: rfc822; {each}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
        for each in recipients
    )
    return (
        "From: mailer-daemon@mx.example.com\r\nTo: support@desk.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <report@mx.example.com>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.com\r\n{groups}"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}Subject: Re: A question\r\n--b--\r\n"
    ).encode()


def arf(returned: str, recipient: str) -> bytes:
    """A complaint of this recipient (RFC 5965)."""
    return (
        "From: fbl@provider.example\r\nTo: support@desk.example\r\nSubject: FW: your mail\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\n\r\nA complaint.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\nOriginal-Rcpt-To: {recipient}\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}From: support@desk.example\r\nTo: {recipient}\r\n\r\n"
        ".\r\n--b--\r\n"
    ).encode()


def id_(of: str = SES_ID) -> str:
    return f"Message-ID: <{of}>\r\n"


def sent_header(desk: MemoryDesk, name: str) -> str:
    """A field of the mail that we sent, as a server gives it back."""
    raw, _, _ = desk.mailer.sent[-1]
    return f"{name}: {message_from_bytes(raw, policy=SMTP)[name]}\r\n"


def answered(desk: MemoryDesk) -> ConversationId:
    classified = desk.classified(mail())
    desk.reply(classified)
    return classified.conversation


def came(desk: MemoryDesk, report: bytes, number: int = 2, days_later: int = 0) -> StageRecord:
    """The report goes through the desk, so many days after the mail."""
    received = desk.arrived(report, f"mail-{number}", None, ALL_PASS)
    late = replace(received, received_at=iso(NOW + timedelta(days=days_later) - timedelta(minutes=1)))
    classified = desk.classify(desk.parse(late))
    assert isinstance(classified, MessageClassified)
    desk.reported(classified)
    return desk.ledger.rows_by_id[SesId(f"mail-{number}")].records[Stage.FEEDBACK]


def states(desk: MemoryDesk, *addresses: str) -> list[State]:
    return [desk.addresses.state(each) for each in addresses]


@pytest.mark.parametrize("field", ["Reply-To", "References"])
def test_a_token_that_comes_back_proves_it_where_no_id_of_ses_does(field: str) -> None:
    desk = MemoryDesk()
    conversation = answered(desk)
    assert came(desk, dsn(sent_header(desk, field), ANN)).reason is Reason.RECORDED
    assert states(desk, ANN) == [State.HARD]
    (told,) = (each for each in desk.conversations.entries(conversation) if each.kind is EntryKind.DELIVERY)
    assert told.facts["sent_id"] == "sent-1"


def test_a_leaked_id_suppresses_nobody_else() -> None:
    desk = MemoryDesk()
    answered(desk)
    assert came(desk, dsn(id_(), BOB)).reason is Reason.NOT_OURS
    assert states(desk, ANN, BOB) == [State.HEALTHY, State.HEALTHY]


def test_a_leaked_token_suppresses_nobody_else() -> None:
    desk = MemoryDesk()
    answered(desk)
    assert came(desk, dsn(sent_header(desk, "Reply-To"), BOB)).reason is Reason.NOT_OURS
    assert states(desk, ANN, BOB) == [State.HEALTHY, State.HEALTHY]


def test_an_id_of_another_mail_beside_a_good_token_is_no_proof() -> None:
    """The token was taken from one mail, and stands in what is said to be another."""
    desk = MemoryDesk()
    answered(desk)
    token = sent_header(desk, "Reply-To")
    for number, of in enumerate(("made-up@email.amazonses.com", "sent-9@eu-west-1.amazonses.com")):
        assert came(desk, dsn(token + id_(of), ANN), 10 + number).reason is Reason.NOT_OURS
    assert states(desk, ANN) == [State.HEALTHY]


def test_tokens_of_two_conversations_prove_neither() -> None:
    desk = MemoryDesk()
    answered(desk)
    tokens = Tokens(keys=MemoryKeys().keys(), desk=OURS.address)
    other = f"References: <{tokens.sign(ConversationId('a' * 16), NOW)}@desk.example>\r\n"
    assert came(desk, dsn(sent_header(desk, "Reply-To") + other, ANN)).reason is Reason.NOT_OURS


def test_a_token_of_another_desk_or_one_that_is_made_up_proves_nothing() -> None:
    desk = MemoryDesk()
    conversation = answered(desk)
    others = Tokens(keys=MemoryKeys().keys(), desk="other@desk.example").sign(conversation, NOW)
    for number, token in enumerate((others, f"t{conversation}{'a' * 24}")):
        assert (
            came(desk, dsn(f"Reply-To: support+{token}@desk.example\r\n", ANN), 10 + number).reason is Reason.NOT_OURS
        )


def test_a_token_of_a_day_on_which_nothing_was_sent_proves_nothing() -> None:
    """A token stands in the desk's page for the conversation, too: it must be that of a mail."""
    desk = MemoryDesk()
    conversation = answered(desk)
    token = Tokens(keys=MemoryKeys().keys(), desk=OURS.address).sign(conversation, NOW - timedelta(days=4))
    assert came(desk, dsn(f"Reply-To: support+{token}@desk.example\r\n", ANN)).reason is Reason.NOT_OURS


def test_a_token_is_replayed_in_vain_once_it_is_stale() -> None:
    desk = MemoryDesk()
    answered(desk)
    stale = dsn(sent_header(desk, "Reply-To"), ANN)
    assert came(desk, stale, 2, days_later=FRESH_DAYS + 1).reason is Reason.NOT_OURS
    assert came(desk, stale, 3, days_later=FRESH_DAYS - 1).reason is Reason.RECORDED


def test_a_report_that_is_replayed_after_a_person_has_lifted_the_address_changes_nothing() -> None:
    desk = MemoryDesk()
    answered(desk)
    came(desk, dsn(id_(), ANN))
    lifted = Incident(event=AddressEvent.LIFTED, id="l", at=iso(NOW), channel=Channel.PERSON)
    desk.addresses.move(ANN, lifted)
    came(desk, dsn(id_(), ANN).replace(b"Not delivered", b"Not delivered at all"), 3)
    came(desk, dsn(sent_header(desk, "Reply-To"), ANN), 4)  # the same mail, by its other proof
    assert states(desk, ANN) == [State.HEALTHY]


def test_one_recipient_reported_twice_in_a_mail_happens_once() -> None:
    desk = MemoryDesk()
    answered(desk)
    soft = dsn(id_(), ANN, ANN).replace(b"5.1.1", b"4.3.0").replace(b"550", b"451").replace(b"no such user", b"later")
    came(desk, soft)
    assert states(desk, ANN) in ([State.SOFT_ONCE], [State.HEALTHY])
    assert len(list(desk.addresses.history(ANN))) <= 1


def test_of_many_recipients_in_one_report_only_ours_is_suppressed() -> None:
    desk = MemoryDesk()
    answered(desk)
    others = [f"other-{number}@example.org" for number in range(40)]
    record = came(desk, dsn(id_(), *others[:20], ANN, *others[20:]))
    assert (record.reason, record.facts["unproved"]) == (Reason.RECORDED, "40")
    assert states(desk, ANN) == [State.HARD]
    assert not any(each in desk.addresses.states for each in others)


def test_an_answer_to_several_is_proved_for_each_of_them_and_for_nobody_else() -> None:
    desk = MemoryDesk()
    conversation = desk.classified(mail()).conversation
    facts = {"fate": "sent", "draft": "d", "to": f"{ANN}, {BOB}", "cc": "carl@example.net"}
    reply = Entry(at=iso(NOW), kind=EntryKind.REPLY, id="sent-7", author="eve@staff.example", facts=facts)
    desk.conversations.add(conversation, reply)
    desk.conversations.prove(conversation, [sent_message_id(SentId("sent-7"))])
    desk.sends.finish(f"{conversation}/d", SentId("sent-7"), ANN)
    came(desk, dsn(id_("sent-7@eu-west-1.amazonses.com"), BOB, "carl@example.net", "dan@example.net"))
    assert states(desk, ANN, BOB, "carl@example.net", "dan@example.net") == [
        State.HEALTHY,
        State.HARD,
        State.HARD,
        State.HEALTHY,
    ]


@pytest.mark.parametrize("of", ["m1@example.com", "made-up@email.amazonses.com", "sent-1@amazonses.com.evil.example"])
def test_a_complaint_about_a_foreign_message_suppresses_nobody(of: str) -> None:
    desk = MemoryDesk()
    answered(desk)
    assert came(desk, arf(id_(of), ANN)).reason is Reason.NOT_OURS
    assert states(desk, ANN) == [State.HEALTHY]


def test_a_complaint_about_our_mail_of_the_one_who_had_it_counts() -> None:
    desk = MemoryDesk()
    answered(desk)
    came(desk, arf(id_(), BOB), 2)
    came(desk, arf(id_(), ANN), 3)
    assert states(desk, BOB, ANN) == [State.HEALTHY, State.COMPLAINED]


def test_a_report_inside_a_mail_that_a_person_forwards_is_theirs_and_reports_nothing() -> None:
    desk = MemoryDesk()
    answered(desk)
    forwarded = (
        b"From: Carl <carl@example.net>\r\nTo: support@desk.example\r\nSubject: Fwd: Undelivered Mail\r\n"
        b'Message-ID: <f@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="f"\r\n\r\n'
        b"--f\r\nContent-Type: text/plain\r\n\r\nWhat does this mean?\r\n"
        b"--f\r\nContent-Type: message/rfc822\r\n\r\n" + dsn(id_(), ANN) + b"\r\n--f--\r\n"
    )
    classified = desk.classified(forwarded, "mail-2", "carl@example.net")
    assert classified.kind == "person"
    assert states(desk, ANN) == [State.HEALTHY]


def test_backscatter_is_counted_once_and_changes_nothing_else() -> None:
    desk = MemoryDesk()
    before = answered(desk)
    stood = desk.conversations.get(before)
    report = dsn("Message-ID: <made-up@spammer.example>\r\n", ANN, BOB)
    for _ in range(2):
        assert came(desk, report).reason is Reason.NOT_OURS
    assert desk.addresses.days([NOW.date().isoformat()]) == {NOW.date().isoformat(): {"not_ours": 1}}
    assert desk.conversations.get(before) == stood
    assert desk.exchange.owing == {}


def test_the_keys_are_asked_for_only_where_no_id_of_ses_is_shown() -> None:
    class NoKeys(MemoryKeys):
        def keys(self) -> Keys:
            raise AssertionError("a secret is asked for seldom")

    desk = MemoryDesk()
    answered(desk)
    proving = Proving(sends=desk.sends, conversations=desk.conversations, keys=NoKeys(), desk=OURS.address)
    day = datetime(2026, 11, 24, tzinfo=UTC).date()
    assert len(proving.proved(from_mail(dsn(id_(), ANN)), lambda: (), day).reports) == 1
