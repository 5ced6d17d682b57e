"""What every place of a rules file does."""

import time

import boto3
import pytest
from types_boto3_dynamodb import DynamoDBClient
from types_boto3_s3 import S3Client

from postroom.aws.rule_files import S3RuleFiles
from postroom.memory.rule_files import MemoryRuleFiles
from postroom.ports import NotFound, RuleFiles


@pytest.fixture(params=["memory", "moto", "ministack"])
def files(request: pytest.FixtureRequest) -> RuleFiles:
    if request.param == "memory":
        return MemoryRuleFiles()
    if request.param == "moto":
        request.getfixturevalue("aws")
        return in_a_bucket(boto3.client("s3"))
    up: DynamoDBClient = request.getfixturevalue("ministack")
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    return in_a_bucket(session.client("s3", endpoint_url=up.meta.endpoint_url))


def in_a_bucket(client: S3Client) -> S3RuleFiles:
    bucket = f"mail-{time.monotonic_ns()}"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=bucket, Key="rules/desk.yaml.note", Body=b"another object of nearly that name")
    return S3RuleFiles(client=client, bucket=bucket, key="rules/desk.yaml")


def test_where_nothing_was_put_nothing_is_found(files: RuleFiles) -> None:
    with pytest.raises(NotFound):
        files.newest()
    with pytest.raises(NotFound):
        files.newest("a tag of long ago")
    assert list(files.earlier()) == []


def test_the_newest_is_what_was_put_last_and_is_given_once(files: RuleFiles) -> None:
    for text in (b"one", b"two", b"three"):
        files.put(text)
    newest = files.newest()
    assert newest is not None
    assert newest.text == b"three"
    assert files.newest(newest.tag) is None
    files.put(b"four")
    again = files.newest(newest.tag)
    assert again is not None
    assert again.text == b"four"


def test_earlier_versions_come_the_last_first(files: RuleFiles) -> None:
    for text in (b"one", b"two", b"three"):
        files.put(text)
    assert [each.text for each in files.earlier()] == [b"two", b"one"]
