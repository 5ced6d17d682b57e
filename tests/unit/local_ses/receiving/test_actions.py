"""What the actions of a rule do with a mail, each and one after another."""

import base64
import json
import smtplib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from types_boto3_ses.type_defs import BounceActionTypeDef, ReceiptActionTypeDef

from local.ses.cloud import CONNECTIONS
from local.ses.receiving.actions.action import Disposition
from local.ses.receiving.actions.lambda_ import disposition_of
from local.ses.values import Json
from tests.unit.local_ses.conftest import EVENTS, TOPIC, Running
from tests.unit.local_ses.receiving import desk

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:steer"
BOUNCE: BounceActionTypeDef = {
    "SmtpReplyCode": "550",
    "StatusCode": "5.1.1",
    "Message": "Mailbox does not exist",
    "Sender": "postmaster@example.com",
}


def _steer(ses: Running, *answers: Json) -> None:
    """A function that answers so, one answer after another."""
    left = list(answers)
    ses.cloud.functions[FUNCTION] = lambda _event: left.pop(0)


def _call(kind: str = "RequestResponse") -> ReceiptActionTypeDef:
    invocation = "Event" if kind == "Event" else "RequestResponse"
    return {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": invocation, "TopicArn": EVENTS}}  # type: ignore[typeddict-item]  # a str, not a literal


@pytest.mark.parametrize(("encoding", "name"), [("UTF-8", "UTF8"), ("Base64", "BASE64")])
def test_the_sns_action_publishes_the_whole_mail(ses: Running, encoding: str, name: str) -> None:
    desk.rule(ses, {"SNSAction": {"TopicArn": TOPIC, "Encoding": encoding}}, desk.store())  # type: ignore[typeddict-item]  # a str, not a literal
    raw = "Subject: caf\u00e9\r\n\r\n\u00e9\u20ac\r\n".encode()
    desk.send(ses, raw)
    (message,) = desk.told(ses, TOPIC)
    assert desk.path(message, "receipt", "action") == {"type": "SNS", "topicArn": TOPIC, "encoding": name}
    content = str(message["content"])
    body = base64.b64decode(content) if encoding == "Base64" else content.encode()
    assert body.endswith(b"\r\n" + raw)
    assert [body] == desk.stored(ses)


def test_a_mail_of_150_kb_goes_through_sns_and_a_bigger_one_bounces_before_anything_is_done(ses: Running) -> None:
    desk.rule(ses, desk.store(), {"SNSAction": {"TopicArn": TOPIC, "Encoding": "Base64"}})
    head = b"Subject: x\r\n\r\n"
    line = b"y" * 74 + b"\r\n"
    body = line * ((150 * 1024 - len(head)) // len(line))
    most = head + body + b"z" * (150 * 1024 - len(head) - len(body) - 2) + b"\r\n"
    assert len(most) == 150 * 1024
    desk.send(ses, most)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        desk.send(ses, most + b"\r\n")
    assert (refused.value.smtp_code, refused.value.smtp_error[:6]) == (552, b"5.3.4 ")
    assert len(desk.told(ses, TOPIC)) == len(desk.stored(ses)) == 1


def test_the_event_for_lambda_is_what_ses_documents(ses: Running) -> None:
    _steer(ses, None)
    desk.rule(ses, _call("Event"))
    desk.send(ses)
    ((arn, text),) = ses.cloud.invoked
    assert arn == FUNCTION
    event = json.loads(text)
    assert list(event) == ["Records"]
    (record,) = event["Records"]
    assert (record["eventSource"], record["eventVersion"], set(record)) == (
        "aws:ses",
        "1.0",
        {"eventSource", "eventVersion", "ses"},
    )
    assert set(record["ses"]) == {"mail", "receipt"}
    assert record["ses"]["mail"]["commonHeaders"]["subject"] == "hello"
    assert record["ses"]["receipt"]["action"] == {
        "type": "Lambda",
        "functionArn": FUNCTION,
        "invocationType": "Event",
    }
    (message,) = desk.told(ses, EVENTS)
    assert desk.path(message, "receipt", "action") == {
        "type": "Lambda",
        "topicArn": EVENTS,
        "functionArn": FUNCTION,
        "invocationType": "Event",
    }


@pytest.mark.parametrize(
    ("answer", "prefixes"),
    [
        ({"disposition": "CONTINUE"}, {"first", "second"}),
        ({"disposition": "STOP_RULE"}, {"second"}),
        ({"disposition": "STOP_RULE_SET"}, set()),
        ({"disposition": "stop_rule_set"}, set()),
        ({"disposition": "banana"}, {"first", "second"}),
        ({"disposition": None}, {"first", "second"}),
        (None, {"first", "second"}),
        (["STOP_RULE"], {"first", "second"}),
    ],
)
def test_a_function_that_is_waited_for_steers_the_mail(ses: Running, answer: Json, prefixes: set[str]) -> None:
    _steer(ses, answer)
    desk.rules(
        ses,
        {"Name": "one", "Actions": [_call(), desk.store(prefix="first/")]},
        {"Name": "two", "Actions": [desk.store(prefix="second/")]},
    )
    ses.cloud.buckets["mail"].clear()
    desk.send(ses)
    assert {key.partition("/")[0] for key in ses.cloud.buckets["mail"]} == prefixes


def test_an_event_is_not_waited_for_and_steers_nothing(ses: Running) -> None:
    _steer(ses)  # no answer: it would raise if it were waited for
    desk.rule(ses, _call("Event"), desk.store())
    desk.send(ses)
    assert len(desk.stored(ses)) == 1


def test_a_function_that_is_gone_leaves_the_mail_with_the_client(ses: Running) -> None:
    _steer(ses)
    desk.rule(ses, _call(), desk.store())
    ses.cloud.functions.clear()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        desk.send(ses)
    assert refused.value.smtp_code == 451
    assert desk.stored(ses) == []


@given(st.text(max_size=200))
def test_no_answer_of_a_function_raises(answer: str) -> None:
    assert disposition_of(answer) in Disposition


def test_an_answer_that_is_nested_without_end_goes_on() -> None:
    assert disposition_of("[" * 100_000) is Disposition.CONTINUE


def test_a_bounce_goes_to_the_sender_with_the_null_return_path(ses: Running) -> None:
    desk.rule(ses, {"BounceAction": {**BOUNCE, "TopicArn": EVENTS}}, desk.store())
    desk.send(ses, desk.MAIL, "one@example.com", "two@example.com", "help@example.com")
    ((envelope, raw),) = desk.outbox(ses)
    assert (envelope["source"], envelope["destination"]) == ("postmaster@example.com", ["ann@example.org"])
    assert raw.startswith(b"Return-Path: <>\r\n")
    mail = desk.read(raw)
    assert (mail["From"], mail["To"]) == ("postmaster@example.com", "ann@example.org")
    assert mail["Subject"] == "Delivery Status Notification (Failure)"
    assert (mail.get_content_type(), mail.get_param("report-type")) == ("multipart/report", "delivery-status")
    text, status, head = desk.parts(mail)
    assert [part.get_content_type() for part in (text, status, head)] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    about, *recipients = desk.parts(status)
    assert about["Reporting-MTA"] == "dns; inbound-smtp.us-east-1.amazonaws.com"
    assert [one["Final-Recipient"] for one in recipients] == [
        f"rfc822; {name}@example.com" for name in ("one", "two", "help")
    ]
    assert {(one["Action"], one["Status"], one["Diagnostic-Code"]) for one in recipients} == {
        ("failed", "5.1.1", "smtp; 550 5.1.1 Mailbox does not exist")
    }
    assert "Subject: hello" in str(head.get_payload())
    assert "How do I do this" not in raw.decode()
    (message,) = desk.told(ses, EVENTS)
    assert desk.path(message, "receipt", "action") == {
        "type": "Bounce",
        "topicArn": EVENTS,
        "smtpReplyCode": "550",
        "statusCode": "5.1.1",
        "message": "Mailbox does not exist",
        "sender": "postmaster@example.com",
    }
    assert len(desk.stored(ses)) == 1


def test_bounces_from_every_thread_at_once_do_not_wait_for_each_other(ses: Running) -> None:
    """The one that sends must not be one of the threads that wait for it."""
    together = Barrier(CONNECTIONS, timeout=20)
    ses.cloud.functions[FUNCTION] = lambda _event: {"place": together.wait()}
    desk.rule(ses, _call(), {"BounceAction": BOUNCE})
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as clients:
        list(clients.map(lambda _: desk.send(ses), range(CONNECTIONS)))
    assert sum(function == FUNCTION for function, _ in ses.cloud.invoked) == CONNECTIONS


def test_a_bounce_never_bounces(ses: Running) -> None:
    desk.rule(ses, {"BounceAction": BOUNCE})
    desk.send(ses, sender="")
    assert desk.outbox(ses) == []


def test_a_sender_that_is_not_verified_can_not_bounce_and_the_mail_stays_with_the_client(ses: Running) -> None:
    desk.rule(ses, {"BounceAction": BOUNCE})
    ses.v2.create_email_identity(EmailIdentity="other.test")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        desk.send(ses)
    assert refused.value.smtp_code == 451


def test_a_mail_with_hostile_fields_and_lines_is_bounced_all_the_same(ses: Running) -> None:
    desk.rule(ses, {"BounceAction": BOUNCE})
    desk.send(ses, b"Subject: " + b"x" * 5000 + b"\r\nX: \xff\x00\r\n\r\n" + b"y" * 3000 + b"\r\n")
    ((_, raw),) = desk.outbox(ses)
    assert max(len(line) for line in raw.splitlines()) <= 998


def test_a_header_is_seen_by_the_actions_after_it_and_by_none_before(ses: Running) -> None:
    add: ReceiptActionTypeDef = {"AddHeaderAction": {"HeaderName": "X-Desk", "HeaderValue": "support; a=b"}}
    desk.rules(
        ses,
        {"Name": "one", "Actions": [desk.store(prefix="before/"), add, desk.store(prefix="after/")]},
        {
            "Name": "two",
            "Actions": [{"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "next/", "TopicArn": TOPIC}}],
        },
    )
    desk.send(ses)
    has = {
        key.partition("/")[0]: b"\r\nX-Desk: support; a=b\r\n" in body
        for key, body in ses.cloud.buckets["mail"].items()
        if "SETUP" not in key
    }
    assert has == {"before": False, "after": True, "next": True}
    assert all(body.endswith(b"\r\n" + desk.MAIL) for body in desk.stored(ses))
    (message,) = desk.told(ses, TOPIC)
    assert {"name": "X-Desk", "value": "support; a=b"} in list(desk.path(message, "mail", "headers"))  # type: ignore[arg-type]  # a list


def test_a_stop_tells_its_topic_and_ends_everything(ses: Running) -> None:
    desk.rules(
        ses,
        {"Name": "one", "Actions": [{"StopAction": {"Scope": "RuleSet", "TopicArn": TOPIC}}, desk.store()]},
        {"Name": "two", "Actions": [desk.store()]},
    )
    desk.send(ses)
    (message,) = desk.told(ses, TOPIC)
    assert desk.path(message, "receipt", "action") == {"type": "Stop", "topicArn": TOPIC}
    assert desk.stored(ses) == []


def test_a_stop_for_others_stops_nothing(ses: Running) -> None:
    desk.rules(
        ses,
        {"Name": "one", "Recipients": ["other.test"], "Actions": [{"StopAction": {"Scope": "RuleSet"}}]},
        {"Name": "two", "Actions": [desk.store()]},
    )
    desk.send(ses)
    assert len(desk.stored(ses)) == 1


def test_workmail_is_told_and_said_not_to_be_played(ses: Running) -> None:
    organization = "arn:aws:workmail:us-east-1:000000000000:organization/m-0123456789"
    desk.rule(ses, {"WorkmailAction": {"OrganizationArn": organization, "TopicArn": TOPIC}}, desk.store())
    desk.send(ses)
    (message,) = desk.told(ses, TOPIC)
    assert desk.path(message, "receipt", "action") == {
        "type": "WorkMail",
        "topicArn": TOPIC,
        "organizationArn": organization,
    }
    (about,) = desk.received(ses)
    assert desk.path(about, "actions", 0, "outcome") == "WorkMail is not played here"


def test_one_mail_has_one_id_and_each_rule_its_own_recipients(ses: Running) -> None:
    def heard(name: str, recipient: str) -> None:
        ses.cloud.buckets[name], ses.cloud.topics[f"{TOPIC}-{name}"] = {}, []
        made.append(
            {
                "Name": name,
                "Enabled": True,
                "Recipients": [recipient],
                "Actions": [{"S3Action": {"BucketName": name, "TopicArn": f"{TOPIC}-{name}"}}],
            }
        )

    made: list[object] = []
    heard("help", "help@example.com")
    heard("all", "example.com")
    desk.rules(ses, *made)  # type: ignore[arg-type]  # made above
    desk.send(ses, desk.MAIL, "sales@example.com", "help@example.com")
    ((one,), (other,)) = (desk.told(ses, f"{TOPIC}-{name}") for name in ("help", "all"))
    assert desk.path(one, "receipt", "recipients") == ["help@example.com"]
    assert desk.path(other, "receipt", "recipients") == ["sales@example.com", "help@example.com"]
    assert desk.path(one, "mail", "messageId") == desk.path(other, "mail", "messageId")


def test_what_was_done_is_there_for_those_who_look(ses: Running) -> None:
    desk.rule(ses, desk.store(prefix="raw/"), {"StopAction": {"Scope": "RuleSet"}})
    desk.send(ses, b"X-Local-Verdicts: spam=FAIL\r\n" + desk.MAIL)
    (about,) = desk.received(ses)
    assert (about["source"], about["recipients"], about["tls"]) == ("ann@example.org", ["help@example.com"], None)
    assert desk.path(about, "verdicts", "spam") == "FAIL"
    assert about["actions"] == [
        {
            "rule": "desk",
            "action": "S3",
            "recipients": ["help@example.com"],
            "outcome": f"stored in mail as raw/{about['id']}",
        },
        {"rule": "desk", "action": "Stop", "recipients": ["help@example.com"], "outcome": "stopped"},
    ]


def test_a_rule_that_does_not_scan_says_disabled_and_leaves_the_fields_out(ses: Running) -> None:
    ses.cloud.buckets["scanned"] = {}
    desk.rules(
        ses,
        {"Name": "one", "Actions": [{"S3Action": {"BucketName": "mail", "TopicArn": TOPIC}}]},
        {"Name": "two", "ScanEnabled": True, "Actions": [desk.store("scanned")]},
    )
    desk.send(ses)
    (message,) = desk.told(ses, TOPIC)
    assert desk.path(message, "receipt", "spamVerdict", "status") == "DISABLED"
    (plain,), (scanned,) = desk.stored(ses), desk.stored(ses, "scanned")
    assert b"X-SES-Spam-Verdict" not in plain
    assert b"\r\nX-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n" in scanned


def test_a_header_of_the_longest_value_is_stored_whole(ses: Running) -> None:
    value = "x" * 2048
    desk.rule(ses, {"AddHeaderAction": {"HeaderName": "X-Desk", "HeaderValue": value}}, desk.store())
    desk.send(ses)
    (body,) = desk.stored(ses)
    assert f"\r\nX-Desk: {value}\r\n".encode() in body
