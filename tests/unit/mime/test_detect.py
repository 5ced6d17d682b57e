import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.detect import detected_type


@given(st.binary(max_size=64))
def test_any_bytes_have_a_type_or_none(head: bytes) -> None:
    assert detected_type(head) is None or "/" in str(detected_type(head))


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"PK\x03\x04\x14\0", "application/zip"),
        (b"PK\x03\x04....[Content_Types].xml....word/document.xml",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"MZ\x90\0", "application/vnd.microsoft.portable-executable"),
        (b"\n  <!DOCTYPE html>", "text/html"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"Dear all,", None),
        (b"", None),
    ],
)  # fmt: skip
def test_the_first_bytes_tell_the_type(head: bytes, found: str | None) -> None:
    assert detected_type(head) == found
