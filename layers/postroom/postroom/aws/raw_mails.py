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
from postroom.aws.objects import S3Objects, missing_is_not_found
from postroom.ports import RawMail

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient
    from types_boto3_s3 import S3Client

_HEAD = 1 << 20  # bytes: nearly every mail is smaller, and then one request is all that it costs
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")  # RFC 9110 section 14.4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The first bytes of an object, how large it is, and what its writer said of it."""

    body: bytes
    size: int
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMail:
    """`postroom.ports.RawMail`: its first MiB is held, the rest is read from S3 range by range."""

    objects: S3Objects
    key: str
    head: bytes
    size: int

    def read(self, start: int, end: int) -> bytes:
        return b"".join(self.stream(start, end))

    def stream(self, start: int, end: int) -> Iterator[bytes]:
        if held := self.head[start:end]:
            yield held
        start, end = max(start, len(self.head)), min(end, self.size)
        yield from self.objects.stream(self.key, start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3RawMails:
    """`postroom.ports.RawMails` over one bucket. `kms` gives the client, and is called for a sealed mail only."""

    client: "S3Client"
    bucket: str
    kms: "Callable[[], KMSClient]"

    @contextmanager
    def open(self, key: str) -> Iterator[RawMail]:
        head = self._head(key)
        objects = S3Objects(client=self.client, bucket=self.bucket)
        plain = PlainMail(objects=objects, key=key, head=head.body, size=head.size)
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
        with translated(f"read s3://{self.bucket}/{key}"), missing_is_not_found(key):
            try:
                got = self.client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes=0-{_HEAD - 1}")
            except ClientError as error:
                if code_of(error) == "InvalidRange":  # an empty object has no first byte, and a sealed one has its tag
                    return _Head(body=b"", size=0, metadata={})
                raise
            body = got["Body"].read()
        total = _TOTAL.fullmatch(got.get("ContentRange", ""))
        size = int(total.group(1)) if total else len(body)
        return _Head(body=body, size=size, metadata=got.get("Metadata", {}))
