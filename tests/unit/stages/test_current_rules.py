"""The rules as they are now: looked at anew, and never lost to a wrong file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from postroom.errors import Retryable
from postroom.memory.rule_files import MemoryRuleFiles
from postroom.ports import RuleFile
from postroom.rules.rules import load
from postroom.stages.current_rules import KEPT, CurrentRules
from tests.contracts.conftest import NOW

SHIPPED = load("version: shipped\nrules: []")
WINTER, SUMMER = b"version: winter\nrules: []", b"version: summer\nrules: []"
BROKEN = b"version: broken\nrulez: []"


@dataclass(slots=True)
class Away(MemoryRuleFiles):
    """A bucket that doesn't answer while `away`, and counts how often it is asked."""

    away: bool = False
    asked: int = 0

    def newest(self, known: str = "") -> RuleFile | None:
        self.asked += 1
        if self.away:
            raise Retryable("SlowDown")
        return MemoryRuleFiles.newest(self, known)


@dataclass(slots=True)
class Function:
    """A running function: `files` is the bucket, `told` what was told of faults."""

    files: Away = field(default_factory=Away)
    moment: datetime = NOW
    told: list[Sequence[str]] = field(default_factory=list)
    current: CurrentRules = field(init=False)

    def __post_init__(self) -> None:
        self.current = CurrentRules(
            files=self.files,
            shipped=SHIPPED,
            source="rules/desk.yaml",
            clock=lambda: self.moment,
            tell=self.told.append,
        )

    def later(self) -> str:
        """The name of the rules, once they are looked at anew."""
        self.moment += KEPT + timedelta(seconds=1)
        return self.now()

    def now(self) -> str:
        return self.current().book.name


def test_until_a_file_is_put_there_the_shipped_rules_hold() -> None:
    function = Function()
    assert function.now() == "shipped"
    function.files.put(WINTER)
    assert function.later() == "winter"


def test_a_desk_that_keeps_to_what_was_deployed_asks_nobody() -> None:
    current = CurrentRules(files=None, shipped=SHIPPED, source="", clock=lambda: NOW, tell=lambda _: None)
    assert current() is SHIPPED


def test_a_stack_may_look_more_often() -> None:
    function = Function()
    function.current.kept = timedelta(seconds=2)
    function.files.put(WINTER)
    assert function.now() == "winter"
    function.files.put(SUMMER)
    function.moment += timedelta(seconds=3)
    assert function.now() == "summer"


def test_the_bucket_is_asked_once_in_a_while() -> None:
    function = Function()
    function.files.put(WINTER)
    assert [function.now() for _ in range(5)] == ["winter"] * 5
    assert function.files.asked == 1
    function.files.put(SUMMER)
    assert (function.now(), function.later(), function.files.asked) == ("winter", "summer", 2)


@pytest.mark.parametrize("broken", [BROKEN, b"\xff\xfe", b""])
def test_a_file_with_faults_leaves_the_last_good_rules_and_is_told_until_it_is_mended(broken: bytes) -> None:
    function = Function()
    function.files.put(WINTER)
    assert function.now() == "winter"
    function.files.put(broken)
    assert [function.later(), function.later()] == ["winter", "winter"]
    assert len(function.told) == 2
    assert all(fault.startswith("rules/desk.yaml:") for fault in function.told[1])
    function.files.put(SUMMER)
    assert (function.later(), len(function.told)) == ("summer", 2)


def test_a_function_that_starts_under_a_wrong_file_finds_the_last_good_version() -> None:
    function = Function()
    for text in (SUMMER, WINTER, BROKEN, BROKEN):
        function.files.put(text)
    assert function.now() == "winter"
    assert len(function.told) == 1
    only_broken = Function()
    only_broken.files.put(BROKEN)
    assert only_broken.now() == "shipped"


def test_a_bucket_that_does_not_answer_changes_no_rules_and_at_the_start_the_mails_wait() -> None:
    function = Function()
    function.files.put(WINTER)
    function.files.away = True
    with pytest.raises(Retryable):
        function.now()
    function.files.away = False
    assert function.now() == "winter"
    function.files.away = True
    assert function.later() == "winter"
