"""postroom rules: a file is checked before it decides anything, and pushed only if it is right."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli import deployed, running
from cli.main import main
from postroom.desk import Desk
from postroom.memory.rule_files import MemoryRuleFiles

RIGHT = "version: winter\nrules:\n- {name: a, category: x}\n"
DEPLOYED = "version: deployed\nrules:\n- {name: a, category: y}\n"
WRONG = "rules:\n- name: a\n  categry: x\n- name: b\n  priority: hihg\n"


DESK = Desk(address="desk@desk.example", from_name="", agents=("staff.example",))


@dataclass
class Stack:
    rule_files: MemoryRuleFiles = field(default_factory=MemoryRuleFiles)
    rules_in_bucket: bool = True
    bucket: str = "mail"
    rules_key: str = "rules/desk.yaml"
    rules_seconds: int = 2
    desk: Desk = DESK


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack()
    monkeypatch.setattr(running, "find", lambda args: stack)
    monkeypatch.setattr(deployed, "rules", lambda stack: DEPLOYED.encode())
    return stack


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "new.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_what_is_pushed_is_shown(stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "push", written(tmp_path, RIGHT)]) == 0
    assert "pushed version winter " in capsys.readouterr().out
    assert main(["rules", "show"]) == 0
    shown = capsys.readouterr().out
    assert RIGHT in shown
    assert shown.startswith("# s3://mail/rules/desk.yaml, version winter ")


def test_nothing_with_a_fault_is_pushed_and_each_fault_has_its_place(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, WRONG)
    assert main(["rules", "push", file]) == 1
    told = "".join(capsys.readouterr().err.split())
    assert f"{file}:3:3:rule'a'" in told
    assert f"{file}:5:13:rule'b'" in told
    assert stack.rule_files.versions == []


def test_a_template_that_is_not_there_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", written(tmp_path, "rules: [{name: a, reply: wellcome}]")]) == 1
    assert "`reply: wellcome` is no template" in " ".join(capsys.readouterr().err.split())


def test_a_template_that_wants_more_than_a_mail_gives_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "check", written(tmp_path, "rules: [{name: a, reply: satisfaction_survey}]")]) == 1
    assert "`reply: satisfaction_survey` needs fair_url, good_url, poor_url" in " ".join(
        capsys.readouterr().err.split()
    )


def test_the_shipped_file_is_right_and_means_all_that_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == []


@pytest.mark.parametrize("in_bucket", [True, False])
def test_what_the_function_was_deployed_with_is_shown_where_none_was_pushed(
    stack: Stack, in_bucket: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.rules_in_bucket = in_bucket
    assert main(["rules", "show"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("# functions/classify/rules.yaml as it was deployed, version deployed ")
    assert DEPLOYED in shown


def test_nothing_is_pushed_to_a_desk_that_does_not_read_the_bucket(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.rules_in_bucket = False
    assert main(["rules", "push", written(tmp_path, RIGHT)]) == 1
    assert "RulesLocation=bucket" in capsys.readouterr().err
    assert stack.rule_files.versions == []


def test_how_soon_the_desk_goes_by_a_pushed_file_is_told(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seconds, said in ((2, "within 2 seconds"), (180, "within 3 minutes")):
        stack.rules_seconds = seconds
        assert main(["rules", "push", written(tmp_path, RIGHT)]) == 0
        assert said in capsys.readouterr().out


def test_an_agent_whom_the_desk_does_not_have_is_a_fault_before_a_push(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "push", written(tmp_path, "rules: [{name: a, assign: x@elsewhere.example}]")]) == 1
    assert "none of the desk's agents" in " ".join(capsys.readouterr().err.split())


def test_a_file_that_cannot_be_read_is_told_as_any_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere, binary = str(tmp_path / "nope.yaml"), tmp_path / "a.bin"
    assert main(["rules", "check", nowhere]) == 1
    assert "check the path and its permissions" in " ".join(capsys.readouterr().err.split())
    assert main(["classify", nowhere]) == 1
    assert "check the path and its permissions" in " ".join(capsys.readouterr().err.split())
    binary.write_bytes(b"\x89PNG\xff")
    assert main(["rules", "check", str(binary)]) == 1
    assert "it is no UTF-8 text" in " ".join(capsys.readouterr().err.split())
    assert main(["rules", "check", nowhere, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["file"] == nowhere


def test_a_script_gets_faults_warnings_and_versions_as_json(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "check", written(tmp_path, WRONG), "--json"]) == 1
    form = json.loads(capsys.readouterr().out)
    assert not form["right"]
    assert [(each["line"], each["column"], each["about"]) for each in form["faults"]] == [
        (3, 3, "rule 'a'"),
        (5, 13, "rule 'b'"),
    ]
    odd = RIGHT.replace("category: x", 'category: x, when: {subject: "a|b"}')
    assert main(["rules", "push", written(tmp_path, odd), "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    assert (form["right"], form["before"], form["within_seconds"]) == (True, "", 2)
    assert form["warnings"][0]["line"] == 3
    assert main(["rules", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == odd


def test_a_broken_file_in_the_bucket_is_named_as_such(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.rule_files.put(WRONG.encode())
    assert main(["rules", "show"]) == 0
    assert "a file with faults, which decides nothing" in capsys.readouterr().out


def test_classify_tells_what_else_the_rules_want(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"From: ann@example.com\nSubject: hello\n\nhello\n")
    rules = "rules: [{name: a, disposition: refuse, tags: [vip, x], notify: oncall, reply: none}]"
    assert main(["classify", str(mail), "--jsonl", "--rules", written(tmp_path, rules)]) == 0
    (form,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert form["reasons"][-5:] == ["disposition=refuse", "tags=vip", "tags=x", "notify=oncall", "reply=none"]


def test_a_template_that_speaks_for_a_person_is_none_for_a_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "check", written(tmp_path, "rules: [{name: a, reply: more_details}]")]) == 1
    assert "`reply: more_details` is no template" in " ".join(capsys.readouterr().err.split())
