"""The templates that we ship: every one, in every language, filled in and looked at."""

import re

import pytest

from postroom.replies.templates import VARIABLES, Rendered, checked
from postroom.replies.templates.folder import By
from postroom.replies.templates.variables import EXAMPLES, Value
from tests.unit.replies.templates.made import OURS

LANGUAGES = {"en", "de", "fr", "es", "nl", "it", "pt", "pl"}
TEMPLATES = checked(OURS)
EACH = pytest.mark.parametrize("name", sorted(TEMPLATES.by_name))
OF_MACHINES = [name for name in TEMPLATES.by_name if TEMPLATES.fronts[name].by is By.MACHINE]
OF_PEOPLE = [name for name in TEMPLATES.by_name if TEMPLATES.fronts[name].by is By.PERSON]

# What only a machine's mail says: in each language, and with its plural.
MACHINES_WORDS = re.compile(r"machine|automat|máquina|macchina", re.IGNORECASE)


def rendered(name: str, without: frozenset[str] = frozenset()) -> list[Rendered]:
    values: dict[str, Value] = {key: value for key, value in EXAMPLES.items() if key not in without}
    return [template.render(values) for template in TEMPLATES.by_name[name].values()]


@EACH
def test_it_is_written_in_all_our_languages(name: str) -> None:
    assert set(TEMPLATES.by_name[name]) == LANGUAGES
    assert TEMPLATES.fronts[name].about.endswith(".")


@EACH
def test_nothing_of_the_language_of_templates_is_left(name: str) -> None:
    for each in rendered(name) + rendered(name, frozenset({"message", "questions", "last_notice"})):
        assert "{{" not in each.subject + each.text + each.html
        assert each.subject == "Re: My order has not arrived <urgent> & wet"
        assert "<urgent>" not in each.html


@EACH
def test_it_reads_well_as_plain_text(name: str) -> None:
    for each in rendered(name) + rendered(name, frozenset({"message", "questions", "last_notice"})):
        assert max(len(line) for line in each.text.splitlines()) <= 78
        assert "\n\n\n" not in each.text
        assert each.text.endswith("\n")


@EACH
def test_its_html_fetches_nothing_lays_out_without_tables_and_names_its_language(name: str) -> None:
    for each in rendered(name):
        assert f'<html lang="{each.language}">' in each.html
        assert not re.search(r"https?:|<table|<img|<script|@import|url\(", each.html)


@pytest.mark.parametrize("name", OF_MACHINES)
def test_what_a_machine_writes_says_so_and_has_a_headline_and_a_reference(name: str) -> None:
    for each in rendered(name):
        assert MACHINES_WORDS.search(each.text)
        assert MACHINES_WORDS.search(each.html)
        assert "k3w9q2m7x4t6p5n8" in each.text
        assert each.html.count("<h1") == 1


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_what_a_person_writes_has_nothing_of_a_machine_in_it(name: str) -> None:
    for each in rendered(name):
        assert not MACHINES_WORDS.search(each.text + re.sub(r"<[^>]*>", "", each.html))
        assert "<h1" not in each.html
        assert each.text.endswith("Example Support\n")
        assert "The parcel left us on Monday." in each.text


def test_there_is_something_for_people() -> None:
    assert OF_PEOPLE == ["more_details"]


def test_the_acknowledgement_needs_only_what_every_mail_has() -> None:
    for template in TEMPLATES.by_name["acknowledgement"].values():
        assert template.needs() <= VARIABLES


def test_an_item_stands_on_a_line_of_its_own() -> None:
    (text,) = [each.text for each in rendered("follow_up") if each.language == "en"]
    assert "What we still need to know:\n  * The number of your order\n  * A photo of the box\n\nThe parcel" in text
