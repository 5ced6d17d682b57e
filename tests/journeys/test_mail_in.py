"""Mail comes in over SMTP, and becomes what it should: through every stage, as deployed."""

import hashlib
import json
import os
from email import message_from_bytes, policy
from urllib.request import urlopen

import pytest

from cli.main import main
from postroom import inbound
from postroom.envelope import Envelope, Received, Verdicts
from postroom.ids import SesId
from postroom.outcome import MailRow, Stage, outcome
from postroom.reasons import Disposition, Reason
from postroom.stages import documents
from tests.journeys.conftest import DESK, Town
from tests.unit.attachments.made import zipped

pytestmark = pytest.mark.journey


def reply_of(row: MailRow) -> Reason:
    return row.records[Stage.REPLY].reason


def test_a_question_is_answered_in_its_thread_from_the_desks_address(town: Town) -> None:
    question = town.mail(Subject="Where is my order?")
    row = town.outcome(town.send(question))
    assert reply_of(row) is Reason.ACKNOWLEDGED
    assert town.stack.outbox
    raw = (town.stack.outbox / f"{row.fact(Stage.REPLY, 'sent_id')}.eml").read_bytes()
    sent = message_from_bytes(raw, policy=policy.default)
    assert sent["To"].addresses[0].addr_spec == question["From"]
    assert sent["From"].addresses[0].addr_spec == DESK
    assert sent["In-Reply-To"] == question["Message-ID"]
    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["Message-ID"] == f"<{row.fact(Stage.REPLY, 'sent_id')}@email.amazonses.com>"


def test_an_answer_to_our_reply_joins_the_conversation_by_the_id_that_ses_gave_it(town: Town) -> None:
    first = town.outcome(town.send(town.mail()))
    ours = f"<{first.fact(Stage.REPLY, 'sent_id')}@email.amazonses.com>"
    answer = town.mail(sender=first.fact(Stage.PARSE, "from"), In_Reply_To=ours, References=ours)
    second = town.outcome(town.send(answer))
    assert second.fact(Stage.CLASSIFY, "conversation") == first.fact(Stage.CLASSIFY, "conversation")
    assert reply_of(second) is Reason.ALREADY_ACKNOWLEDGED


def test_an_attachment_of_many_megabytes_is_stored_under_its_hash(town: Town) -> None:
    body = zipped(("photos/1.jpg", b"\xff\xd8\xff" + os.urandom(9_000_000)))
    message = town.mail()
    message.add_attachment(body, maintype="application", subtype="zip", filename="../../photos.zip")
    row = town.outcome(town.send(message))
    assert row.records[Stage.ATTACHMENTS].facts["stored"] == "1"
    digest = hashlib.sha256(body).hexdigest()
    assert hashlib.sha256(town.stack.objects.read(f"attachments/{digest}")).hexdigest() == digest
    parsed = documents.load(town.stack.objects, f"parsed/{row.ses_id}.json")
    assert "/" not in parsed.message.attachments[0].safe_filename


def test_a_link_to_an_attachment_saves_it_and_shows_nothing(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    message = town.mail()
    message.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="grüße.html")
    row = town.outcome(town.send(message))
    assert main(["attachment", row.ses_id, "1", "--state", town.known.state]) == 0
    with urlopen(capsys.readouterr().out.strip()) as response:  # noqa: S310 - our own stack's
        assert response.read() == b"<script>alert(1)</script>"
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment;")
    assert main(["attachment", row.ses_id, "2", "--state", town.known.state]) == 1


