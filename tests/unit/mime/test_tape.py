"""A mail that comes in pieces is the same mail."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.message import read
from postroom.mime.scan import scan
from postroom.mime.tape import Tape
from tests.unit.mime.test_scan import PIECES

MIXED = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
PARTS = (
    *PIECES,
    b"Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\nREVG\r\nRw==\r\n",
    b"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>a=\n b=3D</p>",
    b"Content-Disposition: attachment;\n filename=a.txt\n\n",
    b"X-Long: " + b"y" * 40 + b"\n\tz\n",
)
mails = st.lists(st.sampled_from(PARTS), max_size=30).map(b"".join).map(MIXED.__add__) | st.binary(max_size=200)


def cut(raw: bytes, lengths: list[int]) -> Iterator[bytes]:
    position = 0
    for length in lengths:
        yield raw[position : position + length]
        position += length
    yield raw[position:]


@given(mails, st.lists(st.integers(1, 40), max_size=60))
def test_a_mail_is_the_same_however_it_is_cut(raw: bytes, lengths: list[int]) -> None:
    assert scan(cut(raw, lengths)) == scan(raw)
    assert read(cut(raw, lengths)) == read(raw)


@given(mails)
def test_a_mail_is_the_same_byte_by_byte(raw: bytes) -> None:
    assert read(raw[at : at + 1] for at in range(len(raw))) == read(raw)


def test_what_has_passed_is_let_go() -> None:
    held = 0
    tape = Tape(b"x" * 1000 for _ in range(1000))
    while tape.load():
        tape.pass_to(tape.end - 10)
        held = max(held, len(tape.held))
    assert held <= 3000
    assert tape.end == 1_000_000
