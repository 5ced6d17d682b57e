"""What is listed inside an attachment can be taken out of it."""

import binascii
import hashlib

import pytest

from postroom.message import Attachment
from postroom.mime import transfer
from postroom.mime.contents import inside
from postroom.mime.message import read
from tests.unit.mime.test_secured import der, signed
from tests.unit.mime.test_tnef import SAMPLE

INNER = b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\ntext\n--i\nContent-Type: image/png; name=a.png\n\npng\n"
DEEPER = INNER + b"--i\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
HOLDERS = {
    "application/ms-tnef; name=winmail.dat": SAMPLE,
    "message/rfc822": DEEPER + binascii.b2a_base64(SAMPLE) + b"--i--\n",
    "application/pkcs7-mime": signed(der(0x04, INNER + b"--i--\n")),
}


def listed(raw: bytes) -> tuple[Attachment, dict[str, Attachment]]:
    """The holder, and all that lies inside it."""
    holder, *inner = read(raw).attachments
    return holder, {attachment.path: attachment for attachment in inner}


@pytest.mark.parametrize("content_type", HOLDERS)
def test_every_file_that_is_listed_inside_is_taken_out_under_its_path_and_hash(content_type: str) -> None:
    head = f"From: a@b.example\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64\n\n".encode()
    raw = head + binascii.b2a_base64(HOLDERS[content_type])
    holder, inner = listed(raw)
    assert holder.span
    assert inner
    data = transfer.decode(holder.span.encoding, raw[holder.span.start : holder.span.end])
    found = dict(inside(holder, data))
    assert {path: hashlib.sha256(file).hexdigest() for path, file in found.items()} == {
        path: attachment.sha256 for path, attachment in inner.items()
    }


def test_an_attachment_that_is_no_container_has_nothing_inside() -> None:
    [holder] = read(b"Content-Type: image/png\n\npng").attachments
    assert list(inside(holder, b"png")) == []