def test_a_good_file_has_a_link_and_a_program_beside_it_is_quarantined_with_its_reason(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = b"%PDF-1.7 a good file", zipped(("setup.exe", b"MZ"), ("readme.txt", town.fresh().encode()))
    message = town.mail()
    message.add_attachment(good, maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment(bad, maintype="application", subtype="zip", filename="tool.zip")
    row = town.outcome(town.send(message))
    assert reply_of(row) is Reason.ACKNOWLEDGED  # the mail itself goes on
    assert main(["attachment", row.ses_id, "1", "--state", town.known.state]) == 0
    with urlopen(capsys.readouterr().out.strip()) as response:  # noqa: S310 - our own stack's
        assert response.read() == good
    assert main(["attachment", row.ses_id, "2", "--state", town.known.state]) == 1
    assert "nobody gets tool.zip: quarantined, executable_in_archive" in capsys.readouterr().err.replace("\n", " ")
    digest = hashlib.sha256(bad).hexdigest()
    assert town.stack.objects.read(f"quarantine/{digest}") == bad
    assert town.stack.objects.written_at(f"attachments/{digest}") is None
    assert main(["why", row.ses_id, "--state", town.known.state]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "there is a program or a script in it (tool.zip: setup.exe)" in told
    assert "executable_in_archive" in told
    assert main(["show", row.ses_id, "--state", town.known.state]) == 0
    assert "quarantined: executable in archive" in capsys.readouterr().out
    assert main(["attachment", row.ses_id, "--state", town.known.state]) == 0
    assert "allowed" in capsys.readouterr().out


def test_every_recipient_of_the_envelope_is_kept(town: Town) -> None:
    row = town.outcome(town.send(town.mail(), "bounces@example.com"))
    parsed = documents.load(town.stack.objects, f"parsed/{row.ses_id}.json")
    assert parsed.received.envelope == Envelope(mail_from="bounces@example.com", rcpt_to=(DESK,))


@pytest.mark.parametrize(
    ("headers", "mail_from", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "", Reason.AUTO_REPLY),
        ({"Precedence": "bulk"}, "news@example.com", Reason.BULK_MAIL),
        ({"List_Id": "<l.example.com>"}, "l-bounces@example.com", Reason.MAILING_LIST),
        ({"X_Auto_Response_Suppress": "All"}, None, Reason.ASKED_FOR_SILENCE),
        ({}, "", Reason.NULL_RETURN_PATH),
        ({"X_Local_Verdicts": "dmarc=FAIL"}, None, Reason.SENDER_NOT_AUTHENTICATED),
    ],
)
def test_robots_lists_and_the_unauthenticated_get_no_answer(
    town: Town, headers: dict[str, str], mail_from: str | None, reason: Reason
) -> None:
    before = len(town.outbox())
    row = town.outcome(town.send(town.mail(**headers), mail_from))
    assert reply_of(row) is reason
    town.settled()
    assert len(town.outbox()) == before


def test_our_own_reply_that_comes_back_is_not_answered(town: Town) -> None:
    first = town.outcome(town.send(town.mail()))
    assert town.stack.outbox
    ours = (town.stack.outbox / f"{first.fact(Stage.REPLY, 'sent_id')}.eml").read_bytes()
    before = len(town.outbox())
    row = town.outcome(town.send(ours, DESK))
    assert reply_of(row) is Reason.LOOP
    assert len(town.outbox()) == before


def test_spam_is_quarantined_and_kept(town: Town) -> None:
    row = town.outcome(town.send(town.mail(X_Local_Verdicts="spam=FAIL")))
    end = outcome(row)
    assert end is not None
    assert (end.disposition, end.reason) == (Disposition.QUARANTINED, Reason.SPAM)
    assert b"Where is my order?" in town.stack.objects.read(f"raw/{row.ses_id}")


def test_a_poison_mail_is_quarantined_with_its_reason_and_the_next_goes_through(town: Town) -> None:
    head = b'From: eve@evil.example\r\nSubject: shredded\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    poison = town.send(head + b"--b\r\n\r\n\r\n" * 20_000 + b"--b--\r\n")
    next_one = town.send(town.mail())
    assert reply_of(town.outcome(next_one)) is Reason.ACKNOWLEDGED
    end = outcome(town.outcome(poison))
    assert end is not None
    assert (end.disposition, end.stage, end.reason) == (Disposition.QUARANTINED, Stage.PARSE, Reason.TOO_COMPLEX)
    assert b"shredded" in town.stack.objects.read(f"raw/{poison}")


def test_the_same_notification_again_changes_nothing(town: Town) -> None:
    ses_id = town.send(town.mail())
    before, sent = town.outcome(ses_id), len(town.outbox())
    parsed = documents.load(town.stack.objects, f"parsed/{ses_id}.json")
    topic = town.known.outputs["InboundTopicArn"]
    for _ in range(3):
        town.client("sns").publish(TopicArn=topic, Message=inbound.notification(parsed.received))
    town.settled()
    after = town.outcome(ses_id)
    assert outcome(after) == outcome(before)
    assert after.records[Stage.CLASSIFY].facts == before.records[Stage.CLASSIFY].facts
    assert after.fact(Stage.REPLY, "sent_id") == before.fact(Stage.REPLY, "sent_id")
    assert len(town.outbox()) == sent


def test_what_is_no_mail_is_ignored_and_no_error(town: Town) -> None:
    setup = json.loads(inbound.notification(_received()))
    setup["receipt"]["action"]["objectKey"] = "raw/AMAZON_SES_SETUP_NOTIFICATION"
    dead = town.dead_letters()
    for text in ("Successfully validated SNS topic for Amazon SES event publishing.", json.dumps(setup)):
        for topic in ("InboundTopicArn", "FeedbackTopicArn"):
            town.client("sns").publish(TopicArn=town.known.outputs[topic], Message=text)
    town.settled()
    assert town.dead_letters() == dead


def _received() -> Received:
    return Received(
        ses_id=SesId("AMAZON_SES_SETUP_NOTIFICATION"),
        bucket="mail",
        key="raw/x",
        received_at="2026-11-24T07:00:00.000Z",
        envelope=Envelope(mail_from=None, rcpt_to=()),
        verdicts=Verdicts(),
    )
