"""A desk that keeps its rules in the mail bucket: a stack of its own, deployed so."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import deployed
from cli.main import main
from cli.running import of_local
from local.stack import ports, stack
from local.stack.ports import Port
from postroom.outcome import Stage
from postroom.reasons import Disposition, Reason
from tests.journeys.conftest import ROOT, Town, until

pytestmark = pytest.mark.journey

RULES = """
version: autumn
targets: {high: 4h}
rules:
- {name: pills, disposition: refuse, when: {subject: pills}, stop: yes}
- {name: again, tags: [known], when: {mails_before: 1..}}
- {name: question, category: asked, priority: high, reply: none, notify: oncall, when: {subject: question}}
"""


@pytest.fixture(scope="module")
def ruled_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    state = tmp_path_factory.mktemp("ruled")
    plan = stack.Plan(
        root=ROOT,
        state=state,
        smtp=Port(number=0, option="--smtp-port"),
        aws=ports.free("--aws-port"),
        ses=ports.free("--ses-port"),
        parameters={**stack.DEMO_DESK, "RulesLocation": "bucket"},
        warm=False,  # a function that has looked for rules goes by what it found for a moment
    )
    with stack.running(plan) as (up, _):
        file = state / "new.yaml"
        file.write_text(RULES, encoding="utf-8")
        assert main(["rules", "push", str(file), "--state", str(state)]) == 0
        yield Town(stack=of_local(up), known=up)


def test_a_pushed_file_decides_and_the_record_names_its_version(ruled_town: Town) -> None:
    message = ruled_town.mail()
    row = ruled_town.outcome(ruled_town.send(message))
    assert row.fact(Stage.CLASSIFY, "rule_set").startswith("autumn ")
    assert (row.fact(Stage.CLASSIFY, "category"), row.fact(Stage.CLASSIFY, "priority")) == ("asked", "high")
    assert row.fact(Stage.CLASSIFY, "due_at") > row.received_at
    assert row.records[Stage.REPLY].reason is Reason.NO_REPLY_BY_RULE
    again = ruled_town.outcome(ruled_town.send(ruled_town.mail(sender=str(message["From"]))))
    assert again.fact(Stage.CLASSIFY, "tags") == "known"


def test_a_rule_refuses_a_mail_and_keeps_it(ruled_town: Town) -> None:
    row = ruled_town.outcome(ruled_town.send(ruled_town.mail(Subject="Cheap pills")))
    record = row.records[Stage.CLASSIFY]
    assert (record.disposition, record.reason) == (Disposition.REFUSED, Reason.REFUSED_BY_RULE)
    assert b"Cheap pills" in ruled_town.stack.objects.read(f"raw/{row.ses_id}")


def test_a_replay_takes_the_pushed_file_for_the_present_rules(
    ruled_town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruled_town.outcome(ruled_town.send(ruled_town.mail()))
    file = tmp_path / "new.yaml"
    file.write_text(RULES.replace("category: asked", "category: wondered"), encoding="utf-8")
    capsys.readouterr()
    state = str(ruled_town.known.state)
    assert main(["replay", "--rules", str(file), "--since", "1d", "--state", state, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["present"]["rules"] == f"s3://{ruled_town.stack.bucket}/{ruled_town.stack.rules_key}"
    assert found["present"]["version"] in found["decided_by"]
    assert {(each["from"], each["to"]) for each in found["changes"]} == {("asked", "wondered")}


def test_what_the_function_was_deployed_with_can_be_had(ruled_town: Town) -> None:
    assert deployed.rules(ruled_town.stack) == (ROOT / "functions" / "classify" / "rules.yaml").read_bytes()


def test_new_rules_decide_a_moment_after_they_are_pushed(ruled_town: Town) -> None:
    def category() -> str:
        return ruled_town.outcome(ruled_town.send(ruled_town.mail())).fact(Stage.CLASSIFY, "category")

    ruled_town.stack.rule_files.put(b"rules: [{name: all, category: renewed}]")
    until(lambda: category() == "renewed", "mail under the new rules")
    ruled_town.stack.rule_files.put(RULES.encode())
    until(lambda: category() == "asked", "mail under the rules of before")


def test_a_file_with_faults_is_not_pushed(ruled_town: Town, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("rules: [{name: a}]", encoding="utf-8")
    state = ruled_town.known.state
    assert main(["rules", "push", str(file), "--state", str(state)]) == 1
    newest = ruled_town.stack.rule_files.newest()
    assert newest is not None
    assert newest.text.decode() == RULES
