"""The batch of a queue: each message alone, poison named, everything unforeseen tried again."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from postroom.errors import Misconfigured, Poison, Retryable
from postroom.events import Event, MessageParsed, MessageQuarantined, encode
from postroom.ids import SesId
from postroom.memory.desk import MemoryLedger
from postroom.memory.outside import MemoryBus
from postroom.outcome import Decision, Stage, StageRecord
from postroom.reasons import Disposition, Reason
from postroom.runtime import log, settings
from postroom.runtime.pipeline import Pipeline
from tests.contracts.conftest import clock

AT = "2026-11-24T07:00:00.000Z"
PARSED = MessageParsed(
    ses_id=SesId("m1"), bucket="b", raw_key="raw/m1", parsed_key="parsed/m1.json", size=1, attachments=0
)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the function writes to its log, as CloudWatch would get it."""
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.setFormatter(log.logger().registered_formatter)
    logging.getLogger("postroom").addHandler(handler)
    yield stream
    logging.getLogger("postroom").removeHandler(handler)


def sqs(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"id-{n}", "body": body} for n, body in enumerate(bodies)]}


def decision(event: Event | None = PARSED) -> Decision:
    record = StageRecord(
        stage=Stage.PARSE, at=AT, disposition=Disposition.ACCEPTED, reason=Reason.RESUBMISSION, facts={"subject": "hi"}
    )
    return Decision(ses_id=SesId("m1"), received_at=AT, record=record, event=event)


def on_bus(event: Event) -> str:
    return json.dumps({"source": "postroom", "detail-type": event.type, "detail": encode(event)})


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def pipeline(ledger: MemoryLedger, bus: MemoryBus) -> Pipeline:
    return Pipeline(stage=Stage.PARSE, ledger=ledger, bus=bus, clock=clock)


def test_a_decision_is_recorded_published_and_told(
    pipeline: Pipeline, ledger: MemoryLedger, bus: MemoryBus, logged: io.StringIO
) -> None:
    assert pipeline.batch(sqs("x"), lambda _: decision()) == {"batchItemFailures": []}
    assert ledger.rows_by_id[SesId("m1")].records == {Stage.PARSE: decision().record}
    assert bus.events == [PARSED]
    line = json.loads(logged.getvalue())
    assert (line["ses_id"], line["disposition"], line["reason"]) == ("m1", "accepted", "resubmission")
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "disposition", "reason"]]
    assert "hi" not in logged.getvalue()


def test_a_decision_without_news_is_recorded_and_not_published(
    pipeline: Pipeline, ledger: MemoryLedger, bus: MemoryBus
) -> None:
    pipeline.batch(sqs("x"), lambda _: decision(None))
    assert SesId("m1") in ledger.rows_by_id
    assert bus.events == []


def test_a_decision_about_no_received_mail_makes_no_row(pipeline: Pipeline, ledger: MemoryLedger) -> None:
    pipeline.batch(sqs("x"), lambda _: replace(decision(None), ses_id=SesId("")))
    assert ledger.rows_by_id == {}


@pytest.mark.parametrize("error", [Retryable("throttled"), RuntimeError("unforeseen"), MemoryError()])
def test_a_failing_message_comes_back_alone(pipeline: Pipeline, bus: MemoryBus, error: Exception) -> None:
    def work(body: str) -> Decision:
        if body == "bad":
            raise error
        return decision()

    assert pipeline.batch(sqs("good", "bad", "good"), work) == {"batchItemFailures": [{"itemIdentifier": "id-1"}]}
    assert len(bus.events) == 2


