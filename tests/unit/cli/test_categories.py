"""postroom train, predict, learn: their forms, and what a person is told who asks for what can't be."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import desk, running
from cli.main import main
from postroom.stages.categorising import Categorising
from tests.contracts.conftest import clock
from tests.unit.categories.small import content, model
from tests.unit.stages.desk import OURS, MemoryDesk, mail


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "desk.model"
    file.write_bytes(content())
    return str(file)


def data(tmp_path: Path, *lines: object) -> str:
    file = tmp_path / "data.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(file)


def test_predict_gives_a_line_for_each_line_in_order(
    tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = data(tmp_path, {"subject": "Refund", "text": "please"}, {"subject": None, "text": "my parcel"})
    assert main(["predict", "--model", path, "--jsonl", "--data", texts]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["label"] for each in found] == ["billing", "delivery"]
    assert found[0] == {"label": "billing", "confidence": 0.8808, "sure": True, "words": ["refund"]}


def test_predict_reads_raw_messages_too(tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail(subject="Qqq", body="my parcel\n\n> refund refund"))
    assert main(["predict", "--model", path, str(file)]) == 0
    assert "mail.eml: delivery, 88%, by parcel" in capsys.readouterr().out


def test_predict_says_when_it_does_not_know(tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--model", path, "--data", data(tmp_path, {"text": "qqq"})]) == 0
    assert "line 1: don't know (perhaps billing), 50%" in capsys.readouterr().out


def test_classify_asks_the_model_that_is_named(tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail(subject="Qqq", body="parcel"))
    assert main(["classify", "--jsonl", "--model", path, str(file)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["category"] == "delivery"
    assert {f"category:model:{model().version}", "word:parcel"} <= set(found["reasons"])


def test_classify_tells_a_person_how_sure_the_kind_is_and_how_sure_the_category(
    tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail(subject="Qqq", body="parcel"))
    assert main(["classify", "--model", path, str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert " kind person, " in told
    assert " category delivery, 88 % sure decided by the desk's model" in told
    assert told.count(model().version) == 1


def test_what_is_no_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail())
    assert main(["predict", "--model", str(file), str(file)]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert f"--model {file}: this is no model of `postroom train`" in told
    assert main(["predict", "--model", str(tmp_path / "none"), str(file)]) == 2


def test_every_wrong_line_is_named(tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "data.jsonl"
    file.write_bytes(b'{"text": "a"}\n{"subject": "b"}\n\n{\n\xff\n')
    assert main(["predict", "--model", path, "--data", str(file)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert all(f"line {number}:" in told for number in (2, 4, 5))
    assert "line 1:" not in told


def test_where_no_line_is_json_it_says_once_what_a_line_must_be(
    tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "all.mbox"
    file.write_bytes(b"From x\n" + mail())
    assert main(["predict", "--model", path, "--data", str(file)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert told.count("malformed") == 1
    assert 'each line is JSON such as {"subject": "My parcel", "text": "Where is it?"}' in told


def test_train_reads_at_least_one_conversation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--model", str(tmp_path / "m"), "--most", "0"])
    assert "'0' is no number from 1" in " ".join(capsys.readouterr().err.split())


def test_without_scikit_learn_train_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("cli.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert main(["train", "--data", data(tmp_path), "--model", str(tmp_path / "m")]) == 2
    assert "pip install scikit-learn" in " ".join(capsys.readouterr().err.split())


def test_train_writes_a_model_that_predict_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"text": text, "label": label}
        for label, words in (("billing", "invoice refund payment vat"), ("delivery", "parcel courier box street"))
        for text in (f"my {one} and {two} number" for one in words.split() for two in words.split())
    ]
    made = tmp_path / "made"
    rare = {"text": "hello", "label": "other"}
    assert main(["train", "--data", data(tmp_path, *lines, rare), "--model", str(made), "--skip-rare", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["left_out"] == {"other": 1}
    assert main(["train", "--data", data(tmp_path, *lines, rare), "--model", str(made), "--skip-rare"]) == 0
    assert "left out     other (1 mail)\n" in capsys.readouterr().out
    assert (report["examples"], [each["label"] for each in report["labels"]]) == (32, ["billing", "delivery"])
    assert main(["predict", "--model", str(made), "--jsonl", "--data", data(tmp_path, {"text": "the parcel"})]) == 0
    assert json.loads(capsys.readouterr().out)["label"] == "delivery"


def test_train_refuses_too_little_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", data(tmp_path, {"text": "a", "label": "b"}), "--model", str(tmp_path / "m")]) == 1
    assert "two categories with 10 mails each" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "m").exists()


# Learn


@dataclass
class Stack(MemoryDesk):
    """What `running.find` gives, in memory."""

    desk: Any = OURS


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack(categorising=Categorising(model=model()))
    monkeypatch.setattr(running, "find", lambda args: stack)
    monkeypatch.setattr(desk, "now", clock)
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")
    return stack


def test_learn_sets_a_category_that_the_desk_has(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    first = stack.classified(mail(subject="Qqq", body="parcel")).conversation
    stack.classified(mail(subject="Qqq", body="refund", message_id="m2@example.com"), "mail-2")
    assert main(["learn", first, "returns", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": first, "category": "returns"}
    assert stack.conversations.conversations[first].category == "returns"


def test_learn_takes_several_conversations_and_a_change_stands_in_each_once(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [
        stack.classified(mail(subject="Qqq", body=word, message_id=f"{word}@example.com"), word).conversation
        for word in ("parcel", "refund")
    ]
    assert main(["learn", *ids, "returns", "--json"]) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ids
    assert [stack.conversations.conversations[id_].category for id_ in ids] == ["returns", "returns"]
    assert main(["conversation", ids[0]]) == 0
    assert capsys.readouterr().out.count("category returns instead of delivery") == 1


def test_learn_changes_nothing_where_one_of_the_ids_is_wrong(stack: Stack) -> None:
    first = stack.classified(mail(subject="Qqq", body="parcel")).conversation
    assert main(["learn", first, "nowhere", "returns", "--new"]) == 1
    assert stack.conversations.conversations[first].category == "delivery"


def test_learn_takes_a_new_category_only_when_asked(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    first = stack.classified(mail(subject="Qqq", body="parcel")).conversation
    assert main(["learn", first, "delivary"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "the desk has no category 'delivary' (with --new it gets it): delivery" in told
    assert stack.conversations.conversations[first].category == "delivery"
    assert main(["learn", first, "returns", "--new"]) == 0
    assert stack.conversations.conversations[first].category == "returns"
