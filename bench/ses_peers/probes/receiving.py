"""Receiving: what rules make of a mail that comes in over SMTP."""

import base64
import io
import smtplib
import socket
import ssl
import zipfile
from email import message_from_bytes

from bench.ses_peers.probe import Group, Partly, same
from bench.ses_peers.target import SENDER, Target, address, at, fresh, mail, rule, within

_GROUP = Group("receiving")
GROUPS = (_GROUP,)
probe = _GROUP.probe

_GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _received(t: Target, raw: bytes, *, to: str = "", source: str = "kim@example.org", scan: bool = True) -> object:
    """The notification of a mail that an S3 action with a topic took."""
    bucket, topic, to = t.bucket(), t.topic(), to or address()
    action = rule("a", {"S3Action": {"BucketName": bucket, "TopicArn": topic.arn}}, to=[to], ScanEnabled=scan)
    with t.rules(action):
        t.receive(to, raw, source)
        return topic.hears(("notificationType", "Received"), ("mail.source", source))


def _code(t: Target, to: str, source: str = "kim@example.org") -> int:
    """The answer to RCPT TO, or to MAIL FROM or the connection where that is refused."""
    try:
        with t.client() as client:
            client.ehlo()
            code, _ = client.mail(source)
            return client.rcpt(to)[0] if code == 250 else code
    except smtplib.SMTPConnectError as error:
        return error.smtp_code


@probe("S3 action: the mail is stored byte for byte below SES's fields")
def _(t: Target) -> None:
    bucket, to, raw = t.bucket(), address(), mail("X-Odd:   kept  as is ", body="Dots:\r\n.\r\n..\r\nend\r\n")
    with t.rules(rule("a", {"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": "raw/"}}, to=[to])):
        t.receive(to, raw)
        stored = within(lambda: t.stored(bucket, "raw/") or None)
    assert stored, "nothing is in the bucket"
    assert stored[0].endswith(raw), "what is stored doesn't end with what was sent"
    fields = message_from_bytes(stored[0])
    for name in (
        "Return-Path",
        "Received",
        "X-SES-Spam-Verdict",
        "Received-SPF",
        "Authentication-Results",
        "X-SES-RECEIPT",
    ):
        assert fields[name], f"no {name} on top"


@probe("S3 action with a topic: the notification names bucket, key and recipients")
def _(t: Target) -> None:
    to = address()
    event = _received(t, mail(to=to), to=to)
    same(at(event, "receipt.recipients"), [to], "receipt.recipients")
    same(at(event, "receipt.action.type"), "S3", "receipt.action.type")
    same(at(event, "receipt.action.objectKey"), at(event, "mail.messageId"), "receipt.action.objectKey")
    same(at(event, "mail.commonHeaders.subject"), "A probe", "mail.commonHeaders.subject")


@probe("The notification has spam, virus, SPF, DKIM and DMARC verdicts")
def _(t: Target) -> None:
    event = _received(t, mail())
    missing = [
        one for one in ("spam", "virus", "spf", "dkim", "dmarc") if not at(event, f"receipt.{one}Verdict.status")
    ]
    same(missing, [], "verdicts that are missing")


@probe("Bcc: a recipient of the envelope only is in receipt.recipients, not in mail.destination")
def _(t: Target) -> None:
    hidden = address("hidden")
    event = _received(t, mail(to="list@example.com"), to=hidden)
    same(at(event, "receipt.recipients"), [hidden], "receipt.recipients")
    same(at(event, "mail.destination"), ["list@example.com"], "mail.destination")


@probe("Headers over 10 KB: headersTruncated")
def _(t: Target) -> None:
    event = _received(t, mail(*(f"X-Pad-{n}: {'x' * 900}" for n in range(20))))
    same(at(event, "mail.headersTruncated"), True, "mail.headersTruncated")


@probe("A recipient that no rule takes is refused with 550")
def _(t: Target) -> None:
    with t.rules(rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=["desk@example.com"])):
        same(_code(t, "nobody@example.com"), 550, "RCPT TO")


@probe("Recipients: address, +label, domain, .subdomain")
def _(t: Target) -> None:
    taken = ["desk@example.com", "example.org", ".example.net"]
    expected = {
        "desk@example.com": 250, "desk+label@example.com": 250, "other@example.com": 550, "any@example.org": 250,
        "any@sub.example.org": 550, "any@sub.example.net": 250, "any@example.net": 550,
    }  # fmt: skip
    with t.rules(rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=taken)):
        same({one: _code(t, one) for one in expected}, expected, "RCPT TO")


@probe("A disabled rule takes nothing")
def _(t: Target) -> None:
    with t.rules(rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=["example.com"], Enabled=False)):
        same(_code(t, "desk@example.com"), 550, "RCPT TO")


