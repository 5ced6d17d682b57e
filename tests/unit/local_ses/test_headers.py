"""The header section as SES reports it, of whatever strangers write."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses import headers

HEADER_BYTES = st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"A", b"From", b"\xe9", b"<", b"@"]))


@given(pieces=HEADER_BYTES)
def test_what_is_split_can_be_put_together_again(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    fields, end = headers.split(raw)
    assert headers.without(fields, []) + raw[end:] == raw


@given(raw=st.binary(max_size=300))
def test_no_bytes_are_too_strange_to_be_reported(raw: bytes) -> None:
    fields, _ = headers.split(raw)
    assert json.dumps(headers.reported(fields))


def test_values_are_unfolded_and_not_decoded() -> None:
    fields, end = headers.split(b"Subject: one\r\n two\r\nX: =?utf-8?q?=C3=A9?=\r\n\r\nbody")
    assert [(field.name, field.value) for field in fields] == [("Subject", "one two"), ("X", "=?utf-8?q?=C3=A9?=")]
    assert b"Subject: one\r\n two\r\nX: =?utf-8?q?=C3=A9?=\r\n\r\nbody"[end:] == b"\r\nbody"


def test_a_mail_without_headers_has_none() -> None:
    assert headers.split(b"\r\nonly a body: yes\r\n") == ((), 0)


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("a@example.com, b@example.com", ["a@example.com", "b@example.com"]),
        ('"Doe, Jane" <jane@example.com>, b@example.com', ['"Doe, Jane" <jane@example.com>', "b@example.com"]),
        ('"a\\"b, c" <x@example.com>', ['"a\\"b, c" <x@example.com>']),
        ("a@example.com (one, two)", ["a@example.com (one, two)"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_an_address_list_is_split_where_its_members_end(value: str, members: list[str]) -> None:
    assert headers.mailboxes(value) == members


def test_headers_of_more_than_10_kb_are_cut_and_it_is_said() -> None:
    raw = b"From: a@example.com\r\n" + b"".join(b"X-Pad: %d %s\r\n" % (n, b"x" * 90) for n in range(200)) + b"\r\n"
    fields, _ = headers.split(raw)
    report = headers.reported(fields)
    assert report["headersTruncated"] is True
    assert len(json.dumps(report["headers"])) < 20_000
    assert report["commonHeaders"] == {"from": ["a@example.com"]}


def test_fields_without_end_cost_nothing_and_none_is_lost() -> None:
    raw = b"a:\r\n" * 300_000 + b"X-Last: yes\r\n\r\nbody"
    fields, end = headers.split(raw)
    assert len(fields) < 10_000
    assert headers.without(fields, []) + raw[end:] == raw


def test_common_headers_are_read_for_people() -> None:
    raw = b"From: =?utf-8?q?J=C3=B6rg?= <j@example.com>\r\nSubject: =?utf-8?b?w6k=?=\r\nMessage-ID: <1@a.test>\r\n\r\n"
    fields, _ = headers.split(raw)
    assert headers.reported(fields)["commonHeaders"] == {
        "from": ["Jörg <j@example.com>"],
        "messageId": "<1@a.test>",
        "subject": "é",
    }


def test_a_word_in_punycode_stays_as_it_is() -> None:
    """RFC 3492 is for host names; Python takes time for it by the square of its length."""
    assert headers.decoded("=?punycode?q?Grsse-5ya?=") == "=?punycode?q?Grsse-5ya?="


@pytest.mark.parametrize(
    "raw", [b"A: b" * 12_000_000, b"A: b\r\n" * 8_000_000, b"A:" + b"\r\n b" * 12_000_000, b"\n" + b"x" * 48_000_000]
)
def test_a_section_as_large_as_a_mail_is_split_in_bounds_and_nothing_of_it_is_lost(raw: bytes) -> None:
    fields, end = headers.split(raw)
    assert b"".join(field.raw for field in fields) == raw[:end]
    assert all(len(field.value) <= 256 * 1024 for field in fields)


@given(
    st.binary(max_size=40), st.sampled_from([b"\n\n", b"\n\r\n", b"\r\n\r\n", b"\r\n\n", b""]), st.binary(max_size=40)
)
def test_the_section_ends_at_the_first_empty_line_of_any_kind(head: bytes, end: bytes, body: bytes) -> None:
    raw = b"A: b" + head + end + body
    lines = raw.split(b"\n")
    empty = next((n for n, line in enumerate(lines[1:-1], start=1) if line in (b"", b"\r")), None)
    assert headers.split(raw)[1] == (len(raw) if empty is None else len(b"\n".join(lines[:empty])) + 1)
