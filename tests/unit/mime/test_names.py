import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.names import LONGEST, LONGEST_BYTES, safe_filename


@given(st.none() | st.text(max_size=400), st.sampled_from(["application/pdf", "x/y", "text/plain", ""]))
def test_a_safe_name_is_never_empty_long_a_path_or_a_trick(name: str | None, content_type: str) -> None:
    safe = safe_filename(name, content_type)
    assert 0 < len(safe) <= LONGEST
    assert len(safe.encode()) <= LONGEST_BYTES
    assert not safe.startswith("-")
    assert not set(safe) & set('/\\:*?"<>|%\0')
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in safe)
    assert safe == safe.strip(". ")


@pytest.mark.parametrize(
    ("name", "content_type", "safe"),
    [
        ("report.pdf", "application/pdf", "report.pdf"),
        ("Übersicht 2024.xlsx", "application/octet-stream", "Übersicht 2024.xlsx"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\windows\\system.ini", "text/plain", "system.ini"),
        ("con", "text/plain", "_con.txt"),
        ("LPT1.pdf", "application/pdf", "_LPT1.pdf"),
        ("invoice\u202efdp.exe", "application/pdf", "invoicefdp.exe"),  # shown as invoiceexe.pdf
        ("a\r\nb\0.txt", "text/plain", "a_b_.txt"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("...", "application/pdf", "attachment.pdf"),
        (None, "image/png", "attachment.png"),
        (None, "x/unknown", "attachment.bin"),
        (None, "message/rfc822", "attachment.eml"),
        ("x" * 500 + ".pdf", "application/pdf", "x" * 100 + ".pdf"),
        ("漢" * 200 + ".pdf", "application/pdf", "漢" * 72 + ".pdf"),
        ("-rf.txt", "text/plain", "_-rf.txt"),
        ("a\u3164\u3164\u2800.exe", "application/pdf", "a.exe"),
        ("two.parts.tar.gz", "application/gzip", "two.parts.tar.gz"),
    ],
)
def test_what_becomes_of_a_name(name: str | None, content_type: str, safe: str) -> None:
    assert safe_filename(name, content_type) == safe
