"""What the recipients get: SES's own fields, 7-bit, with signatures that hold against the records of the zone."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import dkim
import dns.zone
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from local.ses.account import SigningKey
from local.ses.assembly import Settings
from local.ses.sending.sevenbit import sevenbit
from local.ses.sending.signing import AmazonKey, signed
from tests.unit.local_ses.conftest import Running, serving
from tests.unit.local_ses.memory_cloud import MemoryCloud

RAW = b"From: Desk <desk@example.com>\r\nTo: ann@example.org\r\nSubject: Re: hello\r\n\r\nLike this.\r\n"


def _sent(ses: Running, raw: bytes = RAW) -> bytes:
    sent_id = ses.v2.send_email(Content={"Raw": {"Data": raw}})["MessageId"]
    return (ses.state / "outbox" / f"{sent_id}.eml").read_bytes()


def _record(state: Path, name: bytes) -> bytes | None:
    """A TXT record of the zone file, CNAMEs followed."""
    zone = dns.zone.from_file(str(state / "dns" / "ses.zone"), origin=".", relativize=False, check_origin=False)
    wanted = dns.name.from_text(name.decode())
    if (alias := zone.get_rdataset(wanted, "CNAME")) is not None:
        wanted = alias[0].target
    found = zone.get_rdataset(wanted, "TXT")
    return None if found is None else b"".join(found[0].strings)


def _signers(state: Path, raw: bytes) -> list[str]:
    """The domains whose signatures hold; every signature must."""
    fields = [value.decode() for name, value in dkim.rfc822_parse(raw)[0] if name == b"DKIM-Signature"]
    for index in range(len(fields)):
        assert dkim.DKIM(raw).verify(index, dnsfunc=lambda name, **_: _record(state, name))
    return [re.sub(r"\s", "", field).partition("d=")[2].partition(";")[0] for field in fields]


def test_a_mail_of_a_domain_has_its_signature_and_amazons(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    assert _signers(ses.state, _sent(ses)) == ["example.com", "amazonses.com"]


def test_a_subdomain_signs_with_the_domain_above(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    raw = _sent(ses, RAW.replace(b"desk@example.com", b"desk@help.example.com"))
    assert _signers(ses.state, raw) == ["example.com", "amazonses.com"]


def test_an_address_alone_and_a_domain_that_is_switched_off_have_amazons_only(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="desk@example.com")
    assert _signers(ses.state, _sent(ses)) == ["amazonses.com"]
    ses.v2.create_email_identity(EmailIdentity="example.com")
    ses.v2.put_email_identity_dkim_attributes(EmailIdentity="example.com", SigningEnabled=False)
    assert _signers(ses.state, _sent(ses)) == ["amazonses.com"]


def test_a_key_that_is_brought_along_signs_under_its_selector(ses: Running) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    brought = {"DomainSigningSelector": "mine", "DomainSigningPrivateKey": "".join(pem.splitlines()[1:-1])}
    made = ses.v2.create_email_identity(EmailIdentity="example.com", DkimSigningAttributes=brought)  # type: ignore[arg-type] # a dict of str, not the TypedDict
    assert made["DkimAttributes"]["SigningAttributesOrigin"] == "EXTERNAL"
    raw = _sent(ses)
    assert b"s=mine" in raw
    assert _signers(ses.state, raw) == ["example.com", "amazonses.com"]


def test_a_signature_that_lies_is_found_out(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    raw = _sent(ses).replace(b"Like this", b"Like that")
    with pytest.raises(dkim.ValidationError, match="body hash mismatch"):
        dkim.DKIM(raw).verify(0, dnsfunc=lambda name, **_: _record(ses.state, name))


_KEY = SigningKey.made(1024)


@given(
    values=st.lists(st.text(alphabet=' \t;:=aé"<>', max_size=30), max_size=4),
    body=st.lists(st.sampled_from([b"", b" ", b"a  b", b"\t", b"."]), max_size=6),
)
def test_whatever_stands_in_a_mail_another_program_verifies_it(values: list[str], body: list[bytes]) -> None:
    fields = "".join(
        f"{name}: {value}\r\n\t x\r\n" for name, value in zip(("Subject", "To", "Cc"), values, strict=False)
    )
    raw = f"From: a@example.com\r\n{fields}Feedback-ID: x\r\n\r\n".encode() + b"".join(line + b"\r\n" for line in body)
    made = signed(raw, None, AmazonKey(selector="s", key=_KEY), datetime(2026, 1, 1, tzinfo=UTC))
    record = f"v=DKIM1; k=rsa; p={_KEY.public}".encode()
    assert dkim.DKIM(made, minkey=1024).verify(0, dnsfunc=lambda _name, **_: record)


def test_lines_end_with_crlf_and_a_mail_without_body_has_an_empty_one(ses: Running) -> None:
    assert b"\n" not in _sent(ses, RAW.replace(b"\r\n", b"\n")).replace(b"\r\n", b"")
    raw = _sent(ses, b"From: desk@example.com\nTo: ann@example.org")
    assert email.message_from_bytes(raw)["Feedback-ID"].endswith(":AmazonSES")
    assert _signers(ses.state, raw) == ["amazonses.com"]


@pytest.mark.parametrize(
    ("region", "message_domain", "bounces"),
    [
        ("us-east-1", "email.amazonses.com", "amazonses.com"),
        ("eu-west-1", "eu-west-1.amazonses.com", "eu-west-1.amazonses.com"),
    ],
)
def test_ids_and_the_return_path_are_of_the_region(
    cloud: MemoryCloud, tmp_path: Path, region: str, message_domain: str, bounces: str
) -> None:
    with serving(Settings(state=tmp_path, region=region), cloud) as ses:
        message = email.message_from_bytes(_sent(ses))
    sent_id = message["Message-ID"].partition("@")[0].strip("<")
    assert message["Message-ID"] == f"<{sent_id}@{message_domain}>"
    assert message["Return-Path"] == f"<{sent_id}@{bounces}>"
    assert message["Feedback-ID"].startswith(f"::1.{region}.")


def test_bounces_go_to_the_mail_from_domain_of_the_identity(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    ses.v2.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain="bounce.example.com")
    assert email.message_from_bytes(_sent(ses))["Return-Path"].endswith("@bounce.example.com>")
    assert _record(ses.state, b"bounce.example.com") == b"v=spf1 include:amazonses.com ~all"


def test_a_mail_from_domain_that_does_not_exist_is_left_out_or_refuses_the_mail(ses: Running) -> None:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    broken = "invalid.example.com"
    ses.v2.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain=broken)
    assert email.message_from_bytes(_sent(ses))["Return-Path"].endswith("@amazonses.com>")
    ses.v2.put_email_identity_mail_from_attributes(
        EmailIdentity="example.com", MailFromDomain=broken, BehaviorOnMxFailure="REJECT_MESSAGE"
    )
    with pytest.raises(ses.v2.exceptions.MailFromDomainNotVerifiedException, match=broken):
        _sent(ses)


def test_what_was_meant_for_ses_is_gone(ses: Running) -> None:
    fields = b"X-SES-SOURCE-ARN: arn\r\nX-SES-MESSAGE-TAGS: a=b\r\nBcc: boss@example.org\r\nDate: old\r\n"
    message = email.message_from_bytes(_sent(ses, fields + RAW))
    assert [name for name in message if name.startswith("X-SES")] == ["X-SES-Outgoing"]
    assert message["Bcc"] is None
    assert len(message.get_all("Date", [])) == 1


def test_a_body_of_8_bits_becomes_7_bit_and_says_the_same(ses: Running) -> None:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    raw = _sent(ses, head + RAW.replace(b"Like this.", "Größe = 1 €".encode()))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert raw.isascii()
    assert message["Content-Transfer-Encoding"] == "quoted-printable"
    assert message.get_content() == "Größe = 1 €\r\n"
    assert _signers(ses.state, raw) == ["amazonses.com"]


def test_each_part_of_a_mail_is_converted_by_its_kind() -> None:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = "parts"
    message.set_content("é", cte="8bit")
    message.add_attachment(bytes(range(256)), "application", "octet-stream", cte="base64", filename="a.bin")
    inner = EmailMessage(policy=email.policy.SMTP)
    inner["Subject"] = "inner"
    inner.set_content("è", cte="8bit")
    message.add_attachment(inner)
    converted = sevenbit(message.as_bytes())
    again = email.message_from_bytes(converted, policy=email.policy.default)
    text, binary, forwarded = again.iter_parts()
    assert converted.isascii()
    assert (text.get_content(), binary.get_content(), forwarded.get_content().get_content()) == (
        "é\r\n",
        bytes(range(256)),
        "è\r\n",
    )


def test_a_mail_of_7_bits_is_not_touched() -> None:
    raw = b"Subject:  odd   spaces\r\nX: a\r\n\tb\r\n\r\nbody\r\n"
    assert sevenbit(raw) == raw


@given(
    body=st.binary(max_size=300), kind=st.sampled_from([b"text/plain", b"image/png", b"multipart/mixed; boundary=a"])
)
def test_any_body_is_kept_or_converted_without_an_error(body: bytes, kind: bytes) -> None:
    raw = b"Content-Type: " + kind + b"\r\n\r\n" + body
    assert sevenbit(raw).startswith(b"Content-Type: ")
