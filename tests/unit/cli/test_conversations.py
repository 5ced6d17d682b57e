"""The commands that work with conversations, and erase, over a desk in memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli import conversations, desk, running
from cli.main import main
from postroom.conversation import Conversation, Entry, EntryKind, State
from postroom.events import ConversationAssigned, Event
from postroom.ids import ConversationId
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import OURS, MemoryDesk, mail


@dataclass
class Stack(MemoryDesk):
    """What `running.find` gives, in memory."""

    desk: Any = OURS
    outbox: None = None
    smtp: None = None

    def row(self, id_: str) -> Any:
        raise AssertionError(f"no command here asks for the mail {id_}")


@dataclass
class Shell:
    """What a person types, and what they see. Line breaks of a narrow terminal count as spaces."""

    stack: Stack
    capsys: pytest.CaptureFixture[str]
    status: int = field(default=0)

    def __call__(self, *words: str) -> str:
        self.status = main(list(words))
        captured = self.capsys.readouterr()
        return captured.out if self.status == 0 else " ".join(captured.err.split())

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    stack = Stack()
    monkeypatch.setattr(running, "find", lambda args: stack)
    monkeypatch.setattr(desk, "now", lambda: NOW + timedelta(minutes=5))
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")
    return Shell(stack=stack, capsys=capsys)


@pytest.fixture
def one(shell: Shell) -> ConversationId:
    """Ann's question, answered by us; Bob's is another."""
    first = shell.stack.classified(mail(subject="Wo ist mein\x1b[31m Paket?"))
    shell.stack.reply(first)
    shell.stack.classified(mail(sender="bob@example.com", message_id="b@example.com"), "mail-b", "bob@example.com")
    return first.conversation


def test_the_list_has_every_conversation_and_each_filter_leaves_its_own(shell: Shell, one: ConversationId) -> None:
    shell("tag", one, "late")
    shell("assign", one, "eve@staff.example")
    shell("state", one, "open")
    assert "2 conversations, the last change first" in shell("conversations")
    for words in (
        ("--in", "open"), ("--customer", "ann@EXAMPLE.com"), ("--tag", "LATE"), ("--assignee", "eve@staff.example"),
        ("--search", "paket"), ("--search", "ANN@"), ("--customer", "ann@example.com", "--in", "open"),
    ):  # fmt: skip
        assert [each["id"] for each in shell.json("conversations", *words)] == [one], words
    for nobody in ("", "nobody"):
        assert [each["customer"] for each in shell.json("conversations", "--assignee", nobody)] == ["bob@example.com"]
    assert shell.json("conversations", "--search", "nothing") == []
    assert len(shell.json("conversations", "--limit", "1")) == 1


def test_the_list_can_be_of_one_category_or_priority(shell: Shell, one: ConversationId) -> None:
    shell("learn", one, "returns", "--new")
    assert [each["id"] for each in shell.json("conversations", "--category", "returns")] == [one]
    assert "returns" in shell("conversations")
    every = shell.json("conversations")
    for priority in ("low", "normal", "high", "urgent"):
        found = shell.json("conversations", "--priority", priority)
        assert found == [each for each in every if each["priority"] == priority]


def test_a_list_reads_no_further_than_it_shows_and_says_where_it_stopped_searching(
    shell: Shell, one: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def every(stack: Stack, state: State) -> Iterator[Conversation]:
        for each in stack.conversations.in_state(OURS.address, state):
            read.append(each.id)
            yield each

    monkeypatch.setattr(desk, "every", every)
    assert "looked at" not in shell("conversations", "--limit", "1")
    assert len(read) == 1
    monkeypatch.setattr(conversations, "_SEARCHED", 1)
    assert "looked at" in shell("conversations", "--search", "nothing has this")


def test_one_is_shown_with_all_that_stands_in_it_and_moves_no_cursor(shell: Shell, one: ConversationId) -> None:
    answer = mail(message_id="m2@example.com", extra="References: <m1@example.com>\r\n", subject="Re: Paket")
    shell.stack.classified(answer, "mail-2")
    shell("note", one, "She called.\nTwice.")
    told = Entry(
        at="2026-11-24T07:40:00.000Z", kind=EntryKind.DELIVERY, id="e1", author="feedback", text="did not arrive"
    )
    shell.stack.conversations.add(one, told)
    shown = shell("conversation", one[:6])
    for text in (one, "ann@example.com", "Re: Paket", "mail-2", "acknowledgement", "She called.", "did not arrive"):
        assert text in shown
    assert "reference (60) in references: participant, so join" in shown
    assert "\x1b" not in shown
    form = shell.json("conversation", one)
    assert [each["kind"] for each in form["entries"]] == ["mail", "mail", "reply", "note", "delivery"]
    assert form["entries"][1]["proofs"][0].startswith("reference (60)")


def test_an_assignment_is_handed_to_the_reply_function_and_stands_where_that_can_not_be_asked(
    shell: Shell, one: ConversationId, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell("assign", one, "kim@staff.example")
    [given] = shell.stack.outgoing.events
    assert isinstance(given, ConversationAssigned)
    assert (given.assignee, given.by) == ("kim@staff.example", "eve@staff.example")

    def refused(event: Event) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage")

    monkeypatch.setattr(shell.stack, "outgoing", SimpleNamespace(put=refused))
    assert main(["assign", one, "joe@staff.example"]) == 0
    assert "joe@staff.example is not told by mail" in " ".join(capsys.readouterr().err.split())
    assert shell.json("conversation", one)["assignee"] == "joe@staff.example"


def test_every_work_is_recorded_under_the_name_of_who_did_it(shell: Shell, one: ConversationId) -> None:
    assert shell("note", one, "x", "--as", "kim@staff.example") == f"noted in {one} as kim@staff.example\n"
    assert shell("assign", one, "kim@staff.example") == f"{one} is kim@staff.example's\n"
    assert shell("assign", one, "nobody") == f"{one} is nobody's\n"
    assert shell("tag", one, "late", "vip") == f"{one} has the tags: late, vip\n"
    assert shell("tag", one, "--remove", "late", "vip") == f"{one} has the tags: none\n"
    assert shell("state", one, "solved") == f"{one} is solved\n"
    authors = [e.author for e in shell.stack.conversations.entries(one) if e.kind in (EntryKind.NOTE, EntryKind.CHANGE)]
    assert authors.count("kim@staff.example") == 1
    assert authors.count("eve@staff.example") == 5


def test_a_note_may_come_from_standard_input(
    shell: Shell, one: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.read", lambda *_: "from a pipe\n")
    shell("note", one, "-")
    assert "from a pipe" in {e.text for e in shell.stack.conversations.entries(one)}


def test_one_says_what_its_mails_say_and_where_they_left_it(shell: Shell, one: ConversationId) -> None:
    long = mail(
        message_id="m2@example.com",
        extra="References: <m1@example.com>\r\n",
        body="\r\n".join(f"line {number}" for number in range(40)),
    )
    shell.stack.classified(long, "mail-2")
    shown = shell("conversation", one)
    assert "line 11\n" in shown
    assert "line 12\n" not in shown
    assert "(28 more lines: --full)" in shown
    assert "new from then on" in shown
    assert "line 39\n" in shell("conversation", one, "--full")
    assert "line 39" in shell.json("conversation", one)["entries"][1]["text"]


def test_the_start_of_the_id_of_a_part_leads_to_the_whole(shell: Shell, one: ConversationId) -> None:
    """`inbox` shows the first eight letters of the id that a mail's conversation had when it came."""
    other = next(shell.stack.conversations.of_customer("bob@example.com")).id
    told = shell("merge", other, one, "--into", one)
    assert f"{other} leads there from now on" in told
    assert f"{one} leads there" not in told
    assert "takes part from now on: bob@example.com" in told
    assert shell.json("conversation", other[:8])["id"] == one


