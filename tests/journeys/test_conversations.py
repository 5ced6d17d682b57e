"""The life of a conversation, through the real local stack: answers find it, bounces show in it, time closes it."""

import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from postroom.clock import iso, now
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.ids import ConversationId
from postroom.outcome import MailRow, Stage
from postroom.reasons import Reason
from tests.journeys.conftest import DESK, ROOT, Town, until
from tests.journeys.test_feedback_and_ledger import dsn

pytestmark = pytest.mark.journey

FORWARD = (
    "Please help her.\n\n---------- Forwarded message ---------\nFrom: Ann <{customer}>\n"
    "Date: Mon, 23 Nov 2026 at 10:00\nSubject: It is broken\nTo: Carl <carl@staff.example>\n\nMy order never came.\n"
)


def conversation_of(row: MailRow) -> ConversationId:
    return ConversationId(row.fact(Stage.CLASSIFY, "conversation"))


def seen(town: Town, id_: ConversationId) -> Conversation:
    found = town.conversations.get(id_)
    assert found is not None
    return found


def kinds(town: Town, id_: ConversationId) -> list[EntryKind]:
    return [entry.kind for entry in town.conversations.entries(id_)]


def delivery(town: Town, id_: ConversationId, beginning: str) -> Entry:
    """What the conversation shows of a reply of ours, once it does."""

    def shown() -> Entry | None:
        found = (one for one in town.conversations.entries(id_) if one.kind is EntryKind.DELIVERY)
        return next((one for one in found if one.text.startswith(beginning)), None)

    return until(shown, f"{beginning!r} in {id_}")


def put_into(town: Town, id_: ConversationId, state: State) -> None:
    town.conversations.change(id_, lambda was: replace(was, state=state))


def acknowledged(town: Town) -> tuple[MailRow, EmailMessage, EmailMessage]:
    """A mail that was answered: its row, itself, and our acknowledgement."""
    question = town.mail()
    row = town.outcome(town.send(question))
    assert row.records[Stage.REPLY].reason is Reason.ACKNOWLEDGED
    assert town.stack.outbox
    raw = (town.stack.outbox / f"{row.fact(Stage.REPLY, 'sent_id')}.eml").read_bytes()
    return row, question, message_from_bytes(raw, policy=policy.default)


@pytest.mark.parametrize(
    "keeps", ["the address", "the id that SES gave", "the first id", "our References", "the quoted text", "the subject"]
)
def test_a_customers_answer_comes_into_its_conversation_whatever_their_client_keeps(town: Town, keeps: str) -> None:
    row, question, ours = acknowledged(town)
    conversation, rcpt_to = conversation_of(row), DESK
    put_into(town, conversation, State.SOLVED)
    headers = {"Subject": "hello"}
    match keeps:
        case "the address":
            rcpt_to = ours["Reply-To"].addresses[0].addr_spec
            assert rcpt_to.startswith("support+t")
        case "the id that SES gave":  # iOS
            headers["In-Reply-To"] = str(ours["Message-ID"]).replace("@email.", "@eu-west-1.")
        case "the first id":
            headers["References"] = question["Message-ID"]
        case "our References":
            headers["References"] = str(ours["References"]).split()[-1]
        case "the subject":
            headers["Subject"] = f"AW: {question['Subject']}"
    answer = town.mail(sender=question["From"], **headers)
    if keeps == "the quoted text":
        quoted = ours.get_body(("html",))
        assert quoted is not None
        answer.add_alternative(f"Thank you!<blockquote>{quoted.get_content()}</blockquote>", subtype="html")
    second = town.outcome(town.send(answer, rcpt_to=rcpt_to))
    assert conversation_of(second) == conversation
    assert second.records[Stage.REPLY].reason is Reason.ALREADY_ACKNOWLEDGED
    found = seen(town, conversation)
    assert (found.state, found.mails) == (State.OPEN, 2)
    assert [kind for kind in kinds(town, conversation) if kind is not EntryKind.DELIVERY] == ["mail", "reply", "mail"]


def test_a_stranger_who_has_an_id_opens_a_conversation_beside(town: Town) -> None:
    row, _, ours = acknowledged(town)
    put_into(town, conversation_of(row), State.SOLVED)
    delivery(town, conversation_of(row), "delivered")
    before = seen(town, conversation_of(row))
    other = town.outcome(town.send(town.mail(In_Reply_To=ours["Message-ID"])))
    beside = seen(town, conversation_of(other))
    assert (beside.linked_to, seen(town, conversation_of(row))) == (before.id, before)


