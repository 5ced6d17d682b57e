"""postroom replay: what new rules would change, over files and over a stack in memory."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import deployed, running
from cli.mailbox import Unread
from cli.main import main
from cli.paths import RULES
from cli.replay import replaying, sources
from cli.replay.pool import batches
from cli.replay.processes import spread
from cli.replay.replaying import Plan
from cli.replay.sides import Side, Written
from cli.replay.sources import Stored
from cli.replay.tally import Replayed
from cli.running import Running
from postroom.desk import Desk
from postroom.envelope import Verdict
from postroom.memory.rule_files import MemoryRuleFiles
from postroom.rules import rules
from tests.unit.categories.small import content, model
from tests.unit.cli.replay.killer import Item, Killer, lost, name_of, size_of
from tests.unit.stages.desk import OURS, SHIPPED, MemoryDesk, mail, with_verdicts

VERSION = model().version

PRESENT = """\
rules:
  - name: invoice
    category: billing
    when: {words: [invoice]}
  - name: the rest
    category: other
"""
NEW = """\
rules:
  - name: invoice
    category: billing
    priority: high
    when: {words: [invoice, bill]}
  - name: the rest
    category: other
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two rules files and three mails; what is printed names its files alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "present.yaml").write_text(PRESENT)
    (tmp_path / "new.yaml").write_text(NEW)
    box = tmp_path / "mail"
    (box / "march").mkdir(parents=True)
    (box / "march" / "1.eml").write_bytes(mail("The invoice"))
    (box / "march" / "2.eml").write_bytes(mail("My bill"))
    (box / "3.eml").write_bytes(mail("Hello"))
    return tmp_path


def replay(*words: str) -> int:
    return main(["replay", "--rules", "new.yaml", "--present", "present.yaml", *words])


def side(text: str) -> Side:
    return Side(rules=Written(text=text, source="rules"))