def test_a_poison_mail_is_quarantined_with_its_reason_and_acknowledged(
    pipeline: Pipeline, ledger: MemoryLedger, bus: MemoryBus
) -> None:
    def work(body: str) -> Decision:
        raise Poison(Reason.TOO_COMPLEX, "10,001 parts")

    body = json.dumps({"mail": {"messageId": "m1", "timestamp": "2026-11-24T07:00:00.000Z"}, "receipt": {}})
    assert pipeline.batch(sqs(body), work) == {"batchItemFailures": []}
    record = ledger.rows_by_id[SesId("m1")].records[Stage.PARSE]
    assert (record.disposition, record.reason) == (Disposition.QUARANTINED, Reason.TOO_COMPLEX)
    assert record.facts["detail"] == "10,001 parts"
    assert bus.events == [MessageQuarantined(ses_id=SesId("m1"), stage="parse", reason=Reason.TOO_COMPLEX)]


def test_poison_that_names_no_mail_goes_to_the_dead_letters(pipeline: Pipeline, ledger: MemoryLedger) -> None:
    def work(body: str) -> Decision:
        raise Poison(Reason.UNREADABLE_EVENT, "what is this?")

    for body in (
        "hello",
        "[" * 100_000,
        "[]",
        "{}",
        '{"mail": {"messageId": 7}, "receipt": {}}',
        '{"mail": {"messageId": "sent"}}',
    ):
        assert pipeline.batch(sqs(body), work) == {"batchItemFailures": [{"itemIdentifier": "id-0"}]}
    assert ledger.rows_by_id == {}


def test_a_stage_takes_its_own_event_and_leaves_others_alone(pipeline: Pipeline, bus: MemoryBus) -> None:
    seen: list[MessageParsed] = []

    def work(event: MessageParsed) -> Decision:
        seen.append(event)
        return decision(event)

    other = MessageQuarantined(ses_id=SesId("m"), stage="parse", reason=Reason.SPAM)
    assert pipeline.events(sqs(on_bus(other), on_bus(PARSED)), MessageParsed, work) == {"batchItemFailures": []}
    assert seen == bus.events == [PARSED]


def test_an_event_of_a_later_version_waits_in_the_dead_letters_only_if_it_names_no_mail(
    pipeline: Pipeline, ledger: MemoryLedger
) -> None:
    body = json.dumps({"detail-type": "MessageParsed", "detail": {"version": 99, "ses_id": "m9"}})
    assert pipeline.events(sqs(body), MessageParsed, decision) == {"batchItemFailures": []}
    assert ledger.rows_by_id[SesId("m9")].records[Stage.PARSE].reason is Reason.UNREADABLE_EVENT


def test_all_faults_of_the_environment_are_told_at_once() -> None:
    with pytest.raises(Misconfigured) as caught:
        settings.read(settings.Reply, {"POSTROOM_REPLIES": "perhaps", "AWS_REGION": "us-east-1"})
    text = str(caught.value)
    assert len(caught.value.faults) == 12
    assert "POSTROOM_REPLIES is 'perhaps'" in text
    assert "POSTROOM_CONFIGURATION_SET is not set" in text


def test_a_right_environment_becomes_settings() -> None:
    found = settings.read(
        settings.OurDesk, {"POSTROOM_DESK_ADDRESS": "a@b.example", "POSTROOM_RECIPIENTS": "b.example, c.example"}
    )
    assert found.desk("Name").recipients == ("b.example", "c.example")


def test_no_words_of_a_mail_reach_the_log(pipeline: Pipeline, logged: io.StringIO) -> None:
    """What nobody foresaw may quote the mail that it choked on."""

    secret = "-".join(["what", "the", "customer", "wrote"])  # not to be found in the source lines of the trace

    def work(body: str) -> Decision:
        raise Poison(Reason.UNPARSEABLE, secret) if body == "poison" else ValueError(secret)

    pipeline.batch(sqs("poison", "bug"), work)
    assert "ValueError" in logged.getvalue()
    assert "unparseable" in logged.getvalue()
    assert secret not in logged.getvalue()


def test_an_error_of_our_own_says_what_was_tried(pipeline: Pipeline, logged: io.StringIO) -> None:
    def work(body: str) -> Decision:
        raise Retryable("read s3://mail/raw/m1: SlowDown")

    pipeline.batch(sqs("x"), work)
    assert "SlowDown" in logged.getvalue()
