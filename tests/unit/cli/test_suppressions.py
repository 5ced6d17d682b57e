"""postroom suppressions: the addresses that nothing is sent to, listed, shown, added, lifted, exported and imported."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from cli import running
from cli.main import main
from cli.suppressions import command, exchange, meaning, rows, views
from cli.suppressions.rows import Row, Unfit
from postroom.address import AddressEvent, Channel, Incident, Record, State
from postroom.clock import iso
from postroom.errors import Retryable
from postroom.memory.outside import MemoryAddressBook, MemorySuppressionList
from postroom.ports import ListReason
from tests.contracts.conftest import NOW, clock
from tests.unit.cli.test_conversations import Shell, Stack

SOON = NOW + timedelta(minutes=5)


@dataclass
class Office(Stack):
    """A desk with SES's list beside it."""

    suppression_list: MemorySuppressionList = field(default_factory=lambda: MemorySuppressionList(clock=clock))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    stack = Office(addresses=MemoryAddressBook(clock=clock))
    monkeypatch.setattr(running, "find", lambda args: stack)
    for module in (command, views, exchange):
        monkeypatch.setattr(module, "now", lambda: SOON)
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")
    return Shell(stack=stack, capsys=capsys)


def happened(shell: Shell, address: str, days_ago: float, event: AddressEvent, **more: Any) -> None:
    id_ = f"{len(shell.stack.addresses.noted)}"
    at = iso(NOW - timedelta(days=days_ago))
    shell.stack.addresses.move(address, Incident(event=event, id=id_, at=at, **more))


@pytest.fixture
def four(shell: Shell) -> Shell:
    happened(shell, "gone@example.com", 3, AddressEvent.HARD_BOUNCE, reason="no_such_user", diagnostic="550 no user")
    happened(shell, "away@example.net", 2, AddressEvent.DOMAIN_ERROR, reason="domain_error")
    happened(shell, "back@example.net", 8, AddressEvent.DOMAIN_ERROR, reason="domain_error")  # that has faded
    happened(shell, "angry@example.org", 1, AddressEvent.COMPLAINT, feedback_type="abuse")
    happened(shell, "soft@example.org", 1, AddressEvent.SOFT_BOUNCE)
    happened(shell, "softer@example.org", 9, AddressEvent.SOFT_BOUNCE)
    happened(shell, "softer@example.org", 8, AddressEvent.SOFT_BOUNCE)  # twice, and one of them has faded
    return shell


def addresses(found: Any) -> list[str]:
    return [each["address"] for each in found]


def test_the_list_has_what_is_held_back_now_the_last_first(four: Shell) -> None:
    assert addresses(four.json("suppressions", "list")) == ["angry@example.org", "away@example.net", "gone@example.com"]
    told = four("suppressions", "list", "--limit", "2")
    assert "2 addresses held back" in told
    assert "there are more" in told


def test_a_state_may_be_named_and_what_faded_into_it_is_there(four: Shell) -> None:
    assert addresses(four.json("suppressions", "list", "--in", "hard")) == ["gone@example.com"]
    assert set(addresses(four.json("suppressions", "list", "--in", "soft_once"))) == {
        "soft@example.org", "softer@example.org"
    }  # fmt: skip


def test_one_address_is_shown_with_what_it_means_until_when_and_its_history(four: Shell) -> None:
    told = four("suppressions", "show", "away@EXAMPLE.net")
    assert told.startswith("away@example.net: no domain")
    assert meaning.MEANS[State.NO_DOMAIN] in told
    assert iso(NOW + timedelta(days=5)) in told
    assert "doesn't have it" in told
    shown = four.json("suppressions", "show", "softer@example.org")
    assert (shown["state"], [each["event"] for each in shown["history"]]) == ("soft_once", ["soft_bounce"] * 2)


def test_a_domain_that_is_away_is_told_with_each_of_its_addresses(four: Shell) -> None:
    happened(four, "other@example.net", 0, AddressEvent.DOMAIN_ERROR)
    happened(four, "another@example.net", 0, AddressEvent.DOMAIN_ERROR)
    assert "Several addresses of example.net failed today" in four("suppressions", "show", "new@example.net")


def test_what_sess_list_says_is_shown_and_that_it_does_not_answer_too(four: Shell) -> None:
    assert isinstance(four.stack, Office)
    four.stack.suppression_list.put("gone@example.com", ListReason.BOUNCE)
    assert "for BOUNCE" in four("suppressions", "show", "gone@example.com")
    denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSuppressedDestination")
    for failure in (Retryable("once a second"), denied):
        four.stack.suppression_list.failure = failure
        assert "could not be asked (" in four("suppressions", "show", "gone@example.com")
        assert four.status == 0


