"""Who has which attachment, and what is kept of erasures, in the desk's table. Keys: docs/data.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from postroom.aws.failures import translated
from postroom.aws.items import Value, attributes, key, values
from postroom.ids import SesId
from postroom.ports import Tombstone

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoHolders:
    """`postroom.ports.Holders`: an item for each attachment of each mail."""

    client: "DynamoDBClient"
    table: str

    def hold(self, sha256: str, ses_id: SesId) -> None:
        with translated("note who has an attachment"):
            self.client.put_item(TableName=self.table, Item=key(f"attachment#{sha256}", f"mail#{ses_id}"))

    def let_go(self, sha256: str, ses_id: SesId) -> None:
        with translated("let go of an attachment"):
            self.client.delete_item(TableName=self.table, Key=key(f"attachment#{sha256}", f"mail#{ses_id}"))

    def holders(self, sha256: str) -> Iterator[SesId]:
        for item in _partition(self.client, self.table, f"attachment#{sha256}"):
            yield SesId(str(item["sk"]).removeprefix("mail#"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoErasures:
    """`postroom.ports.Erasures`."""

    client: "DynamoDBClient"
    table: str

    def bury(self, tombstone: Tombstone) -> None:
        place = {"pk": f"erased#{tombstone.who}", "sk": tombstone.at}
        with translated("record an erasure"):
            self.client.put_item(TableName=self.table, Item=attributes(msgspec.to_builtins(tombstone) | place))

    def of(self, who: str) -> Iterator[Tombstone]:
        for item in _partition(self.client, self.table, f"erased#{who}"):
            yield msgspec.convert(item, Tombstone)


def _partition(client: "DynamoDBClient", table: str, pk: str) -> Iterator[dict[str, Value]]:
    with translated("read what stands under one key"):
        pages = client.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from map(values, page["Items"])