@probe("Rules act in their order, and Stop ends")
def _(t: Target) -> None:
    bucket, to = t.bucket(), address()
    first, last = (
        rule(name, {"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": f"{name}/"}}, to=[to]) for name in "ac"
    )
    with t.rules(first, rule("b", {"StopAction": {"Scope": "RuleSet"}}, to=[to]), last):
        t.receive(to)
        assert within(lambda: t.stored(bucket, "a/") or None), "the first rule did nothing"
        same(within(lambda: t.stored(bucket, "c/") or None, 0.5), None, "stored behind the Stop")


@probe("SNS action: the mail itself is in the notification")
def _(t: Target) -> None:
    topic, to = t.topic(), address()
    with t.rules(rule("a", {"SNSAction": {"TopicArn": topic.arn, "Encoding": "UTF-8"}}, to=[to])):
        t.receive(to, mail(body="A word of it.\r\n"))
        event = topic.hears(("notificationType", "Received"), ("mail.source", "kim@example.org"))
    assert "A word of it." in str(at(event, "content")), "no content"
    same(at(event, "receipt.action.type"), "SNS", "receipt.action.type")


@probe("SNS action: Base64")
def _(t: Target) -> None:
    topic, to = t.topic(), address()
    with t.rules(rule("a", {"SNSAction": {"TopicArn": topic.arn, "Encoding": "Base64"}}, to=[to])):
        t.receive(to, mail(body="A word of it.\r\n"))
        event = topic.hears(("notificationType", "Received"), ("mail.source", "kim@example.org"))
    assert b"A word of it." in base64.b64decode(str(at(event, "content"))), "no content"


def _function(t: Target, code: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", code)
    made = t.functions.create_function(
        FunctionName=fresh("probe"),
        Runtime="python3.11",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/probe",
        Code={"ZipFile": packed.getvalue()},
    )
    return made["FunctionArn"]


_DECIDES = """
def handler(event, context):
    record = event["Records"][0]
    assert record["eventSource"] == "aws:ses"
    stops = record["ses"]["mail"]["source"].startswith("stop")
    return {"disposition": "STOP_RULE_SET" if stops else "CONTINUE"}
"""


@probe("Lambda action: RequestResponse, and its disposition STOP_RULE_SET")
def _(t: Target) -> None:
    assert t.smtp is not None, "no SMTP port that receives"
    bucket, to = t.bucket(), address()
    asks = {"LambdaAction": {"FunctionArn": _function(t, _DECIDES), "InvocationType": "RequestResponse"}}
    with t.rules(rule("a", asks, to=[to]), rule("b", {"S3Action": {"BucketName": bucket}}, to=[to])):  # type: ignore[arg-type]  # a literal type that a variable loses
        t.receive(to, mail(body="stopped\r\n"), "stop@example.org")
        t.receive(to, mail(body="goes on\r\n"), "go@example.org")
        stored = within(lambda: t.stored(bucket) or None, 8) or []
    same([b"goes on" in one for one in stored], [True], "stored behind the function")


@probe("Bounce action: the sender gets it back")
def _(t: Target) -> None:
    to, source = address(), address("sender")
    bounce = {
        "SmtpReplyCode": "550", "StatusCode": "5.1.1", "Message": "Mailbox does not exist", "Sender": SENDER,
    }  # fmt: skip
    with t.rules(rule("a", {"BounceAction": bounce}, to=[to])):  # type: ignore[typeddict-item]  # a dictionary that lost its type
        try:
            t.receive(to, source=source)
        except smtplib.SMTPResponseException as error:
            same(error.smtp_code, 550, "the answer to DATA")
            return
        except smtplib.SMTPRecipientsRefused as error:
            same([code for code, _ in error.recipients.values()], [550], "the answer to RCPT TO")
            return
        report = t.sent(source)
    same(report.get_content_type(), "multipart/report", "the bounce")


@probe("AddHeader action: the stored mail has the header")
def _(t: Target) -> None:
    bucket, to = t.bucket(), address()
    adds = rule(
        "a",
        {"AddHeaderAction": {"HeaderName": "X-Desk", "HeaderValue": "support"}},
        {"S3Action": {"BucketName": bucket}},
        to=[to],
    )
    with t.rules(adds):
        t.receive(to)
        stored = within(lambda: t.stored(bucket) or None)
    assert stored, "nothing is in the bucket"
    same(message_from_bytes(stored[0])["X-Desk"], "support", "X-Desk")


@probe("S3 action with a KMS key: encrypted, with its envelope in the metadata")
def _(t: Target) -> None:
    assert t.smtp is not None, "no SMTP port that receives"
    bucket, to, key = t.bucket(), address(), t.kms.create_key()["KeyMetadata"]["Arn"]
    with t.rules(rule("a", {"S3Action": {"BucketName": bucket, "KmsKeyArn": key}}, to=[to])):
        t.receive(to, mail(body="secret word\r\n"))
        stored = within(lambda: t.stored(bucket) or None)
        keys = [one["Key"] for one in t.s3.list_objects_v2(Bucket=bucket)["Contents"] if "SETUP" not in one["Key"]]
    assert stored, "nothing is in the bucket"
    assert b"secret word" not in stored[0], "not encrypted"
    metadata = t.s3.head_object(Bucket=bucket, Key=keys[0])["Metadata"]
    for name in ("x-amz-key-v2", "x-amz-iv", "x-amz-cek-alg", "x-amz-matdesc"):
        assert name in metadata, f"no {name}"


def _tls(client: smtplib.SMTP) -> None:
    own = ssl.create_default_context()
    own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
    client.starttls(context=own)


@probe("STARTTLS where mail comes in")
def _(t: Target) -> None:
    with t.client() as client:
        _tls(client)
        same(client.ehlo()[0], 250, "EHLO after STARTTLS")


@probe("TlsPolicy Require refuses a plain client, and takes one with TLS")
def _(t: Target) -> None:
    with t.rules(rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=["example.com"], TlsPolicy="Require")):
        assert _code(t, "desk@example.com") >= 400, "a plain client is taken"
        with t.client() as client:
            _tls(client)
            client.ehlo()
            client.mail("kim@example.org")
            same(client.rcpt("desk@example.com")[0], 250, "RCPT TO with TLS")


