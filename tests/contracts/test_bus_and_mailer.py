"""What leaves the pipeline: events on the bus, mails sent round again, mails to SES; and SES's errors as ours."""

import json
from collections.abc import Sequence

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from types_boto3_sesv2 import SESV2Client

from postroom import inbound
from postroom.aws.bus import EventBridgeBus, SqsOutgoing, SqsRequeue
from postroom.aws.mailer import SesMailer
from postroom.envelope import Envelope, Received, Verdicts
from postroom.errors import Poison, Retryable, Throttled, Unanswered
from postroom.events import MessageParsed, NoticeDue, decode
from postroom.ids import ConversationId, SesId
from postroom.memory.outside import MemoryBus, MemoryMailer, MemoryOutgoing, MemoryRequeue
from postroom.ports import Bus, Mailer, Outgoing, Requeue
from postroom.runtime.pipeline import event_of, is_pipeline_event

RECEIVED = Received(
    ses_id=SesId("m1"),
    bucket="mail",
    key="raw/m1",
    received_at="2026-11-24T07:03:17.120Z",
    envelope=Envelope(mail_from=None, rcpt_to=("support@desk.example",)),
    verdicts=Verdicts(),
)


def parsed(number: int) -> MessageParsed:
    key = f"m{number}"
    return MessageParsed(ses_id=SesId(key), bucket="b", raw_key=key, parsed_key=key, size=1, attachments=0)


@pytest.mark.parametrize("count", [0, 1, 10, 23])
def test_every_event_is_published_however_many_there_are(aws: None, count: int) -> None:
    """EventBridge takes ten at a time."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="bus")
    events.put_rule(Name="all", EventBusName="bus", EventPattern=json.dumps({"source": ["postroom"]}))
    events.put_targets(Rule="all", EventBusName="bus", Targets=[{"Id": "q", "Arn": arn}])
    memory = MemoryBus()
    buses: Sequence[Bus] = (EventBridgeBus(client=events, name="bus"), memory)
    for bus in buses:
        bus.publish([parsed(n) for n in range(count)])
    seen = []
    while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        seen += [json.loads(message["Body"]) for message in got]
        for message in got:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert [decode(e["detail-type"], e["detail"]) for e in seen] == memory.events == [parsed(n) for n in range(count)]


def test_an_event_that_the_bus_did_not_take_is_no_success(aws: None) -> None:
    """PutEvents answers 200 even then."""
    client = boto3.client("events")
    with Stubber(client) as stub:
        stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]})
        with pytest.raises(Retryable, match="1 of 1"):
            EventBridgeBus(client=client, name="bus").publish([parsed(1)])


def test_a_mail_sent_round_again_comes_back_as_ses_would_announce_it(aws: None) -> None:
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="parse")["QueueUrl"]
    memory = MemoryRequeue()
    requeues: Sequence[Requeue] = (SqsRequeue(client=sqs, queue_url=queue), memory)
    for requeue in requeues:
        requeue.put(RECEIVED)
    body = sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"]
    assert [inbound.read(body)] == memory.mails == [RECEIVED]


def test_what_is_handed_to_the_reply_stage_comes_as_the_bus_brings_it(aws: None) -> None:
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="reply")["QueueUrl"]
    due = NoticeDue(ses_id=SesId("m1"), conversation=ConversationId("c"), kind="person", since="then", at="now")
    memory = MemoryOutgoing()
    ways: Sequence[Outgoing] = (SqsOutgoing(client=sqs, queue_url=queue), memory)
    for way in ways:
        way.put(due)
    body = sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"]
    assert is_pipeline_event(body)
    assert [event_of(body)] == memory.events == [due]


def test_a_sent_mail_has_an_id_of_its_own(aws: None) -> None:
    client = boto3.client("sesv2")
    client.create_email_identity(EmailIdentity="support@desk.example")
    mailers: Sequence[Mailer] = (SesMailer(client=client, configuration_set="c"), MemoryMailer())
    for mailer in mailers:
        ids = {
            mailer.send(b"Subject: x\r\n\r\n", "support@desk.example", ["ann@example.com"], [("a", "b")]) for _ in "12"
        }
        assert len(ids) == 2


def sesv2() -> SESV2Client:
    return boto3.client("sesv2", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("MessageRejected", 400, Poison),
        ("BadRequestException", 400, Poison),
        ("TooManyRequestsException", 429, Throttled),
        ("LimitExceededException", 400, Retryable),
        ("SendingPausedException", 400, Retryable),
        ("AccountSuspendedException", 400, Retryable),
        ("NotFoundException", 404, Retryable),
        ("AccessDeniedException", 403, Retryable),
        ("ExpiredTokenException", 403, Retryable),
    ],
)
def test_what_ses_says_of_a_send_decides_whether_it_is_tried_again(
    code: str, status: int, expected: type[Exception]
) -> None:
    client = sesv2()
    with Stubber(client) as stub:
        stub.add_client_error("send_email", code, "why", http_status_code=status)
        with pytest.raises(expected, match=code):
            SesMailer(client=client, configuration_set="c").send(b"x", "a@b.example", ["c@d.example"], [])


@pytest.mark.parametrize(
    ("error", "certain"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), True),
        (ConnectTimeoutError(endpoint_url="http://x"), True),
        (ReadTimeoutError(endpoint_url="http://x"), False),
    ],
)
def test_a_send_whose_answer_is_lost_is_not_called_retryable(
    error: Exception, certain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the request went out it may have been sent: the reply stage must not try again."""
    client = sesv2()

    def fails(**_: object) -> None:
        raise error

    monkeypatch.setattr(client, "send_email", fails)
    with pytest.raises(Retryable if certain else Unanswered):
        SesMailer(client=client, configuration_set="c").send(b"x", "a@b.example", ["c@d.example"], [])


def test_a_fault_of_the_service_while_sending_is_uncertain_too() -> None:
    client = sesv2()
    with Stubber(client) as stub:
        stub.add_client_error("send_email", "InternalServiceError", "oops", http_status_code=500)
        with pytest.raises(Unanswered, match="InternalServiceError") as caught:
            SesMailer(client=client, configuration_set="c").send(b"x", "a@b.example", ["c@d.example"], [])
    assert "oops" not in str(caught.value)  # it is logged, and may name an address
