"""The acknowledgement as other mail software reads it: whatever stands in the mail, these fields and no others."""

from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postroom.desk import Desk
from postroom.envelope import Envelope, Received, Verdicts
from postroom.ids import ConversationId, MessageId, SesId
from postroom.message import Address, Message, Parsed
from postroom.replies import compose
from postroom.replies.lines import one_line
from postroom.replies.templates import VARIABLES, Rendered, load

TEMPLATES = load(Path(__file__).parents[3] / "functions" / "reply" / "templates")
DESK = Desk(address="support@desk.example", from_name="Support")
CONVERSATION = ConversationId("abcd2345efgh6723")
THREAD = compose.Thread(conversation=CONVERSATION, token="t" + "a" * 40)
OURS = f"{THREAD.token}@desk.example"
ANN = Address(name="Ann", address="ann@shop.example.com")
ALWAYS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Postroom-Loop",
    "X-Postroom-Conversation",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]


def parsed(
    subject: str = "A question",
    message_id: str | None = "1@shop.example.com",
    references: tuple[str, ...] = (),
    in_reply_to: tuple[str, ...] = (),
) -> Parsed:
    return Parsed(
        received=Received(
            ses_id=SesId("ses-1"),
            bucket="bucket",
            key="raw/ses-1",
            received_at="2026-11-24T07:00:00.000Z",
            envelope=Envelope(mail_from=ANN.address, rcpt_to=(DESK.address,)),
            verdicts=Verdicts(),
        ),
        message=Message(
            message_id=MessageId(message_id) if message_id is not None else None,
            subject=subject,
            references=tuple(MessageId(i) for i in references),
            in_reply_to=tuple(MessageId(i) for i in in_reply_to),
            from_=(ANN,),
        ),
        size=1000,
        fingerprint="f",
    )


def written(mail: Parsed, desk: Desk = DESK, language: str = "en") -> bytes:
    template = TEMPLATES.pick("acknowledgement", language)
    rendered = template.render(compose.variables(mail, desk, CONVERSATION))
    return compose.automatic(mail, rendered, desk, THREAD, ANN)


def read(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def test_the_acknowledgement_threads_and_says_that_a_machine_wrote_it() -> None:
    mail = read(written(parsed(references=("0@shop.example.com",))))
    assert mail["From"] == "Support <support@desk.example>"
    assert mail["To"] == "ann@shop.example.com"
    assert mail["Subject"] == "Re: A question"
    assert mail["In-Reply-To"] == "<1@shop.example.com>"
    assert mail["References"] == f"<0@shop.example.com> <{OURS}> <1@shop.example.com>"
    assert mail["Reply-To"] == f"Support <support+{THREAD.token}@desk.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Postroom-Loop"] == "support@desk.example"
    assert mail["X-Postroom-Conversation"] == CONVERSATION
    assert mail["Content-Language"] == "en"
    for left_out in ("Date", "Message-ID", "Return-Path", "Precedence", "Cc", "Bcc", "Sender"):
        assert left_out not in mail


def test_it_comes_as_text_and_html_the_text_first() -> None:
    mail = read(written(parsed(subject="Größe <b>"), language="de"))
    text, html = mail.iter_parts()
    assert mail.get_content_type() == "multipart/alternative"
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert "Größe <b>" in content(text)
    assert "Größe &lt;b&gt;" in content(html)
    assert CONVERSATION in content(text)
    assert "MIME-Version" not in html


def content(part: object) -> str:
    assert isinstance(part, EmailMessage)
    text = part.get_content()
    assert isinstance(text, str)
    return text


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert written(parsed()) == written(parsed())


def test_every_variable_has_a_value_on_one_line() -> None:
    values = compose.variables(parsed(subject="a\r\nb"), DESK, CONVERSATION)
    assert set(values) == VARIABLES
    assert values["subject"] == "a b"
    assert compose.variables(parsed(subject=" "), DESK, CONVERSATION)["subject"] == "—"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Question", "Re: Question"),
        ("Re: Question", "Re: Question"),
        ("RE: AW: Re[2]: SV: Question", "Re: Question"),
        ("Re : Question", "Re: Question"),
        ("回复：你好", "Re: 你好"),
        ("Fwd: Question", "Re: Fwd: Question"),
        ("Reference: 12", "Re: Reference: 12"),
        ("Re:", "Re: —"),
        ("", "Re: —"),
        ("Question\r\nBcc: x@other.example", "Re: Question Bcc: x@other.example"),
        ("=?utf-8?q?a=0D=0ABcc=3A_x?=", "Re: =?utf-8?q?a=0D=0ABcc=3A_x?="),
    ],
)
def test_re_stands_once_before_the_subject(subject: str, expected: str) -> None:
    assert compose.reply_subject(subject) == expected


@given(st.text() | st.text(alphabet="rRe:： []2AW", max_size=40))
def test_a_reply_subject_is_short_and_its_own_reply_subject(subject: str) -> None:
    once = compose.reply_subject(subject)
    assert len(once) <= compose.SUBJECT_LENGTH
    assert compose.reply_subject(once) == once


def test_a_long_thread_keeps_its_first_and_its_last_ids() -> None:
    ids = tuple(f"{n}@shop.example.com" for n in range(100))
    kept = compose.references(parsed(references=ids).message, MessageId(OURS))
    last = [i for i in ids if i != "1@shop.example.com"][-compose.REFERENCES_KEPT :]
    assert kept == (ids[0], *last, OURS, "1@shop.example.com")
    assert len(kept) == 21


