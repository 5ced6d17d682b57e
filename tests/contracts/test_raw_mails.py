"""What every adapter of raw mails does."""

from collections.abc import Callable

import boto3
import pytest

from postroom.aws import clients
from postroom.aws.raw_mails import S3RawMails
from postroom.memory.objects import MemoryObjects
from postroom.memory.raw_mails import MemoryRawMails
from postroom.ports import NotFound, RawMails

MIB = 1 << 20

Stored = Callable[[bytes], RawMails]


@pytest.fixture(params=["memory", "s3"])
def stored(request: pytest.FixtureRequest) -> Stored:
    """Stores a mail as `raw/a`."""
    if request.param == "memory":
        objects = MemoryObjects()

        def in_memory(body: bytes) -> RawMails:
            objects.write("raw/a", body, "message/rfc822")
            return MemoryRawMails(objects=objects)

        return in_memory
    request.getfixturevalue("aws")
    client = boto3.client("s3")
    client.create_bucket(Bucket="mail")

    def on_s3(body: bytes) -> RawMails:
        client.put_object(Bucket="mail", Key="raw/a", Body=body)
        return S3RawMails(client=client, bucket="mail", kms=clients.kms)

    return on_s3


def test_a_mail_is_read_in_ranges(stored: Stored) -> None:
    with stored(b"0123456789").open("raw/a") as mail:
        assert mail.size == 10
        assert mail.read(0, 10) == b"0123456789"
        assert mail.read(2, 5) == b"234"
        assert mail.read(4, 4) == b""
        assert mail.read(8, 99) == b"89"
        assert mail.read(10, 99) == b""
        assert mail.read(7, 3) == b""


def test_an_empty_object_is_a_mail_of_no_bytes(stored: Stored) -> None:
    with stored(b"").open("raw/a") as mail:
        assert mail.size == 0
        assert mail.read(0, 100) == b""
        assert list(mail.stream(0, 100)) == []


@pytest.mark.parametrize("size", [MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
@pytest.mark.parametrize(
    ("start", "end"), [(0, 9 * MIB), (0, 1), (10, MIB), (MIB - 5, MIB + 5), (MIB, 2 * MIB), (2 * MIB + 3, 3 * MIB)]
)
def test_a_mail_of_any_size_is_streamed_in_bounded_pieces(stored: Stored, size: int, start: int, end: int) -> None:
    body = (bytes(range(251)) * (size // 251 + 1))[:size]
    with stored(body).open("raw/a") as mail:
        pieces = list(mail.stream(start, end))
        assert mail.size == size
        assert b"".join(pieces) == body[start:end]
        assert all(0 < len(piece) <= MIB for piece in pieces)
        assert mail.read(start, end) == body[start:end]


def test_a_missing_mail_is_not_found(stored: Stored) -> None:
    with pytest.raises(NotFound), stored(b"x").open("raw/none"):
        pass
