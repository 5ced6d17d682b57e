"""The keys of thread tokens in Secrets Manager: what a rotation does, and what an operator is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from postroom.aws.thread_keys import KEPT, SecretKeys
from postroom.errors import Misconfigured
from postroom.keys import Keys
from tests.contracts.conftest import NOW, mocked

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

FIRST, SECOND, THIRD = ("a" * 64, "b" * 64, "c" * 64)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with mocked():
        yield boto3.client("secretsmanager", region_name="us-east-1")


def keys(client: "SecretsManagerClient", clock: Clock) -> SecretKeys:
    return SecretKeys(client=client, secret="thread-key", clock=clock)


def test_the_first_key_signs_and_there_is_none_before_it(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="thread-key", SecretString=FIRST)
    assert keys(client, Clock()).keys() == Keys(current=FIRST.encode())


def test_after_a_change_the_new_one_signs_and_the_one_before_is_believed(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="thread-key", SecretString=FIRST)
    for text in (SECOND, THIRD):
        client.put_secret_value(SecretId="thread-key", SecretString=text)
    assert keys(client, Clock()).keys() == Keys(current=THIRD.encode(), previous=SECOND.encode())


def test_a_running_function_learns_of_a_change_after_a_while_and_asks_no_more_than_that(
    client: "SecretsManagerClient",
) -> None:
    client.create_secret(Name="thread-key", SecretString=FIRST)
    clock = Clock()
    held = keys(client, clock)
    held.keys()
    client.put_secret_value(SecretId="thread-key", SecretString=SECOND)
    clock.now += KEPT
    assert held.keys() == Keys(current=FIRST.encode())
    clock.now += timedelta(seconds=1)
    assert held.keys() == Keys(current=SECOND.encode(), previous=FIRST.encode())


def test_a_secret_that_is_not_there_is_told_with_what_to_do(client: "SecretsManagerClient") -> None:
    with pytest.raises(Misconfigured, match="put a random text of 64 characters there"):
        keys(client, Clock()).keys()


def test_bytes_in_the_place_of_a_text_are_told_as_no_value(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="thread-key", SecretBinary=b"x" * 64)
    with pytest.raises(Misconfigured, match="has no value"):
        keys(client, Clock()).keys()


def test_a_key_that_is_too_short_is_told(client: "SecretsManagerClient") -> None:
    client.create_secret(Name="thread-key", SecretString="short")
    with pytest.raises(Misconfigured, match="32 bytes or more"):
        keys(client, Clock()).keys()