def test_what_an_agent_forwards_is_the_customers_conversation(town: Town) -> None:
    customer = f"ann-{town.fresh()}@example.com"
    forward = town.mail("carl@staff.example", FORWARD.format(customer=customer), Subject="Fwd: It is broken")
    row = town.outcome(town.send(forward))
    conversation = seen(town, conversation_of(row))
    assert (conversation.customer, conversation.subject) == (customer, "It is broken")
    assert kinds(town, conversation.id) == [EntryKind.MAIL, EntryKind.NOTE]
    answer = town.mail("carl@staff.example", In_Reply_To=forward["Message-ID"], Cc=customer)
    assert conversation_of(town.outcome(town.send(answer))) == conversation.id
    assert seen(town, conversation.id).state is State.PENDING


def test_a_delivery_and_a_bounce_of_our_reply_show_in_the_conversation(town: Town) -> None:
    row, question, _ = acknowledged(town)
    shown = delivery(town, conversation_of(row), "delivered to ")
    assert shown.facts["recipient"] == question["From"]
    assert shown.facts["sent_id"] == row.fact(Stage.REPLY, "sent_id")
    gone = town.outcome(town.send(town.mail(f"nobody-{town.fresh()}@gone.invalid")))
    assert delivery(town, conversation_of(gone), "delivery to nobody-").text.partition(" failed: ")[1]
    assert seen(town, conversation_of(gone)).state is State.NEW  # nobody had answered it


def test_a_bounce_that_comes_as_mail_makes_it_the_desks_turn_once(town: Town) -> None:
    row, question, _ = acknowledged(town)
    conversation, sent_id = conversation_of(row), row.fact(Stage.REPLY, "sent_id")
    put_into(town, conversation, State.SOLVED)
    town.outcome(town.send(dsn(sent_id, question["From"]), ""))
    assert delivery(town, conversation, "delivery to ").facts["event"] == "hard_bounce"
    assert seen(town, conversation).state is State.OPEN


def test_an_event_of_ses_that_comes_twice_opens_it_once(town: Town) -> None:
    row, question, _ = acknowledged(town)
    conversation = conversation_of(row)
    put_into(town, conversation, State.PENDING)
    event = json.loads((ROOT / "events" / "ses" / "bounce.json").read_text(encoding="utf-8"))
    event["mail"] |= {"messageId": row.fact(Stage.REPLY, "sent_id"), "tags": {"postroom-mail": [row.ses_id]}}
    event["bounce"]["feedbackId"] = f"0100-{town.fresh()}"
    event["bounce"]["bouncedRecipients"][0]["emailAddress"] = question["From"]

    def comes() -> None:
        topic = town.known.outputs["FeedbackTopicArn"]
        town.client("sns").publish(TopicArn=topic, Message=json.dumps(event))

    comes()
    until(lambda: seen(town, conversation).state is State.OPEN, f"{conversation} that is open")
    put_into(town, conversation, State.SOLVED)
    before = list(town.conversations.entries(conversation))
    comes()
    town.settled()
    assert (seen(town, conversation).state, list(town.conversations.entries(conversation))) == (State.SOLVED, before)


def test_time_closes_what_nobody_answers_and_shows_what_is_due(town: Town) -> None:
    def made(name: str, state: State, days: int, day: str | None = None) -> ConversationId:
        at = iso(now() - timedelta(days=days))
        return town.conversations.open(
            Conversation(
                id=ConversationId(f"{name}-{town.fresh()}"), customer="ann@example.com", participants=(),
                subject="A question", created_at=at, updated_at=at, desk=DESK, state=state, follow_up_on=day,
            )
        ).id  # fmt: skip

    yesterday, next_year = iso(now() - timedelta(days=1))[:10], iso(now() + timedelta(days=365))[:10]
    expected = {
        made("idle", State.PENDING, 15): State.CLOSED,
        made("solved", State.SOLVED, 15): State.CLOSED,
        made("recent", State.SOLVED, 13): State.SOLVED,
        made("ours", State.OPEN, 400): State.OPEN,
        made("away", State.PENDING, 15, next_year): State.PENDING,
        made("back", State.PENDING, 15, yesterday): State.OPEN,
    }
    nothing = {"followed_up": 0, "closed": 0, "busy": 0, "announced": 0, "surveyed": 0, "resumed": 0}
    failed, counts = town.invoked("TendFunction", json.loads((ROOT / "events/tend/schedule.json").read_text()))
    assert (failed, counts) == ("", nothing | {"followed_up": 1, "closed": 2})
    assert {id_: seen(town, id_).state for id_ in expected} == expected
    assert town.invoked("TendFunction", {}) == ("", nothing)
