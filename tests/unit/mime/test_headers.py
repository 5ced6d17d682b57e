from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.message import Address
from postroom.mime import headers


def who(value: str) -> list[tuple[str, str]]:
    return [(a.name, a.address) for a in headers.addresses(value.encode())]


@given(st.binary(max_size=200) | st.text(alphabet="=?utf8bQ_\"<>(),;:@ []\\\r\n\t*'%", max_size=200).map(str.encode))
def test_nothing_in_a_header_raises(value: bytes) -> None:
    headers.text(value)
    headers.addresses(value)
    headers.message_ids(value)
    headers.date(value)
    headers.parameters(value)


@given(st.binary(max_size=200))
def test_decoded_text_is_one_line(value: bytes) -> None:
    assert len(headers.text(b"=?utf-8?q?" + value).splitlines()) <= 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8*fr?q?caf=C3=A9?=", "café"),  # RFC 2231 section 5: a language
        ("a =?utf-8?q?b?= =?utf-8?q?c?= d", "a bc d"),
        ("=?utf-8?q?b?=\r\n =?utf-8?q?c?=", "bc"),
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),  # a character cut in two
        ("=?utf-8?b?Y2Fm?=\r\n\t=?utf-8?b?w6k=?=", "café"),
        ("=?utf-8?b?w6k?=", "é"),  # no padding
        ("=?utf-8?q?spaces in =C3=A9 it?=", "spaces in é it"),
        ("=?utf-8?q?no_end", "no end"),
        ("=?utf-8?q?one =?utf-8?q?two?=", "onetwo"),
        ("x=?utf-8?q?glued?=y", "xgluedy"),
        ("=?utf-8?q?what?_now?=", "what? now"),
        ("=?x-made-up?q?caf=E9?=", "café"),
        ("=?iso-8859-1?q?=80?=", "€"),
        ("=?utf-8?q?two=0D=0Alines?=", "two lines"),
        ("=?gb2312?B?1tDOxA==?=", "中文"),
        ("1 =? 2", "1 =? 2"),
        ("  plain  ", "plain"),
        ("=?UTF-8*de-AT?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ('"=?utf-8?q?Gr=C3=BC=C3=9Fe?="', '"Grüße"'),
        ("=?utf-8?b?w 7w=?=", "ü"),
        ("=?utf-8?b?w7w= ?=", "ü"),
        ("=?utf-8?B?R3LDvA===?=", "Grü"),
        ("=?utf-8?B?R3LDvA==R3LDvA==?=", "GrüGrü"),
        ("=?utf-8?B?R3LDvMOf", "Grüß"),
        ("=?utf-8?b?w7w?= =?utf-8?b?w7w?=", "üü"),  # no padding, twice
        ("=?utf-8?B?R3L?=\r\n =?utf-8?B?DvA==?=", "Grü"),  # encoded first and cut then
        ("=?utf-8?Q?Gr=?= =?utf-8?Q?C3=BC?=", "Grü"),
        ("=?utf-8?Q?Gr=C?= =?utf-8?Q?3=BC?=", "Grü"),
        ("=?utf-8?Q?a=?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?q?caf=C3?= =?UTF-8?B?qQ==?=", "café"),  # in two encodings
        ("=?gb2312?B?1g==?= =?gb2312?B?0M7E?=", "中文"),
        ("=?utf-8?q?a_b?= =?iso-8859-1?q?=FC?=", "a bü"),
        ("=?utf-8 ?q?=C3=BC?=", "ü"),
        ("=? utf-8 ? Q ?=C3=BC?=", "ü"),
        ('=?"utf-8"?q?=C3=BC?=', "ü"),
        ("=?windows-1252http-equiv?q?=80?=", "€"),
        ("=?utf-8?q?=3D=3Futf-8=3FQ=3FGr=3DC3=3DBC=3F=3D?=", "Grü"),  # encoded once more
        ("=?utf-8?B?PT91dGYtOD9RP0dyPUMzPUJDPz0=?=", "Grü"),
        ("=?utf-8?q?100=25_=zz_=4?=", "100% =zz =4"),
        ("=?utf-8?x?no_such_encoding?=", "=?utf-8?x?no_such_encoding?="),
        ("=?utf-8?q??=", ""),
        ("=?utf-8?q?Grü?= ü", "Grü ü"),  # raw bytes inside
    ],
)
def test_encoded_words_are_read_also_where_they_are_broken(value: str, text: str) -> None:
    assert headers.text(value.encode()) == text


