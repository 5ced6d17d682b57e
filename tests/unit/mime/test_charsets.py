import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import japanese
from postroom.mime.charsets import known, to_text

NAMES = (None, "", "utf-8", "us-ascii", "latin1", "gb2312", "ks_c_5601-1987", "iso-2022-jp", "utf-7", "utf-16", "hex",
         "zip", "punycode", "idna", "unknown-8bit", "x-made-up", "\x00", "big5", "shift_jis", "hz-gb-2312")  # fmt: skip


@given(st.binary(max_size=300), st.sampled_from(NAMES) | st.text(max_size=20))
def test_nothing_that_is_declared_raises(body: bytes, declared: str | None) -> None:
    assert to_text(body, declared).encode("utf-8") is not None


@given(st.binary(min_size=1, max_size=300).filter(lambda b: b.strip(b"\xef\xbb\xbf\xfe\xff\0")))
def test_no_body_is_lost_under_a_charset_that_nobody_knows(body: bytes) -> None:
    assert to_text(body, "x-made-up")


@given(st.text(max_size=200))
def test_utf8_is_read_under_any_latin_label(text: str) -> None:
    body = text.encode("utf-8", "replace")
    assert to_text(body, "iso-8859-1") == body.decode().removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("text", "sent_as", "declared"),
    [
        ("“smart” – €", "cp1252", "iso-8859-1"),  # RFC 1345 says no; every mail client says yes
        ("“smart” – €", "cp1252", "us-ascii"),
        ("“smart” – €", "cp1252", None),
        ("“smart” – €", "cp1252", "utf-8"),  # the label lies
        ("Grüße", "utf-8", "us-ascii"),
        ("镕基", "gb18030", "gb2312"),  # the first is not in GB 2312
        ("똠방각하", "cp949", "ks_c_5601-1987"),  # the first is not in KS C 5601
        ("株式会社", "iso2022_jp", "ISO-2022-JP"),
        ("株式会社", "iso2022_jp", None),
        ("①②", "cp932", "shift_jis"),
        ("Привет", "koi8-r", "koi8-r"),
        ("İstanbul", "cp1254", "iso-8859-9"),
        ("naïve", "utf-16", "utf-16"),
        ("Grüße", "utf-7", "unicode-1-1-utf-7"),
    ],
)
def test_a_charset_means_what_mail_clients_mean(text: str, sent_as: str, declared: str | None) -> None:
    assert to_text(text.encode(sent_as), declared) == text


def test_a_meta_element_tells_where_the_header_does_not() -> None:
    body = '<html><head><meta charset="windows-1251"></head>Привет'.encode("cp1251")
    assert "Привет" in to_text(body, None)


def test_the_header_counts_before_a_meta_element() -> None:
    body = '<meta charset="windows-1251">Grüße'.encode("cp1252")
    assert "Grüße" in to_text(body, "iso-8859-1")


def test_a_single_bad_byte_costs_one_character_only() -> None:
    body = "あいうえお".encode("euc_jp") * 3 + b"\xff" + "かきくけこ".encode("euc_jp")
    assert "かきくけこ" in to_text(body, "euc-jp")
    assert to_text("Grüße ".encode() + b"\x96", "utf-8") == "Grüße –"


def test_utf16_without_a_null_byte_is_a_label_that_was_forgotten() -> None:
    assert to_text(b"plain text", "utf-16") == "plain text"


def test_half_a_surrogate_pair_is_no_text() -> None:
    to_text(b"+2AA-", "utf-7").encode("utf-8")


