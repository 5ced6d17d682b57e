"""Mails whose acknowledgement waits until quiet hours are over, in the desk's table. Keys: docs/data.md."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postroom.aws.failures import translated
from postroom.aws.items import attributes, values
from postroom.aws.items import key as item_key
from postroom.errors import Poison
from postroom.events import MessageClassified, decode, encode
from postroom.ids import SesId
from postroom.reasons import Reason

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_PK = "postponed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoPostponed:
    """`postroom.ports.Postponed`. Each is whole in one item, as JSON: a row is written once, and read once."""

    client: "DynamoDBClient"
    table: str

    def put(self, event: MessageClassified) -> None:
        item = attributes({"pk": _PK, "sk": event.ses_id, "event": json.dumps(encode(event))})
        with translated(f"postpone the acknowledgement of {event.ses_id}"):
            self.client.put_item(TableName=self.table, Item=item)

    def all(self) -> Iterator[MessageClassified]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": _PK}},
            ConsistentRead=True,
        )
        with translated("list what was postponed"):
            for page in pages:
                yield from (_event(str(values(item)["event"])) for item in page["Items"])

    def remove(self, ses_id: SesId) -> None:
        with translated(f"let the acknowledgement of {ses_id} go on"):
            self.client.delete_item(TableName=self.table, Key=item_key(_PK, ses_id))


def _event(written: str) -> MessageClassified:
    event = decode(MessageClassified.__name__, json.loads(written))
    if not isinstance(event, MessageClassified):
        raise Poison(Reason.UNREADABLE_EVENT, f"{event.type} was postponed")
    return event
