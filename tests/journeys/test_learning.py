"""A desk learns: mails in, what its people say of them, a model of that, and what the model says of the next mail."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from postroom.outcome import Stage
from tests.journeys.conftest import Town

pytestmark = pytest.mark.journey

#: Words that no rule of the desk and no other journey knows.
SAID = {"kites": "kite ribbon spool wind", "gliders": "glider cockpit winch thermal"}


def test_what_people_say_of_mails_becomes_a_model_that_decides(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")

    def typed(*words: str) -> Any:
        capsys.readouterr()
        assert main([*words]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    def arrived(body: str) -> str:
        row = town.outcome(town.send(town.mail(Subject="Hello there", body=body)))
        assert row.fact(Stage.CLASSIFY, "category") == "general"
        return row.fact(Stage.CLASSIFY, "conversation")

    of_desk = ("--state", str(town.known.state))
    for label, words in SAID.items():
        pairs = [f"About the {one} and the {two}." for one in words.split() for two in words.split() if one != two]
        with ThreadPoolExecutor(4) as senders:
            found = list(senders.map(arrived, pairs))
        for id_ in found:
            assert typed("learn", id_, label, "--new", "--json", *of_desk) == {"id": id_, "category": label}

    made = tmp_path / "desk.model"
    report = typed("train", "--model", str(made), "--skip-rare", "--json", *of_desk)
    assert report["corrected"] == 24
    assert {"kites", "gliders"} <= {each["label"] for each in report["labels"]}

    file = tmp_path / "next.eml"
    file.write_bytes(town.mail(Subject="Hello there", body="About the ribbon and the wind.").as_bytes())
    before, after = (typed("classify", "--jsonl", *with_, str(file)) for with_ in ([], ["--model", str(made)]))
    assert (before["category"], after["category"]) == ("general", "kites")
    assert f"category:model:{report['version']}" in after["reasons"]