def test_who_is_added_is_held_back_by_a_person_with_a_reason(shell: Shell) -> None:
    told = shell("suppressions", "add", "Ann@Example.com", "--reason", "left the firm")
    assert "Ann@example.com is hard from now on" in told
    assert "SES's list has it now" in told
    [listed] = shell.json("suppressions", "list")
    assert (listed["because"]["by"], listed["because"]["why"]) == ("eve@staff.example", "left the firm")
    assert "was hard before, and stays so" in shell("suppressions", "add", "Ann@example.com", "--reason", "again")


def test_who_is_lifted_is_told_what_happens_next(four: Shell) -> None:
    told = four("suppressions", "lift", "gone@example.com", "--reason", "she has a new account")
    assert "gone@example.com was hard and is healthy now" in told
    assert meaning.AFTER_LIFTING[State.HARD] in " ".join(told.split())
    assert "gone@example.com" not in addresses(four.json("suppressions", "list"))
    assert "Nothing held gone@example.com back" in four("suppressions", "lift", "gone@example.com", "--reason", "x")


def test_a_complaint_needs_a_word_more(four: Shell) -> None:
    assert "--complaint" in four("suppressions", "lift", "angry@example.org", "--reason", "a mistake")
    assert four.status == 1
    done = four.json("suppressions", "lift", "angry@example.org", "--reason", "he wrote to us", "--complaint")
    assert (done["before"], done["after"]) == ("complained", "healthy")


@pytest.mark.parametrize("act", ["add", "lift"])
def test_what_is_no_address_and_what_has_no_reason_is_refused(shell: Shell, act: str) -> None:
    assert "is no address" in shell("suppressions", act, "ann", "--reason", "x")
    assert "a reason is needed" in shell("suppressions", act, "ann@example.com", "--reason", " ")
    assert shell.status == 1


def test_every_state_has_its_words() -> None:
    assert set(meaning.MEANS) == set(meaning.AFTER_LIFTING) == set(State)


def test_what_is_erased_is_in_no_list_any_more(four: Shell) -> None:
    four.stack.addresses.forget("gone@example.com")
    assert "gone@example.com" not in addresses(four.json("suppressions", "list"))
    assert four.json("suppressions", "show", "gone@example.com")["history"] == []
    assert addresses(four.json("bounces", "--since", "30d")).count("gone@example.com") == 0


# Files


def written(found: list[tuple[str, Record]]) -> str:
    return "".join(rows.written(found))


def read(text: str, default: str = "") -> tuple[list[Row], list[Unfit]]:
    lines = list(rows.read(text, default))
    return [each for each in lines if isinstance(each, Row)], [each for each in lines if isinstance(each, Unfit)]


def test_what_is_exported_can_be_imported_and_is_the_same(four: Shell, tmp_path: Path) -> None:
    file, again = tmp_path / "held.csv", tmp_path / "again.csv"
    four("suppressions", "export", str(file))
    four.stack.addresses = MemoryAddressBook(clock=clock)
    assert four.json("suppressions", "import", str(file), "--yes") == {
        "imported": True, "fit": 3, "complaint": 1, "domain_error": 1, "hard_bounce": 1, "moved": 3, "as_before": 0,
        "refused": [],
    }  # fmt: skip
    four("suppressions", "export", str(again))
    assert again.read_bytes() == file.read_bytes()
    assert file.read_text().splitlines()[0] == "email,reason,date,why"
    assert four.json("suppressions", "import", str(file), "--yes")["as_before"] == 3


