"""winmail.dat: samples are built here, attribute by attribute (MS-OXTNEF section 2.1)."""

import base64
import hashlib
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.message import Message
from postroom.mime import rtf, tnef
from postroom.mime.message import read

FILE, TITLE, DATA, FILE_PROPERTIES = 0x69002, 0x18010, 0x6800F, 0x69005
MESSAGE_PROPERTIES, CODEPAGE, BODY = 0x69003, 0x69007, 0x2800C
INTEGER, NARROW, WIDE, BINARY, OBJECT, TIME, MULTIPLE = 3, 0x1E, 0x1F, 0x102, 0x0D, 0x40, 0x1000
TEXT, RTF, HTML, INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
FILE_DATA, LONG_NAME, MEDIA_TYPE, CONTENT_ID = 0x3701, 0x3707, 0x370E, 0x3712
AS_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def envelope(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 7) + b"".join(attributes)


def attribute(number: int, data: bytes = b"") -> bytes:
    level = 2 if number in (FILE, TITLE, DATA, FILE_PROPERTIES) else 1
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*values: bytes) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(values)


def prop(kind: int, number: int, *values: bytes, name: bytes = b"") -> bytes:
    head = struct.pack("<HH", kind, number) + name
    if kind & ~MULTIPLE not in (NARROW, WIDE, BINARY, OBJECT):
        return head + (struct.pack("<I", len(values)) if kind & MULTIPLE else b"") + b"".join(values)
    padded = (struct.pack("<I", len(v)) + v + bytes(-len(v) % 4) for v in values)
    return head + struct.pack("<I", len(values)) + b"".join(padded)


def wide(number: int, text: str) -> bytes:
    return prop(WIDE, number, (text + "\0").encode("utf-16-le"))


def attached(title: bytes, data: bytes, *more: bytes) -> bytes:
    parts = [attribute(FILE, bytes(14)), attribute(TITLE, title + b"\0"), attribute(DATA, data)]
    return b"".join([*parts, attribute(FILE_PROPERTIES, properties(*more))] if more else parts)


def message(*values: bytes) -> bytes:
    return attribute(MESSAGE_PROPERTIES, properties(*values))


def nested(inner: bytes) -> bytes:
    held = prop(OBJECT, FILE_DATA, AS_MESSAGE + inner)
    return envelope(attached(b"Original", b"This cannot be shown here.", held))


def mail(winmail: bytes, text: str | None = "Hello", content_type: str = "application/ms-tnef") -> bytes:
    lines = ["From: jo@sender.example", "Content-Type: multipart/mixed; boundary=b", ""]
    if text is not None:
        lines += ["--b", "Content-Type: text/plain", "", text]
    lines += ["--b", f"Content-Type: {content_type}; name=winmail.dat", "Content-Transfer-Encoding: base64", ""]
    return "\r\n".join([*lines, base64.encodebytes(winmail).decode("ascii"), "--b--", ""]).encode()


def found(data: bytes) -> tnef.Tnef:
    opened = tnef.open(data)
    assert opened is not None
    return opened


def names(data: bytes) -> Sequence[str | None]:
    return [file.name for file in found(data).files]


SAMPLE = envelope(
    attribute(CODEPAGE, struct.pack("<II", 1252, 0)),
    message(
        prop(INTEGER, INTERNET_CODEPAGE, struct.pack("<I", 28592)),
        prop(NARROW, 0x8005, b"named", name=bytes(16) + struct.pack("<II", 1, 6) + b"N\0a\0\0\0" + bytes(2)),
        prop(TIME | MULTIPLE, 0x8006, bytes(8), bytes(8), name=bytes(16) + struct.pack("<II", 0, 99)),
        wide(TEXT, "Zdravím"),
        prop(BINARY, HTML, "<p>Příloha</p>".encode("iso-8859-2")),
    ),
    attached(b"REPORT~1.PDF", b"%PDF-1.4 all of it", wide(LONG_NAME, "Report žluť.pdf"), wide(CONTENT_ID, "<a@b>")),
    attached(b"notes.txt", b"note"),
)


# --- The reader -----------------------------------------------------------------------------------------------------


def test_files_have_their_long_names_and_their_bytes() -> None:
    first, second = found(SAMPLE).files
    assert (first.name, bytes(first.data), first.content_id) == ("Report žluť.pdf", b"%PDF-1.4 all of it", "<a@b>")
    assert (second.name, bytes(second.data)) == ("notes.txt", b"note")


def test_bodies_are_read_in_the_charset_that_the_message_names() -> None:
    assert (found(SAMPLE).text(), found(SAMPLE).html()) == ("Zdravím", "<p>Příloha</p>")


def test_the_body_attribute_is_read_in_the_senders_codepage() -> None:
    data = envelope(attribute(CODEPAGE, struct.pack("<II", 1251, 0)), attribute(BODY, "Привет\0rest".encode("cp1251")))
    assert found(data).text() == "Привет"