@given(
    st.lists(st.tuples(st.sampled_from("bq"), st.text(min_size=1, max_size=8))), st.sampled_from(["utf-8", "gb18030"])
)
def test_words_are_read_back_wherever_a_program_cuts_them(pieces: list[tuple[str, str]], charset: str) -> None:
    words, expected = list[bytes](), ""
    for encoding, piece in pieces:
        raw = "".join(c if c.isprintable() and c not in "=?" else "x" for c in piece).encode(charset)
        cut = len(raw) // 2
        for half in (raw[:cut], raw[cut:]):
            data = b64encode(half) if encoding == "b" else b"".join(b"=%02X" % byte for byte in half)
            words.append(b"=?%s?%s?%s?=" % (charset.encode(), encoding.encode(), data))
        expected += raw.decode(charset)
    assert headers.text(b"\r\n ".join(words)) == expected.strip()


def test_raw_bytes_are_utf8_or_in_the_charset_of_the_text() -> None:
    assert headers.text("Grüße".encode()) == "Grüße"
    assert headers.text("Grüße".encode("cp1252")) == "Grüße"
    assert headers.text("Привет".encode("koi8-r"), "koi8-r") == "Привет"
    assert headers.text("株式会社".encode("iso2022_jp")) == "株式会社"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@example.com", [("", "a@example.com")]),
        ("<a@example.com>", [("", "a@example.com")]),
        ("Ann <a@example.com>, Bob <b@example.com>", [("Ann", "a@example.com"), ("Bob", "b@example.com")]),
        ('"Doe, Jane" <j@example.com>', [("Doe, Jane", "j@example.com")]),
        (r'"a \"b\" c" <j@example.com>', [('a "b" c', "j@example.com")]),
        ("a@example.com (Ann (the first))", [("Ann (the first)", "a@example.com")]),
        ("Ann (office) <a@example.com>", [("Ann", "a@example.com")]),
        ("Team: a@example.com, Bob <b@example.com>;", [("", "a@example.com"), ("Bob", "b@example.com")]),
        ("undisclosed-recipients:;", []),
        ("a@example.com; b@example.com", [("", "a@example.com"), ("", "b@example.com")]),
        ("a@example.com b@example.com", [("", "a@example.com"), ("", "b@example.com")]),
        ("A <a@example.com> B <b@example.com>", [("A", "a@example.com"), ("B", "b@example.com")]),
        ("Ann a@example.com", [("Ann", "a@example.com")]),
        ("<@relay.test,@other.test:a@example.com>", [("", "a@example.com")]),
        ("<mailto:a@example.com>", [("", "a@example.com")]),
        ("Ann <a@example.com", [("Ann", "a@example.com")]),
        ("<<a@example.com>>", [("", "a@example.com")]),
        ('"a b"@example.com', [("", '"a b"@example.com')]),
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        ("=?utf-8?q?Doe,_J=C3=BCrg?= <j@example.com>", [("Doe, Jürg", "j@example.com")]),
        ('"=?utf-8?q?J=C3=BCrg?=" <j@example.com>', [("Jürg", "j@example.com")]),
        ("Jürg <jürg@example.com>", [("Jürg", "jürg@example.com")]),
        ("Mail Delivery System", [("Mail Delivery System", "")]),
        ("root", [("", "root")]),
        ("Ann <>", [("Ann", "")]),
        (", ,, a@example.com,", [("", "a@example.com")]),
        ("a @ example.com", [("", "a@example.com")]),
        ("", []),
    ],
)
def test_mailboxes_are_found_in_every_form(value: str, found: list[tuple[str, str]]) -> None:
    assert who(value) == found


def test_names_in_a_multibyte_charset_keep_their_quotes_and_brackets() -> None:
    raw = "株式会社 <a@example.com>".encode("iso2022_jp")
    assert headers.addresses(raw) == (Address(name="株式会社", address="a@example.com"),)


