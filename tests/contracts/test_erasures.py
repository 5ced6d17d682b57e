"""What every adapter does for whom is erased: what is removed is gone, what is not theirs stays."""

from dataclasses import dataclass, replace

import boto3
import pytest

from postroom.address import AddressEvent, Incident, State
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.erasures import DynamoErasures, DynamoHolders
from postroom.aws.ledger import DynamoLedger
from postroom.aws.objects import S3Objects
from postroom.aws.sends import DynamoSends
from postroom.ids import SentId, SesId
from postroom.memory.desk import MemoryLedger, MemorySends
from postroom.memory.erasures import MemoryErasures, MemoryHolders
from postroom.memory.objects import MemoryObjects
from postroom.memory.outside import MemoryAddressBook
from postroom.outcome import Stage, StageRecord
from postroom.ports import AddressBook, Erasures, Holders, Ledger, Objects, Sends, Tombstone
from postroom.reasons import Disposition, Reason
from tests.contracts.conftest import clock

AT = "2026-11-24T07:03:17.120Z"


@dataclass(frozen=True, kw_only=True)
class Stores:
    holders: Holders
    erasures: Erasures
    ledger: Ledger
    sends: Sends
    book: AddressBook
    objects: Objects


@pytest.fixture(params=["memory", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        return Stores(
            holders=MemoryHolders(),
            erasures=MemoryErasures(),
            ledger=MemoryLedger(),
            sends=MemorySends(),
            book=MemoryAddressBook(),
            objects=MemoryObjects(),
        )
    client, s3 = request.getfixturevalue("dynamodb"), boto3.client("s3")
    s3.create_bucket(Bucket="mail")
    s3.put_bucket_versioning(Bucket="mail", VersioningConfiguration={"Status": "Enabled"})
    return Stores(
        holders=DynamoHolders(client=client, table="desk"),
        erasures=DynamoErasures(client=client, table="desk"),
        ledger=DynamoLedger(client=client, table="desk", clock=clock),
        sends=DynamoSends(client=client, table="desk"),
        book=DynamoAddressBook(client=client, table="addresses", clock=clock),
        objects=S3Objects(client=s3, bucket="mail"),
    )


def test_each_mail_that_has_an_attachment_is_known_until_it_lets_go(stores: Stores) -> None:
    for sha, mail in (("a" * 64, "m1"), ("a" * 64, "m2"), ("a" * 64, "m1"), ("b" * 64, "m3")):
        stores.holders.hold(sha, SesId(mail))
    assert list(stores.holders.holders("a" * 64)) == ["m1", "m2"]
    stores.holders.let_go("a" * 64, SesId("m1"))
    stores.holders.let_go("a" * 64, SesId("m1"))
    assert list(stores.holders.holders("a" * 64)) == ["m2"]
    assert list(stores.holders.holders("c" * 64)) == []


def test_tombstones_come_by_time_and_the_same_one_is_replaced(stores: Stores) -> None:
    one = Tombstone(who="w", at=AT, by="eve@desk.example", counts={"mails": 2})
    two = replace(one, at="2026-11-25T07:03:17.120Z", ended="2026-11-25T07:04:00.000Z")
    for stone in (two, one, replace(one, ended=AT), replace(one, who="x")):
        stores.erasures.bury(stone)
    assert list(stores.erasures.of("w")) == [replace(one, ended=AT), two]


def test_a_row_that_is_forgotten_is_gone(stores: Stores) -> None:
    record = StageRecord(stage=Stage.PARSE, at=AT, disposition=Disposition.ACCEPTED, reason=Reason.ORDINARY)
    for mail in ("m1", "m2"):
        stores.ledger.record(SesId(mail), AT, record)
    for _ in "12":
        stores.ledger.forget(SesId("m1"))
    assert [row.ses_id for row in stores.ledger.rows_since("2026-11-24T07:00:00.000Z")] == ["m2"]


def test_a_send_that_is_forgotten_is_gone_with_its_recipient(stores: Stores) -> None:
    for key, sent in (("k", "s-1"), ("l", "s-2")):
        stores.sends.begin(key, AT)
        stores.sends.finish(key, SentId(sent), "ann@example.com")
    for _ in "12":
        stores.sends.forget("k")
    assert (stores.sends.state("k"), stores.sends.recipient(SentId("s-1"))) == (None, None)
    assert stores.sends.recipient(SentId("s-2")) == "ann@example.com"


def test_nothing_is_known_of_an_address_that_is_forgotten(stores: Stores) -> None:
    for address in ("ann@example.com", "bob@example.com"):
        stores.book.move(address, Incident(event=AddressEvent.HARD_BOUNCE, id="e1", at=AT))
    for _ in "12":
        stores.book.forget("ann@example.com")
    assert stores.book.state("ann@example.com") is State.HEALTHY
    assert stores.book.state("bob@example.com") is State.HARD
    assert (
        stores.book.move("ann@example.com", Incident(event=AddressEvent.HARD_BOUNCE, id="e1", at=AT))[1] is State.HARD
    )


def test_an_object_is_removed_and_its_neighbour_stays(stores: Stores) -> None:
    for key in ("raw/a", "raw/ab"):
        stores.objects.write(key, b"1", "text/plain")
        stores.objects.write(key, b"2", "text/plain")
    assert [stores.objects.remove("raw/a") for _ in "12"] == [True, False]
    assert [info.key for info in stores.objects.listing("raw/")] == ["raw/ab"]
    assert stores.objects.read("raw/ab") == b"2"


def test_an_object_that_is_needed_after_all_is_there_as_it_was(stores: Stores) -> None:
    stores.objects.write("a", b"1", "text/plain")
    seen: list[object] = []

    def needed() -> bool:
        seen.append(stores.objects.written_at("a"))
        return True

    assert not stores.objects.remove("a", needed)
    assert (seen, stores.objects.read("a")) == ([None], b"1")


def test_what_is_written_while_an_object_is_removed_stays(stores: Stores) -> None:
    stores.objects.write("a", b"1", "text/plain")

    def written() -> bool:
        stores.objects.write("a", b"2", "text/plain")
        return False

    assert stores.objects.remove("a", written)
    assert stores.objects.read("a") == b"2"


def test_no_version_of_what_was_removed_is_left(aws: None) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="mail")
    s3.put_bucket_versioning(Bucket="mail", VersioningConfiguration={"Status": "Enabled"})
    objects = S3Objects(client=s3, bucket="mail")
    for body in (b"1", b"2"):
        objects.write("a", body, "text/plain")
    s3.delete_object(Bucket="mail", Key="a")  # as retention does
    objects.remove("a")
    left = s3.list_object_versions(Bucket="mail")
    assert not {"Versions", "DeleteMarkers"} & left.keys()
