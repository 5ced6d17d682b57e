"""A person of the desk at work, with the commands that they type, on the stack as it is deployed."""

import json
from typing import Any

import pytest

from cli.main import main
from postroom.conversation import EntryKind
from postroom.ids import ConversationId, SesId
from postroom.outcome import MailRow, Stage
from postroom.stages.erasure import hash_of
from tests.journeys.conftest import Town

pytestmark = pytest.mark.journey


def conversation_of(row: MailRow) -> ConversationId:
    return ConversationId(row.fact(Stage.CLASSIFY, "conversation"))


def test_a_conversation_is_worked_on_merged_split_and_erased(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")

    def typed(*words: str) -> Any:
        capsys.readouterr()
        assert main([*words, "--state", town.known.state, "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    question = town.mail(Subject="The blue one")
    ann = str(question["From"])
    question.add_attachment(f"hers {town.fresh()}".encode(), maintype="text", subtype="plain", filename="a.txt")
    first = town.outcome(town.send(question))
    second = town.outcome(town.send(town.mail(sender=ann, Subject="The red one")))
    one, two = conversation_of(first), conversation_of(second)
    assert one != two

    assert {each["id"] for each in typed("conversations", "--customer", ann)} == {one, two}
    typed("note", one, "She called.")
    typed("assign", one, "nobody")
    typed("tag", one, "late")
    assert typed("state", one, "pending")["state"] == "pending"
    assert [each["id"] for each in typed("conversations", "--tag", "late", "--search", ann)] == [one]

    assert typed("merge", two, "--into", one)["mails"] == 2
    shown = typed("conversation", two)
    assert shown["id"] == one
    assert [each["kind"] for each in shown["entries"]].count("mail") == 2

    new = typed("split", one, second.ses_id)["id"]
    assert new not in (one, two)
    answer = town.mail(sender=ann, In_Reply_To=f"<{second.fact(Stage.REPLY, 'sent_id')}@email.amazonses.com>")
    third = town.outcome(town.send(answer))
    assert conversation_of(third) == new
    assert [e.id for e in town.conversations.entries(one) if e.kind is EntryKind.MAIL] == [first.ses_id]

    town.settled()
    sha256 = _stored(town, first.ses_id)
    assert set(typed("erase", ann)["mail_ids"]) == {first.ses_id, second.ses_id, third.ses_id}
    assert town.stack.objects.written_at(f"attachments/{sha256}") is not None
    done = typed("erase", ann, "--yes")
    assert (done["mails"], done["attachments"]) == (3, 1)
    for row in (first, second, third):
        assert town.stack.ledger.row(row.ses_id) is None
        assert town.stack.objects.written_at(f"raw/{row.ses_id}") is None
    assert town.stack.objects.written_at(f"attachments/{sha256}") is None
    versions = town.client("s3").list_object_versions(Bucket=town.stack.bucket, Prefix=f"raw/{first.ses_id}")
    assert not versions.get("Versions")
    assert town.conversations.get(one) is town.conversations.get(ConversationId(new)) is None
    assert next(town.stack.erasures.of(hash_of(ann))).ended
    assert typed("erase", ann)["mails"] == 0


def _stored(town: Town, ses_id: SesId) -> str:
    document = json.loads(town.stack.objects.read(f"parsed/{ses_id}.json"))
    return str(document["message"]["attachments"][0]["sha256"])
