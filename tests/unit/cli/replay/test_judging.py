"""What is compared: every field of a decision, whichever they are, and no reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from cli.mailbox import Unread
from cli.replay.judging import Judgement, named, reasons, relative, told
from cli.replay.tally import Change, Replayed, Tally
from postroom.reasons import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    category: str | None
    rule: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """A decision with fields that nobody knew of when the replay was written."""

    disposition: Disposition
    ruling: Part
    urgent: bool
    tags: frozenset[str]
    rule: str = ""


def newer(category: str = "billing", rule: str = "invoice") -> Newer:
    part = Part(category=category, rule=rule, signals=("subject:invoice",))
    return Newer(disposition=Disposition.ACCEPTED, ruling=part, urgent=True, tags=frozenset({"b", "a"}))


def test_a_field_that_is_new_in_a_decision_is_compared_from_then_on() -> None:
    assert dict(named(newer())) == {
        "disposition": "accepted",
        "category": "billing",
        "urgent": "yes",
        "tags": "a, b",
    }


def test_reasons_stand_by_the_part_that_has_them() -> None:
    assert list(reasons(newer(), "decision")) == ["ruling: rule invoice; signals subject:invoice"]


def test_a_name_that_two_parts_have_keeps_both() -> None:
    @dataclass(frozen=True)
    class Two:
        first: Part
        second: Part

    both = Two(
        first=Part(category="a", rule="", signals=()),
        second=Part(category=None, rule="", signals=()),
    )
    assert dict(named(both)) == {"category": "a", "second category": ""}


def test_every_sort_of_value_is_one_line() -> None:
    said: Mapping[str, object] = {"": None, "no": False, "3": 3, "x, y": ("x", "y"), "accepted": Disposition.ACCEPTED}
    assert [told(value) for value in said.values()] == list(said)
    assert told({"b": (1, 2), "a": None}) == "a: , b: 1, 2"


def replayed(before: Mapping[str, str], after: Mapping[str, str], mail: str = "m") -> Replayed:
    return Replayed(
        mail=mail,
        subject="",
        present=Judgement(facts=before, because=()),
        new=Judgement(facts=after, because=()),
    )


def test_only_what_differs_is_a_change_also_where_one_side_lacks_the_field() -> None:
    found = replayed({"kind": "list", "old": "x", "reply": ""}, {"kind": "person", "reply": "", "tags": "a"})
    assert found.changes == (
        Change(field="kind", before="list", after="person"),
        Change(field="old", before="x", after=""),
        Change(field="tags", before="", after="a"),
    )


def test_a_mail_with_two_changes_is_one_changed_mail_and_the_commonest_field_comes_first() -> None:
    tally = Tally(shown=1)
    tally.add(replayed({"a": "1", "z": "1"}, {"a": "2", "z": "2"}))
    tally.add(replayed({"z": "1"}, {"z": "3"}, "n"))
    tally.add(replayed({"z": "1"}, {"z": "3"}, "o"))
    tally.add(Unread(mail="p", why="gone"))
    assert (tally.mails, tally.changed, tally.unread) == (3, 3, 1)
    assert [name for name, _ in tally.by_field()] == ["z", "a"]
    (commonest, count), _ = next(iter(tally.by_field()))[1]
    assert (commonest.after, count) == ("3", 2)
    assert [each.mail for each in tally.examples[commonest]] == ["n"]


def test_changes_that_differ_from_mail_to_mail_are_bounded() -> None:
    tally = Tally(shown=1)
    for number in range(10_100):
        tally.add(replayed({"due": ""}, {"due": str(number)}))
    assert len(tally.counts) == 10_001
    assert sum(tally.counts.values()) == 10_100


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24T09:00:00.000Z", "within 1 h"),
        ("2026-11-24T12:01:00Z", "within 5 h"),
        ("2026-11-26T08:00:00.000Z", "within 48 h"),
        ("2026-11-26T08:30:00.000Z", "within 3 days"),
        ("2026-11-24T07:00:00.000Z", "within -1 h"),
        ("2026-02-31T07:00:00.000Z", "2026-02-31T07:00:00.000Z"),
        ("tomorrow", "tomorrow"),
    ],
)
def test_a_moment_is_told_by_how_long_it_is_after_the_mail(moment: str, said: str) -> None:
    assert relative(moment, datetime(2026, 11, 24, 8, 0, tzinfo=UTC)) == said


def test_a_moment_is_one_value_as_text_and_as_time() -> None:
    assert told(datetime(2026, 11, 24, 8, 0, tzinfo=UTC)) == "2026-11-24T08:00:00.000Z"
