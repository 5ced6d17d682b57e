"""Mails taken apart to be looked at: ordinary ones, broken ones, and those that are made to hurt."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.web import html
from local.ses.web.mail import disposition
from local.ses.web.parts import MAX_PARTS, MAX_TEXT, parts


def _with_file() -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Photos"
    mail.set_content("Grüße")
    mail.add_alternative("<p>Grüße</p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="größe.pdf")
    return mail.as_bytes()


def test_text_html_and_files_are_told_apart() -> None:
    found = parts(_with_file())
    text, body = found.text(), found.html()
    assert text is not None
    assert body is not None
    assert (text.text(), body.text()) == ("Grüße\n", "<p>Grüße</p>\n")
    assert [(part.name, part.kind, part.content) for part in found.files()] == [
        ("größe.pdf", "application/pdf", b"%PDF"),
    ]
    assert found.broken == ""


def test_a_text_that_is_attached_is_a_file() -> None:
    found = parts(b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx")
    assert found.text() is None
    assert [part.name for part in found.files()] == ["a.txt"]


def test_a_mail_inside_the_mail_is_one_file() -> None:
    inside = b"Subject: inside\n\nhello\n"
    head = b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\n\n'
    (file,) = parts(head + inside + b"--b--\n").files()
    assert file.kind == "message/rfc822"
    assert b"hello" in file.content


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: text/plain; charset=no-such-thing\r\n\r\n\xff",
        b"Content-Type: text/plain; charset=\xff\r\n\r\nx",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"Content-Type: multipart/mixed\r\n\r\n--b\r\n",
        b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"x" * 100,
    ],
)
def test_what_is_broken_is_shown_as_far_as_it_goes(raw: bytes) -> None:
    for leaf in parts(raw).leaves:
        assert isinstance(leaf.text(), str)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(noise: bytes) -> None:
    for raw in (noise, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + noise):
        for leaf in parts(raw).leaves:
            leaf.text()


def test_boxes_in_boxes_end_in_the_source() -> None:
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    assert parts(nest).broken


def test_more_lines_and_boundaries_than_can_be_read_end_in_the_source() -> None:
    raw = b"boundary" * 1000 + b"\n" * 100_000
    assert "so many" in parts(raw).broken


def test_parts_are_counted_and_texts_are_cut() -> None:
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (MAX_PARTS + 50)
    assert len(parts(many).leaves) == MAX_PARTS
    (long,) = parts(b"\r\n" + b"x" * (MAX_TEXT + 10)).leaves
    assert len(long.text()) == MAX_TEXT


@pytest.mark.parametrize("name", ["link", "LINK", "meta", "base", "script", "iframe", "form", "object", "embed"])
def test_elements_that_speak_to_the_browser_lose_their_name(name: str) -> None:
    shown = html.shown(f"<{name} href=x></{name}><{name}\n>", {})
    assert f"<{name}" not in shown.partition("</style>")[2]
    assert f"</{name}" not in shown


def test_no_address_can_be_followed() -> None:
    shown = html.shown('<A HREF=x title=">" href\n= y><svg><a xlink:href="z">', {})
    assert shown.endswith('<A x-href=x title=">" x-href\n= y><svg><a xlink:x-href="z">')


def test_a_picture_of_the_mail_is_shown_and_no_other() -> None:
    shown = html.shown('<img src="cid:a@b"><img src="cid:c@d">', {"a@b": "/pictures/3"})
    assert shown.endswith('<img src="/pictures/3"><img src="cid:c@d">')


def test_what_only_says_it_is_a_picture_is_none() -> None:
    assert html.is_picture("image/png", b"\x89PNG\r\n\x1a\nrest")
    assert not html.is_picture("image/png", b"<svg>")
    assert not html.is_picture("image/svg+xml", b"<svg>")


@given(st.text(max_size=300))
def test_no_name_leaves_its_quotes_or_its_folder(name: str) -> None:
    said = disposition(name)
    assert said.startswith('attachment; filename="')
    assert said.isascii()
    assert said.isprintable()
    plain, _, wide = said.removeprefix('attachment; filename="').partition('"; filename*=')
    assert not set('"\\/;') & set(plain)
    assert not set('"\\/; ') & set(wide)
    assert plain.strip(". ")


def test_a_name_is_kept_where_it_can_be() -> None:
    assert disposition("../../größe 1.pdf") == (
        "attachment; filename=\"gr__e 1.pdf\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%201.pdf"
    )


def test_a_text_in_punycode_is_no_text_in_punycode() -> None:
    """Python would take a quarter of an hour for it; it is read as the bytes that it is."""
    (leaf,) = parts(b"Content-Type: text/plain; charset=Punycode\r\n\r\n" + b"ab" * 2_000_000).leaves
    assert leaf.text() == ("ab" * 2_000_000)[:MAX_TEXT]


def test_parameters_without_end_are_read_to_an_end() -> None:
    """Python's reading of them takes the square of their number: hours, for a mail of 40 MB."""
    endless = b"; " + b";" * 2_000_000
    inside = b"Content-Type: text/plain" + endless + b"\r\nContent-Disposition: attachment; filename=a.txt" + endless
    mixed = (
        b"Content-Type: multipart/mixed; boundary=b" + endless + b"\r\n\r\n--b\r\n" + inside + b"\r\n\r\nx\r\n--b--\r\n"
    )
    assert [(leaf.name, leaf.content) for leaf in parts(mixed).leaves] == [("a.txt", b"x")]
