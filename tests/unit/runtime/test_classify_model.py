"""The classify function finds the desk's model where it was told, and tells in the log where it can't use it."""

from pathlib import Path

import pytest

from functions.classify import handler
from postroom.memory.objects import MemoryObjects
from postroom.runtime import log
from postroom.stages.categorising import Categorising
from tests.unit.categories.small import content, model


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


def test_a_desk_without_a_model_asks_none(objects: MemoryObjects) -> None:
    assert not handler.MODEL.exists()  # none is shipped: each desk trains its own
    assert handler.model_of("", objects) == Categorising()


def test_the_file_beside_the_function_is_used(
    objects: MemoryObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "MODEL", tmp_path / "categories.model")
    handler.MODEL.write_bytes(content())
    assert handler.model_of("", objects).model == model()


def test_the_key_in_the_bucket_comes_before_the_file(objects: MemoryObjects) -> None:
    objects.write("models/support.model", content(), "application/octet-stream")
    assert handler.model_of("models/support.model", objects).model == model()


def test_a_model_that_cant_be_used_is_told_in_the_log(
    objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[object] = []
    monkeypatch.setattr(log.logger(), "warning", lambda text, extra: told.append((text, extra)))
    assert handler.model_of("models/none", objects).model is None
    assert told == [
        (
            "model unusable",
            {"fault": "there is no models/none in the mail bucket: put the file of `postroom train` there"},
        )
    ]
