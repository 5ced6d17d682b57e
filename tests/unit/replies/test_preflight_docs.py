"""docs/preflight.md tells of every check, limit and move what the code says."""

import re
from pathlib import Path

import pytest

from postroom.breaker import (
    AFTER,
    COOLING_HOURS,
    DAYS,
    LIMITS,
    PROVEN,
    REPRESENTATIVE,
    TRIALS_PER_DAY,
    Circuit,
    Finding,
)
from postroom.reasons import Reason
from postroom.replies import departure, preflight
from postroom.replies.preflight import Limits
from postroom.rules import rules

PAGE = (Path(__file__).parents[3] / "docs" / "preflight.md").read_text(encoding="utf-8")
LINES = PAGE.splitlines()
LIMITS_OF_A_DESK = Limits()


def rows(heading: str) -> list[str]:
    """The rows of the first table below a heading."""
    below = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in below.splitlines() if line.startswith("| `")]


def row(name: str, reason: object) -> str:
    said = f"`{reason}`: {reason.text}" if isinstance(reason, Reason) else "by the kind: see docs/kinds.md"
    return f"| `{name}` | {said} |"


def test_the_page_has_every_check_in_its_order() -> None:
    assert rows("What is known of the mail and its sender") == [row(c.name, c.reason) for c in preflight.CHECKS]
    below = "What is known of the recipient, the desk and the account"
    assert rows(below) == [row(c.name, c.reason) for c in departure.CHECKS]
    assert rows("What the mail is, once it is composed") == [row(c.name, c.reason) for c in departure.FORM]


def test_the_page_has_the_table_of_the_breaker_and_its_limits() -> None:
    for fault, limit in LIMITS.items():
        shares = f"{limit.opens:.2%} | {limit.closes:.2%}"
        assert f"| {fault}s | {shares} | {limit.least} | {limit.least_on_trial} |" in LINES
    for finding in Finding:
        assert f"| {finding} | {' | '.join(AFTER[circuit, finding] for circuit in Circuit)} |" in LINES


@pytest.mark.parametrize(
    "said",
    [
        f"{REPRESENTATIVE:,} mails, {DAYS} days at most",
        f"open for {COOLING_HOURS} hours",
        f"{TRIALS_PER_DAY} mails a day go out by themselves",
        f"{PROVEN} mails went out on trial",
        f"| of the sender | {LIMITS_OF_A_DESK.per_sender_per_day} | a day | `{Reason.SENDER_BUDGET}` |",
        f"| of the sender's domain | {LIMITS_OF_A_DESK.per_domain_per_hour} | an hour | `{Reason.DOMAIN_BUDGET}` |",
        f"| of a breaker that is half-open | {TRIALS_PER_DAY} | a day | `{Reason.BREAKER_OPEN}` |",
        f"| of the desk | {LIMITS_OF_A_DESK.per_hour} | an hour | `{Reason.ACCOUNT_BUDGET}` |",
        f"{departure.MOST_BYTES:,} bytes, {departure.MOST_RECIPIENTS} recipients",
        f"{departure.MOST_IN_LINE} bytes in a line",
    ],
)
def test_the_page_has_every_number_as_the_code_has_it(said: str) -> None:
    assert said in " ".join(PAGE.split())


def test_the_rules_of_the_page_are_right() -> None:
    found = re.search(r"^    hours: .*?(?=^\S|\n\n)", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    (rule,) = rules.load(re.sub(r"^    ", "", found[0], flags=re.MULTILINE)).book.rules
    assert rule.actions.reply == "none"
