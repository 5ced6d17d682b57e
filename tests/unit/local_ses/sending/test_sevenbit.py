"""Mail that is made 7-bit, and mail that is too tangled to be."""

from local.ses.sending.sevenbit import sevenbit


def test_parameters_without_end_leave_the_mail_as_it_is() -> None:
    """Python's reading of them takes the square of their number: hours, for a mail that somebody forwards."""
    endless = b"Content-Type: multipart/mixed" + b";\r\n " * 500_000 + b'boundary="b"\r\n\r\n'
    raw = endless + b"--b\r\nContent-Type: text/plain\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n--b--\r\n"
    assert sevenbit(raw) == raw


def test_text_of_eight_bits_is_quoted() -> None:
    raw = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
    assert sevenbit(raw).isascii()