def test_without_references_a_single_in_reply_to_leads_back() -> None:
    one, two = parsed(in_reply_to=("0@a.example",)).message, parsed(in_reply_to=("0@a.example", "9@a.example")).message
    assert compose.references(one, MessageId(OURS)) == ("0@a.example", OURS, "1@shop.example.com")
    assert compose.references(two, MessageId(OURS)) == (OURS, "1@shop.example.com")


def test_a_mail_without_an_id_is_answered_outside_its_thread() -> None:
    mail = read(written(parsed(message_id=None)))
    assert "In-Reply-To" not in mail
    assert mail["References"] == f"<{OURS}>"


@pytest.mark.parametrize("bad", ["", "a b@c", "a@b>\r\nBcc: <x@y", "a@b\n", "ä@b", "<a@b>", "a" * 501, "\x00@b"])
def test_an_id_that_cannot_stand_in_a_header_is_left_out(bad: str) -> None:
    mail = read(written(parsed(message_id=bad, references=("0@a.example", bad))))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == f"<0@a.example> <{OURS}>"


def test_a_long_id_is_neither_broken_nor_encoded() -> None:
    long = "A" * 300 + "@mail.example"
    raw = written(parsed(message_id=long, references=("0@a.example", long)))
    assert f"In-Reply-To: <{long}>\r\n".encode() in raw
    assert f"References: <0@a.example>\r\n <{OURS}>\r\n <{long}>\r\n".encode() in raw


@pytest.mark.parametrize("address", ["ann@x.example\r\nBcc: y@z.example", "", "a b@x.example", "ä@x.example"])
def test_a_recipient_that_was_not_let_through_is_an_error_and_no_mail(address: str) -> None:
    rendered = Rendered(subject="s", text="t", html="h", language="en")
    with pytest.raises(ValueError, match="can't stand in a header"):
        compose.automatic(parsed(), rendered, DESK, THREAD, Address(name="", address=address))


HOSTILE = st.text() | st.text(alphabet='\r\n\t :<>@,;"\\=?_%utf8qbRe漢é\u202e\udcff', max_size=60)
IDS = HOSTILE | st.from_regex(r"[!-;=?-~]{1,120}@[a-z.]{1,20}", fullmatch=True)


@given(subject=HOSTILE, from_name=HOSTILE, message_id=st.none() | IDS, references=st.lists(IDS, max_size=30).map(tuple))
@example(subject="a\r\nBcc: x@y.example", from_name='"Eve" <e@y.example>,', message_id="a>\r\nBcc: <b", references=())
@example(
    subject="=?utf-8?q?x=0ABcc:_y?=", from_name="=?utf-8?q?=22=0A?=", message_id=None, references=("=?utf-8?q?x?=",)
)
@example(
    subject="é" * 300, from_name="漢" * 100, message_id="a" * 500, references=tuple("a" * n for n in range(1, 501, 20))
)
def test_nothing_in_a_mail_or_a_name_adds_a_header_field(
    subject: str, from_name: str, message_id: str | None, references: tuple[str, ...]
) -> None:
    mail = parsed(subject=subject, message_id=message_id, references=references)
    raw = written(mail, Desk(address="support@desk.example", from_name=from_name))
    message = read(raw)
    threading = [name for name in ("In-Reply-To",) if name in message]
    assert sorted(message.keys()) == sorted(ALWAYS + threading)
    assert message["Reply-To"].addresses[0].addr_spec == f"support+{THREAD.token}@desk.example"
    assert len(message["Reply-To"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == "support@desk.example"
    assert len(message["From"].addresses) == 1
    assert message["To"].addresses[0].addr_spec == ANN.address
    assert message["Subject"].splitlines() == [message["Subject"]]
    assert len(list(message.iter_parts())) == 2
    assert message.defects == []


@given(subject=HOSTILE, text=HOSTILE, html=HOSTILE)
def test_the_bytes_are_seven_bit_with_crlf_and_short_lines(subject: str, text: str, html: str) -> None:
    rendered = Rendered(subject=subject, text=text, html=html, language="en")
    raw = compose.automatic(parsed(), rendered, DESK, THREAD, ANN)
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert not any(b"\r" in line or b"\n" in line or b"\x00" in line for line in lines)
    assert max(map(len, lines)) <= 998


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
@example("Example, Inc. <x@y.example>")
@example('O\'Neill (Support) "24/7"')
@example("=?utf-8?q?x?=")
def test_our_name_comes_out_as_it_was_set(from_name: str) -> None:
    desk = Desk(address="support@desk.example", from_name=from_name)
    # The old reader: the new one sets a space between the encoded words of a long name (Python 3.13.0).
    field = BytesParser(policy=policy.compat32).parsebytes(written(parsed(), desk))["From"]
    decoded = str(make_header(decode_header(field)))
    assert decoded.removesuffix("<support@desk.example>").strip() == one_line(from_name)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=190)
)
def test_a_subject_in_any_script_comes_out_as_it_went_in(subject: str) -> None:
    from_them = compose.reply_subject(subject)
    rendered = Rendered(subject=from_them, text="t", html="h", language="en")
    raw = compose.automatic(parsed(), rendered, DESK, THREAD, ANN)
    assert read(raw)["Subject"] == from_them
