"""A bucket on S3."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.clock import iso
from postroom.ports import NotFound, ObjectInfo

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_PIECE = 1 << 20
_PART = 5 << 20  # bytes: the smallest part of a multipart upload that S3 takes
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Objects:
    """`postroom.ports.Objects` over one bucket."""

    client: "S3Client"
    bucket: str

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        whole = start == 0 and end is None
        with translated(f"read s3://{self.bucket}/{key}"), missing_is_not_found(key):
            if whole:
                return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            if end is not None and end <= start:
                return b""
            return self._range(key, start, end)

    def _range(self, key: str, start: int, end: int | None) -> bytes:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key, Range=_range(start, end))["Body"].read()
        except ClientError as error:
            if (
                code_of(error) == "InvalidRange"
            ):  # it begins behind the last byte, as every range of an empty object does
                return b""
            raise

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if end <= start:
            return
        with translated(f"read s3://{self.bucket}/{key}"), missing_is_not_found(key):
            body = self.client.get_object(Bucket=self.bucket, Key=key, Range=_range(start, end))["Body"]
            yield from body.iter_chunks(_PIECE)

    def written_at(self, key: str) -> str | None:
        try:
            with translated(f"look for s3://{self.bucket}/{key}"), missing_is_not_found(key):
                return iso(self.client.head_object(Bucket=self.bucket, Key=key)["LastModified"])
        except NotFound:
            return None

    def write(self, key: str, body: bytes, content_type: str) -> None:
        with translated(f"write s3://{self.bucket}/{key}"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)

    def write_stream(self, key: str, chunks: Iterable[bytes], content_type: str) -> None:
        """One PUT where it fits into a part; else a multipart upload, which is taken back if the pieces fail."""
        parts = _parts(chunks)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            self.write(key, first, content_type)
        else:
            self._multipart(key, chain((first, second), parts), content_type)

    def _multipart(self, key: str, parts: Iterator[bytes], content_type: str) -> None:
        with translated(f"write s3://{self.bucket}/{key}"):
            upload = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, ContentType=content_type)[
                "UploadId"
            ]
            try:
                done: list[CompletedPartTypeDef] = []
                for number, part in enumerate(parts, start=1):
                    sent = self.client.upload_part(
                        Bucket=self.bucket, Key=key, UploadId=upload, PartNumber=number, Body=part
                    )
                    done.append({"PartNumber": number, "ETag": sent["ETag"]})
                self.client.complete_multipart_upload(
                    Bucket=self.bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done}
                )
            except BaseException:
                self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload)
                raise

    def link(self, key: str, filename: str, seconds: int) -> str:
        """A presigned URL for so many seconds. A browser saves what is there, under this name, and never shows it."""
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"  # RFC 6266, RFC 8187
        return self.client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": key,
                "ResponseContentDisposition": disposition,
                "ResponseContentType": "application/octet-stream",
            },
            ExpiresIn=seconds,
        )

    def remove(self, key: str, needed: Callable[[], bool] = lambda: False) -> bool:
        """First a marker, under which nobody sees the object; then the versions that were there before it, and it."""
        with translated(f"remove s3://{self.bucket}/{key}"):
            there = self._versions(key)
            if not there:
                return False
            marker = self.client.delete_object(Bucket=self.bucket, Key=key).get("VersionId")
            gone = not needed()
            for version in there if gone else ():
                self.client.delete_object(Bucket=self.bucket, Key=key, VersionId=version)
            if marker:
                self.client.delete_object(Bucket=self.bucket, Key=key, VersionId=marker)
        return gone

    def _versions(self, key: str) -> list[str]:
        """The ids of the versions of this object, its delete markers included."""
        found: list[str] = []
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=key):
            every = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            found += [each["VersionId"] for each in every if each["Key"] == key]
        return found

    def listing(self, prefix: str) -> Iterator[ObjectInfo]:
        with translated(f"list s3://{self.bucket}/{prefix}"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                for item in page.get("Contents", ()):
                    yield ObjectInfo(key=item["Key"], size=item["Size"], modified_at=iso(item["LastModified"]))


@contextmanager
def missing_is_not_found(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code_of(error) in _MISSING:
            raise NotFound(key) from error
        raise


def _range(start: int, end: int | None) -> str:
    """RFC 9110 section 14.1.2: both ends are inclusive there."""
    return f"bytes={start}-{'' if end is None else end - 1}"


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces gathered into parts of at least `_PART` bytes, the last one as it comes."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) >= _PART:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
