"""`python -m local.ses`, started as a process."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def _command(tmp_path: Path, *options: str, endpoint_port: int = 9) -> list[str]:
    # Port 9 (discard): nothing is there.
    ends = ["--aws-endpoint", f"http://127.0.0.1:{endpoint_port}", "--state", str(tmp_path)]
    return [sys.executable, "-m", "local.ses", *ends, *options]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    command = _command(tmp_path, "--smtp-port", "0", "--http-port", "0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 (ours)
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        with socket.create_connection(("127.0.0.1", ready["smtp"]), timeout=10) as client:
            assert client.recv(100).startswith(b"220 ")
            process.send_signal(number)
            assert process.wait(10) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize("option", ["--smtp-port", "--http-port"])
def test_a_port_that_is_taken_is_named_with_status_2(tmp_path: Path, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ports = {"--smtp-port": "0", "--http-port": "0"} | {option: port}
        command = _command(tmp_path, *(word for pair in ports.items() for word in pair))
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 (ours)
    assert ended.returncode == 2
    assert port in ended.stderr
    assert "Traceback" not in ended.stderr


def _post(port: int, form: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    kind = "application/x-www-form-urlencoded"
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(form)}\r\n\r\n"
    connection.sendall((head + form).encode())
    return connection


def test_it_ends_though_s3_hangs(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        command = _command(tmp_path, "--smtp-port", "0", "--http-port", "0", endpoint_port=port)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (ours)
            assert process.stdout is not None
            http = json.loads(process.stdout.readline())["http"]
            with _post(http, "Action=CreateReceiptRuleSet&RuleSetName=a") as made:
                assert made.recv(100).startswith(b"HTTP/1.1 200")
            bucket = "Rule.Actions.member.1.S3Action.BucketName=b"
            with _post(http, f"Action=CreateReceiptRule&RuleSetName=a&Rule.Name=r&{bucket}"):
                waiting, _ = silent.accept()  # S3 is asked, and never answers
                process.send_signal(signal.SIGTERM)
                assert process.wait(15) == 0
                waiting.close()


def test_the_account_and_the_submission_port_are_options(tmp_path: Path) -> None:
    ports = ("--smtp-port", "0", "--http-port", "0", "--submission-port", "0")
    command = _command(tmp_path, *ports, "--sandbox", "--max-send-rate", "5")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (ours)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            with socket.create_connection(("127.0.0.1", ready["submission"]), timeout=10) as client:
                assert client.recv(200).startswith(b"220 email-smtp.us-east-1.amazonaws.com ")
            with _post(ready["http"], "Action=GetSendQuota") as asked:
                told = asked.recv(2000)
        finally:
            process.send_signal(signal.SIGTERM)
    assert b"<Max24HourSend>200.0</Max24HourSend><MaxSendRate>5.0</MaxSendRate>" in told


@pytest.mark.parametrize("wrong", ["0", "-1", "much", "nan"])
def test_a_quota_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    command = _command(tmp_path, "--max-send-rate", wrong)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 (ours)
    assert ended.returncode == 2
    assert "--max-send-rate" in ended.stderr
