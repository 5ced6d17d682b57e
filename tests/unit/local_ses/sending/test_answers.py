"""Postroom's own mails as they leave SES: what SES rewrites breaks no signature, no thread and no part of them."""

import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import dkim
import dns.zone
import pytest

from postroom.aws.mailer import SesMailer
from postroom.desk import Desk
from postroom.envelope import Envelope, Received, Verdicts
from postroom.ids import SentId, SesId
from postroom.message import Address, Parsed
from postroom.mime import message
from postroom.replies import compose
from postroom.replies.answer import Answer, composed
from postroom.replies.templates import Rendered
from tests.unit.local_ses.conftest import Running
from tests.unit.replies.test_answer import PLAIN, QUESTION, SAMPLES

DESK = Desk(address="support@example.com", from_name="Sëpport")


def sent(ses: Running, raw: bytes, *rcpt_to: str) -> tuple[SentId, bytes]:
    ses.v2.create_email_identity(EmailIdentity="example.com")
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    mailer = SesMailer(client=ses.v2, configuration_set="desk")
    sent_id = mailer.send(raw, DESK.address, rcpt_to, [("postroom-conversation", "abcd2345efgh6723")])
    return sent_id, (ses.state / "outbox" / f"{sent_id}.eml").read_bytes()


def signers(ses: Running, raw: bytes) -> list[str]:
    """The domains whose signatures hold, against the records that SES gives out; every signature must."""
    zone = dns.zone.from_file(str(ses.state / "dns" / "ses.zone"), origin=".", relativize=False, check_origin=False)

    def record(name: bytes, **_: object) -> bytes | None:
        wanted = dns.name.from_text(name.decode())
        if (alias := zone.get_rdataset(wanted, "CNAME")) is not None:
            wanted = alias[0].target
        found = zone.get_rdataset(wanted, "TXT")
        return None if found is None else b"".join(found[0].strings)

    fields = [value.decode() for name, value in dkim.rfc822_parse(raw)[0] if name == b"DKIM-Signature"]
    assert all(dkim.DKIM(raw).verify(index, dnsfunc=record) for index in range(len(fields)))
    return [re.sub(r"\s", "", field).partition("d=")[2].partition(";")[0] for field in fields]


def fields(raw: bytes) -> dict[str, str]:
    went = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(went, EmailMessage)
    return {name: str(went[name]) for name in ("From", "To", "Cc", "Reply-To", "Subject", "In-Reply-To", "References")}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_persons_answer_is_signed_by_the_desks_domain_and_says_what_it_said(ses: Running, name: str) -> None:
    mail: Answer = SAMPLES[name]
    raw = composed(mail, DESK)
    sent_id, went = sent(ses, raw, *mail.to, *mail.cc)
    assert signers(ses, went) == ["example.com", "amazonses.com"]
    assert fields(went) == fields(raw)
    before, after = message.read(raw), message.read(went)
    assert after.message_id is not None
    assert after.message_id.startswith(sent_id)
    for name in ("text", "html", "reply"):
        assert getattr(after, name) == getattr(before, name)
    assert [(a.filename, a.sha256, a.content_id) for a in after.attachments] == [
        (a.filename, a.sha256, a.content_id) for a in before.attachments
    ]


def test_the_acknowledgement_is_signed_by_the_desks_domain(ses: Running) -> None:
    received = Received(
        ses_id=SesId("ses-1"),
        bucket="mail",
        key="raw/ses-1",
        received_at="2026-11-24T07:00:00.000Z",
        envelope=Envelope(mail_from="ann@shop.example.com", rcpt_to=(DESK.address,)),
        verdicts=Verdicts(),
    )
    parsed = Parsed(received=received, message=replace(QUESTION, subject="Größe"), size=1, fingerprint="f")
    words = Rendered(subject="Größe", text="Danke.\n.\n", html="<p>Danke.</p>", language="de")
    ann = Address(name="", address="ann@shop.example.com")
    raw = compose.automatic(parsed, words, DESK, PLAIN.thread, ann)
    _, went = sent(ses, raw, ann.address)
    assert signers(ses, went) == ["example.com", "amazonses.com"]
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in went