def test_the_start_of_the_id_of_a_mail_is_known_for_one(shell: Shell, one: ConversationId) -> None:
    assert "mail- is a mail" in shell("note", "mail-", "x")


def test_erase_tells_whose_mails_lose_their_conversation(shell: Shell, one: ConversationId) -> None:
    other = next(shell.stack.conversations.of_customer("bob@example.com")).id
    shell("merge", other, "--into", one)
    assert "1 of bob@example.com: they stay" in shell("erase", "ann@example.com", "--since", "3650d")
    form = shell.json("erase", "ann@example.com", "--since", "3650d", "--yes")
    assert (form["shared"], form["others"]) == (0, {"bob@example.com": 1})


def test_merge_and_split_are_told_with_the_ids_that_are_needed_next(shell: Shell, one: ConversationId) -> None:
    other = next(shell.stack.conversations.of_customer("bob@example.com")).id
    assert f"{one} has 2 mails now" in shell("merge", other[:8], "--into", one)
    assert shell.json("conversation", other)["id"] == one
    form = shell.json("split", one, "mail-b")
    assert (form["customer"], form["split_from"]) == ("bob@example.com", one)
    assert "1 mail of" in shell("split", one, "mail-b")  # again: the same, and no other


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("conversation", "zzzz"), 1, "no conversation has an id that starts with 'zzzz': `postroom conversations`"),
        (("conversation", ""), 1, "an id is needed"),
        (("conversation", "mail-1"), 1, "mail-1 is a mail: `postroom show` shows it"),
        (("note", "ONE", " "), 1, "a note needs a text"),
        (("note", "ONE", "caf\udce9"), 1, "the note is not UTF-8"),
        (("assign", "ONE", "caf\udce9@staff.example"), 1, "is no address"),
        (("note", "ONE", "x", "--as", "eve"), 2, "'eve' is no address"),
        (("tag", "ONE", "two words"), 1, "is no tag"),
        (("assign", "ONE", "bob@example.com"), 1, "none of the desk's agents"),
        (("merge", "ONE", "--into", "ONE"), 1, "into itself"),
        (("split", "ONE", "mail-1"), 1, "no mail would stay"),
        (("split", "ONE", "mail-9"), 1, "mail-9 is not in conversation"),
        (("erase", "eve@staff.example", "--since", "9d"), 1, "only customers are erased"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_can(
    shell: Shell, one: ConversationId, words: tuple[str, ...], status: int, told: str
) -> None:
    said = shell(*(one if word == "ONE" else word for word in words))
    assert shell.status == status
    assert told in said


def test_a_state_that_there_is_not_is_a_wrong_usage(shell: Shell, one: ConversationId) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["state", one, "sleeping"])
    told = shell.capsys.readouterr().err
    assert all(state in told for state in State)


