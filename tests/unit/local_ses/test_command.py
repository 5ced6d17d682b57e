"""`python -m local.ses`, started as a process."""

import json
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from types_boto3_ses.type_defs import S3ActionTypeDef


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


def test_it_runs_with_nothing_else_and_what_it_does_is_in_the_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.ses", "--state", str(tmp_path), "--smtp-port", "0", "--http-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (ours)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            _make_rule(ready["http"])
            with smtplib.SMTP("127.0.0.1", ready["smtp"]) as client:
                client.sendmail("ann@example.org", ["help@example.com"], b"Subject: hello\r\n\r\nHow?\r\n")
        finally:
            process.terminate()
            process.wait(10)
    (stored,) = (tmp_path / "s3" / "mail" / "raw").glob("[0-9a-v]*")
    assert stored.read_bytes().endswith(b"\r\nSubject: hello\r\n\r\nHow?\r\n")
    setup, announced = (json.loads(line) for line in (tmp_path / "sns" / "inbound.jsonl").read_text().splitlines())
    assert json.loads(setup["Message"])["mail"]["messageId"] == "AMAZON_SES_SETUP_NOTIFICATION"
    assert json.loads(announced["Message"])["receipt"]["action"]["objectKey"] == f"raw/{stored.name}"


def _make_rule(port: int) -> None:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    ses = session.client("ses", endpoint_url=f"http://127.0.0.1:{port}")
    topic = "arn:aws:sns:us-east-1:000000000000:inbound"
    ses.create_receipt_rule_set(RuleSetName="desk")
    s3: S3ActionTypeDef = {"BucketName": "mail", "ObjectKeyPrefix": "raw/", "TopicArn": topic}
    ses.create_receipt_rule(RuleSetName="desk", Rule={"Name": "all", "Enabled": True, "Actions": [{"S3Action": s3}]})
    ses.set_active_receipt_rule_set(RuleSetName="desk")


@pytest.mark.parametrize("option", ["--keep", "--keep-mb"])
def test_nothing_at_all_cannot_be_kept(tmp_path: Path, option: str) -> None:
    ended = subprocess.run(_command(tmp_path, option, "0"), capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 (ours)
    assert ended.returncode == 2
    assert f"{option}: at least 1 is kept, not 0" in ended.stderr


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


def test_a_relay_that_is_no_address_is_named_with_status_2(tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 (ours)
        _command(tmp_path, "--relay", "mailserver"), capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert "--relay: HOST:PORT is wanted, not 'mailserver'" in ended.stderr


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
