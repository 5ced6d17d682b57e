"""The desk's model in the classify stage: asked where no rule knew the category, and no master of theirs."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.ids import SesId
from postroom.kinds.kind import Kind
from postroom.memory.objects import MemoryObjects
from postroom.message import Message, Reply
from postroom.outcome import Stage
from postroom.rules.rules import FOR_THE_REST, CategoryFinding, Priority
from postroom.stages import categorising
from postroom.stages.categorising import Categorising
from tests.unit.categories.small import LABELS, content, model
from tests.unit.stages.desk import MemoryDesk, mail

NOTHING = CategoryFinding()
OURS = Categorising(model=model())


def saying(text: str, subject: str = "") -> Message:
    return Message(subject=subject, text=text, reply=Reply(visible=text))


def test_a_category_that_the_rules_gave_stays() -> None:
    found = CategoryFinding(category="vip", rule="vips", confidence=90)
    assert OURS.complete(found, saying("refund"), Kind.PERSON) == found


def test_a_rule_for_all_the_rest_gives_way_to_a_sure_model_and_to_no_other() -> None:
    rest = CategoryFinding(category="general", rule="rest", priority=Priority.NORMAL, confidence=FOR_THE_REST)
    found = OURS.complete(rest, saying("refund"), Kind.PERSON)
    assert (found.category, found.priority) == ("billing", Priority.NORMAL)
    unsure = replace(OURS, model=model(threshold=0.95)).complete(rest, saying("refund"), Kind.PERSON)
    assert (unsure.category, unsure.rule) == ("general", "rest")


def test_the_shipped_rules_are_as_sure_of_their_last_as_is_said_here() -> None:
    desk = MemoryDesk()
    desk.classified(mail(subject="Qqq", body="Zzz"))
    row = desk.ledger.rows_by_id[SesId("mail-1")]
    assert row.fact(Stage.CLASSIFY, "category_confidence") == str(FOR_THE_REST)


def test_a_sure_model_gives_the_category_and_says_why() -> None:
    found = OURS.complete(NOTHING, saying("a refund, please"), Kind.PERSON)
    assert (found.category, found.rule, found.confidence) == ("billing", f"model:{model().version}", 88)
    assert found.signals == (f"model:{model().version}", "category:billing 0.88", "word:refund")
    assert found.priority is None


def test_a_sure_model_has_decided_however_little_it_is_sure() -> None:
    seven = categorising.of(content({"refund": (0,) * 7}, labels=tuple("abcdefg"), threshold=0.1))
    found = seven.complete(NOTHING, saying("refund"), Kind.PERSON)
    assert found.signals[1] == "category:a 0.14"
    assert not found.is_open


def test_characters_that_nobody_sees_teach_and_steer_nothing() -> None:
    assert categorising.seen(saying("re\u200bfund", subject="in\u00advoice")) == ("invoice", "refund")


def test_an_unsure_model_gives_none_and_says_what_it_thought() -> None:
    found = replace(OURS, model=model(threshold=0.95)).complete(NOTHING, saying("refund"), Kind.PERSON)
    assert (found.category, found.rule) == (None, "")
    assert found.signals[1] == "unsure:billing 0.88"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.PERSON, Kind.UNKNOWN)])
def test_what_a_machine_wrote_is_not_asked_about(kind: Kind) -> None:
    assert OURS.complete(NOTHING, saying("refund"), kind) == NOTHING


def test_without_a_model_nothing_is_said() -> None:
    assert Categorising().complete(NOTHING, saying("refund"), Kind.PERSON) == NOTHING


def test_what_was_quoted_does_not_count() -> None:
    quoting = Message(text="parcel\n> refund", reply=Reply(visible="parcel", quoted="> refund"))
    assert OURS.complete(NOTHING, quoting, Kind.PERSON).category == "delivery"


@given(st.text(max_size=200), st.text(max_size=500))
def test_no_mail_gets_a_category_that_the_desk_has_not(subject: str, text: str) -> None:
    assert OURS.complete(NOTHING, saying(text, subject), Kind.PERSON).category in {None, *LABELS}


def test_a_model_is_read_from_the_bucket() -> None:
    objects = MemoryObjects()
    objects.write("models/support.model", content(), "application/octet-stream")
    assert categorising.stored(objects, "models/support.model").model == model()


@pytest.mark.parametrize(
    ("stored", "fault"), [(None, "there is no models/m in the mail bucket"), (b"junk", "this is no model")]
)
def test_a_model_that_cant_be_used_holds_up_no_mail_and_the_record_tells(stored: bytes | None, fault: str) -> None:
    objects = MemoryObjects()
    if stored is not None:
        objects.write("models/m", stored, "application/octet-stream")
    found = categorising.stored(objects, "models/m")
    assert found.fault.startswith(fault)
    desk = MemoryDesk(categorising=found)
    event = desk.classified(mail(subject="Qqq", body="Zzz"))
    assert event.category == "general"
    assert "model:unusable" in desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY].signals


def test_hidden_text_does_not_steer_the_category() -> None:
    desk = MemoryDesk(categorising=OURS)
    html = '<p>parcel</p><div style="display:none">refund refund invoice</div>'
    raw = mail(subject="Qqq", body=html).replace(b"text/plain", b"text/html")
    assert desk.classified(raw).category == "delivery"


def test_the_conversation_and_the_record_have_what_the_model_said() -> None:
    desk = MemoryDesk(categorising=OURS)
    event = desk.classified(mail(subject="Qqq", body="parcel"))
    assert desk.conversations.conversations[event.conversation].category == event.category == "delivery"
    row = desk.ledger.rows_by_id[SesId("mail-1")]
    assert row.fact(Stage.CLASSIFY, "category_rule") == f"model:{model().version}"
    assert "word:parcel" in row.records[Stage.CLASSIFY].signals


def test_a_desk_without_a_model_loads_nothing_for_it() -> None:
    """And no desk loads anything scientific: the layers have none."""
    asked = "import sys, functions.classify.handler; print(*sys.modules)"
    command = [sys.executable, "-c", asked]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 (our own)
    assert "postroom.stages.categorising" in loaded
    assert not {"postroom.categories.form", "postroom.categories.model", "numpy", "sklearn"} & set(loaded)
