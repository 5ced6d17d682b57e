"""DKIM of a received mail: real signatures, made here, and keys in a made-up DNS."""

import base64
import re

import dkim as dkimpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.ses.verdicts import dkim
from local.ses.verdicts.results import Result
from local.ses.verdicts.zone import Zone
from tests.unit.local_ses.verdicts.mails import MAIL, key_record, signed, zone


def _zone(*more: str, bits: int = 1024) -> Zone:
    return zone(f's1._domainkey.example.org. TXT "{key_record(bits)}"', *more)


def _found(raw: bytes, dns: Zone | None = None, sender: str | None = "example.org") -> Result:
    return dkim.result(dkim.check(raw, dns or _zone()), sender)


@pytest.mark.parametrize("header", [b"simple", b"relaxed"])
@pytest.mark.parametrize("body", [b"simple", b"relaxed"])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n\r\n",
        b"a  b \t c \r\n\r\n \r\n\r\n",
        b"no end",
        b"\r\r\n\r\n",
        b"a\r\r\n",
        b"\xff\x00\r\n",
        b"\r",
    ],
)
def test_a_good_signature_passes_in_every_canonical_form(header: bytes, body: bytes, text: bytes) -> None:
    raw = b"From: ann@example.org\r\nSubject:  two   words \r\n\tfolded\r\n\r\n" + text
    assert _found(signed(raw, canonical=(header, body))) == Result(status="PASS", words=("pass header.i=@example.org",))


@settings(max_examples=60)
@given(text=st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b"a", b"."])), relaxed=st.booleans())
def test_any_body_that_is_signed_is_verified(text: list[bytes], relaxed: bool) -> None:
    form = b"relaxed" if relaxed else b"simple"
    raw = b"From: ann@example.org\r\n\r\n" + b"".join(text)
    assert _found(signed(raw, canonical=(b"relaxed", form))).status == "PASS"


def test_a_mail_without_a_signature_is_gray_and_nothing_is_said() -> None:
    assert _found(MAIL) == Result(status="GRAY")


@pytest.mark.parametrize("part", [b"How do I", b"Subject: hello", b"From: Ann"])
def test_a_mail_that_was_changed_fails(part: bytes) -> None:
    changed = signed().replace(part, part.replace(b"o", b"0"))
    assert changed != signed()
    assert _found(changed) == Result(status="FAIL", words=("fail header.i=@example.org",))


def test_a_second_from_field_breaks_the_signature() -> None:
    assert _found(b"From: eve@example.net\r\n" + signed()).status == "FAIL"


def test_what_comes_after_the_length_in_a_signature_is_not_looked_at() -> None:
    assert _found(signed(length=True) + b"more\r\n").status == "PASS"


@pytest.mark.parametrize(
    "key",
    ["v=DKIM1; k=rsa; p=", "v=DKIM1; k=rsa; p=bananas", "v=DKIM2; p=AAAA", "k=rsa", "nothing"],
)
def test_a_key_that_is_revoked_or_none_is_a_permanent_error(key: str) -> None:
    dns = zone(f's1._domainkey.example.org. TXT "{key}"')
    assert _found(signed(), dns) == Result(status="PROCESSING_FAILED", words=("permerror header.i=@example.org",))


def test_a_key_that_is_not_there_is_a_permanent_error() -> None:
    assert _found(signed(selector="s2")).words == ("permerror header.i=@example.org",)


def test_a_key_that_can_not_be_looked_up_is_a_temporary_error() -> None:
    dns = zone("s1._domainkey.example.org. CNAME timeout.invalid.")
    assert _found(signed(), dns) == Result(status="PROCESSING_FAILED", words=("temperror header.i=@example.org",))


def test_a_weak_hash_does_not_count() -> None:
    weak = signed().replace(b"a=rsa-sha256", b"a=rsa-sha1")
    assert _found(weak).status == "PROCESSING_FAILED"


