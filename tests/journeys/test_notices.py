"""A desk with quiet hours, with notices before closing and with a survey: a stack of its own, deployed so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.running import of_local
from local.stack import ports, stack
from local.stack.ports import Port
from postroom.aws.postponed import DynamoPostponed
from postroom.clock import iso, now
from postroom.conversation import Entry, EntryKind, State
from postroom.ids import ConversationId
from postroom.outcome import Stage
from postroom.reasons import Reason
from tests.journeys.conftest import ROOT, Town, until

pytestmark = pytest.mark.journey

SURVEY = "https://survey.example.com/desk"


def around_now() -> str:
    """Two hours, of which one is over."""
    return f"{now() - timedelta(hours=1):%H:%M}-{now() + timedelta(hours=1):%H:%M} UTC"


@pytest.fixture(scope="module")
def quiet_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    plan = stack.Plan(
        root=ROOT,
        state=tmp_path_factory.mktemp("quiet"),
        smtp=Port(number=0, option="--smtp-port"),
        aws=ports.free("--aws-port"),
        ses=ports.free("--ses-port"),
        parameters={**stack.DEMO_DESK, "CloseNoticeDays": "3", "QuietHours": around_now(), "SurveyUrl": SURVEY},
        warm=False,
    )
    with stack.running(plan) as (up, _):
        yield Town(stack=of_local(up), known=up)


def lift_quiet_hours(town: Town) -> None:
    """As a deployment without them does."""
    lambda_ = town.client("lambda")
    for function in ("ReplyFunction", "TendFunction"):
        name = town.known.resources[function]
        variables = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        lambda_.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"POSTROOM_QUIET_HOURS": ""}}
        )


def test_what_comes_in_quiet_hours_is_acknowledged_after_them_and_before_it_closes_its_author_is_told(
    quiet_town: Town,
) -> None:
    town = quiet_town
    message = town.mail()
    ses_id = town.send(message)
    row = town.outcome(ses_id)
    assert row.records[Stage.REPLY].reason is Reason.QUIET_HOURS
    postponed = DynamoPostponed(client=town.client("dynamodb"), table=town.stack.desk_table)
    assert [event.ses_id for event in postponed.all()] == [ses_id]
    assert town.invoked("TendFunction", {})[1]["resumed"] == 0
    assert not town.outbox()

    lift_quiet_hours(town)
    assert town.invoked("TendFunction", {}) == (
        "",
        {"followed_up": 0, "closed": 0, "busy": 0, "announced": 0, "surveyed": 0, "resumed": 1},
    )
    until(lambda: town.outcome(ses_id).records[Stage.REPLY].reason is Reason.ACKNOWLEDGED, "acknowledgement")
    assert not list(postponed.all())
    assert len(town.outbox()) == 1

    id_ = ConversationId(row.fact(Stage.CLASSIFY, "conversation"))
    long_ago = iso(now() - timedelta(days=12))
    town.conversations.change(id_, lambda was: replace(was, state=State.PENDING, updated_at=long_ago))
    assert town.invoked("TendFunction", {})[1]["announced"] == 1
    until(lambda: len(town.outbox()) == 2, "notice")
    notices = [message_from_bytes(each.read_bytes()) for each in town.outbox()]
    (notice,) = (each for each in notices if each["Auto-Submitted"] == "auto-generated")
    assert (notice["To"], notice["In-Reply-To"]) == (message["From"], message["Message-ID"])
    town.settled()
    again = town.invoked("TendFunction", {})[1]
    assert (again["announced"], again["closed"]) == (0, 0)
    templates = [e.facts["template"] for e in town.conversations.entries(id_) if e.kind is EntryKind.REPLY]
    assert templates == ["acknowledgement", "auto_close_notice"]


def test_a_day_after_it_was_solved_the_customer_is_asked_and_may_want_no_more(quiet_town: Town) -> None:
    town = quiet_town
    lift_quiet_hours(town)
    message, before = town.mail(), set(town.outbox())
    ses_id = town.send(message)
    id_ = ConversationId(town.outcome(ses_id).fact(Stage.CLASSIFY, "conversation"))
    settled = iso(now() - timedelta(days=2))
    town.conversations.add(id_, Entry(at=settled, kind=EntryKind.REPLY, id="by-hand", author="eve@staff.example"))
    town.conversations.change(id_, lambda was: replace(was, state=State.SOLVED, updated_at=settled))
    assert town.invoked("TendFunction", {})[1]["surveyed"] == 1

    def surveys() -> list[Message]:
        new = (message_from_bytes(each.read_bytes()) for each in set(town.outbox()) - before)
        return [each for each in new if each["List-Unsubscribe"]]

    until(lambda: bool(surveys()), "survey")
    (survey,) = surveys()
    assert survey["To"] == message["From"]
    assert f"{SURVEY}?c=s{id_}" in survey.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr] # text

    wish = town.mail()
    del wish["Subject"]
    wish["Subject"] = parse_qs(urlsplit(survey["List-Unsubscribe"].strip("<>")).query)["subject"][0]
    row = town.outcome(town.send(wish))
    assert row.records[Stage.REPLY].reason is Reason.UNSUBSCRIBES
    assert row.fact(Stage.CLASSIFY, "conversation") == id_
    assert len(surveys()) == 1
