"""The rows around automatic replies, and their budgets, in the desk's table. Keys: docs/data.md."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.items import attributes, key, values
from postroom.ids import SentId
from postroom.ports import SendState

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoSends:
    """`postroom.ports.Sends`."""

    client: "DynamoDBClient"
    table: str

    def begin(self, key: str) -> SendState | None:
        item = {"pk": f"send#{key}", "sk": "send", "send_state": "sending"}
        try:
            with translated(f"begin to send {key}"):
                self.client.put_item(
                    TableName=self.table, Item=attributes(item), ConditionExpression="attribute_not_exists(pk)"
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return self._state(key)
        return None

    def _state(self, name: str) -> SendState:
        with translated(f"read the send {name}"):
            got = self.client.get_item(TableName=self.table, Key=key(f"send#{name}", "send"), ConsistentRead=True)
        item = values(got["Item"]) if "Item" in got else {}
        sent_id = item.get("sent_id")
        return SendState(
            state=str(item.get("send_state", "sending")), sent_id=SentId(str(sent_id)) if sent_id else None
        )

    def finish(self, key: str, sent_id: SentId) -> None:
        item = {"pk": f"send#{key}", "sk": "send", "send_state": "sent", "sent_id": sent_id}
        with translated(f"record the send {key}"):
            self.client.put_item(TableName=self.table, Item=attributes(item))

    def abandon(self, key: str) -> None:
        with translated(f"take back the send {key}"):
            self.client.delete_item(TableName=self.table, Key={"pk": {"S": f"send#{key}"}, "sk": {"S": "send"}})

    def take(self, budget: str, limit: int, seconds: int, at: float) -> bool:
        window = int(at // seconds)
        try:
            with translated("take from a budget"):
                self.client.update_item(
                    TableName=self.table,
                    Key=key(f"budget#{budget}#{window}", "budget"),
                    UpdateExpression="SET taken = if_not_exists(taken, :none) + :one, expires = :expires",
                    ConditionExpression="attribute_not_exists(taken) OR taken < :limit",
                    ExpressionAttributeValues={
                        ":none": {"N": "0"},
                        ":one": {"N": "1"},
                        ":limit": {"N": str(limit)},
                        ":expires": {"N": str((window + 2) * seconds)},
                    },
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True
