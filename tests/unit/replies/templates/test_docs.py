"""docs/templates.md says what the code does."""

from pathlib import Path

from postroom.replies.templates import VARIABLES, load
from postroom.replies.templates.variables import TABLE, Variable
from tests.unit.replies.templates.made import OURS

DOCS = (Path(__file__).parents[4] / "docs" / "templates.md").read_text(encoding="utf-8")


def row(variable: Variable) -> str:
    given = "always" if variable.always else "may be left out" if variable.optional else "by whoever sends it"
    return f"| `{variable.name}` | {variable.kind} | {given} | {variable.meaning} |"


def test_the_table_of_variables_is_the_codes() -> None:
    assert "\n".join(map(row, TABLE)) + "\n\n" in DOCS


def test_every_template_stands_there_with_what_it_needs() -> None:
    for name, languages in load(OURS).by_name.items():
        (line,) = [line for line in DOCS.splitlines() if line.startswith(f"| `{name}` |")]
        needed = languages["en"].needs() - VARIABLES
        assert {word.strip(" |`") for word in line.split("|")[3].split(",")} == (needed or {"nothing more"})
