"""The function as CloudFormation calls it, with SES as we play it, and the desk's own templates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from types_boto3_sesv2 import SESV2Client

from functions.reply import push
from local.ses.assembly import Settings
from postroom.aws import clients
from tests.unit.cloudformation import answering
from tests.unit.local_ses.conftest import serving
from tests.unit.local_ses.memory_cloud import MemoryCloud
from tests.unit.replies.templates.made import write

EVENTS = Path(__file__).parents[3] / "events" / "push"


@dataclass
class Context:
    """Lambda's, of an invocation that has this long to go."""

    left: int = 900_000  # milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SESV2Client]:
    with serving(Settings(state=tmp_path / "ses", keep=5), MemoryCloud()) as up:
        monkeypatch.setattr(clients, "ses_v2_patient", lambda: up.v2)
        yield up.v2


def asked(name: str, context: Context | None = None, **more: str) -> dict[str, Any]:
    """What CloudFormation is told."""
    sample: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    with answering() as answers:
        push.handle({**sample, "ResponseURL": answers.url, **more}, context or Context())
    (told,) = answers.bodies
    return told


def names(ses: SESV2Client) -> set[str]:
    return {each["TemplateName"] for each in ses.list_email_templates(PageSize=100)["TemplatesMetadata"]}


def test_a_stack_comes_and_goes(ses: SESV2Client) -> None:
    created = asked("create")
    ours = {
        f"postroom__{place.parent.name}__{place.name}"
        for place in push.TEMPLATES.glob("*/*/")
        if place.is_dir() and place.parent.name != "partials"
    }
    assert created["Data"] == {"Told": f"{len(ours)} templates are in SES"}
    assert names(ses) == ours
    assert asked("update")["Data"] == created["Data"]
    assert asked("delete")["Status"] == "SUCCESS"
    assert names(ses) == set()


def test_templates_that_can_not_be_read_fail_the_deployment_before_ses_is_asked(
    ses: SESV2Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(tmp_path / "templates" / "one" / "en", text="{{topic}}")
    monkeypatch.setattr(push, "TEMPLATES", tmp_path / "templates")
    told = asked("create")
    assert told["Status"] == "FAILED"
    assert "one/en/body.txt:1: unknown variable 'topic'" in told["Reason"]
    assert told["PhysicalResourceId"] == "postroom__"
    assert names(ses) == set()


def test_what_was_not_done_is_told_and_logged(ses: SESV2Client, caplog: pytest.LogCaptureFixture) -> None:
    told = asked("create", Context(left=5_000))
    assert told["Status"] == "SUCCESS"
    assert told["Data"]["Told"].startswith("not done, see the log of push: what SES has is not known: TimeoutError: ")
    assert "not all templates were pushed: what SES has is not known" in caplog.text
    assert names(ses) == set()


def test_a_stack_that_fails_is_answered_with_its_reason(ses: SESV2Client) -> None:
    told = asked("create", RequestType="Rename")
    assert told["Status"] == "FAILED"
    assert "'Rename'" in told["Reason"]