def test_without_yes_nothing_is_changed(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("ann@example.com,BOUNCE\nbob@example.com, COMPLAINT\n")
    told = shell("suppressions", "import", str(file))
    assert "2 addresses in the file: 1 hard bounce, 1 complaint" in told
    assert "nothing was changed" in told
    assert shell.json("suppressions", "list") == []


def test_a_line_that_says_no_address_is_named_and_the_others_are_held_back(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "Email address,Reason,Last updated\nann@example.com,bounce,2026-11-01\n\nann,bounce\nb@c.test,late\n"
    )
    assert main(["suppressions", "import", str(file), "--yes"]) == 1
    told = capsys.readouterr()
    assert "1 were moved" in told.out
    assert "line 4: 'ann' is no address" in told.err
    assert "line 5: 'late' is no reason" in told.err
    assert addresses(shell.json("suppressions", "list")) == ["ann@example.com"]


def test_who_was_taken_back_since_is_not_held_back_by_an_old_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("ann@example.com,bounce,2026-11-01\n")
    shell("suppressions", "import", str(file), "--yes")
    shell("suppressions", "lift", "ann@example.com", "--reason", "back")
    assert shell.json("suppressions", "import", str(file), "--yes")["as_before"] == 1


SES_JSON = json.dumps({"SuppressedDestinationSummaries": [
    {"EmailAddress": "ann@example.com", "Reason": "BOUNCE", "LastUpdateTime": "2026-11-01T08:00:00+01:00"},
    {"EmailAddress": "bob@example.com", "Reason": "COMPLAINT", "LastUpdateTime": 1793520000.5},
]})  # fmt: skip
SES_LINES = (
    '{"emailAddress":"ann@example.com","reason":"BOUNCE"}\n\n{"emailAddress":"bob@example.com","reason":"COMPLAINT"}\n'
)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        (SES_JSON, ["2026-11-01T07:00:00.000Z", "2026-11-01T08:00:00.500Z"]),
        (SES_LINES, ["", ""]),
        ("ann@example.com,BOUNCE\nbob@example.com, COMPLAINT", ["", ""]),
        ("\ufeffcreated;email;type\r\n2026-11-01;ann@example.com;bounce\r\n;bob@EXAMPLE.com;spam", [
            "2026-11-01T00:00:00.000Z", ""]),
    ],
)  # fmt: skip
def test_what_ses_and_others_write_is_read(text: str, dates: list[str]) -> None:
    found, unfit = read(text)
    assert [(each.address, each.event) for each in found] == [
        ("ann@example.com", AddressEvent.HARD_BOUNCE), ("bob@example.com", AddressEvent.COMPLAINT)
    ]  # fmt: skip
    assert ([each.at for each in found], unfit) == (dates, [])


def test_a_list_of_mere_addresses_needs_a_reason_for_all() -> None:
    assert "it has no reason" in read("ann@example.com\n")[1][0].why
    assert read("ann@example.com\n", "complaint")[0][0].event is AddressEvent.COMPLAINT


@pytest.mark.parametrize("date", ["soon", "2026-13-01", "99999999999999", "9999999999", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_is_told_with_its_line(date: str) -> None:
    found, unfit = read(f"ann@example.com,bounce,{date}")
    assert [*(each.line for each in found), *(each.line for each in unfit)] == [1]
    assert all("is no date" in each.why for each in unfit)


def test_a_file_that_is_too_long_is_read_as_far_as_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST", 2)
    found, unfit = read("a@b.test,bounce\n" * 5)
    assert (len(found), len(unfit)) == (2, 1)
    assert "split the file" in unfit[0].why


@pytest.mark.parametrize(
    "text", ["", "\n\n", "[]", "{}", "[[[", "null", "a" * 200_000, '"', "[" * 100_000, "\x00,\x00"]
)
def test_whatever_is_read_is_told_and_nothing_is_raised(text: str) -> None:
    found, unfit = read(text)
    assert found == []
    assert all(len(each.why) < 1_500 for each in unfit)


@given(st.text(max_size=12))
def test_no_cell_is_a_formula_and_each_is_read_as_it_was(cell: str) -> None:
    assert rows.plain(rows.neutral(cell)) == cell
    assert rows.neutral(cell)[:1] not in tuple("=+-@\t\r")


FORMULAE = ["=1+1@example.com", "+ann@example.com", "-x@example.com", "'=q@example.com", "o'hara@example.com"]


@given(st.sampled_from(FORMULAE), st.sampled_from([State.HARD, State.COMPLAINED, State.LISTED]), st.text(max_size=30))
def test_any_address_and_reason_comes_back_as_it_was(address: str, state: State, why: str) -> None:
    because = Incident(event=AddressEvent.HARD_BOUNCE, id="1", at=iso(NOW), why=" ".join(why.split()) or "left")
    found, unfit = read(written([(address, Record(state=state, since=iso(NOW), because=because))]))
    assert unfit == []
    assert [(each.address, each.at, each.why) for each in found] == [(address, iso(NOW), because.why)]


def test_a_file_that_is_not_there_or_is_no_text_is_a_sentence(shell: Shell, tmp_path: Path) -> None:
    assert "can't be read" in shell("suppressions", "import", str(tmp_path / "none.csv"))
    (tmp_path / "latin.csv").write_bytes(b"\xfc@example.com,bounce")
    assert "save it as UTF-8" in shell("suppressions", "import", str(tmp_path / "latin.csv"))
    assert "can't be written" in shell("suppressions", "export", str(tmp_path / "no" / "folder.csv"))
    assert shell.status == 1


def test_an_import_tells_who_did_it(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("ann@example.com,bounce\n")
    shell("suppressions", "import", str(tmp_path / "list.csv"), "--yes")
    [told] = shell.stack.addresses.history("ann@example.com")
    assert (told.channel, told.by, told.why) == (Channel.PERSON, "eve@staff.example", "imported from list.csv")
