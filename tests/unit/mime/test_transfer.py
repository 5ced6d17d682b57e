import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import transfer

ENCODINGS = ("7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "unheard-of")


@given(st.sampled_from(ENCODINGS), st.lists(st.binary(max_size=80), max_size=12))
def test_any_chunking_gives_the_bytes_of_the_whole(encoding: str, chunks: list[bytes]) -> None:
    decoder = transfer.decoder(encoding)
    streamed = b"".join(decoder.feed(chunk) for chunk in chunks) + decoder.finish()
    assert streamed == transfer.decode(encoding, b"".join(chunks))


@given(st.sampled_from(ENCODINGS), st.text(alphabet="AQ=4 \t\r\nbegind`M#-", max_size=200), st.integers(1, 7))
def test_chunks_that_cut_escapes_and_line_ends_change_nothing(encoding: str, text: str, size: int) -> None:
    body = text.encode()
    decoder = transfer.decoder(encoding)
    pieces = [decoder.feed(body[i : i + size]) for i in range(0, len(body), size)]
    assert b"".join(pieces) + decoder.finish() == transfer.decode(encoding, body)


@given(st.binary(max_size=500))
def test_what_was_encoded_comes_back(data: bytes) -> None:
    assert transfer.decode("base64", base64.encodebytes(data)) == data


@given(st.text(max_size=300))
def test_quoted_printable_text_comes_back(text: str) -> None:
    data = text.replace("\r", "").encode("utf-8", "replace")
    encoded = quopri.encodestring(data)
    assert transfer.decode("quoted-printable", encoded) == data


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVsbG8", b"hello"),  # the padding is missing
        (b"aGVs\r\n bG8=\r\n", b"hello"),
        (b"a-G*V!sbG8=", b"hello"),  # junk in between
        (b"aGVsbG8=aGVsbG8=", b"hellohello"),  # two, one after the other
        (b"aGVsbG8=\r\naGVsbG8=\r\n", b"hellohello"),
        (b"aGVsbG8hQ", b"hello!"),  # a last character that holds less than a byte
        (b"====", b""),
        (b"", b""),
    ],
)
def test_base64_is_read_however_it_is_broken(body: bytes, decoded: bytes) -> None:
    assert transfer.decode("base64", body) == decoded


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b"caf=C3=A9", "café".encode()),
        (b"caf=c3=a9", "café".encode()),  # lower case
        (b"soft=\r\nbreak", b"softbreak"),
        (b"soft= \t\r\nbreak", b"softbreak"),  # white space that was added on the way
        (b"line   \r\nnext", b"line\r\nnext"),
        (b"100=%", b"100=%"),  # a sign that nobody encoded
        (b"a=\rb", b"a=\rb"),
        (b"end=", b"end"),
    ],
)
def test_quoted_printable_is_read_however_it_is_broken(body: bytes, decoded: bytes) -> None:
    assert transfer.decode("quoted-printable", body) == decoded


def test_uuencoded_lines_stand_between_begin_and_end() -> None:
    body = b"begin 644 cat.txt\n#0V%T\n`\nend\nnot any more\n"
    assert transfer.decode("uuencode", body) == b"Cat"


def test_an_unknown_encoding_leaves_the_bytes_alone() -> None:
    assert transfer.normal("x-secret") == "7bit"
    assert transfer.decode("x-secret", b"as it is") == b"as it is"


LINES = st.lists(
    st.sampled_from([b"QUJD", b"QQ==", b"QUI=", b"\r\n", b"\n", b"=", b" ", b"-", b"\xff", b"QUJDREVG"]), max_size=30
)


@given(LINES.map(b"".join), st.integers(1, 9))
def test_base64_is_decoded_alike_in_whole_lines_and_in_pieces(body: bytes, step: int) -> None:
    stream = transfer.decoder("base64")
    one_by_one = b"".join(stream.feed(body[at : at + 1]) for at in range(len(body))) + stream.finish()
    stream = transfer.decoder("base64")
    stepwise = b"".join(stream.feed(body[at : at + step]) for at in range(0, len(body), step)) + stream.finish()
    assert transfer.decode("base64", body) == stepwise == one_by_one
