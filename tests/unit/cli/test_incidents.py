"""postroom bounces, complaints: what came back, the last first, bounded, and where it belongs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cli import incidents, running
from cli.main import main
from postroom.address import AddressEvent, Channel, Incident, IncidentSort
from postroom.clock import iso
from postroom.ids import SentId, sent_message_id
from postroom.memory.outside import MemoryAddressBook
from tests.contracts.conftest import NOW
from tests.unit.cli.test_conversations import Shell, Stack
from tests.unit.stages.desk import mail


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    stack = Stack()
    monkeypatch.setattr(running, "find", lambda args: stack)
    monkeypatch.setattr(incidents, "now", lambda: NOW)
    return Shell(stack=stack, capsys=capsys)


def happened(shell: Shell, address: str, ago: timedelta, event: AddressEvent, **more: Any) -> None:
    id_ = f"{len(shell.stack.addresses.noted)}"
    shell.stack.addresses.move(address, Incident(event=event, id=id_, at=iso(NOW - ago), **more))


@pytest.fixture
def week(shell: Shell) -> Shell:
    happened(shell, "gone@example.com", timedelta(days=2), AddressEvent.HARD_BOUNCE, reason="no_such_user",
             permanence="permanent", status="5.1.1", diagnostic="smtp; 550 5.1.1\r\n no \x1b[31msuch user")  # fmt: skip
    happened(shell, "full@example.net", timedelta(hours=1), AddressEvent.MAILBOX_FULL, reason="mailbox_full",
             permanence="transient", sent_id="sent-1")  # fmt: skip
    happened(shell, "old@example.net", timedelta(days=9), AddressEvent.SOFT_BOUNCE, reason="other")
    happened(shell, "angry@example.org", timedelta(days=9), AddressEvent.COMPLAINT, reason="complaint",
             feedback_type="abuse")  # fmt: skip
    return shell


def addresses(found: Any) -> list[str]:
    return [each["address"] for each in found]


def test_the_bounces_of_a_week_come_the_last_first(week: Shell) -> None:
    assert addresses(week.json("bounces")) == ["full@example.net", "gone@example.com"]
    assert addresses(week.json("bounces", "--since", "30d"))[-1] == "old@example.net"
    assert addresses(week.json("bounces", "--since", "90m")) == ["full@example.net"]


def test_complaints_are_a_list_of_their_own(week: Shell) -> None:
    assert addresses(week.json("complaints")) == ["angry@example.org"]
    assert "abuse" in week("complaints")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["--domain", "EXAMPLE.net"], ["full@example.net"]),
        (["--reason", "no_such_user"], ["gone@example.com"]),
        (["--permanent"], ["gone@example.com"]),
        (["--permanent", "--domain", "example.net"], []),
        (["--limit", "1"], ["full@example.net"]),
    ],
)
def test_each_filter_leaves_its_own(week: Shell, words: list[str], left: list[str]) -> None:
    assert addresses(week.json("bounces", *words)) == left


def test_a_list_that_was_cut_says_so(week: Shell) -> None:
    assert "there are more" in week("bounces", "--limit", "1")
    assert "there are more" not in week("bounces", "--limit", "2")


def test_the_table_says_why_in_the_servers_words_and_moves_no_cursor(week: Shell) -> None:
    told = week("bounces")
    assert "2 bounces, the last first" in told
    assert "no such user: 550 5.1.1 no �[31msuch user" in told
    assert "\x1b" not in told


def test_a_bounce_leads_to_the_conversation_that_its_mail_was_sent_in(week: Shell) -> None:
    conversation = week.stack.classified(mail()).conversation
    week.stack.conversations.prove(conversation, [sent_message_id(SentId("sent-1"))])
    told = {each["address"]: each["conversation"] for each in week.json("bounces")}
    assert told == {"full@example.net": conversation, "gone@example.com": None}
    assert conversation[:8] in week("bounces")


def test_what_was_learnt_of_sess_list_or_of_a_person_is_no_bounce(shell: Shell) -> None:
    for channel in (Channel.SES_LIST, Channel.PERSON):
        happened(shell, f"{channel}@example.com", timedelta(0), AddressEvent.HARD_BOUNCE, channel=channel)
    assert shell.json("bounces") == []


def test_no_day_is_asked_for_that_is_older_than_what_is_kept(week: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nothing(_book: MemoryAddressBook, _sort: IncidentSort, day: str) -> Iterator[tuple[str, Incident]]:
        asked.append(day)
        return iter(())

    monkeypatch.setattr(MemoryAddressBook, "incidents", nothing)
    assert week.json("bounces", "--since", "90000d") == []
    assert len(asked) == incidents.KEPT_DAYS + 1


@pytest.mark.parametrize("words", [["--reason", "delivered"], ["--since", "soon"], ["--limit", "0"]])
def test_what_is_no_question_is_refused_with_a_sentence(week: Shell, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bounces", *words])
    assert left.value.code == 2


def test_what_is_no_domain_is_refused_with_a_sentence(week: Shell) -> None:
    assert "write one such as example.com" in week("bounces", "--domain", "@")
    assert week.status == 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"reason": "mailbox_full", "diagnostic": "smtp; 452 full"}, "mailbox full: 452 full"),
        ({"why": "left\nthe firm", "by": "eve@staff.example"}, "left the firm"),
        ({"feedback_type": "abuse", "reason": "complaint"}, "abuse"),
        ({}, "soft bounce"),
        ({"diagnostic": "x" * 300}, "x" * 119 + "…"),
    ],
)
def test_why_is_one_short_line(told: dict[str, str], why: str) -> None:
    happened = Incident(event=AddressEvent.SOFT_BOUNCE, id="1", at=iso(NOW))
    assert incidents.why(replace(happened, **told)) == why  # type: ignore[arg-type]  # texts alone
