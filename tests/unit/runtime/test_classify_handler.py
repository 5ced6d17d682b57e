"""The classify function asks a model only where one is named."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from functions.classify import handler
from postroom.aws.bedrock import BedrockClassifier
from postroom.errors import Misconfigured

MODEL = "eu.amazon.nova-micro-v1:0"
ENVIRONMENT = {
    "POSTROOM_MAIL_BUCKET": "mail",
    "POSTROOM_BUS": "bus",
    "POSTROOM_DESK_TABLE": "desk",
    "POSTROOM_DESK_ADDRESS": "support@desk.example",
    "POSTROOM_RECIPIENTS": "desk.example",
    "POSTROOM_AGENTS": "",
    "POSTROOM_RULES_SECONDS": "180",
    "POSTROOM_CATEGORY_MODEL": "",
    "POSTROOM_THREAD_KEY": "key",
    "POSTROOM_BEDROCK_MODEL": "",
    "POSTROOM_BEDROCK_DAILY": "1000",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    handler.stage.cache_clear()
    yield
    handler.stage.cache_clear()


def test_without_a_model_nobody_is_asked() -> None:
    assert handler.stage()[1].opinions is None


def test_a_model_that_is_named_is_asked_within_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_BEDROCK_MODEL", MODEL)
    monkeypatch.setenv("POSTROOM_BEDROCK_DAILY", "7")
    opinions = handler.stage()[1].opinions
    assert opinions is not None
    assert isinstance(opinions.classifier, BedrockClassifier)
    assert (opinions.classifier.model, opinions.per_day) == (MODEL, 7)


def test_a_model_that_is_none_is_told_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_BEDROCK_MODEL", "Nova Micro")
    with pytest.raises(Misconfigured, match="POSTROOM_BEDROCK_MODEL is 'Nova Micro': it should be the id of a model"):
        handler.stage()


def test_without_a_model_nothing_for_it_is_loaded() -> None:
    asked = "import sys, functions.classify.handler as h; h.stage(); print([m for m in sys.modules if 'opinion' in m])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert ran.stdout.strip() == "['postroom.opinion']"  # the words alone
