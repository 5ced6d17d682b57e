"""What a user sees before the stack is up, and what the children are given."""

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local.stack import __main__ as command
from local.stack import clients, stack
from local.stack.errors import AlreadyRunning, NotInstalled, NotRunning
from local.stack.ports import HOST
from local.stack.running import Running
from local.stack.stack import DEMO_DESK, Plan

UP = Running(
    pid=os.getpid(),
    root="r",
    state="s",
    region="us-east-1",
    account="000000000000",
    stack="postroom",
    aws_url="http://127.0.0.1:1",
    ses_url="http://127.0.0.1:2",
    smtp_port=3,
    submission_port=1587,
    faults_url="http://127.0.0.1:4",
    parameters={"DeskAddress": "support@desk.example"},
    outputs={"MailBucketName": "mail"},
    resources={"MailBucket": "mail"},
)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A checkout with what looks like a MiniStack."""
    bin_folder = tmp_path / ".venvs" / "stack" / "bin"
    bin_folder.mkdir(parents=True)
    for name in ("python", "ministack"):
        (bin_folder / name).touch()
    return tmp_path


def test_without_ministack_the_user_is_told_what_to_run(tmp_path: Path) -> None:
    plan = Plan(root=tmp_path, state=tmp_path / "run")
    with pytest.raises(NotInstalled, match="run `make setup`"), stack.running(plan):
        pass


def test_a_port_in_use_ends_with_status_2_and_a_clear_message(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROOT", installed)
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(1)
        number = listener.getsockname()[1]
        assert command.main(["run", "--smtp-port", str(number), "--state", str(installed / "run")]) == 2
    assert f"port {number} on 127.0.0.1 is in use" in capsys.readouterr().err
    assert not (installed / "run" / "stack.json").exists()


def test_a_child_that_dies_at_the_start_is_told_with_its_last_words(
    installed: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "ROOT", installed)
    declared = {name: {"Type": "String"} for name in (*DEMO_DESK, "Agents", "RulesLocation")}
    (installed / "template.yaml").write_text(json.dumps({"Parameters": declared, "Resources": {}}))
    python = installed / ".venvs" / "stack" / "bin" / "python"
    python.write_text("#!/bin/sh\necho the disk is full; exit 3\n")
    python.chmod(0o755)
    assert command.main(["run", "--smtp-port", "0", "--state", str(installed / "run")]) == 2
    told = capfd.readouterr().err
    assert "MiniStack ended with exit status 3" in told
    assert "| the disk is full" in told


def test_two_stacks_never_share_a_state_folder(installed: Path) -> None:
    plan = Plan(root=installed, state=installed / "run")
    with (
        stack._alone(plan.state),
        pytest.raises(AlreadyRunning, match="--state"),
        stack.running(plan),
    ):
        pass


def test_a_running_stack_is_found_by_its_file_which_only_its_user_reads(tmp_path: Path) -> None:
    UP.write(tmp_path)
    assert Running.read(tmp_path) == UP
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600
    Running.forget(tmp_path)
    with pytest.raises(NotRunning, match="make run"):
        Running.read(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": 1'])
def test_a_damaged_file_is_no_running_stack(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text)
    with pytest.raises(NotRunning):
        Running.read(tmp_path)


def test_the_file_of_a_stack_that_was_killed_is_no_running_stack(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    replace(UP, pid=ended.pid).write(tmp_path)
    with pytest.raises(NotRunning, match="ended without saying so"):
        Running.read(tmp_path)


def test_the_users_own_aws_settings_reach_neither_a_child_nor_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL": "http://elsewhere.example",
        "HTTPS_PROXY": "http://proxy.example",
        "PYTHONPATH": "/elsewhere",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    given = clients.environment({})
    assert not set(theirs.values()) & set(given.values())
    assert given["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    clients.session.cache_clear()
    client = clients.s3("http://127.0.0.1:1")
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    clients.session.cache_clear()


def test_ministack_listens_on_this_machine_only_and_writes_into_the_state_folder(installed: Path) -> None:
    plan = Plan(root=installed, state=installed / "run")
    environment = stack.ministack_program(plan, plan.python, 4567).environment
    assert environment["BIND_HOST"] == "127.0.0.1"
    for name in ("S3_DATA_DIR", "STATE_DIR", "TMPDIR"):
        assert environment[name].startswith(str(plan.state))


def test_ses_calls_aws_by_its_own_name_and_past_the_proxy_where_there_is_one(installed: Path) -> None:
    plan = Plan(root=installed, state=installed / "run")
    program = stack.ses_program(plan, "http://127.0.0.1:4", 0, 2)
    assert program.environment["AWS_SDK_UA_APP_ID"] == "ses"
    assert "http://127.0.0.1:4" in program.command
    between = stack.faults_program(plan, "http://127.0.0.1:4", "http://127.0.0.1:1", "http://127.0.0.1:2").command
    assert between[-6:] == ["--upstream", "http://127.0.0.1:1", "--ses", "http://127.0.0.1:2", "--port", "4"]


def test_faults_and_quick_retries_are_for_people_and_can_be_left_out() -> None:
    wished = command._plan(command._arguments(["run"]))
    assert (wished.faults, wished.retry_seconds) == (True, 30)
    wished = command._plan(command._arguments(["run", "--no-faults", "--retry", "0"]))
    assert (wished.faults, wished.retry_seconds) == (False, 0)


@pytest.mark.parametrize(
    "option",
    ["--retry=x", "--retry=-1", "--retry=99999", "--smtp-port=x", "--smtp-port=70000", "--workers=1", "--workers=many"],
)
def test_an_option_that_makes_no_sense_ends_with_status_2(option: str) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(["run", option])
    assert caught.value.code == 2


def test_the_smtp_port_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_SMTP_PORT", "2599")
    assert command._smtp_port(None) == 2599
    assert command._smtp_port(2600) == 2600
    monkeypatch.delenv("POSTROOM_SMTP_PORT")
    assert command._smtp_port(None) == 2525
