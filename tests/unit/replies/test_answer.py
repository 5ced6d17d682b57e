"""A person's answer as other mail software reads it."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from postroom.desk import Desk
from postroom.ids import ConversationId, MessageId
from postroom.message import Message
from postroom.mime import message
from postroom.mime import reply as trim
from postroom.replies import answer as answers
from postroom.replies import inline, quoting
from postroom.replies.answer import Answer, TooLarge, composed
from postroom.replies.compose import Thread
from postroom.replies.files import File
from postroom.replies.quoting import ATTRIBUTIONS, Quoted

DESK = Desk(address="support@desk.example", from_name="Support")
THREAD = Thread(conversation=ConversationId("abcd2345efgh6723"), token="t" + "a" * 40)
QUESTION = Message(message_id=MessageId("1@shop.example.com"), references=(MessageId("0@shop.example.com"),))
QUOTED = Quoted(who="Ann", when=datetime(2026, 11, 24, 7, 29, tzinfo=UTC), text="Where is it?\n> earlier\n\nAnn")
PLAIN = Answer(
    thread=THREAD,
    to=("ann@shop.example.com",),
    subject="A question",
    language="en",
    text="It left <this> morning.\n\nEve",
    answered=QUESTION,
    quoted=QUOTED,
)
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


def file(name: str = "a.pdf", data: bytes = b"%PDF-1.4", kind: str = "application/pdf") -> File:
    return File(name=name, content_type=kind, size=len(data), sha256="ab" * 32, pieces=lambda: iter((data,)))


def read(raw: bytes) -> EmailMessage:
    went = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(went, EmailMessage)
    return went


def content(went: EmailMessage, kind: str) -> str:
    body = went.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_the_text_stands_above_the_quote_in_both_bodies() -> None:
    went = read(composed(PLAIN, DESK))
    assert content(went, "plain") == (
        "It left <this> morning.\n\nEve\n\nOn 2026-11-24 at 07:29, Ann wrote:\n> Where is it?\n>> earlier\n>\n> Ann\n"
    )
    page = content(went, "html")
    assert "<p>It left &lt;this&gt; morning.</p>" in page
    assert (
        page.index("this") < page.index('<blockquote type="cite"') < page.index("&gt; earlier") < page.index("</body>")
    )
    assert f">ref: {THREAD.token}<" in page
    assert "display:none" not in page  # nothing in our mails is hidden from who reads them
    assert '<html lang="en">' in page


@pytest.mark.parametrize("language", ["", "xx", *ATTRIBUTIONS])
@pytest.mark.parametrize("when", [QUOTED.when, None])
def test_the_quote_is_one_for_whoever_cuts_it_off_again(language: str, when: datetime | None) -> None:
    mail = replace(PLAIN, language=language or None, quoted=replace(QUOTED, when=when, who="Ann Example"))
    went = message.read(composed(mail, DESK))
    assert went.reply.visible == "It left <this> morning.\n\nEve"
    assert "Where is it?" in (went.reply.quoted or "")
    assert trim.cut_html(went.html or "").visible.startswith("It left <this> morning.")
    assert "Where is it?" not in trim.cut_html(went.html or "").visible


def test_an_endless_mail_is_quoted_as_far_as_anybody_reads() -> None:
    long = replace(PLAIN, quoted=replace(QUOTED, text="x" * 70_000))
    assert content(read(composed(long, DESK)), "plain").endswith("\n> […]\n")


def test_a_page_of_ones_own_stays_what_it_was_and_gives_the_text() -> None:
    page = "<html><body><p>Hello <b>Ann</b></p></body></html>"
    went = read(composed(replace(PLAIN, text="", html=page), DESK))
    assert content(went, "html").startswith("<html><body><p>Hello <b>Ann</b></p><br>")
    assert content(went, "plain").startswith("Hello Ann\n\nOn ")


def test_files_come_along_and_images_stand_where_the_page_shows_them() -> None:
    logo, letter = file("logo.png", PIXEL, "image/png"), file("Größe.pdf", b"%PDF" * 40_000)
    page, files = inline.shown('<body><img src="cid:logo.png"></body>', (logo, letter), "desk.example")
    raw = composed(replace(PLAIN, html=page, files=files), DESK)
    mixed = read(raw)
    alternative, attached = mixed.iter_parts()
    _, related = alternative.iter_parts()
    shown, image = related.iter_parts()
    assert [p.get_content_type() for p in (mixed, alternative, related, image, attached)] == [
        "multipart/mixed",
        "multipart/alternative",
        "multipart/related",
        "image/png",
        "application/pdf",
    ]
    assert image["Content-ID"][1:-1] in shown.get_content()
    assert (image.get_content_disposition(), image.get_content()) == ("inline", PIXEL)
    assert (attached.get_filename(), attached.get_content()) == ("Größe.pdf", b"%PDF" * 40_000)
    ours = {each.filename: each for each in message.read(raw).attachments}
    assert ours["logo.png"].content_id == f"{'ab' * 12}@desk.example"
    assert ours["Größe.pdf"].size == 160_000


def test_a_name_that_no_file_has_is_told_before_anything_is_sent() -> None:
    assert inline.missing('<img src="cid:b.png"><img src="cid:a.pdf">', (file(),)) == ("b.png",)


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "multipart/mixed", "text", 'a/b"; x="', "text/html\r\nBcc: x@y.example"]
)
def test_a_type_that_may_not_be_sent_in_base64_is_sent_as_any_file(kind: str) -> None:
    went = read(composed(replace(PLAIN, files=(file(kind=kind),)), DESK))
    *_, attached = went.iter_parts()
    assert attached.get_content_type() == "application/octet-stream"


def test_what_ses_would_not_take_stops_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 300_000)
    asked = []

    def pieces() -> Iterator[bytes]:
        for number in range(1_000):
            asked.append(number)
            yield bytes(100_000)

    with pytest.raises(TooLarge):
        composed(replace(PLAIN, files=(replace(file(), pieces=pieces),)), DESK)
    assert len(asked) <= 4


def test_the_same_answer_gives_the_same_bytes() -> None:
    mail = replace(PLAIN, files=(file(),))
    assert composed(mail, DESK) == composed(mail, DESK)


def test_a_mail_to_many_is_folded_between_addresses() -> None:
    many = tuple(f"person-{number}@a-long-domain.example.com" for number in range(50))
    raw = composed(replace(PLAIN, cc=many), DESK)
    assert read(raw)["Cc"].replace("\r\n", "") == ", ".join(many)
    assert max(map(len, raw.split(b"\r\n"))) <= 78


HOSTILE = st.text() | st.text(alphabet='\r\n\t :<>@,;"\\=?_%utf8qbRe漢é.\u202e\udcff', max_size=80)
FIELDS = {"From", "To", "Cc", "Reply-To", "Subject", "In-Reply-To", "References", "X-Postroom-Conversation"}
FIELDS |= {"Content-Language", "MIME-Version", "Content-Type"}


@settings(deadline=None)
@given(subject=HOSTILE, text=HOSTILE, who=HOSTILE, quoted=HOSTILE, name=HOSTILE, kind=HOSTILE, language=HOSTILE)
@example(
    "a\r\nBcc: x@y.example", "--=_", "</p><script>", "\r\n.\r\n", '"; filename="x.exe', "text/html", "en\r\nBcc: x"
)
@example("é" * 300, "\x00", "漢" * 200, "\ud800", "漢" * 150 + ".pdf", "image/png", "de-AT")
def test_nothing_that_anybody_wrote_breaks_the_mail(
    subject: str, text: str, who: str, quoted: str, name: str, kind: str, language: str
) -> None:
    mail = replace(
        PLAIN,
        subject=subject,
        text=text,
        language=language,
        quoted=Quoted(who=who, when=None, text=quoted),
        cc=("bob@shop.example.com",),
        files=(file(name, kind=kind),),
    )
    raw = composed(mail, DESK)
    went = read(raw)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert FIELDS - {"Content-Language"} <= set(went.keys()) <= FIELDS
    assert len(set(went.keys())) == len(went.keys())
    alternative, attached = went.iter_parts()
    assert len(list(alternative.iter_parts())) == 2
    assert attached.get_payload(decode=True) == b"%PDF-1.4"
    assert "<script>" not in content(went, "html")
    assert went.defects == []


@given(st.text(max_size=300))
def test_a_text_becomes_paragraphs_that_hold_no_markup_of_its_own(text: str) -> None:
    made = quoting.paragraphs(text)
    for ours in ("<p>", "</p>", "<br>"):
        made = made.replace(ours, "")
    assert "<" not in made
    assert ">" not in made


# What other parsers read in it

PAGE, FILES = inline.shown("<p>a <img src='cid:l.png'></p>", (file("l.png", PIXEL, "image/png"),), "desk.example")
SAMPLES = {
    "plain": PLAIN,
    "long words": replace(PLAIN, subject="Größe " * 30, text="Grüße aus Köln\n-- \nEve", cc=("bob@x.example",)),
    "files": replace(PLAIN, files=(file("Preise für Köln.pdf"), file("b.txt", b"hello", "text/plain"))),
    "an image in the page": replace(PLAIN, html=PAGE, files=FILES),
    "no thread": replace(PLAIN, answered=None, quoted=None),
}


def ours(raw: bytes) -> dict[str, object]:
    parsed = message.read(raw)
    return {
        "subject": parsed.subject,
        "from": [each.address for each in parsed.from_],
        "to": [each.address for each in parsed.to],
        "cc": [each.address for each in parsed.cc],
        "reply_to": [each.address for each in parsed.reply_to],
        "in_reply_to": [*parsed.in_reply_to],
        "references": [*parsed.references],
        "text": (parsed.text or "").strip(),
        "html": (parsed.html or "").replace("\r\n", "\n").strip(),
        "files": sorted((each.filename or "", each.content_type, each.size) for each in parsed.attachments),
    }


def the_standard_librarys(raw: bytes) -> dict[str, object]:
    went = read(raw)

    def listed(name: str) -> list[str]:
        return [each.addr_spec for each in went[name].addresses] if name in went else []

    def ids(name: str) -> list[str]:
        return [each.strip("<>") for each in went.get(name, "").split()]

    files = [part for part in went.walk() if part.get_content_disposition() and isinstance(part, EmailMessage)]
    return {
        "subject": went["Subject"],
        "from": listed("From"),
        "to": listed("To"),
        "cc": listed("Cc"),
        "reply_to": listed("Reply-To"),
        "in_reply_to": ids("In-Reply-To"),
        "references": ids("References"),
        "text": content(went, "plain").strip(),
        "html": content(went, "html").strip(),
        "files": sorted((str(p.get_filename()), p.get_content_type(), len(p.get_payload(decode=True))) for p in files),
    }


def mail_parsers(raw: bytes) -> dict[str, object]:
    import mailparser

    went = mailparser.parse_from_bytes(raw)

    def listed(pairs: list[tuple[str, str]]) -> list[str]:
        return [address for _, address in pairs]

    def ids(text: str | None) -> list[str]:
        return [each.strip("<>") for each in (text or "").split()]

    return {
        "subject": went.subject,
        "from": listed(went.from_),
        "to": listed(went.to),
        "cc": listed(went.cc),
        "reply_to": listed(went.reply_to),
        "in_reply_to": ids(went.in_reply_to),
        "references": ids(went.references),
        "text": "\n".join(went.text_plain).replace("\r\n", "\n").strip(),
        "html": "\n".join(went.text_html).replace("\r\n", "\n").strip(),
        "files": sorted(
            (each["filename"], each["mail_content_type"], len(base64.b64decode(each["payload"])))
            for each in went.attachments
        ),
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_our_parser_and_the_standard_librarys_read_the_same(name: str) -> None:
    raw = composed(SAMPLES[name], DESK)
    assert ours(raw) == the_standard_librarys(raw)


@pytest.mark.parametrize("name", SAMPLES)
def test_mail_parser_reads_the_same(name: str) -> None:
    raw = composed(SAMPLES[name], DESK)
    assert ours(raw) == mail_parsers(raw)
