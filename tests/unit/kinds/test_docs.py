"""docs/kinds.md tells of every signal what the table says, and the table asks for nothing that is not kept."""

from pathlib import Path

from postroom.kinds import fields
from postroom.kinds.kind import THRESHOLD
from postroom.kinds.language import LANGUAGES
from postroom.kinds.signals import TABLE
from postroom.mime.facts import FACTS

PAGE = (Path(__file__).parents[3] / "docs" / "kinds.md").read_text(encoding="utf-8")


def test_the_page_has_every_signal_as_the_table_has_it() -> None:
    rows = {f"| `{row.signal}` | {row.weight} | {row.source} | {row.text} |" for row in TABLE}
    assert rows <= set(PAGE.splitlines())


def test_the_page_has_the_threshold_and_the_number_of_languages() -> None:
    assert f"**{THRESHOLD}**" in PAGE
    assert f"one of {len(LANGUAGES)} languages" in PAGE


def test_every_field_that_marks_a_machine_is_kept_of_a_mail() -> None:
    asked = (fields.AUTO_REPLY, fields.VACATION, fields.CHALLENGE, fields.LIST, fields.CAMPAIGN)
    assert {name for names in (*asked, fields.MACHINE, fields.LOOP, fields.TLS_REPORT) for name in names} <= FACTS
