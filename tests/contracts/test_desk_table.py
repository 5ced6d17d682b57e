"""What every adapter of the desk's table does: ledger, sends. Conversations have a file of their own."""

from dataclasses import dataclass, replace

import pytest

from postroom.aws.ledger import DynamoLedger
from postroom.aws.postponed import DynamoPostponed
from postroom.aws.sends import DynamoSends
from postroom.events import MessageClassified
from postroom.ids import ConversationId, SentId, SesId
from postroom.memory.desk import MemoryLedger, MemoryPostponed, MemorySends
from postroom.outcome import Stage, StageRecord
from postroom.ports import Ledger, Postponed, Sends, SendState
from postroom.reasons import Disposition, Reason
from tests.contracts.conftest import clock

AT = "2026-11-24T07:03:17.120Z"
MAIL = SesId("mail-1")
PARSED = StageRecord(
    stage=Stage.PARSE,
    at=AT,
    disposition=Disposition.ACCEPTED,
    reason=Reason.ORDINARY,
    rule="r",
    signals=("a", "b"),
    facts={"subject": "Grüße ✉", "empty": ""},
)
CLASSIFIED = replace(PARSED, stage=Stage.CLASSIFY, facts={"kind": "person"})


@dataclass(frozen=True, kw_only=True)
class Table:
    ledger: Ledger
    sends: Sends


@pytest.fixture(params=["memory", "dynamodb"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return Table(ledger=MemoryLedger(), sends=MemorySends())
    client = request.getfixturevalue("dynamodb")
    return Table(
        ledger=DynamoLedger(client=client, table="desk", clock=clock),
        sends=DynamoSends(client=client, table="desk"),
    )


def test_a_mail_that_nothing_is_known_of_has_no_row(table: Table) -> None:
    assert table.ledger.row(SesId("unknown")) is None


def test_each_stage_writes_its_own_record_in_any_order(table: Table) -> None:
    table.ledger.record(MAIL, AT, CLASSIFIED)
    table.ledger.record(MAIL, AT, PARSED)
    row = table.ledger.row(MAIL)
    assert row is not None
    assert row.received_at == AT
    assert row.records == {Stage.PARSE: PARSED, Stage.CLASSIFY: CLASSIFIED}


def test_a_repeat_replaces_only_the_stages_own_record(table: Table) -> None:
    table.ledger.record(MAIL, AT, PARSED)
    table.ledger.record(MAIL, AT, CLASSIFIED)
    again = replace(PARSED, at="2026-11-24T07:05:00.000Z")
    table.ledger.record(MAIL, AT, again)
    row = table.ledger.row(MAIL)
    assert row is not None
    assert row.records == {Stage.PARSE: again, Stage.CLASSIFY: CLASSIFIED}


def test_rows_come_newest_first_from_the_moment_on(table: Table) -> None:
    times = ["2026-11-24T04:59:59.000Z", "2026-11-24T05:00:00.000Z", "2026-11-24T06:10:00.000Z", AT]
    for number, at in enumerate(times):
        table.ledger.record(SesId(f"mail-{number}"), at, PARSED)
    found = [row.received_at for row in table.ledger.rows_since("2026-11-24T05:00:00.000Z")]
    assert found == [AT, "2026-11-24T06:10:00.000Z", "2026-11-24T05:00:00.000Z"]


def test_many_mails_of_one_hour_all_come(table: Table) -> None:
    """More than one BatchGetItem takes."""
    for number in range(130):
        table.ledger.record(
            SesId(f"mail-{number:03}"), f"2026-11-24T07:{number // 60:02}:{number % 60:02}.000Z", PARSED
        )
    found = [row.ses_id for row in table.ledger.rows_since("2026-11-24T07:00:00.000Z")]
    assert found == [f"mail-{number:03}" for number in reversed(range(130))]
    assert all(row.records == {Stage.PARSE: PARSED} for row in table.ledger.rows_since("2026-11-24T07:00:00.000Z"))


def test_the_first_mail_of_a_fingerprint_stays_the_first(table: Table) -> None:
    assert table.ledger.first_of("f", SesId("one")) == "one"
    assert table.ledger.first_of("f", SesId("two")) == "one"
    assert table.ledger.first_of("f", SesId("one")) == "one"
    assert table.ledger.first_of("g", SesId("two")) == "two"


def test_a_send_begins_once_and_tells_its_state_after(table: Table) -> None:
    assert table.sends.state("k") is None
    assert table.sends.begin("k", AT) is None
    assert table.sends.begin("k", "later") == table.sends.state("k") == SendState(since=AT)
    table.sends.finish("k", SentId("s-1"), "ann@example.com")
    assert table.sends.begin("k", "later") == table.sends.state("k") == SendState(since=AT, sent_id=SentId("s-1"))


def test_it_is_remembered_to_whom_an_id_of_ses_went(table: Table) -> None:
    table.sends.begin("k", AT)
    table.sends.finish("k", SentId("s-1"), "ann@example.com")
    assert table.sends.recipient(SentId("s-1")) == "ann@example.com"
    assert table.sends.recipient(SentId("s-2")) is None


def test_an_abandoned_send_may_begin_again(table: Table) -> None:
    table.sends.begin("k", AT)
    table.sends.abandon("k")
    assert table.sends.state("k") is None
    assert table.sends.begin("k", AT) is None


def test_what_is_given_back_to_a_budget_can_be_taken_again(table: Table) -> None:
    assert [table.sends.take("ann", 1, 3600, 0.0) for _ in "12"] == [True, False]
    table.sends.give_back("ann", 3600, 0.0)
    assert [table.sends.take("ann", 1, 3600, 0.0) for _ in "12"] == [True, False]
    table.sends.give_back("bob", 3600, 0.0)  # nothing was taken: nothing comes of it
    assert [table.sends.take("bob", 1, 3600, 0.0) for _ in "12"] == [True, False]


def test_a_budget_gives_its_limit_per_window_and_no_more(table: Table) -> None:
    taken = [table.sends.take("ann", 2, 3600, at) for at in (0.0, 10.0, 3599.0, 3600.0)]
    assert taken == [True, True, False, True]
    assert table.sends.take("bob", 2, 3600, 0.0)


# What quiet hours hold back

WAITS = MessageClassified(
    ses_id=MAIL,
    bucket="mail",
    raw_key="raw/mail-1",
    parsed_key="parsed/mail-1.json",
    kind="person",
    category=None,
    language="de",
    conversation=ConversationId("abc"),
    opened=True,
    tags=("vip",),
)


@pytest.fixture(params=["memory", "dynamodb"])
def postponed(request: pytest.FixtureRequest) -> Postponed:
    if request.param == "memory":
        return MemoryPostponed()
    return DynamoPostponed(client=request.getfixturevalue("dynamodb"), table="desk")


def test_what_is_postponed_is_there_once_and_as_it_was_until_it_is_removed(postponed: Postponed) -> None:
    other = replace(WAITS, ses_id=SesId("mail-2"))
    for event in (WAITS, other, WAITS):
        postponed.put(event)
    assert sorted(postponed.all(), key=lambda event: event.ses_id) == [WAITS, other]
    postponed.remove(MAIL)
    postponed.remove(MAIL)
    assert list(postponed.all()) == [other]


def test_what_is_listed_may_be_removed_meanwhile(postponed: Postponed) -> None:
    for number in range(5):
        postponed.put(replace(WAITS, ses_id=SesId(f"mail-{number}")))
    for event in postponed.all():
        postponed.remove(event.ses_id)
    assert not list(postponed.all())
