import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.scan import MOST_PARTS, TooComplex, content, scan

MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


def bodies(raw: bytes) -> list[tuple[str, bytes]]:
    return [(e.path, content(raw, e)) for e in scan(raw).walk() if not e.children]


PIECES = (
    *(b"--b", b"--b--", b"--bb", b"--c--", b"\n", b"\r\n", b"\n--", b" ", b"text", b"\0\xff"),
    b"Content-Type: multipart/x; boundary=b\n",
    b"Content-Type: multipart/mixed; boundary=c\n",
    b"Content-Type: message/rfc822\n\n",
)


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_whatever_the_bytes_are_every_part_lies_inside_them_and_none_in_another(raw: bytes) -> None:
    position = 0
    for entity in scan(MIXED + raw).walk():
        assert 0 <= entity.span.start <= entity.span.end <= len(MIXED + raw)
        if not entity.children:
            assert entity.span.start >= position
            position = entity.span.end


@given(st.lists(st.text(alphabet="abc -", max_size=20), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_was_put_into_a_multipart_comes_out_of_it(texts: list[str], end: str) -> None:
    parts = "".join(f"--=_b{end}{end}{text}{end}" for text in texts)
    raw = f'Content-Type: multipart/mixed; boundary="=_b"{end}{end}preamble{end}{parts}--=_b--{end}after'.encode()
    assert [body.decode() for _, body in bodies(raw)] == texts
    assert scan(raw).defects == ()


def test_a_simple_mail_is_part_one() -> None:
    root = scan(b"Subject: hi\r\n there\r\n\r\nhello\r\n")
    assert (root.path, root.content_type, root.field("subject")) == ("1", "text/plain", b"hi there")
    assert bodies(b"Subject: hi\n\nhello") == [("1", b"hello")]


def test_paths_are_part_numbers_and_attached_messages_follow_a_slash() -> None:
    raw = (
        MIXED + b"--b\n\none\n--b\nContent-Type: message/rfc822\n\n"
        b"Content-Type: multipart/mixed; boundary=c\n\n--c\n\nin 1\n--c\n\nin 2\n--c--\n"
        b"--b\nContent-Type: multipart/alternative; boundary=d\n\n--d\n\nthree one\n--d--\n--b--\n"
    )
    assert bodies(raw) == [("1", b"one"), ("2/1", b"in 1"), ("2/2", b"in 2"), ("3.1", b"three one")]
    assert [e.path for e in scan(raw).walk()] == ["", "1", "2", "2/", "2/1", "2/2", "3", "3.1"]


def test_one_boundary_may_begin_like_another() -> None:
    raw = MIXED + b"--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\ninner\n--bb--\n--b\n\nouter\n--b--\n"
    assert bodies(raw) == [("1.1", b"inner"), ("2", b"outer")]


def test_an_unclosed_multipart_ends_where_its_parent_goes_on() -> None:
    raw = MIXED + b"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--b\n\nouter\n"
    assert bodies(raw) == [("1.1", b"inner"), ("2", b"outer\n")]
    assert "unclosed_multipart" in scan(raw).defects


def test_a_closing_line_may_have_a_tail() -> None:
    assert bodies(MIXED + b"--b and more\n\none\n--b-->\nepilogue") == [("1", b"one")]


def test_a_header_without_its_blank_line_is_followed_by_the_body() -> None:
    root = scan(b"Subject: hi\nhello world\n")
    assert (root.field("subject"), root.defects) == (b"hi", ("no_blank_line",))
    assert bodies(b"Subject: hi\nhello world\n") == [("1", b"hello world\n")]


def test_a_part_may_have_no_header_and_no_body() -> None:
    assert bodies(MIXED + b"--b\n--b\n\n--b--\n") == [("1", b""), ("2", b"")]


def test_a_parameter_that_lost_its_indent_still_belongs_to_its_field() -> None:
    raw = b"Content-Type: multipart/mixed;\nboundary=b\n\n--b\n\none\n--b--\n"
    assert bodies(raw) == [("1", b"one")]


@pytest.mark.parametrize("above", [b"From a@example.com Mon Jan 1\n", b">From a@example.com\n", b"\xef\xbb\xbf", b" "])
def test_what_stands_above_the_header_is_passed_over(above: bytes) -> None:
    assert scan(above + b"Subject: hi\n\nbody").field("subject") == b"hi"


def test_a_multipart_without_a_boundary_parameter_is_read_by_its_lines() -> None:
    raw = b"Content-Type: multipart/mixed\n\n--x\n\none\n--x\n\ntwo\n--x--\n"
    assert bodies(raw) == [("1", b"one"), ("2", b"two")]


def test_a_multipart_without_any_part_is_one_leaf() -> None:
    root = scan(MIXED + b"only text\n")
    assert (root.path, root.children, root.defects) == ("1", (), ("unclosed_multipart", "multipart_without_parts"))


def test_a_digest_holds_messages() -> None:
    raw = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: inner\n\ntext\n--b--\n"
    holder = scan(raw).children[0]
    assert (holder.content_type, holder.children[0].field("subject")) == ("message/rfc822", b"inner")


def test_too_many_parts_are_too_complex() -> None:
    with pytest.raises(TooComplex, match=str(MOST_PARTS)):
        scan(MIXED + b"--b\n" * 1_000_000)


def test_what_is_nested_too_deep_is_one_leaf() -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5_000))
    assert sum(1 for _ in scan(raw).walk()) < 200


def test_a_million_foreign_boundaries_are_text() -> None:
    raw = MIXED + b"--b\n\n" + b"--c\n" * 1_000_000 + b"--b--\n"
    assert len(scan(raw).children) == 1


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_lines_that_are_passed_over_quickly_are_no_delimiters(raw: bytes) -> None:
    """Far from the end of a mail, what begins otherwise than a delimiter is not looked at."""
    tail = b"\nx" + b"y" * 20_000
    near, far = (scan(MIXED + raw + end) for end in (b"\nx", tail))
    assert [(e.path, e.span.start, e.content_type) for e in near.walk()] == [
        (e.path, e.span.start, e.content_type) for e in far.walk()
    ]
