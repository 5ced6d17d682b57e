"""Golden mails: `golden/<case>.eml` must read as `golden/<case>.json` says; a mismatch writes `<case>.actual.json`."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.message import Message
from postroom.mime import transfer
from postroom.mime.message import fingerprint, read

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.eml"))


@pytest.mark.parametrize("case", CASES)
def test_a_golden_mail_reads_as_it_is_written_down(case: str) -> None:
    message = read((GOLDEN / f"{case}.eml").read_bytes())
    actual = json.loads(msgspec.json.encode(message))
    expected = json.loads((GOLDEN / f"{case}.json").read_text(encoding="utf-8"))
    shown = {name: actual[name] for name in expected}
    if shown != expected:
        text = json.dumps(shown, ensure_ascii=False, indent=2)
        (GOLDEN / f"{case}.actual.json").write_text(text + "\n", encoding="utf-8")
    assert shown == expected


def test_every_golden_mail_has_its_line_in_the_readme() -> None:
    listed = (GOLDEN / "README.md").read_text(encoding="utf-8")
    assert [case for case in CASES if f"`{case}`" not in listed] == []


@pytest.mark.parametrize("case", CASES)
def test_the_span_of_an_attachment_gives_the_bytes_that_were_hashed(case: str) -> None:
    raw = (GOLDEN / f"{case}.eml").read_bytes()
    for attachment in read(raw).attachments:
        if attachment.span:
            span = attachment.span
            content = transfer.decode(span.encoding, raw[span.start : span.end])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (attachment.size, attachment.sha256)


@pytest.mark.parametrize("case", CASES)
def test_a_mail_reads_the_same_with_other_line_ends(case: str) -> None:
    raw = (GOLDEN / f"{case}.eml").read_bytes().replace(b"\r\n", b"\n")
    unix, windows = read(raw), read(raw.replace(b"\n", b"\r\n"))
    assert [(a.path, a.filename) for a in unix.attachments] == [(a.path, a.filename) for a in windows.attachments]
    assert (unix.subject, unix.from_, unix.text) == (windows.subject, windows.from_, windows.text)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_that_json_can_hold(raw: bytes) -> None:
    assert msgspec.json.decode(msgspec.json.encode(read(raw)), type=Message) == read(raw)


@given(st.sampled_from(CASES), st.integers(0, 10_000), st.integers(0, 300))
def test_a_damaged_mail_is_still_a_message(case: str, start: int, length: int) -> None:
    raw = (GOLDEN / f"{case}.eml").read_bytes()
    assert isinstance(read(raw[:start] + raw[start + length :]), Message)


def test_a_mail_that_was_sent_again_has_the_same_fingerprint() -> None:
    raw = b"Message-ID: <a@example.com>\nFrom: a@example.com\n\nhello\n"
    again = b"Received: from a by b\n" + raw
    other = raw.replace(b"hello", b"hallo")
    assert fingerprint(read(raw)) == fingerprint(read(again))
    assert fingerprint(read(raw)) != fingerprint(read(other))


def test_two_fields_never_run_into_one_in_a_fingerprint() -> None:
    one = read(b"Message-ID: <ab>\nFrom: c@example.com\n\n")
    two = read(b"Message-ID: <a>\nFrom: bc@example.com\n\n")
    assert fingerprint(one) != fingerprint(two)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"SGVsbG8gd29ybGQ=\n", "Hello world"),
        (b"\n\nSGVs\nbG8=\n", "Hello"),
        (b"SGVs bG8g d29y bGQ=\n", "Hello world"),
        (b"Dear all, this is plain.\n", "Dear all, this is plain.\n"),
        (b"Thanks a lot\n", "Thanks a lot\n"),
        (b"Hello", "Hello"),
        (b"", ""),
    ],
)
def test_a_text_that_says_base64_and_is_none_stays_readable(body: bytes, text: str) -> None:
    assert read(b"Content-Transfer-Encoding: base64\n\n" + body).text == text
