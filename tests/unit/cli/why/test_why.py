"""postroom why: whole explanations, one golden file for each way that a mail may go (README.md lists them).

A mismatch writes `<case>.actual.txt` beside the golden file: look at it, and rename it where it is right.
"""

import io
import json
import re
import sys
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import running, views
from cli.explaining import arrival, paragraph, place
from cli.explaining.explanation import TOLD, explain
from cli.main import main
from cli.terminal import Terminal
from postroom.clock import from_iso
from postroom.ids import SesId
from postroom.memory.classifier import MemoryClassifier
from postroom.opinion import Confidence, Opinion
from postroom.outcome import MailRow, Stage, StageRecord
from postroom.reasons import Disposition, Held, Reason, Treatment
from postroom.replies import departure
from postroom.replies.preflight import CHECKS, KINDS
from postroom.stages.categorising import Categorising
from postroom.threads.admission import Admission, Proof, Standing
from postroom.vouching import Vouched
from tests.unit.categories.small import model
from tests.unit.cli.why.rows import BILLING, CASES, RECEIVED, classify, parse, robot, row, withheld
from tests.unit.stages.desk import MemoryDesk, mail

HERE = Path(__file__).parent

#: Every reason for which a reply is withheld.
WITHHELD = list(
    dict.fromkeys(
        [
            *(check.reason for check in CHECKS if isinstance(check.reason, Reason)),
            *(check.reason for check in departure.CHECKS),
            *(check.reason for check in departure.FORM),
            *(reason for reason in KINDS.values() if reason),
            *(Reason.SENDER_BUDGET, Reason.DOMAIN_BUDGET, Reason.ACCOUNT_BUDGET),
            *(Reason.SEND_UNCERTAIN, Reason.SEND_REFUSED),
        ]
    )
)


def shown(mail_row: MailRow, minutes: int, capsys: pytest.CaptureFixture[str]) -> str:
    views.why(Terminal(), mail_row, moment(minutes))
    return capsys.readouterr().out


def moment(minutes: int) -> datetime:
    return from_iso(RECEIVED) + timedelta(minutes=minutes)


def as_in(name: str, text: str) -> None:
    golden, actual = HERE / f"{name}.txt", HERE / f"{name}.actual.txt"
    actual.unlink(missing_ok=True)
    if not golden.exists() or golden.read_text(encoding="utf-8") != text:
        actual.write_text(text, encoding="utf-8")
        pytest.fail(f"{name}: see {actual.name}\n{text}")