@probe("An IP filter blocks a client")
def _(t: Target) -> None:
    assert t.smtp is not None, "no SMTP port that receives"
    name = fresh("filter")
    with t.rules(rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=["example.com"])):
        t.v1.create_receipt_filter(Filter={"Name": name, "IpFilter": {"Policy": "Block", "Cidr": "127.0.0.1/32"}})
        try:
            assert _code(t, "desk@example.com") >= 400, "a blocked client is taken"
        finally:
            t.v1.delete_receipt_filter(FilterName=name)


@probe("GTUBE: spamVerdict FAIL")
def _(t: Target) -> None:
    same(at(_received(t, mail(body=_GTUBE + "\r\n")), "receipt.spamVerdict.status"), "FAIL", "spamVerdict")


@probe("EICAR: virusVerdict FAIL")
def _(t: Target) -> None:
    same(at(_received(t, mail(body=_EICAR + "\r\n")), "receipt.virusVerdict.status"), "FAIL", "virusVerdict")


@probe("ScanEnabled false: spam and virus DISABLED")
def _(t: Target) -> None:
    event = _received(t, mail(), scan=False)
    same([at(event, f"receipt.{one}Verdict.status") for one in ("spam", "virus")], ["DISABLED"] * 2, "verdicts")


@probe("SMTP offers SIZE (40 MB), 8BITMIME and SMTPUTF8, and takes pipelined commands")
def _(t: Target) -> None:
    with t.client() as client:
        client.ehlo()
        same(client.esmtp_features.get("size"), "41943040", "SIZE")
        assert client.has_extn("8bitmime"), "no 8BITMIME"
    assert t.smtp is not None
    with (
        t.rules(rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=["example.com"])),
        socket.create_connection(("127.0.0.1", t.smtp), timeout=5) as line,
    ):
        start = ("EHLO a.example", "MAIL FROM:<k@example.org>", "RCPT TO:<d@example.com>", "DATA")
        line.sendall("\r\n".join((*start, "S: x", "", "y", ".", "QUIT", "")).encode())
        answers = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    codes = [one[:3] for one in answers.splitlines() if one[3:4] == " "]
    same(codes, ["220", "250", "250", "250", "354", "250", "221"], "answers")


@probe("SMTPUTF8 where mail comes in")
def _(t: Target) -> None:
    with t.client() as client:
        client.ehlo()
        if not client.has_extn("smtputf8"):
            raise Partly("not offered")


@probe("SendBounce of API v1 answers a received mail")
def _(t: Target) -> None:
    to, source = address(), address("sender")
    if t.smtp is None:
        given = "0123456789abcdefghij0123456789abcdefghij"
    else:
        given = str(at(_received(t, mail(to=to), to=to, source=source), "mail.messageId"))
    answer = t.v1.send_bounce(
        OriginalMessageId=given,
        BounceSender=SENDER,
        BouncedRecipientInfoList=[{"Recipient": to, "BounceType": "DoesNotExist"}],
    )
    assert answer["MessageId"]
