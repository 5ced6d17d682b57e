"""Calls to AWS that fail, one after the other, under a mail on its way: it has one outcome, and one reply at most.

Each journey takes back its faults. What failed is tried again after two seconds here instead of after minutes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.request import Request, urlopen

import pytest

from cli.main import main
from local.faults.fault import Kind
from postroom.address import State
from postroom.ids import SesId
from postroom.outcome import MailRow, Stage, outcome
from postroom.reasons import Disposition, Reason
from tests.journeys.conftest import ROOT, Town, until

pytestmark = pytest.mark.journey

RETRY = "2"  # seconds until what failed is handed out again
LONG_AGO = "2026-11-24T07:00:00.000Z"  # when no try of reply can be under way any more


@pytest.fixture(autouse=True, scope="module")
def quick_retries(town: Town) -> Iterator[None]:
    """Queues that hand out again what failed after two seconds."""
    sqs = town.client("sqs")
    queues = {name: url for name, url in town.known.resources.items() if name.endswith("Queue")}
    before = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in queues.values()
    }
    for url in before:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": RETRY})
    try:
        yield
    finally:
        for url, had in before.items():
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": had["VisibilityTimeout"]})


def asked(town: Town, method: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    url = f"{town.known.faults_url}/_faults"
    request = Request(url, data=data, method=method, headers={"Content-Type": "application/json"})  # noqa: S310 - our own
    with urlopen(request) as response:  # noqa: S310 - our own
        return json.loads(response.read() or b"null")


@contextmanager
def fault(town: Town, who: str, what: str, how: str, times: int = 1, skip: int = 0) -> Iterator[None]:
    """It stands for the block, and must have struck `times` times at its end."""
    asked(town, "POST", {"who": who, "what": what, "how": how, "times": times, "skip": skip})
    try:
        yield
        [standing] = asked(town, "GET")["faults"]
        assert standing["hits"] == times
    finally:
        asked(town, "DELETE")


def replies_to(town: Town, mail: EmailMessage) -> int:
    sent = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in town.outbox())
    return sum(str(one["To"].addresses[0].addr_spec) == mail["From"] for one in sent)


def mail_with_a_file(town: Town) -> EmailMessage:
    mail = town.mail()
    body = b"%PDF-1.7 " + town.fresh().encode()
    mail.add_attachment(body, maintype="application", subtype="pdf", filename="a.pdf")
    return mail


def answered_once(town: Town, mail: EmailMessage, ses_id: SesId) -> MailRow:
    """The row of a mail that was acknowledged, by one reply, when nothing is left to do."""
    row = town.outcome(ses_id)
    town.settled()
    assert row.records[Stage.REPLY].reason is Reason.ACKNOWLEDGED
    assert replies_to(town, mail) == 1
    return row


@pytest.mark.parametrize(
    ("who", "what", "how", "times"),
    [
        ("parse", "s3:GetObject", Kind.THROTTLE, 3),
        ("parse", "s3:PutObject", Kind.AFTER, 1),
        ("parse", "dynamodb:PutItem", Kind.AFTER, 2),
        ("parse", "dynamodb:UpdateItem", Kind.ERROR500, 2),
        ("parse", "events:PutEvents", Kind.AFTER, 2),
        ("attachments", "s3:PutObject", Kind.ERROR503, 3),
        ("attachments", "s3:GetObject", Kind.REFUSE, 2),
        ("attachments", "events:PutEvents", Kind.AFTER, 2),
        ("classify", "s3:GetObject", Kind.ERROR500, 2),
        ("classify", "dynamodb:PutItem", Kind.AFTER, 2),
        ("classify", "dynamodb:UpdateItem", Kind.THROTTLE, 2),
        ("classify", "events:PutEvents", Kind.AFTER, 2),
        ("reply", "s3:GetObject", Kind.THROTTLE, 2),
        ("reply", "dynamodb:GetItem", Kind.ERROR500, 2),
        ("reply", "dynamodb:UpdateItem", Kind.THROTTLE, 2),
        ("reply", "dynamodb:UpdateItem", Kind.AFTER, 1),
        ("reply", "dynamodb:PutItem", Kind.AFTER, 1),  # the mark of the try itself: it knows its own
        ("reply", "ses:SendEmail", Kind.THROTTLE, 2),
        ("reply", "ses:SendEmail", Kind.DENIED, 1),
        ("reply", "events:PutEvents", Kind.AFTER, 2),
        ("ses", "sns:Publish", Kind.AFTER, 1),
    ],
)
def test_a_mail_whose_calls_fail_is_answered_once_all_the_same(
    town: Town, who: str, what: str, how: Kind, times: int
) -> None:
    mail = mail_with_a_file(town)
    with fault(town, who, what, how, times):
        row = answered_once(town, mail, town.send(mail))
    assert row.records[Stage.ATTACHMENTS].facts["stored"] == "1"


def grown_old(town: Town, ses_id: SesId) -> None:
    """The mark of a try that was broken off, as it is found when its time is over."""

    def marked() -> bool:
        state = town.sends.state(f"{ses_id}/acknowledgement")
        return state is not None and state.sent_id is None and asked(town, "GET")["faults"][0]["hits"] > 0

    until(marked, f"mark of a try for {ses_id}")
    town.client("dynamodb").update_item(
        TableName=town.stack.desk_table,
        Key={"pk": {"S": f"send#{ses_id}/acknowledgement"}, "sk": {"S": "send"}},
        UpdateExpression="SET since = :ago",
        ConditionExpression="attribute_not_exists(sent_id)",
        ExpressionAttributeValues={":ago": {"S": LONG_AGO}},
    )


@pytest.mark.parametrize(
    ("what", "how", "times", "skip", "replies", "reason"),
    [
        ("ses:SendEmail", Kind.AFTER, 1, 0, 1, Reason.ACKNOWLEDGED),  # it went out, and SES's events tell of it
        ("ses:SendEmail", Kind.ERROR500, 1, 0, 0, Reason.SEND_UNCERTAIN),  # it did not, and nobody can know
        ("dynamodb:PutItem", Kind.ERROR500, 2, 1, 1, Reason.ACKNOWLEDGED),  # it went out, and was not written down
    ],
)
def test_a_reply_of_which_nobody_knows_is_found_or_told_as_uncertain_and_never_sent_again(
    town: Town, what: str, how: Kind, times: int, skip: int, replies: int, reason: Reason
) -> None:
    mail = town.mail()
    with fault(town, "reply", what, how, times, skip):
        ses_id = town.send(mail)
        grown_old(town, ses_id)
        row = town.outcome(ses_id)
    town.settled()
    assert row.records[Stage.REPLY].reason is reason
    assert replies_to(town, mail) == replies


def test_a_throttled_write_of_feedback_suppresses_the_address_once_it_goes_through(town: Town) -> None:
    before = town.counted("bounce")
    who = f"bounce+{town.fresh()}@simulator.amazonses.com"
    with fault(town, "feedback", "dynamodb:TransactWriteItems", Kind.THROTTLE, 3):
        town.client("sesv2").send_email(
            FromEmailAddress=town.known.parameters["DeskAddress"],
            Destination={"ToAddresses": [who]},
            Content={"Simple": {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "hello"}}}},
            ConfigurationSetName=town.known.outputs["ConfigurationSetName"],
        )
        until(lambda: town.addresses.state(who) == State.HARD, f"suppression of {who}")
    town.settled()
    assert town.counted("bounce") == before + 1


def test_an_event_of_feedback_that_was_written_before_its_connection_died_counts_once(town: Town) -> None:
    before = town.counted("complaint")
    who = f"complaint+{town.fresh()}@simulator.amazonses.com"
    with fault(town, "feedback", "dynamodb:TransactWriteItems", Kind.AFTER, 2):
        town.client("sesv2").send_email(
            FromEmailAddress=town.known.parameters["DeskAddress"],
            Destination={"ToAddresses": [who]},
            Content={"Simple": {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "hello"}}}},
            ConfigurationSetName=town.known.outputs["ConfigurationSetName"],
        )
        until(lambda: town.counted("complaint") > before, "complaint that is counted")
    town.settled()
    assert (town.addresses.state(who), town.counted("complaint")) == (State.COMPLAINED, before + 1)


def test_the_ledger_gets_over_a_listing_that_is_throttled_once_and_fails_aloud_over_one_that_is_denied(
    town: Town,
) -> None:
    with fault(town, "ledger", "s3:ListObjectsV2", Kind.THROTTLE):
        failed, counts = town.invoked("LedgerFunction", {})
    assert not failed
    assert counts["looked_at"] >= 0
    with fault(town, "ledger", "s3:ListObjectsV2", Kind.DENIED):
        assert town.invoked("LedgerFunction", {})[0]


def test_activate_asks_again_where_ses_throttles(town: Town) -> None:
    request = json.loads((ROOT / "events" / "activate" / "update.json").read_text())
    with fault(town, "activate", "ses:DescribeActiveReceiptRuleSet", Kind.THROTTLE):
        failed, answer = town.invoked("ActivateFunction", request)
    assert not failed
    assert "SUCCESS" in answer


def test_a_mail_that_can_never_be_read_goes_to_the_dead_letters_and_comes_back_by_a_redrive(town: Town) -> None:
    """Five tries, as on AWS; then a person mends the cause."""
    mail = town.mail()
    dead = town.queue("ClassifyDeadLetters")
    sqs = town.client("sqs")
    sqs.set_queue_attributes(QueueUrl=town.queue("ClassifyQueue"), Attributes={"VisibilityTimeout": "1"})
    with fault(town, "classify", "s3:GetObject", Kind.DENIED, times=5):
        ses_id = town.send(mail)
        until(lambda: town.waiting_in(dead) == 1, "dead letter")
        row = town.stack.ledger.row(ses_id)
        assert row is not None
        assert outcome(row) is None
    sqs.set_queue_attributes(QueueUrl=town.queue("ClassifyQueue"), Attributes={"VisibilityTimeout": RETRY})
    [letter] = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1)["Messages"]
    sqs.send_message(QueueUrl=town.queue("ClassifyQueue"), MessageBody=letter["Body"])
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
    end = outcome(answered_once(town, mail, ses_id))
    assert end is not None
    assert end.disposition is Disposition.ACCEPTED


def test_the_command_line_adds_lists_and_clears_faults(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    def local(*words: str) -> tuple[int, str]:
        status = main(["local", *words, "--state", town.known.state])
        told = capsys.readouterr()
        return status, (told.out + told.err).replace("\n", " ")

    try:
        assert local("fault", "add", "parse", "s3:GetObject", "throttle", "--times", "3")[0] == 0
        status, told = local("fault", "add", "pares", "s3:GetObject", "throttle")
        assert status == 2
        assert "activate, attachments, classify, cli, feedback, ledger, parse, push, reply, ses, tend" in told
        status, told = local("fault", "add", "parse", "s3:GetObjekt", "throttle")
        assert (status, "did you mean s3:GetObject?" in told) == (2, True)
        status, told = local("fault", "list")
        assert "parse  s3:GetObject  throttle  3 times" in told
        number = str(asked(town, "GET")["faults"][0]["id"])
        assert local("fault", "clear", number) == (0, f"fault {number} is cleared ")
        assert local("fault", "clear", number)[0] == 1
        assert "every call goes through" in local("fault", "list")[1]
    finally:
        asked(town, "DELETE")


def test_no_fault_has_left_a_dead_letter(town: Town) -> None:
    town.settled()
    assert town.dead_letters() == 0