def test_a_title_may_come_after_the_data() -> None:
    data = envelope(attribute(FILE, bytes(14)), attribute(DATA, b"x"), attribute(TITLE, b"late.txt\0"))
    assert names(data) == ["late.txt"]


def test_a_wrong_checksum_is_no_matter() -> None:
    broken = attached(b"a.txt", b"x")[:-2] + b"\xff\xff"
    assert found(envelope(broken, attached(b"b.txt", b"y"))).whole
    assert names(envelope(broken, attached(b"b.txt", b"y"))) == ["a.txt", "b.txt"]


def test_what_follows_garbage_is_not_read_and_what_was_before_is_kept() -> None:
    data = envelope(attached(b"a.txt", b"x")) + b"\x07garbage" * 9
    assert names(data) == ["a.txt"]
    assert not found(data).whole


def test_a_message_inside_is_opened_in_place_of_its_excuse() -> None:
    (file,) = found(nested(SAMPLE)).files
    assert file.name == "Original"
    assert bytes(file.data) == SAMPLE
    assert file.message is not None
    assert [inner.name for inner in file.message.files] == ["Report žluť.pdf", "notes.txt"]


def test_messages_inside_each_other_are_opened_to_a_depth() -> None:
    data = SAMPLE
    for _ in range(20):
        data = nested(data)
    opened, depth = tnef.open(data), 0
    while opened is not None:
        opened, depth = opened.files[0].message, depth + 1
    assert depth == tnef.DEEPEST


def test_files_are_counted_over_all_messages_inside() -> None:
    data = envelope(attached(b"a", b"x") * (tnef.MOST_FILES + 5))
    assert len(found(data).files) == tnef.MOST_FILES
    (outer,) = found(nested(data)).files
    assert outer.message is not None
    assert len(outer.message.files) == tnef.MOST_FILES - 1


def test_attributes_are_counted() -> None:
    data = envelope(attribute(BODY) * tnef.MOST_ATTRIBUTES, attached(b"late.txt", b"x"))
    assert names(data) == []
    assert not found(data).whole


@pytest.mark.parametrize("count", [2**32 - 1, 10_000_000])
def test_a_count_is_only_believed_as_far_as_there_are_bytes(count: int) -> None:
    many = struct.pack("<I", count)
    for values in (many, many + prop(NARROW, TEXT)[:4] + many, many + struct.pack("<HH", INTEGER | MULTIPLE, 1) + many):
        assert found(envelope(attribute(MESSAGE_PROPERTIES, values))).text() == ""


@pytest.mark.parametrize("length", range(len(SAMPLE)))
def test_every_beginning_of_a_sample_is_read(length: int) -> None:
    opened = tnef.open(SAMPLE[:length])
    assert (opened is None) == (length < len(tnef.SIGNATURE))
    if opened:
        assert [f.name for f in opened.files if f.name == "notes.txt"] in ([], ["notes.txt"])


@given(st.binary(max_size=300))
def test_any_bytes_after_the_signature_are_read(junk: bytes) -> None:
    for data in (junk, tnef.SIGNATURE + junk, envelope(attribute(MESSAGE_PROPERTIES, junk)), nested(junk)):
        read(mail(data, text=None))


@given(st.lists(st.tuples(st.integers(4, len(SAMPLE) + 90), st.integers(0, 255)), max_size=8))
def test_a_sample_with_any_bytes_changed_is_read(changes: list[tuple[int, int]]) -> None:
    data = bytearray(nested(SAMPLE))
    for at, value in changes:
        data[at] = value
    read(mail(bytes(data), text=None))


# --- Compressed RTF -------------------------------------------------------------------------------------------------


def stored(text: bytes) -> bytes:
    return struct.pack("<II4sI", len(text) + 12, len(text), b"MELA", 0) + text


def compressed(size: int, *tokens: bytes | tuple[int, int]) -> bytes:
    """`tokens` are single bytes, and references (place in the ring, length)."""
    out = b""
    for low in range(0, len(tokens), 8):
        group = tokens[low : low + 8]
        out += bytes([sum(1 << bit for bit, token in enumerate(group) if isinstance(token, tuple))])
        out += b"".join(t if isinstance(t, bytes) else struct.pack(">H", t[0] << 4 | t[1] - 2) for t in group)
    return struct.pack("<II4sI", len(out) + 12, size, b"LZFu", 0) + out


def test_references_reach_into_the_known_beginning_and_over_their_own_end() -> None:
    data = compressed(18, (0, 6), b" ", b"h", b"i", (213, 10), (9, 2), (226, 2))
    assert rtf.decompressed(data) == b"{\\rtf1 hi hi hi hi"


def test_a_reference_to_what_was_never_written_ends_the_body() -> None:
    assert rtf.decompressed(compressed(99, b"a", (4000, 5), b"b")) == b"a"


def test_no_more_is_decompressed_than_the_bound() -> None:
    run = compressed(2**32 - 1, *[(207 - 17, 17)] * 8)
    assert len(rtf.decompressed(run[:16] + run[16:] * 20_000)) <= rtf.MOST


