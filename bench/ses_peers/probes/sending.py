"""Sending: the calls that take a mail, and what SES changes of it."""

import base64
import re
from email import message_from_bytes

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.ses_peers.probe import Group, Partly, same
from bench.ses_peers.target import DOMAIN, SENDER, Target, address, fresh, mail, within

_GROUP = Group("sending")
GROUPS = (_GROUP,)
probe = _GROUP.probe

_MESSAGE_ID = re.compile(r"<[^@>]{1,200}@([a-z0-9-]{1,40}\.)?amazonses\.com>")


def _raw(t: Target, to: str, *fields: str, body: str = "Hello.\r\n") -> str:
    raw = mail(f"From: {SENDER}", *fields, to=to, body=body)
    return t.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [to]}, Content={"Raw": {"Data": raw}})[
        "MessageId"
    ]


@probe("v1 SendEmail")
def _(t: Target) -> None:
    to = address()
    t.v1.send_email(
        Source=SENDER,
        Destination={"ToAddresses": [to]},
        Message={"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "Hello."}}},
    )
    same(t.sent(to)["Subject"], "Grüße", "Subject")


@probe("v1 SendRawEmail")
def _(t: Target) -> None:
    to = address()
    raw = mail(f"From: {SENDER}", to=to)
    assert t.v1.send_raw_email(Source=SENDER, Destinations=[to], RawMessage={"Data": raw})["MessageId"]
    same(t.sent(to).get_content().strip(), "Hello.", "the text")


@probe("v2 SendEmail, Simple: text and HTML, names, Cc, Reply-To")
def _(t: Target) -> None:
    to, copy = address(), address("cc")
    t.v2.send_email(
        FromEmailAddress=f"Desk <{SENDER}>",
        Destination={"ToAddresses": [f"Kim <{to}>"], "CcAddresses": [copy]},
        ReplyToAddresses=["reply@example.com"],
        Content={"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "é"}, "Html": {"Data": "<p>é"}}}},
    )
    found = t.sent(to)
    same(found["Subject"], "Grüße", "Subject")
    there = {
        "both texts": found.get_content_type() == "multipart/alternative",
        "Reply-To": str(found["Reply-To"]) == "reply@example.com",
        "Cc": copy in str(found["Cc"]),
        "the name in From": "Desk" in str(found["From"]),
    }
    if missing := [name for name, is_there in there.items() if not is_there]:
        raise Partly(f"without {', '.join(missing)}")


@probe("v2 SendEmail, Simple: attachments")
def _(t: Target) -> None:
    to = address()
    t.v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {
                "Subject": {"Data": "A probe"},
                "Body": {"Text": {"Data": "See below."}},
                "Attachments": [
                    {"FileName": "a.bin", "RawContent": bytes(range(256)), "ContentType": "application/x-probe"}
                ],
            }
        },
    )
    parts = list(t.sent(to).iter_attachments())
    same([one.get_filename() for one in parts], ["a.bin"], "attachments")
    if parts[0].get_content() != bytes(range(256)):
        raise Partly("its content is another")


@probe("v2 SendEmail, Simple: headers of one's own")
def _(t: Target) -> None:
    to = address()
    unsubscribe = [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}]
    t.v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {"Subject": {"Data": "A"}, "Body": {"Text": {"Data": "b"}}, "Headers": unsubscribe}  # type: ignore[typeddict-item]  # a TypedDict that a variable made a dict
        },
    )
    same(str(t.sent(to)["List-Unsubscribe"]), "<https://example.com/u>", "List-Unsubscribe")


@probe("v2 SendEmail, Raw: the body goes out as it is")
def _(t: Target) -> None:
    to, body = address(), "One.\r\n.\r\nTwo = 2  \r\n"
    _raw(t, to, "X-Mine: kept", body=body)
    found = t.sent_raw(to)
    same(message_from_bytes(found)["X-Mine"], "kept", "X-Mine")
    assert found.endswith(body.encode()), "the body is another"


@probe("v2 SendEmail, Raw without a Destination: the recipients are those of its fields")
def _(t: Target) -> None:
    to = address()
    t.v2.send_email(Content={"Raw": {"Data": mail(f"From: {SENDER}", to=to)}})
    assert t.sent(to)["To"] == to


