"""How a mail is read after DATA: any bytes come as they were sent, and nothing but its end ends it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses import content


def _read(sent: bytes, limit: int = 1_000_000, window: int = 16, step: int = 1000) -> tuple[bytes | None, bytes]:
    """What is read of bytes that come in steps, and what is left for the next command."""

    async def read() -> tuple[bytes | None, bytes]:
        reader = asyncio.StreamReader(limit=window)

        async def feed() -> None:
            for start in range(0, len(sent), step):
                reader.feed_data(sent[start : start + step])
                await asyncio.sleep(0)
            reader.feed_eof()

        feeding = asyncio.create_task(feed())
        mail = await asyncio.wait_for(content.read(reader, limit), 10)
        await feeding
        return mail, await reader.read()

    return asyncio.run(read())


_LINES = st.lists(st.sampled_from([b".", b"..", b"\r", b"\n", b"\n.\n", b"\r.\r", b"\n.\r", b"", b"x" * 40, b"\0"]))


@given(lines=_LINES, step=st.integers(1, 50))
def test_lines_of_any_bytes_come_as_they_were(lines: list[bytes], step: int) -> None:
    lines = [line.replace(b"\r\n", b"") for line in lines if not line.endswith(b"\r")]
    mail = b"".join(line + b"\r\n" for line in lines)
    sent = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    assert _read(sent + b".\r\nQUIT\r\n", step=step) == (mail, b"QUIT\r\n")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n"])
def test_nothing_that_only_looks_like_the_end_ends_a_mail(end: bytes) -> None:
    """SMTP smuggling: what another server takes for one mail must not be two here."""
    sent = b"one" + end + b"MAIL FROM:<evil@example.org>\r\n"
    mail, left = _read(sent + b".\r\n")
    assert mail is not None
    assert mail.replace(b"\r\n", b"\n") == sent.replace(b"\r\n.", b"\r\n").replace(b"\r\n", b"\n")
    assert left == b""


def test_a_mail_that_is_too_large_is_read_to_its_end_and_gone() -> None:
    assert _read(b"x" * 5000 + b"\r\n.\r\nQUIT\r\n", limit=4000) == (None, b"QUIT\r\n")
    assert _read(b"x\r\n" * 2000 + b".\r\nQUIT\r\n", limit=4000) == (None, b"QUIT\r\n")


def test_a_mail_of_the_largest_size_is_taken() -> None:
    assert _read(b"x" * 3998 + b"\r\n.\r\n", limit=4000) == (b"x" * 3998 + b"\r\n", b"")