def test_twenty_thousand_recipients_are_twenty_thousand_addresses() -> None:
    value = ", ".join(f'"Name, {i}" <u{i}@example.com>' for i in range(20_000)).encode()
    assert len(headers.addresses(value)) == 20_000


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (b'text/plain; charset="utf-8"', "charset", "utf-8"),
        (b"text/plain; charset=utf-8 (as they say)", "charset", "utf-8"),
        (b"text/plain; charset=utf-8 format=flowed", "format", "flowed"),
        (b'application/pdf; name="a; b.pdf"', "name", "a; b.pdf"),
        (b"application/pdf; name=my report.pdf", "name", "my report.pdf"),
        (b"application/pdf; name=report (1).pdf; x=y", "name", "report (1).pdf"),
        (b'application/pdf; name="C:\\dir\\a.pdf"', "name", "C:\\dir\\a.pdf"),
        (b'application/pdf; name="no end.pdf', "name", "no end.pdf"),
        (b"attachment; filename*=utf-8''caf%C3%A9.pdf", "filename", "café.pdf"),
        (b"attachment; filename=plain.pdf; filename*=utf-8''caf%C3%A9.pdf", "filename", "café.pdf"),
        (b'attachment; filename*0="one"; filename*1="two.pdf"', "filename", "onetwo.pdf"),
        (b"attachment; filename*1*=%C3%A9.pdf; filename*0*=utf-8''caf", "filename", "café.pdf"),
        (b"attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9.pdf", "filename", "café.pdf"),
        (b'attachment; filename="=?utf-8?q?caf=C3=A9.pdf?="', "filename", "café.pdf"),
        ('attachment; filename="café.pdf"'.encode("cp1252"), "filename", "café.pdf"),
        (b"attachment; filename=a; filename=b", "filename", "a"),
        (b'attachment; filename=""; filename=b', "filename", "b"),
        (b"attachment; filename*=caf%C3%A9.pdf", "filename", "café.pdf"),  # no charset
        (b"attachment; filename*=''caf%C3%A9.pdf", "filename", "café.pdf"),
        (b"attachment; filename*=utf-8'caf%C3%A9.pdf", "filename", "café.pdf"),
        (b"attachment; filename*=it's%20here.pdf", "filename", "it's here.pdf"),
        (b"attachment; filename*=utf-8'fr'caf%C3%A9.pdf", "filename", "café.pdf"),
        (b"attachment; filename*=\"utf-8''caf%C3%A9.pdf\"", "filename", "café.pdf"),
        (b"attachment; filename*=x-bogus''caf%E9.pdf", "filename", "café.pdf"),
        (b"attachment; filename*=utf-8''100%ZZ%4%", "filename", "100%ZZ%4%"),
        (b"attachment; filename*0*=utf-8''a%20; filename*1=b%20", "filename", "a b%20"),  # the second is plain
        (b"attachment; filename*2=c; filename*0=a; filename*1=b", "filename", "abc"),
        (b"attachment; filename*0=a; filename*2=c.pdf", "filename", "ac.pdf"),  # a gap
        (b"attachment; filename*1=a; filename*2=b", "filename", "ab"),  # counted from one
        (b"attachment; filename*1=a; filename=b", "filename", "b"),
        (b"attachment; filename*0=a; filename*0=x; filename*1=b", "filename", "ab"),
        (b"attachment; filename*00=a; filename*01=b", "filename", "ab"),
        (b'attachment; filename*0="=?utf-8?Q?caf"; filename*1="=C3=A9?="', "filename", "café"),
        (b"attachment; filename==?utf-8?Q?a?= =?utf-8?Q?b.pdf?=; size=3", "filename", "ab.pdf"),
        (b'attachment; filename="the "new" one.pdf"; size=3', "filename", 'the "new" one.pdf'),
        (b'attachment; filename="the "new" one.pdf"', "filename", 'the "new" one.pdf'),
        (b'attachment; filename="a.pdf" size=3; x="y"', "filename", "a.pdf"),
        (b"attachment filename=a.pdf", "filename", "a.pdf"),
        (b"filename=a.pdf", "filename", "a.pdf"),
        (b"text/plain charset=utf-8", "charset", "utf-8"),
        (b"text/plain; (a comment) charset (another) = utf-8", "charset", "utf-8"),
        (b"text/plain;charset=utf-8;;;format=flowed;", "format", "flowed"),
        (b"multipart/mixed; boundary=----=_x", "boundary", "----=_x"),
        (b'multipart/mixed; boundary="a\\"b"', "boundary", 'a"b'),
    ],
)
def test_parameters_are_read_in_every_form(value: bytes, name: str, expected: str) -> None:
    assert headers.parameters(value)[1][name] == expected


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (b"", ""),
        (b"TEXT / Plain; charset=utf-8", "text/plain"),
        (b"text/plain (a comment); charset=utf-8", "text/plain"),
        (b'"text/plain"', "text/plain"),
        (b"text/plain charset=utf-8", "text/plain"),
        (b"Attachment;", "attachment"),
        (b"filename=a.pdf", ""),
    ],
)
def test_the_token_is_read_in_every_form(value: bytes, token: str) -> None:
    assert headers.parameters(value)[0] == token