@probe("Message-ID is SES's own, of the id that was given back")
def _(t: Target) -> None:
    to = address()
    given = _raw(t, to, "Message-ID: <mine@example.com>")
    ids = t.sent(to).get_all("Message-ID") or []
    same(len(ids), 1, "fields")
    assert given in str(ids[0]), f"{ids[0]} is not of the id {given}"
    if not _MESSAGE_ID.fullmatch(str(ids[0]).strip()):
        raise Partly(f"it is {ids[0]}")


@probe("Bcc gets the mail, and is not in it")
def _(t: Target) -> None:
    to, hidden = address(), address("hidden")
    t.v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": [to], "BccAddresses": [hidden]},
        Content={"Raw": {"Data": mail(f"From: {SENDER}", f"Bcc: {hidden}", to=to)}},
    )
    assert hidden.encode() not in t.sent_raw(hidden), "it names its Bcc"


@probe("Return-Path (the envelope's sender) is SES's")
def _(t: Target) -> None:
    to = address()
    _raw(t, to)
    path = str(t.sent(to)["Return-Path"]).strip().strip("<>")
    assert path.endswith("amazonses.com"), f"it is {path}"


@probe("Feedback-ID and X-SES-Outgoing are added")
def _(t: Target) -> None:
    to = address()
    _raw(t, to)
    found = t.sent(to)
    missing = [name for name in ("Feedback-ID", "X-SES-Outgoing") if found[name] is None]
    same(missing, [], "fields that are missing")


@probe("The DKIM signature of the sender's domain is valid (one's own key)")
def _(t: Target) -> None:
    domain, to = f"{fresh('d')}.example.net", address()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    t.v2.create_email_identity(
        EmailIdentity=domain,
        DkimSigningAttributes={"DomainSigningSelector": "probe", "DomainSigningPrivateKey": _base64(der)},
    )
    t.v2.send_email(
        FromEmailAddress=f"a@{domain}",
        Destination={"ToAddresses": [to]},
        Content={"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "é"}}}},
    )
    raw = t.sent_raw(to)
    signatures = message_from_bytes(raw).get_all("DKIM-Signature") or []
    assert signatures, "no DKIM-Signature"
    zone = {f"probe._domainkey.{domain}.": f"v=DKIM1; k=rsa; p={_base64(public)}".encode()}
    checked = dkim.DKIM(raw)
    valid = [checked.verify(n, dnsfunc=lambda name, **_: zone.get(_text(name))) for n in _of(signatures, domain)]
    same(valid, [True], "signatures of the domain that are valid")


def _of(signatures: list[str], domain: str) -> list[int]:
    return [n for n, one in enumerate(signatures) if f"d={domain}" in one.replace(" ", "")]


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@probe("A second DKIM signature is of amazonses.com")
def _(t: Target) -> None:
    to = address()
    _raw(t, to)
    signatures = t.sent(to).get_all("DKIM-Signature") or []
    assert any("d=amazonses.com" in str(one).replace(" ", "") for one in signatures), "none"


@probe("X-SES-MESSAGE-TAGS and X-SES-CONFIGURATION-SET are obeyed, and taken out")
def _(t: Target) -> None:
    (name, topic), to = t.published("SEND"), address()
    _raw(t, to, "X-SES-MESSAGE-TAGS: kind=probe, n=1", f"X-SES-CONFIGURATION-SET: {name}")
    topic.hears(("eventType", "Send"), ("mail.tags.kind.0", "probe"))
    left = [one for one in t.sent(to) if one.upper() in ("X-SES-MESSAGE-TAGS", "X-SES-CONFIGURATION-SET")]
    if left:
        raise Partly(f"{', '.join(left)} goes out")


@probe("v1 SendRawEmail without Source and Destinations: both are of its fields")
def _(t: Target) -> None:
    to = address()
    t.v1.send_raw_email(RawMessage={"Data": mail(f"From: {SENDER}", to=to)})
    assert t.sent(to)["To"] == to


@probe(f"An address of a verified domain may send ({DOMAIN})")
def _(t: Target) -> None:
    to = address()
    t.v2.send_email(
        FromEmailAddress=f"anybody@{DOMAIN}",
        Destination={"ToAddresses": [to]},
        Content={"Simple": {"Subject": {"Data": "A"}, "Body": {"Text": {"Data": "b"}}}},
    )


@probe("A mail of 10 MB goes out")
def _(t: Target) -> None:
    to, line = address(), "x" * 76 + "\r\n"
    _raw(t, to, body=line * 135_000)
    raw = within(lambda: t.mails.to(to), 25)  # some take their time to relay it
    assert raw is not None, "the mail that went out isn't to be seen"
    assert len(raw) > 10_000_000, "it is cut"
