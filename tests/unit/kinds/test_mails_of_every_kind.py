"""Mails as programs and people send them: the folder is the kind."""

from pathlib import Path

import pytest

from postroom.kinds.kind import TABLE, THRESHOLD, Kind, Signal, kind_of
from postroom.kinds.sight import as_seen
from postroom.kinds.signals import WEIGHTS
from postroom.mime.message import read

MAILS = sorted((Path(__file__).parent / "mails").glob("*/*.eml"))


@pytest.mark.parametrize("path", MAILS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_kind_is_the_folder(path: Path) -> None:
    finding = kind_of(as_seen(read(path.read_bytes())))
    assert finding.kind is Kind(path.parent.name), (finding.rule, finding.signals)


def test_every_kind_has_two_mails_and_people_have_many() -> None:
    count = {kind: sum(path.parent.name == kind for path in MAILS) for kind in Kind}
    assert min(count.values()) >= 2
    assert count[Kind.PERSON] >= 30


def test_a_group_at_the_desks_own_address_is_no_list() -> None:
    question = (
        b"From: jo@customer.example\nTo: support@desk.example\nSubject: [support] Order 118\nPrecedence: list\n"
        b"List-ID: <support.desk.example>\nList-Post: <https://groups.example/s>, <mailto:support@desk.example>\n"
        b"List-Unsubscribe: <mailto:u@groups.example>\nX-Google-Group-Id: 1\n\nWhere is my order?\n"
    )
    message = as_seen(read(question))
    assert kind_of(message, owns=lambda address: address == "support@desk.example").kind is Kind.PERSON
    assert kind_of(message).kind is Kind.LIST


def test_one_sort_of_words_is_never_enough_and_one_field_of_machines_is_whatever_speaks_for_people() -> None:
    against = sum(weight for weight in WEIGHTS.values() if weight < 0)
    words = {signal for signal in Signal if signal.startswith(("subject_", "text_", "label_"))}
    assert all(0 < WEIGHTS[signal] < THRESHOLD for signal in words)
    fields = (Signal.AUTO_GENERATED, Signal.LIST_POST, Signal.CAMPAIGN_FIELD, Signal.NULL_RETURN_PATH)
    assert all(WEIGHTS[signal] + against >= THRESHOLD for signal in fields)


def test_what_a_rule_weighs_is_what_it_asks_for_less_what_speaks_for_a_person() -> None:
    label = next(rule for rule in TABLE if rule.name == "labelled absence")
    seen = frozenset({Signal.LABEL_ABSENCE, Signal.TEXT_ABSENCE, Signal.SUPPRESS})
    assert label.weight(seen) == WEIGHTS[Signal.LABEL_ABSENCE] + WEIGHTS[Signal.TEXT_ABSENCE]
    assert label.holds(seen)
    assert not label.holds(seen | {Signal.PERSONS_CLIENT})