def report(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    replay(*words, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_differences_are_a_table_by_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("mail") == 0
    assert (
        capsys.readouterr().out
        == f"""\
3 mails replayed: 2 would be decided differently
present: present.yaml, version {rules.load(PRESENT).version}
new:     new.yaml, version {rules.load(NEW).version}

what      from    to       mails  example
priority  normal  high         2  mail/march/1.eml
category  other   billing      1  mail/march/2.eml

3 of them bear no verdicts of SES: their senders are taken to be proven
3 of them have no place in a conversation yet: each is taken for the first of its own
"""
    )


def test_examples_are_shown_with_the_reasons_of_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("mail/march/2.eml", "--show", "2") == 0
    shown = capsys.readouterr().out.partition("\n\nmail/march/2.eml")[2].splitlines()
    assert shown[:3] == ["  My bill", "  category: other → billing", "  priority: normal → high"]
    assert shown[3] == "  present  finding: confidence 90; rule person; signals asks"
    assert shown[4].startswith("           category: confidence 20; rule the rest")
    assert shown[5] == "  new      finding: confidence 90; rule person; signals asks"
    assert shown[6].startswith("           category: confidence 80; rule invoice; ")
    assert shown[6].endswith("signals subject:bill")


def test_a_mail_is_an_example_once_however_much_of_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("mail", "--show", "2") == 0
    assert capsys.readouterr().out.count("\nmail/march/2.eml  My bill\n") == 1


def test_when_an_answer_is_due_is_counted_apart_from_what_is_decided(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other opening hours or targets move it for every mail, and would hide what else changes."""
    (here / "present.yaml").write_text(f"targets: {{normal: 8h}}\n{PRESENT}")
    (here / "new.yaml").write_text(f"targets: {{normal: 4h}}\n{PRESENT}")
    assert replay("mail", "--show", "1") == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "3 mails replayed: every decision stays as it is\n"
        "the first answer to 3 of them would be due at another time\npresent: "
    )
    assert "\ndue at  within 8 h  within 4 h      3  mail/3.eml\n" in told
    assert "My bill" not in told
    found = report(capsys, "mail")
    assert (found["changed"], found["due_changed"]) == (0, 3)
    assert [change["field"] for change in found["changes"]] == ["due_at"]


def test_of_a_single_mail_it_speaks_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("mail/3.eml") == 0
    told = capsys.readouterr().out
    assert "1 of them bears no verdicts of SES: its sender is taken to be proven\n" in told
    assert "1 of them has no place in a conversation yet: it is taken for the first of its own\n" in told


def test_of_all_that_is_assumed_there_is_a_singular() -> None:
    assert set(replaying.OF_ONE) == {replaying.VERDICTS, replaying.OPENED}


def test_the_json_has_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, "mail")
    assert (found["mails"], found["changed"], found["unread"], found["interrupted"]) == (3, 2, 0, False)
    assert found["new"] == {"rules": "new.yaml", "version": rules.load(NEW).version, "model": None}
    priority, category = found["changes"]
    assert (priority["field"], priority["from"], priority["to"], priority["mails"]) == ("priority", "normal", "high", 2)
    assert category["examples"][0]["mail"] == "mail/march/2.eml"
    assert category["examples"][0]["new"][1].startswith("category: confidence 80; rule invoice; ")


def test_the_same_rules_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--rules", "new.yaml", "--present", "new.yaml", "mail"]) == 0
    assert capsys.readouterr().out.startswith("3 mails replayed: every decision stays as it is\n")


def test_a_mail_that_cant_be_read_is_named_and_stops_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "mail" / "0.eml").write_bytes(b"")
    (here / "mail" / "notes.txt").write_text("no mail at all")
    assert replay("mail", "mail/0.eml", "gone.eml") == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("3 mails replayed: 2 would")
    assert "2 files passed over, since no mail begins as they do" in captured.out
    told = " ".join(captured.err.split())
    assert "mail/0.eml: it is empty: no mail is in it" in told
    assert "gone.eml: can't be read (No such file or directory)" in told


def test_an_mbox_is_read_mail_by_mail(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "all.mbox").write_bytes(b"".join(b"From x\n" + mail(s) + b"\n" for s in ("My bill", "Hello", "A bill")))
    found = report(capsys, "all.mbox", "--show", "5")
    assert found["mails"] == 3
    by_field = {change["field"]: change for change in found["changes"]}
    assert [each["mail"] for each in by_field["category"]["examples"]] == ["all.mbox#1", "all.mbox#3"]


@dataclass
class Stack(MemoryDesk):
    """What `running.find` gives, in memory."""

    desk: Desk = OURS
    rules_in_bucket: bool = False
    rules_key: str = "rules/desk.yaml"
    rule_files: MemoryRuleFiles = field(default_factory=MemoryRuleFiles)
    category_model: str = ""
    bucket: str = "mail"

    def put(self, ses_id: str, raw: bytes, **verdicts: Verdict) -> None:
        self.classify(self.parse(self.arrived(raw, ses_id, verdicts=with_verdicts(**verdicts))))

    def stored(self) -> tuple[object, ...]:
        return (dict(self.objects.bodies), dict(self.ledger.rows_by_id), dict(self.conversations.conversations))


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack()
    stack.put("mail-1", mail("The invoice"))
    stack.put("mail-2", mail("Re: The invoice", message_id="m2@example.com", extra="In-Reply-To: <m1@example.com>\r\n"))
    monkeypatch.setattr(running, "find", lambda args: stack)
    monkeypatch.setattr(deployed, "rules", lambda stack: RULES.read_bytes())
    return stack


def test_the_mail_of_a_stack_is_replayed_by_the_rows_of_its_ledger(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay("--since", "36500d") == 0
    assert (
        capsys.readouterr().out
        == f"""\
2 mails replayed: 2 would be decided differently
present: present.yaml, version {rules.load(PRESENT).version}
new:     new.yaml, version {rules.load(NEW).version}

what      from    to    mails  example
priority  normal  high      2  mail-2

2 of them were decided by other rules than the present ones when they came
"""
    )


def test_the_acknowledgement_that_would_go_out_follows_from_the_checks_before_every_send(stack: Stack) -> None:
    stack.put("mail-3", mail("My bill", message_id="m3@example.com"), dmarc=Verdict.FAIL)
    stack.put("mail-4", mail("My bill", message_id="m4@example.com"), spam=Verdict.FAIL)
    plan = Plan(present=side(PRESENT), new=side(NEW), desk=OURS)
    found = list(replaying.replay(plan, sources.of_stack(cast(Running, stack), "2026").mails, 1))
    assert {each.mail: each.new.facts["acknowledgement"] for each in found if isinstance(each, Replayed)} == {
        "mail-1": "sent",
        "mail-2": "withheld: already_acknowledged",
        "mail-3": "withheld: sender_not_authenticated",
        "mail-4": "",
    }


def test_a_parsed_document_that_is_gone_is_made_again_from_the_raw_mail(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("parsed/mail-1.json", "parsed/mail-2.json", "raw/mail-2"):
        stack.objects.bodies.pop(key)
    found = report(capsys, "--since", "36500d")
    assert found["mails"] == 1
    assert found["unread_mails"] == [
        {"mail": "mail-2", "error": "neither its parsed document nor its raw mail is in the bucket any more"}
    ]


def test_what_another_model_would_say_is_told_alone_or_with_new_rules(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "desk.model").write_bytes(content())
    (here / "mail" / "4.eml").write_bytes(mail("Qqq", body="My parcel"))
    assert main(["replay", "--model", "desk.model", "--present", "present.yaml", "mail"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("4 mails replayed: 1 would be decided differently\n")
    assert f"new:     present.yaml, version {rules.load(PRESENT).version}; model desk.model, version {VERSION}" in shown
    assert "category  other  delivery      1  mail/4.eml" in shown
    both = report(capsys, "--model", "desk.model", "mail")
    assert both["new"]["model"] == {"file": "desk.model", "version": VERSION}
    assert both["present"]["model"] is None
    assert {(each["field"], each["to"]) for each in both["changes"]} == {
        ("priority", "high"),
        ("category", "billing"),
        ("category", "delivery"),
    }


def test_two_models_are_compared_with_each_other(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "desk.model").write_bytes(content())
    (here / "shy.model").write_bytes(content(threshold=0.99))
    (here / "mail" / "4.eml").write_bytes(mail("Qqq", body="My parcel"))
    models = ("--model", "shy.model", "--present-model", "desk.model")
    assert main(["replay", *models, "--present", "present.yaml", "mail", "--json"]) == 0
    [change] = json.loads(capsys.readouterr().out)["changes"]
    assert (change["field"], change["from"], change["to"]) == ("category", "delivery", "other")


def test_what_is_no_model_is_refused_before_anything_is_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--model", "new.yaml", "mail"]) == 1
    assert "this is no model of `postroom train`" in " ".join(capsys.readouterr().err.split())
    assert main(["replay", "--model", "none", "mail"]) == 2


def present_of_stack(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    main(["replay", "--rules", "new.yaml", "--since", "36500d", *words, "--json"])
    return json.loads(capsys.readouterr().out)["present"]


def test_the_present_rules_of_a_stack_are_those_of_its_bucket_where_it_reads_them_there(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = SHIPPED.version
    stack.rule_files.put(PRESENT.encode())
    assert present_of_stack(capsys)["version"] == shipped
    stack.rules_in_bucket = True
    assert present_of_stack(capsys) == {
        "rules": "s3://mail/rules/desk.yaml",
        "version": rules.load(PRESENT).version,
        "model": None,
    }
    assert present_of_stack(capsys, "--present", "new.yaml")["rules"] == "new.yaml"
    stack.rule_files.versions.clear()
    assert present_of_stack(capsys)["version"] == shipped


def test_where_the_file_in_the_bucket_has_faults_the_last_right_one_is_the_present_one(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.rules_in_bucket = True
    for text in (PRESENT.encode(), b"rules: [{nome: a}]", b"\xff"):
        stack.rule_files.put(text)
    found = present_of_stack(capsys)
    assert found["version"] == rules.load(PRESENT).version
    assert found["rules"] == "s3://mail/rules/desk.yaml (an earlier version: the newest has faults)"


def test_the_present_model_of_a_stack_is_the_one_that_it_names(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.put("mail-5", mail("Qqq", body="My parcel", message_id="m5@example.com"))
    stack.category_model = "models/desk.model"
    stack.objects.write("models/desk.model", content(), "application/octet-stream")
    found = report(capsys, "--since", "36500d", "--show", "9")
    assert found["present"]["model"] == {"file": "s3://mail/models/desk.model", "version": VERSION}
    assert not [each for each in found["changes"] if each["to"] == "delivery"]  # it is asked on both sides
    stack.objects.remove("models/desk.model")
    assert report(capsys, "--since", "36500d")["present"]["model"]["version"] is None


def test_a_replay_writes_nothing_and_sends_nothing(stack: Stack) -> None:
    before = stack.stored()
    assert replay("--since", "36500d") == 0
    assert stack.stored() == before
    assert stack.mailer.sent == []


def test_many_mails_on_processes_give_what_one_process_gives(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(70):
        (here / "mail" / f"many-{number:02}.eml").write_bytes(mail(f"bill {number}" if number % 3 else "Hello"))
    (here / "mail" / "many-66.eml").write_bytes(b"From: a@example.com\r\n" + b"\xff" * 100)
    (here / "mail" / "many-67.eml").write_bytes(mail("Qqq", body="My parcel"))
    (here / "desk.model").write_bytes(content())
    words = ("mail", "--model", "desk.model", "--jobs")
    found = report(capsys, *words, "2")
    assert found == report(capsys, *words, "1")
    assert ("category", "delivery") in {(each["field"], each["to"]) for each in found["changes"]}


def test_what_ends_a_process_is_lost_alone_and_in_its_place() -> None:
    items: list[Item] = ["a", Killer("k"), "c"]
    assert list(spread(name_of, items, 1, size=size_of, lost=lost)) == ["a", "lost k", "c"]


def test_an_interrupt_ends_it_with_what_there_is(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(plan: Plan, stored: Stored | Unread) -> Replayed | Unread:
        if isinstance(stored, Stored) and stored.name == "mail/march/2.eml":
            raise KeyboardInterrupt
        return one(plan, stored)

    one = replaying.one
    monkeypatch.setattr(replaying, "one", pressed)
    assert replay("mail") == 130
    assert capsys.readouterr().out.startswith("2 mails replayed, then it was interrupted: 1 would be")
    found = report(capsys, "mail")
    assert (found["mails"], found["interrupted"]) == (2, True)


def test_faulty_rules_are_told_with_every_fault_before_anything_is_read(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "new.yaml").write_text("rules:\n  - nome: a\n    category: B\n")
    assert replay("mail") == 1
    told = capsys.readouterr().err
    assert "new.yaml" in told
    assert "Did you mean name?" in told


def test_without_anything_new_it_says_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "mail"]) == 2
    assert "--rules FILE, --model FILE" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [([], "say which mail: FILE, an mbox or a folder, or --since 30d"), (["mail", "--since", "3d"], "and not both")],
)
def test_without_mail_or_with_two_sorts_of_it_it_says_what_to_write(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(*words) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_links_to_folders_are_not_followed_and_hidden_files_not_read(here: Path) -> None:
    (here / "mail" / "round").symlink_to(here / "mail", target_is_directory=True)
    (here / "mail" / ".secret.eml").write_bytes(mail("My bill"))
    found = [each.name for each in sources.of_paths([Path("mail")]).mails if isinstance(each, Stored)]
    assert found == ["mail/3.eml", "mail/march/1.eml", "mail/march/2.eml"]


def test_a_batch_ends_by_number_or_by_weight() -> None:
    assert list(batches([1, 1, 1, 9, 1, 1], 3, lambda item: item, 8)) == [[1, 1, 1], [9], [1, 1]]


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: mail(body=text))))
def test_whatever_the_mail_it_is_replayed_or_named_and_the_same_rules_change_nothing(raw: bytes) -> None:
    plan = Plan(present=side(PRESENT), new=side(PRESENT), desk=OURS)
    found = replaying.one(plan, Stored(name="m", content=raw))
    assert found.mail == "m"
    assert found.why if isinstance(found, Unread) else not found.changes


@pytest.mark.parametrize("jobs", ["0", "62", "-1", "two"])
def test_so_many_processes_are_refused(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        replay("mail", "--jobs", jobs)
    assert caught.value.code == 2
    assert "is no number from 1 to 61" in " ".join(capsys.readouterr().err.split())