def test_erase_only_says_what_there_is_until_it_is_told_yes(shell: Shell, one: ConversationId) -> None:
    dry = shell("erase", "ann@example.com", "--since", "3650d")
    assert "nothing was changed" in dry
    assert "--yes" in dry
    assert shell.stack.conversations.get(one) is not None
    assert shell.json("erase", "ann@example.com", "--since", "3650d", "--yes")["mails"] == 1
    assert shell.stack.conversations.get(one) is None
    assert "there is nothing of ann@example.com" in shell("erase", "ann@example.com", "--since", "3650d")


def test_a_reply_says_on_its_own_line_what_became_of_it(shell: Shell, one: ConversationId) -> None:
    assert "acknowledgement: sent (sent-1)" in shell("conversation", one)
    assert shell.json("conversation", one)["entries"][1]["became"] == {}
    facts = {"recipient": "ann@example.com", "event": "mailbox_full", "reason": "mailbox_full", "sent_id": "sent-1"}
    shell.stack.conversations.add(
        one, Entry(at="2026-11-24T07:41:00.000Z", kind=EntryKind.DELIVERY, id="e2", author="feedback", facts=facts)
    )
    assert "acknowledgement: bounced (sent-1)" in shell("conversation", one)
    form = shell.json("conversation", one)
    assert form["entries"][1]["became"] == {"ann@example.com": "bounced"}
    assert "became" not in form["entries"][0]