NAMES = st.sampled_from(["charset", "name", "filename", "boundary", "a", "A", "size"])
VALUES = st.text("ab=_.-+'/%", min_size=1, max_size=6) | st.text("ab ;=(),_.'", max_size=8).map(lambda v: f'"{v}"')


@given(st.lists(st.tuples(NAMES, VALUES, st.sampled_from(["; ", ";", ";  "])), max_size=4))
def test_the_short_way_reads_what_the_long_way_reads(pairs: list[tuple[str, str, str]]) -> None:
    value = "Text/Plain" + "".join(f"{separator}{name}={written}" for name, written, separator in pairs)
    long_way = f"{value}; x=é".encode()  # nothing but ASCII goes the short way
    token, found = headers.parameters(long_way)
    found.pop("x")
    assert headers.parameters(value.encode()) == (token, found)


def test_eight_thousand_continuations_are_bounded() -> None:
    value = b"attachment" + b"".join(b"; filename*%d=x" % i for i in range(8_000))
    assert 0 < len(headers.parameters(value)[1]["filename"]) <= 1_000


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (b"<a@example.com>", ["a@example.com"]),
        (b"<a@example.com>\r\n <b@example.com> <a@example.com>", ["a@example.com", "b@example.com"]),
        (b"<a@example.com>,<b@example.com>", ["a@example.com", "b@example.com"]),
        (b"a@example.com", ["a@example.com"]),
        (b'Your message of "Mon, 1 Jan" <a@example.com>', ["a@example.com"]),
        (b"<folded@\r\n example.com>", ["folded@example.com"]),
        (b"", []),
    ],
)
def test_ids_come_without_brackets_each_once(value: bytes, ids: list[str]) -> None:
    assert list(headers.message_ids(value)) == ids


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (b"Mon, 05 Feb 2024 10:00:00 +0100", "2024-02-05T10:00:00+01:00"),
        (b"5 Feb 24 10:00 EST (a comment)", "2024-02-05T10:00:00-05:00"),
        (b"Mon, 05 Feb 2024 10:00:00", "2024-02-05T10:00:00+00:00"),
        (b"Mon, 05 Feb 2024 10:00:00 -0000", "2024-02-05T10:00:00+00:00"),
        (b"2024-02-05T10:00:00+01:00", "2024-02-05T10:00:00+01:00"),
        (b"Mon, 99 Feb 2024 10:00:00 +0100", None),
        (b"Mon, 05 Feb 2024 10:00:00 +9999", None),
        (b"yesterday", None),
        (b"1 " * 100_000, None),
        (b"", None),
    ],
)
def test_a_date_has_its_offset_and_a_mad_one_is_none(value: bytes, date: str | None) -> None:
    assert headers.date(value) == date


@pytest.mark.parametrize(
    "unit",
    [b"=?a?q?x", b"=?a?q?", b"=?", b"a=b ", b"a=b;", b'a="b', b"x*0=a;", b"<a", b'<a"', b"(", b"a@b:", b"a ", b"@ ",
     b'\\"', b"[", b"a@b ", b"<>", b"a,", b"\x1b$B", b"\xff"],
)  # fmt: skip
def test_a_very_long_value_takes_no_longer_than_it_is_long(unit: bytes) -> None:
    value = b"x;" + unit * (400_000 // len(unit)) + b" a@b" + b" b" * 40_000 + b" :" * 40_000
    headers.text(value)
    headers.addresses(value)
    headers.message_ids(value)
    headers.parameters(value)
