"""docs/replying.md says of the checks and the commands what the code says."""

import re
from pathlib import Path

from postroom.replies.by_hand import CHECKS
from postroom.threads.by_agents import COMMANDS

TEXT = (Path(__file__).parents[3] / "docs" / "replying.md").read_text(encoding="utf-8")


def test_the_table_of_checks_is_the_codes() -> None:
    rows = [tuple(found) for found in re.findall(r"^\| (\w+) \| (\w+) \| (yes|no) \|$", TEXT, re.MULTILINE)]
    assert rows == [(each.name, str(each.reason), "yes" if each.anyway else "no") for each in CHECKS]


def test_every_command_is_told_of() -> None:
    assert all(f"`{word}`" in TEXT for word in COMMANDS if word)
