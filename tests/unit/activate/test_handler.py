"""The handler answers CloudFormation whatever happens: here CloudFormation's URL is a small server of our own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.activate.handler import handle
from postroom.aws import clients
from tests.unit.cloudformation import Answers, answering

EVENTS = Path(__file__).parents[3] / "events" / "activate"


@pytest.fixture
def cloudformation() -> Iterator[Answers]:
    with answering() as answers:
        yield answers


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    clients.ses.cache_clear()
    # The answer goes to our own server, over urllib, which moto leaves alone.
    with mock_aws():
        yield
    clients.ses.cache_clear()


def event(name: str, url: str) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return {**sample, "ResponseURL": url}


@pytest.mark.usefixtures("aws")
def test_a_stack_comes_and_goes(cloudformation: Answers) -> None:
    for name in ("create", "update", "delete"):
        handle(event(name, cloudformation.url), None)
    assert [body["Status"] for body in cloudformation.bodies] == ["SUCCESS"] * 3
    assert len({body["PhysicalResourceId"] for body in cloudformation.bodies}) == 1
    assert boto3.client("ses").list_receipt_rule_sets()["RuleSets"] == []


@pytest.mark.usefixtures("aws")
def test_the_presigned_url_gets_no_content_type(cloudformation: Answers) -> None:
    handle(event("create", cloudformation.url), None)
    assert not cloudformation.headers[0]["Content-Type"]


@pytest.mark.usefixtures("aws")
def test_a_failure_is_answered_with_its_reason(cloudformation: Answers) -> None:
    handle({**event("create", cloudformation.url), "RequestType": "Rename"}, None)
    assert cloudformation.bodies[0]["Status"] == "FAILED"
    assert "'Rename'" in cloudformation.bodies[0]["Reason"]
    assert cloudformation.bodies[0]["PhysicalResourceId"]


def test_without_any_credentials_it_is_answered_too(cloudformation: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client itself can't be made: no region."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    clients.ses.cache_clear()
    handle(event("create", cloudformation.url), None)
    assert cloudformation.bodies[0]["Status"] == "FAILED"
    assert "region" in cloudformation.bodies[0]["Reason"]


@pytest.mark.usefixtures("aws")
def test_an_answer_is_never_written_to_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="http"):
        handle(event("create", (tmp_path / "answer").as_uri()), None)


@pytest.mark.usefixtures("aws")
def test_by_hand_without_a_response_url_the_answer_is_the_result() -> None:
    sample = json.loads((EVENTS / "create.json").read_text(encoding="utf-8"))
    assert "ResponseURL" not in sample
    assert json.loads(handle(sample, None))["Status"] == "SUCCESS"
