"""A desk whose mail SES encrypts before it is stored: a stack of its own, with a key of its own."""

import base64
import hashlib
import os
from collections.abc import Iterator

import pytest

from cli.running import of_local
from local.stack import ports, stack
from local.stack.ports import Port
from postroom.aws.bus import SqsRequeue
from postroom.envelope import Envelope, Received, Verdicts
from postroom.ids import SesId
from postroom.outcome import Stage
from postroom.reasons import Disposition, Reason
from tests.journeys.conftest import DESK, ROOT, Town

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def sealed_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    plan = stack.Plan(
        root=ROOT,
        state=tmp_path_factory.mktemp("sealed"),
        smtp=Port(number=0, option="--smtp-port"),
        aws=ports.free("--aws-port"),
        ses=ports.free("--ses-port"),
        encrypted=True,
    )
    with stack.running(plan) as (up, _):
        yield Town(stack=of_local(up), known=up)


def test_an_encrypted_mail_has_its_outcome_and_its_attachments(sealed_town: Town) -> None:
    body, message = b"%PDF-1.7" + os.urandom(3_000_000), sealed_town.mail(Subject="Sealed")
    message.add_attachment(body, maintype="application", subtype="pdf", filename="scan.pdf")
    row = sealed_town.outcome(sealed_town.send(message))
    assert row.fact(Stage.PARSE, "subject") == "Sealed"
    assert row.records[Stage.REPLY].reason is Reason.ACKNOWLEDGED
    digest = hashlib.sha256(body).hexdigest()
    assert sealed_town.stack.objects.read(f"attachments/{digest}") == body
    key = f"raw/{row.ses_id}"
    assert b"Sealed" not in sealed_town.stack.objects.read(key)
    with sealed_town.stack.raw_mails.open(key) as raw:
        assert b"\nSubject: Sealed\r\n" in raw.read(0, 10_000)
        assert base64.encodebytes(body)[:60] in raw.read(0, raw.size)


def test_an_encrypted_mail_that_was_changed_is_quarantined_and_kept(sealed_town: Town) -> None:
    whole = sealed_town.outcome(sealed_town.send(sealed_town.mail())).ses_id
    s3, bucket = sealed_town.client("s3"), sealed_town.stack.bucket
    stored = s3.get_object(Bucket=bucket, Key=f"raw/{whole}")
    body = stored["Body"].read()
    s3.put_object(Bucket=bucket, Key="raw/changed", Body=b"?" + body[1:], Metadata=stored["Metadata"])
    received = Received(
        ses_id=SesId("changed"),
        bucket=bucket,
        key="raw/changed",
        received_at="2026-11-24T07:29:00.000Z",
        envelope=Envelope(mail_from="ann@example.com", rcpt_to=(DESK,)),
        verdicts=Verdicts(),
    )
    SqsRequeue(client=sealed_town.client("sqs"), queue_url=sealed_town.queue("ParseQueue")).put(received)
    record = sealed_town.outcome(SesId("changed")).records[Stage.PARSE]
    assert (record.disposition, record.reason) == (Disposition.QUARANTINED, Reason.SEAL_BROKEN)
    assert sealed_town.dead_letters() == 0
