"""What AWS refuses reaches a person as a sentence with what to do, and not in the SDK's words."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    ReadTimeoutError,
)

from cli import running
from cli.aws_errors import sentence
from cli.main import main


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoRegionError(), "set AWS_REGION"),
        (NoCredentialsError(), "log in again"),
        (ProfileNotFound(profile="x"), "look at AWS_PROFILE"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "is the local stack still up"),
        (ConnectTimeoutError(endpoint_url="http://127.0.0.1:1"), "is the local stack still up"),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), "is the local stack still up"),
        (BotoCoreError(), "could not be asked"),
    ],
)
def test_who_could_not_ask_aws_is_told_what_to_look_at(error: BotoCoreError, told: str) -> None:
    assert told in sentence(error)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AccessDenied", "whoever runs the account can allow it"),
        ("ExpiredToken", "log in again"),
        ("ThrottlingException", "try again in a minute"),
        ("Strange", "AWS refused GetItem: it refuses (Strange)"),
    ],
)
def test_what_aws_refuses_is_told_with_what_would_help(code: str, told: str) -> None:
    assert told in sentence(ClientError({"Error": {"Code": code, "Message": "so it said"}}, "GetItem"))


def test_an_error_without_any_words_is_told_too() -> None:
    assert sentence(ClientError({}, "GetItem")) == "AWS refused GetItem: it refuses ()"


def test_a_command_ends_with_the_sentence_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nowhere(args: object) -> None:
        raise NoRegionError

    monkeypatch.setattr(running, "find", nowhere)
    assert main(["inbox", "--stack", "desk"]) == 2
    assert "set AWS_REGION" in capsys.readouterr().err
