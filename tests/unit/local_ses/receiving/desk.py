"""What the tests of receiving say to a running SES: rules by boto3, mail by SMTP, and what came of it."""

import email
import email.policy
import json
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.request import urlopen

from types_boto3_ses.type_defs import ReceiptActionTypeDef, ReceiptRuleTypeDef

from local.ses.values import Json
from tests.unit.local_ses.conftest import Running

MAIL = b"From: Ann <ann@example.org>\r\nTo: help@example.com\r\nSubject: hello\r\n\r\nHow do I do this?\r\n"


def rules(ses: Running, *made: ReceiptRuleTypeDef) -> None:
    """One active set with these rules, in this order, each enabled unless it says otherwise."""
    ses.v1.create_receipt_rule_set(RuleSetName="desk")
    for rule in reversed(made):
        enabled: ReceiptRuleTypeDef = {"Enabled": True, **rule}
        ses.v1.create_receipt_rule(RuleSetName="desk", Rule=enabled)
    ses.v1.set_active_receipt_rule_set(RuleSetName="desk")


def rule(ses: Running, *actions: ReceiptActionTypeDef) -> None:
    """One rule for example.com with these actions."""
    rules(ses, {"Name": "desk", "Recipients": ["example.com"], "ScanEnabled": True, "Actions": list(actions)})


def store(bucket: str = "mail", prefix: str = "") -> ReceiptActionTypeDef:
    return {"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": prefix}}


def send(ses: Running, raw: bytes = MAIL, *to: str, sender: str = "ann@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.sendmail(sender, list(to or ("help@example.com",)), raw)


def stored(ses: Running, bucket: str = "mail") -> list[bytes]:
    """The mails of the bucket, without what SES writes when a rule is made."""
    return [body for key, body in ses.cloud.buckets[bucket].items() if not key.endswith("SETUP_NOTIFICATION")]


def told(ses: Running, topic: str) -> list[dict[str, Json]]:
    """What the topic has heard of mails."""
    messages: Sequence[dict[str, Json]] = [json.loads(message) for message in ses.cloud.topics[topic]]
    return [one for one in messages if "AMAZON_SES_SETUP_NOTIFICATION" not in json.dumps(one["mail"])]


def path(value: Json, *names: str | int) -> Json:
    """What stands at this place of a JSON value."""
    for name in names:
        if isinstance(value, dict) and isinstance(name, str):
            value = value[name]
        else:
            assert isinstance(value, list)
            assert isinstance(name, int)
            value = value[name]
    return value


def received(ses: Running) -> list[dict[str, Json]]:
    """What is said of received mails to those who look, newest first."""
    with urlopen(f"{ses.url}/_local/received", timeout=10) as answer:  # noqa: S310 (ours)
        found: list[dict[str, Json]] = json.load(answer)
    return found


def outbox(ses: Running) -> list[tuple[dict[str, Json], bytes]]:
    """The envelopes and mails that were sent, newest first."""
    with urlopen(f"{ses.url}/_local/outbox", timeout=10) as answer:  # noqa: S310 (ours)
        envelopes: list[dict[str, Json]] = json.load(answer)
    return [(one, (ses.state / "outbox" / f"{one['id']}.eml").read_bytes()) for one in envelopes]


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def parts(mail: EmailMessage) -> list[EmailMessage]:
    """The parts of a multipart, or the blocks of fields of a delivery status."""
    return [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]
