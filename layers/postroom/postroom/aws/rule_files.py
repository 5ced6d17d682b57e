"""A desk's rules file as an object of the mail bucket, which keeps its earlier versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.objects import missing_is_not_found
from postroom.ports import RuleFile

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_LONGEST = 1 << 20  # bytes that are read: the reader of rules says what is too long
_MOST_VERSIONS = 10
_UNCHANGED = frozenset({"304", "NotModified"})  # of a GET with If-None-Match (RFC 9110 section 15.4.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3RuleFiles:
    """`postroom.ports.RuleFiles` over one key."""

    client: "S3Client"
    bucket: str
    key: str

    def newest(self, known: str = "") -> RuleFile | None:
        with translated(f"read s3://{self.bucket}/{self.key}"), missing_is_not_found(self.key):
            try:
                if not known:
                    found = self.client.get_object(Bucket=self.bucket, Key=self.key)
                else:
                    found = self.client.get_object(Bucket=self.bucket, Key=self.key, IfNoneMatch=known)
            except ClientError as error:
                if code_of(error) in _UNCHANGED:
                    return None
                raise
            return RuleFile(text=found["Body"].read(_LONGEST), tag=found["ETag"])

    def earlier(self) -> Iterator[RuleFile]:
        with translated(f"read versions of s3://{self.bucket}/{self.key}"):
            listed = self.client.list_object_versions(Bucket=self.bucket, Prefix=self.key, MaxKeys=_MOST_VERSIONS + 1)
            versions = [each for each in listed.get("Versions", ()) if each["Key"] == self.key and not each["IsLatest"]]
            for each in versions[:_MOST_VERSIONS]:
                found = self.client.get_object(Bucket=self.bucket, Key=self.key, VersionId=each["VersionId"])
                yield RuleFile(text=found["Body"].read(_LONGEST), tag=found["ETag"])

    def put(self, text: bytes) -> None:
        with translated(f"write s3://{self.bucket}/{self.key}"):
            self.client.put_object(Bucket=self.bucket, Key=self.key, Body=text, ContentType="application/yaml")
