"""Raw mails on S3, plain and sealed."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws import sealed
from postroom.aws.failures import code_of, translated
from postroom.aws.objects import missing_is_not_found
from postroom.errors import Retryable
from postroom.ports import RawMail

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient
    from types_boto3_s3 import S3Client

_PIECE = 1 << 20
_HEAD = 1 << 20  # bytes: nearly every mail is smaller, and then one request is all that it costs
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")  # RFC 9110 section 14.4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The first bytes of an object, how large it is, and what its writer said of it."""

    body: bytes
    size: int
    metadata: Mapping[str, str]
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMail:
    """`postroom.ports.RawMail`: its first MiB is held, the rest is read from S3 range by range.

    SES may store a mail twice (at least once is what it promises), and seals it anew each time: what is read must be of
    the object that the head is of, or a good mail would pass for a broken one.
    """

    client: "S3Client"
    bucket: str
    key: str
    head: _Head

    @property
    def size(self) -> int:
        return self.head.size

    def read(self, start: int, end: int) -> bytes:
        return b"".join(self.stream(start, end))

    def stream(self, start: int, end: int) -> Iterator[bytes]:
        if held := self.head.body[start:end]:
            yield held
        start, end = max(start, len(self.head.body)), min(end, self.size)
        if start < end:
            yield from self._fetched(start, end)

    def _fetched(self, start: int, end: int) -> Iterator[bytes]:
        with _reading(self.bucket, self.key):
            bytes_ = f"bytes={start}-{end - 1}"
            got = self.client.get_object(Bucket=self.bucket, Key=self.key, Range=bytes_, IfMatch=self.head.etag)
            yield from got["Body"].iter_chunks(_PIECE)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3RawMails:
    """`postroom.ports.RawMails` over one bucket. `kms` gives the client, and is called for a sealed mail only."""

    client: "S3Client"
    bucket: str
    kms: "Callable[[], KMSClient]"

    @contextmanager
    def open(self, key: str) -> Iterator[RawMail]:
        head = self._head(key)
        plain = PlainMail(client=self.client, bucket=self.bucket, key=key, head=head)
        if not sealed.is_sealed(head.metadata):
            yield plain
            return
        what = f"s3://{self.bucket}/{key}"
        seal = sealed.seal_of(head.metadata)
        data_key = sealed.data_key(self.kms(), seal, what)
        with sealed.opened(plain.stream(0, plain.size), seal, data_key, what) as file:
            yield sealed.OpenedMail(file=file, size=file.seek(0, os.SEEK_END))

    def _head(self, key: str) -> _Head:
        """One request tells what the object is, how large it is, and most often all of it."""
        with _reading(self.bucket, key):
            try:
                got = self.client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes=0-{_HEAD - 1}")
            except ClientError as error:
                if code_of(error) == "InvalidRange":  # an empty object has no first byte, and a sealed one has its tag
                    return _Head(body=b"", size=0, metadata={}, etag="")
                raise
            body = got["Body"].read()
        total = _TOTAL.fullmatch(got.get("ContentRange", ""))
        size = int(total.group(1)) if total else len(body)
        return _Head(body=body, size=size, metadata=got.get("Metadata", {}), etag=got["ETag"])


@contextmanager
def _reading(bucket: str, key: str) -> Iterator[None]:
    with translated(f"read s3://{bucket}/{key}"), missing_is_not_found(key):
        try:
            yield
        except ClientError as error:
            if code_of(error) == "PreconditionFailed":
                raise Retryable(f"s3://{bucket}/{key} was written anew while it was read") from error
            raise
