import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.charsets import to_text

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