@given(st.binary(max_size=200))
def test_any_bytes_are_decompressed_and_read(junk: bytes) -> None:
    head = struct.pack("<II4sI", 0, 5_000, b"LZFu", 0)
    for data in (junk, head + junk, stored(b"{\\rtf1 " + junk)):
        rtf.read(data)


def test_rtf_is_read_as_its_characters_and_lines() -> None:
    body = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}\pard Gr\'fc\'dfe\par {\b f\u252?r}"
    body += rb" \{dich\}}tail"
    assert rtf.read(stored(body)) == rtf.Body("Grüße\nfür {dich}", False)


def test_two_bytes_of_rtf_may_be_one_character() -> None:
    assert rtf.read(stored(rb"{\rtf1\ansicpg932 \'93\'fa\'96\'7b}")).text == "日本"


def test_rtf_that_was_made_of_html_is_html_again() -> None:
    body = (
        rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 1 < 2\htmlrtf\par}\htmlrtf0 "
        rb"{\*\htmltag72 </p>}}"
    )
    assert rtf.read(stored(body)) == rtf.Body("<p>1 &lt; 2</p>", True)


def test_groups_inside_each_other_and_pictures_are_bounded() -> None:
    assert rtf.read(stored(b"{\\rtf1 a" + b"{" * 100_000 + b"b")).text == "a"
    assert rtf.read(stored(b"{\\rtf1 a{\\pict\\bin999999999 x}b}")).text == "a"


# --- In a mail ------------------------------------------------------------------------------------------------------


def listed(message: Message) -> list[tuple[str, str | None, str]]:
    return [(a.path, a.filename, a.content_type) for a in message.attachments]


def test_the_contents_are_listed_below_the_winmail_dat() -> None:
    message = read(mail(SAMPLE))
    assert listed(message) == [
        ("2", "winmail.dat", "application/ms-tnef"),
        ("2/1", "Report žluť.pdf", "application/pdf"),
        ("2/2", "notes.txt", "application/octet-stream"),
    ]
    inside = message.attachments[1]
    assert (inside.span, inside.size, inside.content_id, inside.detected_type) == (None, 18, "a@b", "application/pdf")
    assert inside.sha256 == hashlib.sha256(b"%PDF-1.4 all of it").hexdigest()


def test_a_message_inside_is_listed_with_what_it_holds() -> None:
    assert [path for path, _, _ in listed(read(mail(nested(SAMPLE))))] == ["2", "2/1", "2/1/1", "2/1/2"]


def test_a_winmail_dat_inside_an_encoded_message_is_opened() -> None:
    inner = base64.encodebytes(mail(SAMPLE)).decode("ascii")
    raw = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{inner}".encode()
    assert [path for path, _, _ in listed(read(raw))] == ["1", "1/2", "1/2/1", "1/2/2"]


def test_the_name_is_enough_and_other_bytes_of_that_name_stay_closed() -> None:
    assert len(listed(read(mail(SAMPLE, content_type="application/octet-stream")))) == 3
    assert len(listed(read(mail(b"no such thing")))) == 1


def test_names_from_inside_are_made_safe() -> None:
    data = envelope(attached(b"..\\..\\run.exe", b"MZ", wide(MEDIA_TYPE, "text/plain\r\nX: y")))
    inside = read(mail(data)).attachments[1]
    assert (inside.safe_filename, inside.content_type) == ("run.exe", "application/vnd.microsoft.portable-executable")


def test_the_mails_own_text_comes_first() -> None:
    message = read(mail(SAMPLE, text="My own words"))
    assert (message.text, message.html) == ("My own words", None)
    assert "tnef" not in message.defects


@pytest.mark.parametrize("text", [None, "", " "])
def test_where_the_mail_has_no_text_the_winmail_dat_has_it(text: str | None) -> None:
    message = read(mail(SAMPLE, text=text))
    assert (message.text, message.html) == ("Zdravím", "<p>Příloha</p>")
    assert "tnef" in message.defects


def test_a_body_in_rtf_only_becomes_the_text() -> None:
    data = envelope(message(prop(BINARY, RTF, stored(rb"{\rtf1 Only here\par}"))))
    assert read(mail(data, text=None)).text == "Only here\n"


def test_a_cut_winmail_dat_is_said_to_be_one() -> None:
    assert "tnef_cut" in read(mail(SAMPLE[:-9])).defects
    assert "tnef_cut" not in read(mail(SAMPLE)).defects


def test_values_of_no_length_are_counted_too() -> None:
    """A property may claim millions of them in four bytes each: what stands behind the bound is not read."""
    few, many = (prop(BINARY, 0x6000, *([b""] * count)) for count in (10, tnef.MOST_PROPERTIES + 1))
    assert found(envelope(message(few, wide(TEXT, "read")))).text() == "read"
    assert not found(envelope(message(many, wide(TEXT, "not read")))).text()
