"""What a desk's own mails teach: the categories that they had in the end, and whose word each was."""

import pytest

from postroom.categories.example import Example
from postroom.conversation import EntryKind
from postroom.events import MessageClassified
from postroom.stages.categorising import Categorising
from postroom.stages.history import History
from postroom.stages.work import Refused, Work
from tests.contracts.conftest import clock
from tests.unit.categories.small import model
from tests.unit.stages.desk import OURS, MemoryDesk, mail


def work(desk: MemoryDesk) -> Work:
    return Work(
        conversations=desk.conversations,
        objects=desk.objects,
        ledger=desk.ledger,
        sends=desk.sends,
        desk=OURS,
        clock=clock,
        agent="eve@staff.example",
    )


def learned(desk: MemoryDesk) -> list[Example]:
    history = History(
        conversations=desk.conversations, ledger=desk.ledger, objects=desk.objects, desk="support@desk.example"
    )
    return list(history.examples(100))


def by_a_model(desk: MemoryDesk) -> MessageClassified:
    desk.categorising = Categorising(model=model())
    return desk.classified(mail(subject="Qqq", body="parcel"))


def by_rules(desk: MemoryDesk) -> MessageClassified:
    event = desk.classified(mail(subject="Invoice", body="Please send me the invoice.\n\n> quoted"))
    assert event.category is not None
    return event


def test_a_rules_word_is_learned_with_the_visible_text() -> None:
    desk = MemoryDesk()
    event = by_rules(desk)
    assert learned(desk) == [
        Example(subject="Invoice", text="Please send me the invoice.", label=str(event.category), corrected=False)
    ]


def test_a_models_own_answer_is_not_learned() -> None:
    desk = MemoryDesk()
    assert by_a_model(desk).category == "delivery"
    assert learned(desk) == []


def test_a_correction_is_learned_as_one() -> None:
    desk = MemoryDesk()
    work(desk).categorise(by_a_model(desk).conversation, "billing")
    assert [(each.label, each.corrected) for each in learned(desk)] == [("billing", True)]


def test_that_a_person_agrees_is_learned_too() -> None:
    desk = MemoryDesk()
    work(desk).categorise(by_a_model(desk).conversation, "delivery")
    assert [(each.label, each.corrected) for each in learned(desk)] == [("delivery", True)]


def test_a_mail_that_is_kept_no_longer_teaches_nothing() -> None:
    desk = MemoryDesk()
    by_rules(desk)
    desk.objects.remove("parsed/mail-1.json")
    assert learned(desk) == []


def test_what_a_machine_wrote_teaches_nothing() -> None:
    desk = MemoryDesk()
    robot = mail(subject="Invoice", body="Invoice", extra="Auto-Submitted: auto-generated\r\n")
    work(desk).categorise(desk.classified(robot).conversation, "billing")
    assert learned(desk) == []


def test_what_only_the_rule_for_all_the_rest_knew_teaches_nothing() -> None:
    desk = MemoryDesk()
    assert desk.classified(mail(subject="Qqq", body="Zzz")).category == "general"
    assert learned(desk) == []


def test_a_correction_stands_in_the_conversation() -> None:
    desk = MemoryDesk()
    id_ = by_a_model(desk).conversation
    work(desk).categorise(id_, "billing")
    work(desk).categorise(id_, "billing")
    told = [(e.text, e.author) for e in desk.conversations.entries(id_) if e.kind is EntryKind.CHANGE]
    assert sorted(told) == [
        ("category billing instead of delivery", "eve@staff.example"),
        ("category billing is right", "eve@staff.example"),
    ]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "two\nlines", "\x1b[31m"])
def test_what_is_no_name_of_a_category_is_refused(name: str) -> None:
    desk = MemoryDesk()
    id_ = by_rules(desk).conversation
    with pytest.raises(Refused, match="is no category"):
        work(desk).categorise(id_, name)
