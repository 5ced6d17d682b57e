"""postroom breaker: how it stands, by what rates, and a person's reset with a reason."""

import json
from dataclasses import dataclass, field

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
    assert "1.00% (4 of 400); opens at 3.00%, closes at 1.50%" in told


def test_an_open_one_says_since_when_and_why(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.book.moved.append(OPEN)
    assert main(["breaker", "show"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("open: nothing goes out by itself")
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