@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        ("gb_2312-80", "gb18030", "镕基"),
        ("GB-2312", "gb18030", "镕基"),
        ("x-cp936", "gb18030", "镕基"),
        ("HZ-GB-2312", "hz", "中文"),
        ("cn-big5", "big5", "中文"),
        ("x-x-big5", "big5", "中文"),
        ("windows-950", "cp950", "中文"),
        ("ks_c_5601-1989", "cp949", "똠방각하"),
        ("KSC5601", "cp949", "똠방각하"),
        ("x-windows-949", "cp949", "똠방각하"),
        ("x-sjis", "cp932", "①"),
        ("x-ms-cp932", "cp932", "①"),
        ("shift-jis", "cp932", "①"),
        ("x-eucjp", "euc_jp", "株式会社"),
        ("_iso-2022-jp$ESC", "iso2022_jp", "株式会社"),
        ("jis", "iso2022_jp", "株式会社"),
        ("cp-850", "cp850", "Grüße"),
        ("IBM-850", "cp850", "Grüße"),
        ("windows1251", "cp1251", "Привет"),
        ("win-1251", "cp1251", "Привет"),
        ("x-cp1251", "cp1251", "Привет"),
        ("koi8-ru", "koi8-u", "Привіт"),
        ("koi8r", "koi8-r", "Привет"),
        ("windows-1252http-equiv=content-type", "cp1252", "“Grüße” €"),
        ("iso-8859-1format=flowed", "cp1252", "“Grüße” €"),
        ("ISO-88591", "cp1252", "“Grüße” €"),
        ("ansi", "cp1252", "“Grüße” €"),
        ("latin-9", "iso8859-15", "œuvre €"),
        ("iso-8859-8-i", "iso8859-8", "שלום"),
        ("iso-8859-8i", "iso8859-8", "שלום"),
        ("visual", "iso8859-8", "שלום"),
        ("windows-1255-i", "cp1255", "שלום"),
        ("dos-874", "cp874", "สวัสดี"),
        ("x-mac-ce", "mac_latin2", "Příliš"),
        ("x-mac-ukrainian", "mac_cyrillic", "Привет"),
        ("x-mac-croatian", "mac_croatian", "čšž"),
        ("x-mac-japanese", "cp932", "株式会社"),
        ("macintosh", "mac_roman", "Grüße"),
        ("utf8mb4", "utf-8", "Grüße"),
        ("utf8mb4_unicode_ci", "utf-8", "Grüße"),
        ("charset=utf-8", "utf-8", "Grüße"),
        ("=?utf-8", "utf-8", "Grüße"),
        ("utf-8http-equiv", "utf-8", "Grüße"),
        ("utf_8", "utf-8", "Grüße"),
        ("unicode-2-0-utf-7", "utf-7", "Grüße"),
        ("csUnicode11UTF7", "utf-7", "Grüße"),
        ("ucs-2", "utf-16", "Grüße"),
        ("unicodeFFFE", "utf-16-be", "Grüße"),
        ("cp65001", "utf-8", "Grüße"),
        ("windows-50220", "iso2022_jp", "株式会社"),
        ("iso-8859-2", "cp1250", "“Šárka” – ž"),  # under an ISO label with Windows' own letters in it
        ("iso-8859-7", "cp1253", "“Ελλάδα” – €"),
        ("iso-8859-2", "iso8859-2", "Šárka ž"),
        ("iso-8859-15", "iso8859-15", "€ œuvre"),
    ],
)
def test_names_are_read_as_mail_programs_write_them(declared: str, codec: str, text: str) -> None:
    assert to_text(text.encode(codec), declared) == text
    assert to_text(text.encode(codec), f'"{declared.upper()}";') == text


@pytest.mark.parametrize(
    "name", ["hex", "rot13", "base64", "zip", "punycode", "idna", "undefined", "none", "x", "", "8bit"]
)
def test_what_is_no_charset_is_not_known(name: str) -> None:
    assert not known(name)
    assert to_text("Grüße".encode(), name) == "Grüße"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\x1b$B-!-j\x1b(B", "①㈱"),  # NEC row 13
        (b"\x1b(I6E6E\x1b(B", "ｶﾅｶﾅ"),
        (b"\x0e6E\x0f kana", "ｶﾅ kana"),
        (b"\x1b$B3t<0\n\x1b(I6E\n\x1b$B-!\x1b(J!", "株式\nｶﾅ\n①!"),  # lines that end inside their characters
        (b"\x1b$B|b\x1b(B", "髙"),  # an IBM extension
        (b"\x1b$B3t<0\x1b$(D0!\x1b$B-!\x1b(B", "株式丂①"),
    ],
)
def test_japanese_of_microsofts_programs_is_read(body: bytes, text: str) -> None:
    assert to_text(body, "iso-2022-jp") == text
    if b"\x1b$" in body:
        assert to_text(body, None) == text


def test_escapes_of_no_language_lose_nothing() -> None:
    assert japanese.iso_2022_jp(b"\x1b$A0!\x1b(B") is None
    assert to_text(b"\x1b$", None) == "\x1b$"


def test_half_width_and_circled_characters_are_read_in_euc_jp() -> None:
    assert to_text(b"\xad\xa1 \x8e\xb6\x8e\xc5 \x8f\xb0\xa1", "euc-jp") == "① ｶﾅ 丂"


def test_korean_without_its_designator_is_read() -> None:
    body = "한국".encode("iso2022_kr").removeprefix(b"\x1b$)C")
    assert to_text(body, "iso-2022-kr") == "한국"


@given(st.text(alphabet=[chr(c) for c in range(0x3041, 0x3094)] + list("株式会社 abc\n"), max_size=40))
def test_our_codecs_read_what_pythons_write(text: str) -> None:
    assert japanese.euc_jp(text.encode("euc_jp")) == text
    if not text.isascii():
        assert japanese.iso_2022_jp(text.encode("iso2022_jp")) == text


ESCAPES = (b"\x1b$B", b"\x1b(B", b"\x1b(I", b"\x1b$(D", b"\x0e", b"\n", b"\x1b", b"3t", b"!", b"\xb0")


@given(st.lists(st.sampled_from(ESCAPES)) | st.binary(max_size=50))
def test_no_japanese_raises(pieces: list[bytes] | bytes) -> None:
    body = pieces if isinstance(pieces, bytes) else b"".join(pieces)
    japanese.iso_2022_jp(body)
    japanese.euc_jp(body)
    to_text(body, "iso-2022-jp")


@pytest.mark.parametrize("unit", [b"\x1b", b"\x1b$B3t", b"\x1b(B", b"\xad\xa1", b"\x0e", b"\n", b"+", b"~{", b"\xff"])
def test_a_very_long_body_takes_no_longer_than_it_is_long(unit: bytes) -> None:
    for name in ("iso-2022-jp", "euc-jp", "utf-7", "hz", "iso-2022-kr", "utf-8", None):
        to_text(unit * (400_000 // len(unit)), name)
