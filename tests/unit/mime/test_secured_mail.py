"""Files in the text, and texts in signatures, through the whole of read."""

import binascii

from postroom.mime import secured, transfer
from postroom.mime.message import read
from tests.unit.mime.test_secured import der, signed


def test_a_uuencoded_file_in_the_text_is_attached_and_the_text_is_what_was_written() -> None:
    lines = b"".join(binascii.b2a_uu(b"x" * 45) for _ in range(20))
    raw = b"From: a@b.example\n\nSee below.\nbegin 644 notes.txt\n" + lines + b"`\nend\nBye\n"
    message = read(raw)
    assert message.text == "See below.\nBye\n"
    [file] = message.attachments
    assert (file.path, file.filename, file.size) == ("1/1", "notes.txt", 900)
    assert file.span
    assert transfer.decode(file.span.encoding, raw[file.span.start : file.span.end]) == b"x" * 900


def test_what_an_opaque_signature_holds_is_the_mail() -> None:
    inner = b"Content-Type: text/plain\r\n\r\nSigned words.\r\n"
    head = b"From: a@b.example\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    raw = head + b"Content-Transfer-Encoding: base64\n\n" + binascii.b2a_base64(signed(der(0x04, inner)))
    message = read(raw)
    assert message.text == "Signed words.\n"
    assert message.facts["secured"] == ("smime_opaque_signed",)
    assert [a.path for a in message.attachments] == ["1"]


def test_a_clear_signature_is_taken_off_the_text() -> None:
    raw = (
        b"From: a@b.example\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n- -- \nAnn\n"
        b"-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEEabcdef\n=abcd\n-----END PGP SIGNATURE-----\n"
    )
    message = read(raw)
    assert message.text == "Hello\n-- \nAnn\n"
    assert message.facts["secured"] == ("pgp_inline_signed",)


def test_an_encrypted_mail_says_what_a_person_can_do() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b\n\n"
        b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n"
        b"Content-Type: application/octet-stream\n\nx\n--b--\n"
    )
    assert "download the raw mail" in secured.told(read(raw).facts)


def test_nobody_can_claim_in_a_header_that_a_mail_is_signed() -> None:
    assert secured.told(read(b"From: a@b.example\nSecured: pgp_signed\n\nx").facts) == ""
