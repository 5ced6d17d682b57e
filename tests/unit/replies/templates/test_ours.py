"""The templates that we ship: every one, in every language, filled in and looked at."""

import re

import pytest

from postroom.replies.templates import VARIABLES, Rendered, checked
from postroom.replies.templates.variables import EXAMPLES, Value
from tests.unit.replies.templates.made import OURS

LANGUAGES = {"en", "de", "fr", "es", "nl", "it", "pt", "pl"}
TEMPLATES = checked(OURS)
EACH = pytest.mark.parametrize("name", sorted(TEMPLATES.by_name))


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
        assert "k3w9q2m7x4t6p5n8" in each.text
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
        assert each.html.count("<h1") == 1


def test_the_acknowledgement_needs_only_what_every_mail_has() -> None:
    for template in TEMPLATES.by_name["acknowledgement"].values():
        assert template.needs() <= VARIABLES


def test_an_item_stands_on_a_line_of_its_own() -> None:
    (text,) = [each.text for each in rendered("follow_up") if each.language == "en"]
    assert "What we still need to know:\n  * The number of your order\n  * A photo of the box\n\nThe parcel" in text
