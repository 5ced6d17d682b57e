"""The attachments function reads its policy at its start, and does not start with a faulty one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.attachments import handler
from postroom.clamd import Clamd
from postroom.errors import Misconfigured


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("POSTROOM_MAIL_BUCKET", "POSTROOM_BUS", "POSTROOM_DESK_TABLE"):
        monkeypatch.setenv(name, "a")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    handler.stage.cache_clear()
    yield
    handler.stage.cache_clear()


def test_without_an_address_no_scanner_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_CLAMD", "")
    assert handler.stage()[1].scanner is None


def test_with_an_address_clamd_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_CLAMD", "clamd.example:3310")
    assert handler.stage()[1].scanner == Clamd(address="clamd.example:3310")


def test_an_address_that_is_none_is_told_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_CLAMD", "clamd")
    with pytest.raises(Misconfigured, match="POSTROOM_CLAMD is 'clamd': it should be clamd's host:port"):
        handler.stage()


def test_a_faulty_policy_is_told_at_start_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = tmp_path / "policy.yaml"
    faulty.write_text("signs:\n  macros: maybe\n")
    monkeypatch.setattr(handler, "POLICY", faulty)
    monkeypatch.setenv("POSTROOM_CLAMD", "")
    with pytest.raises(Misconfigured, match=r"policy.yaml: Line 2: `macros: maybe`"):
        handler.stage()
