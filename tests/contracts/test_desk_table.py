"""What every adapter of the desk's table does: ledger, conversations, sends."""

from dataclasses import dataclass, replace

import pytest

from postroom.aws.conversations import DynamoConversations
from postroom.aws.ledger import DynamoLedger
from postroom.aws.sends import DynamoSends
from postroom.conversation import Conversation
from postroom.ids import ConversationId, MessageId, SentId, SesId, sent_message_id
from postroom.memory.desk import MemoryConversations, MemoryLedger, MemorySends
from postroom.outcome import Stage, StageRecord
from postroom.ports import Conversations, Ledger, Sends, SendState
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
CONVERSATION = Conversation(
    id=ConversationId("c1"),
    customer="ann@example.com",
    participants=("ann@example.com", "bob@example.com"),
    subject="Hello",
    created_at=AT,
)


@dataclass(frozen=True, kw_only=True)
class Table:
    ledger: Ledger
    conversations: Conversations
    sends: Sends


@pytest.fixture(params=["memory", "dynamodb"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return Table(ledger=MemoryLedger(), conversations=MemoryConversations(), sends=MemorySends())
    client = request.getfixturevalue("dynamodb")
    return Table(
        ledger=DynamoLedger(client=client, table="desk", clock=clock),
        conversations=DynamoConversations(client=client, table="desk"),
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


def test_a_conversation_is_found_by_the_nearest_known_id(table: Table) -> None:
    other = replace(CONVERSATION, id=ConversationId("c2"))
    for conversation, proof in ((CONVERSATION, "one@x"), (other, "two@x")):
        table.conversations.open(conversation)
        table.conversations.prove(conversation.id, [MessageId(proof)])
    assert table.conversations.by_proofs([MessageId("no@x"), MessageId("two@x"), MessageId("one@x")]) == other
    assert table.conversations.by_proofs([MessageId("one@x"), MessageId("two@x")]) == CONVERSATION
    assert table.conversations.by_proofs([MessageId("no@x")]) is None
    assert table.conversations.by_proofs([]) is None


def test_opening_twice_keeps_what_was_stored_first(table: Table) -> None:
    table.conversations.open(CONVERSATION)
    assert table.conversations.open(replace(CONVERSATION, customer="eve@example.com")) == CONVERSATION
    assert table.conversations.get(CONVERSATION.id) == CONVERSATION
    assert table.conversations.get(ConversationId("none")) is None


def test_an_id_stays_with_the_conversation_that_had_it_first(table: Table) -> None:
    other = replace(CONVERSATION, id=ConversationId("c2"), linked_to=ConversationId("c1"))
    for conversation in (CONVERSATION, other):
        table.conversations.open(conversation)
        table.conversations.add(conversation.id, MAIL, AT)
        table.conversations.add(conversation.id, MAIL, AT)
        table.conversations.prove(conversation.id, [MessageId("p@x"), MessageId("p@x")])
    assert table.conversations.by_proofs([MessageId("p@x")]) == CONVERSATION
    assert table.conversations.get(other.id) == other


def test_an_id_of_ses_is_known_in_both_of_its_forms(table: Table) -> None:
    table.conversations.open(CONVERSATION)
    table.conversations.prove(CONVERSATION.id, [sent_message_id(SentId("0100-1"))])
    for form in ("0100-1@email.amazonses.com", "0100-1@eu-west-1.amazonses.com", "0100-1@EMAIL.AmazonSES.com"):
        assert table.conversations.by_proofs([MessageId(form)]) == CONVERSATION
    assert table.conversations.by_proofs([MessageId("0100-1@example.com")]) is None


def test_an_id_of_any_length_and_script_is_a_proof(table: Table) -> None:
    strange = MessageId("ü" * 3000 + "\udce4#mail\x00")
    table.conversations.open(CONVERSATION)
    table.conversations.prove(CONVERSATION.id, [strange])
    assert table.conversations.by_proofs([strange]) == CONVERSATION


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
