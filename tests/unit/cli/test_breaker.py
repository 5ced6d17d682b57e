"""postroom breaker: how it stands, by what rates, and a person's reset with a reason."""

import json
from dataclasses import dataclass, field, replace

import pytest

from cli import running
from cli.main import main
from postroom.breaker import Breaker, Circuit
from postroom.clock import iso, now
from postroom.memory.outside import MemoryAddressBook, MemoryBreakers

OPEN = Breaker(circuit=Circuit.OPEN, since="2026-11-24T07:30:00.000Z", why="bounces 3.40% (34 of 1000)", by="feedback")


@dataclass
class Stack:
    book: MemoryAddressBook = field(default_factory=MemoryAddressBook)

    @property
    def breakers(self) -> MemoryBreakers:
        return MemoryBreakers(book=self.book)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack()
    monkeypatch.setattr(running, "find", lambda args: stack)
    return stack


def test_a_desk_that_nobody_complains_of_sends_by_itself(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.book.counters[iso(now())[:10], "send"] = 400
    stack.book.counters[iso(now())[:10], "hard_bounce"] = 4
    assert main(["breaker", "show"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("closed: mail goes out by itself")
    assert "400 mails sent: the days back until there are 10,000, 30 at most" in told
    assert _line(told, "bounces ") == "bounces 4 1.00% 3.00% 1.50%"
    assert _line(told, "complaints ") == "complaints 0 0.00% 0.06% 0.03%"


def _line(told: str, start: str) -> str:
    return next(" ".join(line.split()) for line in told.splitlines() if line.startswith(start))


def test_a_rate_of_few_is_not_judged_and_says_from_how_many_on_it_is(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    today = iso(now())[:10]
    stack.book.counters[today, "send"] = 20
    stack.book.counters[today, "hard_bounce"] = 9
    assert main(["breaker", "show"]) == 0
    assert "The rate of bounces is not judged yet: that takes at least 10." in capsys.readouterr().out
    stack.book.counters[today, "hard_bounce"] = 10
    assert main(["breaker", "show"]) == 0
    assert "The rate of bounces is judged: it has reached the limit." in capsys.readouterr().out


def test_half_open_it_is_judged_from_fewer_on(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.book.moved.append(replace(OPEN, circuit=Circuit.HALF_OPEN))
    stack.book.counters[iso(now())[:10], "hard_bounce"] = 2
    assert main(["breaker", "show"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("half-open: up to 50 mails a day go out by themselves, on trial")
    assert "It closes after 100 mails on trial" in told
    assert "The rate of bounces is not judged yet: that takes at least 3." in told


def test_what_comes_back_of_mail_from_before_the_count_has_no_rate(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.book.counters[iso(now())[:10], "hard_bounce"] = 1
    assert main(["breaker", "show"]) == 0
    assert _line(capsys.readouterr().out, "bounces ") == "bounces 1 - 3.00% 1.50%"
    assert main(["breaker", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rates"]["bounces"]["rate"] is None


def test_a_script_gets_the_rates_with_their_limits_and_what_it_takes_to_judge_them(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.book.counters[iso(now())[:10], "send"] = 400
    stack.book.counters[iso(now())[:10], "hard_bounce"] = 4
    assert main(["breaker", "show", "--json"]) == 0
    rates = json.loads(capsys.readouterr().out)["rates"]
    assert rates["bounces"] == {
        "count": 4, "rate": 0.01, "opens_at": 0.03, "closes_at": 0.015, "at_least": 10, "judged": False,
    }  # fmt: skip
    assert (rates["complaints"]["opens_at"], rates["complaints"]["at_least"]) == (0.0006, 2)


def test_an_open_one_says_since_when_and_why(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.book.moved.append(OPEN)
    assert main(["breaker", "show"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("open: nothing goes out by itself")
    assert "`postroom breaker reset --reason TEXT` closes it" in " ".join(told.split())
    assert "The rate of bounces is not judged while it is open." in told
    assert told.count("34 of 1000") == 2  # how it stands, and in the list of its moves


def test_a_person_closes_it_and_that_stands_among_its_moves(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.book.moved.append(OPEN)
    assert main(["breaker", "reset", "--reason", "the import\n was wrong", "--as", "ann@desk.example"]) == 0
    assert "closed by ann@desk.example: the import was wrong." in capsys.readouterr().out
    assert main(["breaker", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["circuit"], shown["by"], shown["sent"]) == ("closed", "ann@desk.example", 0)
    assert [move["circuit"] for move in shown["moves"]] == ["closed", "open"]


@pytest.mark.parametrize("argv", [["--reason", " "], []])
def test_without_a_reason_nothing_is_reset(stack: Stack, argv: list[str]) -> None:
    stack.book.moved.append(OPEN)
    try:
        status = main(["breaker", "reset", *argv])
    except SystemExit as left:  # argparse
        status = int(str(left.code))
    assert status == 2
    assert stack.book.moved == [OPEN]