def _der(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


def _numbers(*numbers: int) -> bytes:
    return _der(0x30, b"".join(_der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in numbers))


def test_a_key_of_less_than_1024_bits_does_not_count() -> None:
    """RFC 8301 section 3.2. No library makes such a key any more: here is one of 511 bits, of two famous primes."""
    p, q, e = 2**255 - 19, 2**256 - 189, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    private = base64.b64encode(_numbers(0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)))
    pem = b"-----BEGIN RSA " + b"PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----\n" % private
    raw = dkimpy.sign(MAIL, b"s1", b"example.org", pem, include_headers=[b"from"]) + MAIL
    dns = zone(f's1._domainkey.example.org. TXT "v=DKIM1; p={base64.b64encode(_numbers(p * q, e)).decode()}"')
    assert dkimpy.verify(raw, minkey=500, dnsfunc=lambda *_, **__: dns.texts("s1._domainkey.example.org")[0])
    assert _found(raw, dns).words == ("permerror header.i=@example.org",)


@pytest.mark.parametrize(
    "field",
    [
        b"nothing",
        b"v=1; a=rsa-sha256; d=example.org; s=s1",
        b"v=1; v=1",
        b"v=2; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AAAA; b=AAAA",
        b"v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AAAA; b=AAAA; t=" + b"9" * 5000,
        b"v=1; a=rsa-sha256; d=example.org; s=s1; h=" + b"x:" * 4096 + b"from; bh=AAAA; b=AAAA",
        b"\xff\x00",
    ],
)
def test_a_signature_that_can_not_be_read_is_a_permanent_error(field: bytes) -> None:
    assert _found(b"DKIM-Signature: " + field + b"\r\n" + MAIL).status == "PROCESSING_FAILED"


def test_a_good_signature_of_somebody_else_is_gray_and_told() -> None:
    dns = zone(f's1._domainkey.mailer.test. TXT "{key_record()}"')
    found = _found(signed(domain="mailer.test"), dns)
    assert found == Result(status="GRAY", words=("pass header.i=@mailer.test",))


def test_one_good_signature_of_the_sender_is_enough() -> None:
    dns = _zone(f's1._domainkey.mailer.test. TXT "{key_record()}"')
    found = _found(signed(signed(), "mailer.test"), dns)
    assert found == Result(status="PASS", words=("pass header.i=@mailer.test", "pass header.i=@example.org"))


def test_the_signature_of_a_subdomain_is_the_senders_own() -> None:
    dns = zone(f's1._domainkey.mail.example.org. TXT "{key_record()}"')
    assert _found(signed(domain="mail.example.org"), dns).status == "PASS"


def test_the_sixth_signature_is_not_looked_at() -> None:
    raw = MAIL
    for _ in range(6):
        raw = signed(raw)
    assert len(dkim.check(raw, _zone())) == dkim.MAX_SIGNATURES


def test_an_identity_gets_no_member_of_its_own_into_the_words() -> None:
    (words,) = _found(signed(identity=b'a(b) dmarc=pass"@example.org')).words
    assert words == "pass header.i=a?b??dmarc=pass?@example.org"


SPACES = b" " * 200_000


@pytest.mark.parametrize(
    "raw",
    [
        signed() + SPACES + b"x\r\n",
        signed() + b"\r\n" * 2_000_000,
        b"X: " + SPACES + b"y\r\n" + signed(),
        b"X: a\r\n" + b" \r\n" * 300_000 + signed(),
        signed().replace(b"; q=dns/txt", b"; y= b" + b"\r\n " * 2000 + b"!", 1),
    ],
)
def test_a_mail_made_to_take_long_takes_a_moment(raw: bytes) -> None:
    """Spaces, empty lines, folds: the time of dkimpy alone grows with the square of their number, or faster."""
    assert len(dkim.check(raw, _zone())) == 1


@given(field=st.binary(max_size=200))
def test_no_signature_is_too_strange(field: bytes) -> None:
    raw = b"DKIM-Signature: " + re.sub(rb"[\r\n]", b"", field) + b"\r\n" + signed()
    assert _found(raw).status in {"PASS", "PROCESSING_FAILED", "FAIL"}
