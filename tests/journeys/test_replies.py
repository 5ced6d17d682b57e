"""People of the desk answer, with the command that they type and by mail, on the stack as it is deployed."""

import email
import json
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from postroom.conversation import EntryKind, State
from postroom.ids import ConversationId
from postroom.outcome import Stage
from postroom.reasons import Reason
from postroom.stages.drafts import Fate
from tests.journeys.conftest import Town, until

pytestmark = pytest.mark.journey


def test_an_answer_goes_out_is_delivered_and_answered(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")

    def typed(*words: str, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*words, "--state", town.known.state, "--json"]) == status, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    question = town.mail(Subject="Where is it?")
    question.add_attachment(b"a list", maintype="text", subtype="plain", filename="list.txt")
    first = town.outcome(town.send(question))
    town.settled()
    id_ = ConversationId(first.fact(Stage.CLASSIFY, "conversation"))
    text = tmp_path / "text.txt"
    text.write_text("It left this morning.\n")

    assert typed("reply", id_, "--text", str(text), "--dry-run")["outcome"] == "dry_run"
    form = typed("reply", id_, "--text", str(text), "--attached", f"{first.ses_id}:1", "--then", "solved")
    [path] = [each for each in town.outbox() if each.stem == form["sent_id"]]
    went = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert went["To"] == question["From"]
    assert [part.get_filename() for part in went.iter_attachments()] == ["list.txt"]
    assert typed("reply", id_, "--text", str(text), "--attached", f"{first.ses_id}:1", status=1)["outcome"] == "refused"
    assert typed("conversation", id_)["state"] == "solved"

    def told() -> bool:
        entries = town.conversations.entries(id_)
        return any(e.kind is EntryKind.DELIVERY and e.facts.get("sent_id") == form["sent_id"] for e in entries)

    until(told, "delivery of the answer")
    [sent] = [e for e in town.conversations.entries(id_) if e.facts.get("fate") == Fate.SENT]
    assert town.stack.objects.read(f"sent/{sent.facts['draft']}.eml")

    back = town.mail(sender=str(question["From"]), In_Reply_To=f"<{form['sent_id']}@email.amazonses.com>")
    assert town.outcome(town.send(back)).fact(Stage.CLASSIFY, "conversation") == id_
    assert typed("conversation", id_)["state"] == "open"


def test_an_agent_answers_the_notice_of_a_customers_mail_from_their_own_client(town: Town) -> None:
    question = town.mail(Subject="Where is it?")
    first = town.outcome(town.send(question))
    id_ = ConversationId(first.fact(Stage.CLASSIFY, "conversation"))
    ann = first.fact(Stage.PARSE, "from")
    eve = f"eve-{town.fresh()}@staff.example"
    town.conversations.change(id_, lambda was: replace(was, assignee=eve))
    town.send(town.mail(sender=ann, body="Hello?", In_Reply_To=str(question["Message-ID"])))

    def sent_to(address: str) -> list[EmailMessage]:
        mails = (email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in town.outbox())
        return [each for each in mails if each["To"] == address]

    [notice] = until(lambda: sent_to(eve), "notice to the agent")
    answer = town.mail(sender=eve, body="It left this morning.\n\n-- \nEve", Subject=notice["Subject"])
    answer.replace_header("To", notice["Reply-To"])
    answer["In-Reply-To"], answer["References"] = notice["Message-ID"], notice["References"]
    row = town.outcome(town.send(answer, rcpt_to=notice["Reply-To"]))
    assert row.records[Stage.REPLY].reason is Reason.RELAYED
    went = next(each for each in sent_to(ann) if "Auto-Submitted" not in each)
    body = went.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("It left this morning.")
    assert "Eve" not in body.get_content()
    assert [e.author for e in town.conversations.entries(id_) if e.facts.get("fate") == Fate.SENT] == [eve]

    kim = f"kim-{town.fresh()}@staff.example"
    assert main(["assign", id_, kim, "--as", eve, "--state", town.known.state]) == 0
    [given] = until(lambda: sent_to(kim), "notice of the assignment")
    bare = town.mail(sender=kim, body="#solved", Subject="Done", In_Reply_To=given["Message-ID"])
    bare.replace_header("To", given["Reply-To"])
    row = town.outcome(town.send(bare, rcpt_to=given["Reply-To"]))
    assert row.records[Stage.REPLY].reason is Reason.STATE_SET
    assert row.fact(Stage.CLASSIFY, "conversation") == id_
    found = town.conversations.get(id_)
    assert found is not None
    assert found.state is State.SOLVED