@pytest.mark.parametrize("name", CASES)
def test_each_way_of_a_mail_is_explained_whole(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    as_in(name, shown(*CASES[name], capsys))


def test_each_reason_to_withhold_a_reply_is_said_in_words() -> None:
    told = (explain(row(parse(), classify(BILLING), withheld(reason)), moment(1)) for reason in WITHHELD)
    as_in("withheld", "".join(f"{each.headline}\n" for each in told))


def test_every_golden_file_has_its_line_in_the_readme() -> None:
    listed = (HERE / "README.md").read_text(encoding="utf-8")
    kept = {path.stem for path in HERE.glob("*.txt") if ".actual" not in path.name}
    assert kept == {*CASES, "withheld"} == set(re.findall(r"^\| `(\w+)\.txt`", listed, re.MULTILINE))


@pytest.mark.parametrize("name", CASES)
def test_no_line_is_wider_than_it_is_read_with_ease_and_none_ends_in_blanks(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in shown(*CASES[name], capsys).splitlines():
        assert len(line) <= 100, line
        assert line == line.rstrip()


@pytest.mark.parametrize("width", [30, 60, 80])
def test_a_narrow_terminal_gets_narrow_lines(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    mail_row, minutes = CASES["side"]
    plain = re.sub("\x1b\\[[0-9;]*m", "", shown(mail_row, minutes, capsys))
    assert max(map(len, plain.splitlines())) <= width
    assert "conversation m67ymg35rpfsmoed" in " ".join(plain.split())


def test_nothing_that_the_pipeline_records_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    desk = MemoryDesk()
    desk.reply(desk.classified(mail("Where is my invoice?")))
    answer = mail(
        "Re: Where is my invoice?", "eve@example.net", "m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"
    )
    desk.reply(desk.classified(answer, "mail-2", "eve@example.net"))
    for mail_row in desk.ledger.rows_by_id.values():
        text = " ".join(shown(mail_row, 5, capsys).split())
        for record in mail_row.records.values():
            for name, value in record.facts.items():
                spoken = value.replace("_", " ").lower()
                yes = name in ("opened", "size", "attachments", "vouched", "standing", "proof")
                dated = name == "due_at" and paragraph.moment(value) in text
                assert yes or dated or value in text or spoken in text.lower(), (name, value)


@pytest.mark.parametrize(
    "raw",
    [
        mail(),
        mail("Qqq", body="My parcel"),
        mail("Out of office", body="I am away until 2026-12-01.", extra="Auto-Submitted: auto-replied\r\n"),
    ],
)
def test_of_what_the_pipeline_records_nothing_is_told_by_a_raw_name(
    raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    says = Opinion(category=None, priority="high", confidence=Confidence.HIGH)
    desk = MemoryDesk(classifier=MemoryClassifier(says=says), categorising=Categorising(model=model()))
    desk.reply(desk.classified(raw))
    (mail_row,) = desk.ledger.rows_by_id.values()
    assert "also noted" not in shown(mail_row, 5, capsys)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (
            {"category_rule": "model:3f2a91c0b1d2", "category_confidence": "88"},
            "by the desk's model 3f2a91c0b1d2, 88 %",
        ),
        ({"category_rule": "opinion", "category_confidence": "50"}, "by a second opinion, 50 % sure"),
        ({"category_rule": "", "category_confidence": "0"}, "None: no rule fits it"),
        (
            {"opinion": "billing high high", "opinion_taken": "category"},
            "A second opinion: billing high high. Taken of it: category.",
        ),
        ({"signals_left_out": "3"}, "Signals that are not kept, and did not decide: 3."),
        ({"proofs_left_out": "2"}, "Proofs that are not kept, and did not decide: 2."),
    ],
)
def test_what_gave_the_category_and_how_sure_it_is_is_told_in_words(
    facts: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(row(parse(), classify(BILLING, **facts)), 5, capsys)
    assert told in " ".join(text.split())
    assert "also noted" not in text


def test_the_words_for_people_are_there_for_every_value() -> None:
    assert set(arrival._VOUCHED) == set(Vouched)
    assert set(arrival._STANDING) == set(place._STANDINGS) == set(Standing)
    assert set(place._PROOFS) == set(Proof)
    assert set(place._ADMISSIONS) == set(Admission)


def test_a_proof_is_understood_as_it_is_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    desk = MemoryDesk()
    desk.classified(mail())
    desk.classified(mail("Re: A question", message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"), "b")
    (joined,) = (each for each in desk.ledger.rows_by_id.values() if each.ses_id == "b")
    assert "Proof: the id of another mail of the conversation (60 of 100" in " ".join(shown(joined, 5, capsys).split())


def test_the_command_explains_the_row_that_it_is_asked_for_and_gives_it_whole_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stack:
        def row(self, id_: str) -> MailRow:
            return CASES[id_][0]

    monkeypatch.setattr(running, "find", lambda args: Stack())
    assert main(["why", "answered"]) == 0
    assert capsys.readouterr().out == (HERE / "answered.txt").read_text(encoding="utf-8")
    assert main(["why", "answered", "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert form["outcome"] == {"disposition": "accepted", "stage": "reply", "reason": "acknowledged"}
    assert form["records"]["classify"]["facts"]["category"] == "billing"


def test_nobody_is_told_to_answer_an_out_of_office() -> None:
    """Records of an older version have a due time all the same."""
    away, person = (
        " ".join(sentence for each in explain(row(parse(), one), moment(1)).paragraphs for sentence in each.sentences)
        for one in (
            robot("out_of_office", "automatic answer: absence", due_at="2026-11-24T11:29:00.000Z"),
            classify(due_at="2026-11-24T11:29:00.000Z"),
        )
    )
    assert "A first answer is due" not in away
    assert "A first answer is due by Tue 24 Nov 2026, 11:29:00 UTC." in person


def test_what_a_model_decided_is_told_as_its_own_and_names_it_once() -> None:
    by = classify("model:d8f22ef5baae", "category:account 0.88", "word:locked", category_rule="model:d8f22ef5baae")
    told = " ".join(s for each in explain(row(by), moment(1)).paragraphs for s in each.sentences)
    assert "by the desk's model d8f22ef5baae" in told
    assert "Seen: the model says account (88 % sure). Seen: the model goes by “locked”." in told
    assert told.count("d8f22ef5baae") == 1


def test_a_row_without_a_moment_is_explained_too() -> None:
    told = explain(MailRow(ses_id=SesId("m"), received_at=""), moment(0))
    assert told.mail == "mail m, received nobody knows when"
    assert told.paragraphs[0].sentences == (
        "Nothing was heard yet of parse, classify, reply, 0 seconds after the mail came.",
    )


NAMES = sorted(frozenset().union(*TOLD.values()) | {"detail", "tries", "waited_since", "news"})
TEXTS = st.text(max_size=60) | st.sampled_from(["yes", "0", "bounce", "proven", "stranger", "list", "\x1b[2J", "²"])
RECORDS = st.builds(
    StageRecord,
    stage=st.sampled_from(Stage),
    at=st.just(RECEIVED),
    disposition=st.sampled_from(Disposition),
    reason=st.sampled_from(Reason),
    rule=TEXTS,
    signals=st.lists(TEXTS | st.sampled_from(["auto_replied", "our_mail (7) in x: y, so z"]), max_size=5).map(tuple),
    facts=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=12),
    held=st.builds(
        Held, path=TEXTS, treatment=st.sampled_from(Treatment), reason=st.sampled_from(Reason), detail=TEXTS
    ).map(lambda one: (one,)),
)


@settings(max_examples=200)
@given(st.lists(RECORDS, max_size=5))
def test_whatever_the_row_it_is_explained_and_nothing_in_it_moves_the_cursor(records: list[StageRecord]) -> None:
    shown_at = io.StringIO()
    with redirect_stdout(shown_at):
        views.why(Terminal(), row(*records), moment(5))
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown_at.getvalue())
    told = explain(row(*records), moment(5))
    assert told.headline
    assert all(each.sentences and all(each.sentences) for each in told.paragraphs)
