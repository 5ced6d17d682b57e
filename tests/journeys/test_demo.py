"""`make demo` as a user sees it: on a stack of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.journey


def demo(state: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "local.demo", "--state", str(state), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603 - ours


def test_every_sample_mail_has_its_outcome(tmp_path: Path) -> None:
    done = demo(tmp_path / "state")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 of 12 mails have an outcome" in done.stdout
    for shown in ("quarantined: spam", "no: out of office", "no: already acknowledged", "no: bounce", "no: complaint"):
        assert shown in done.stdout
    assert "\x1b[" not in done.stdout  # no colours in a pipe


def test_a_users_own_mails_go_through_and_wrong_paths_are_told(tmp_path: Path) -> None:
    missing = demo(tmp_path / "state", str(tmp_path / "none"))
    assert missing.returncode == 2
    assert "there is no" in missing.stderr
    mails = tmp_path / "mails"
    mails.mkdir()
    (mails / "a.eml").write_bytes(b"From: ann@example.com\r\nSubject: my own\r\n\r\nhello\r\n")
    (mails / "empty.eml").write_bytes(b"")
    done = demo(tmp_path / "state", str(mails))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "my own" in done.stdout
