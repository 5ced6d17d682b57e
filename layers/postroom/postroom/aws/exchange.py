"""How far the exchange with SES's suppression list has come, in the address table. Keys: docs/data.md."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from postroom.aws.failures import translated
from postroom.aws.items import Value, attributes, key, values
from postroom.clock import Clock
from postroom.ports import Progress

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_PK, _PROGRESS, _OWED = "ses_list", "progress", "owed#"
_OWED_DAYS = 30  # where nobody settles it: the exchange is switched off


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoExchange:
    """`postroom.ports.Exchange`."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def progress(self) -> Progress:
        with translated("read how far SES's list was read"):
            got = self.client.get_item(TableName=self.table, Key=key(_PK, _PROGRESS), ConsistentRead=True)
        item = values(got.get("Item", {}))
        return Progress(**{name: str(item.get(name, "")) for name in Progress.__dataclass_fields__})

    def keep(self, progress: Progress) -> None:
        self._put({"sk": _PROGRESS, **asdict(progress)})

    def owe(self, address: str) -> None:
        expires = int((self.clock() + timedelta(days=_OWED_DAYS)).timestamp())
        self._put({"sk": _OWED + address, "expires": expires})

    def owed(self) -> Iterator[str]:
        with translated("list what SES is to be told"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :owed)",
                ExpressionAttributeValues=attributes({":pk": _PK, ":owed": _OWED}),
                ConsistentRead=True,
            )
            for page in pages:
                yield from (str(values(item)["sk"]).removeprefix(_OWED) for item in page["Items"])

    def settle(self, address: str) -> None:
        with translated("note that SES was told"):
            self.client.delete_item(TableName=self.table, Key=key(_PK, _OWED + address))

    def _put(self, item: dict[str, Value]) -> None:
        with translated("note how the exchange with SES's list stands"):
            self.client.put_item(TableName=self.table, Item=attributes({"pk": _PK, **item}))
