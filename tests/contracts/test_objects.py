"""What every bucket adapter does."""

from collections.abc import Iterator

import boto3
import pytest

from postroom.aws.objects import S3Objects
from postroom.memory.objects import MemoryObjects
from postroom.ports import NotFound, Objects

PART = 5 << 20


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest) -> Objects:
    if request.param == "memory":
        return MemoryObjects()
    request.getfixturevalue("aws")
    client = boto3.client("s3")
    client.create_bucket(Bucket="mail")
    return S3Objects(client=client, bucket="mail")


def test_what_is_written_is_read_back_whole_and_in_ranges(objects: Objects) -> None:
    objects.write("raw/a", b"0123456789", "text/plain")
    assert objects.read("raw/a") == b"0123456789"
    assert objects.read("raw/a", 2, 5) == b"234"
    assert objects.read("raw/a", 7) == b"789"
    assert objects.read("raw/a", 4, 4) == b""
    assert objects.read("raw/a", 8, 99) == b"89"
    assert objects.read("raw/a", 10, 99) == b""
    objects.write("raw/empty", b"", "text/plain")
    assert objects.read("raw/empty", 0, 100) == b""


def test_a_missing_object_is_not_found_however_it_is_asked_for(objects: Objects) -> None:
    assert objects.written_at("raw/none") is None
    with pytest.raises(NotFound):
        objects.read("raw/none")
    with pytest.raises(NotFound):
        objects.read("raw/none", 0, 10)
    with pytest.raises(NotFound):
        list(objects.stream("raw/none", 0, 10))


def test_a_range_comes_as_a_stream_of_bounded_pieces(objects: Objects) -> None:
    body = bytes(range(256)) * 10_000
    objects.write("raw/b", body, "text/plain")
    pieces = list(objects.stream("raw/b", 10, len(body)))
    assert b"".join(pieces) == body[10:]
    assert max(map(len, pieces)) <= 1 << 20


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART + 3])
def test_a_stream_of_any_size_is_written_as_one_object(objects: Objects, size: int) -> None:
    chunks = [b"x" * min(1 << 20, size - start) for start in range(0, size, 1 << 20)]
    objects.write_stream("attachments/x", chunks, "application/octet-stream")
    assert objects.read("attachments/x") == b"x" * size


@pytest.mark.parametrize("given_before", [0, 2 * PART])
def test_a_stream_that_breaks_leaves_nothing_behind(objects: Objects, given_before: int) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * given_before
        yield b"y"
        raise ValueError("the source broke")

    with pytest.raises(ValueError, match="the source broke"):
        objects.write_stream("attachments/y", broken(), "application/octet-stream")
    assert objects.written_at("attachments/y") is None


def test_a_listing_gives_key_and_size_under_the_prefix_only(objects: Objects) -> None:
    for key in ("raw/b", "raw/a", "parsed/a.json"):
        objects.write(key, b"12", "text/plain")
    assert [(info.key, info.size) for info in objects.listing("raw/")] == [("raw/a", 2), ("raw/b", 2)]
    assert all(info.modified_at.endswith("Z") for info in objects.listing("raw/"))
