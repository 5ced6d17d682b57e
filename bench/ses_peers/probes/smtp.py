"""The SMTP interface: sending for those who log in."""

import base64
import hashlib
import hmac
import smtplib
import ssl

from bench.ses_peers.probe import Group, same
from bench.ses_peers.target import REGION, SENDER, Target, address, mail

_GROUP = Group("SMTP")
GROUPS = (_GROUP,)
probe = _GROUP.probe


def password(secret: str, region: str) -> str:
    """The SMTP password of a secret access key ("Obtaining Amazon SES SMTP credentials", version 4)."""
    key = ("AWS4" + secret).encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(b"\x04" + key).decode()


def _client(t: Target, *, tls: bool = True) -> smtplib.SMTP:
    assert t.submission is not None, "no SMTP port that sends"
    client = smtplib.SMTP("127.0.0.1", t.submission, timeout=5)
    if tls:
        own = ssl.create_default_context()
        own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
        client.starttls(context=own)
        client.ehlo()
    return client


def _in(t: Target) -> smtplib.SMTP:
    client = _client(t)
    client.login("test", password("test", REGION))
    return client


@probe("STARTTLS, AUTH with a derived password, and 250 Ok with the id")
def _(t: Target) -> None:
    to = address()
    with _in(t) as client:
        client.mail(SENDER)
        client.rcpt(to)
        code, text = client.data(mail(f"From: {SENDER}", to=to))
    same((code, text.split()[0]), (250, b"Ok"), "the answer to DATA")
    assert len(text.split()) == 2, "no id"
    assert text.split()[1] in t.sent_raw(to), "the id is not the mail's"


@probe("AUTH with a wrong password: 535")
def _(t: Target) -> None:
    with _client(t) as client:
        try:
            client.login("test", "wrong")
        except smtplib.SMTPAuthenticationError as error:
            same(error.smtp_code, 535, "AUTH")
            return
    raise AssertionError("accepted")


@probe("Without AUTH: 530")
def _(t: Target) -> None:
    with _client(t) as client:
        same(client.mail(SENDER)[0], 530, "MAIL FROM")


@probe("A sender that isn't verified: 554")
def _(t: Target) -> None:
    with _in(t) as client:
        client.mail("nobody@unverified.example")
        client.rcpt(address())
        code, text = client.data(mail("From: nobody@unverified.example"))
    same(code, 554, "the answer to DATA")
    assert b"not verified" in text, f"it says {text[:60]!r}"


@probe("X-SES-CONFIGURATION-SET: its events follow")
def _(t: Target) -> None:
    (name, topic), to = t.published("SEND"), address()
    with _in(t) as client:
        client.sendmail(SENDER, [to], mail(f"From: {SENDER}", f"X-SES-CONFIGURATION-SET: {name}", to=to))
    topic.hears(("eventType", "Send"))
