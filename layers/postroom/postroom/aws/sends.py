"""The rows around automatic replies, and their budgets, in the desk's table. Keys: docs/data.md."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.items import attributes, values
from postroom.aws.items import key as item_key
from postroom.ids import SentId
from postroom.ports import SendState

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoSends:
    """`postroom.ports.Sends`."""

    client: "DynamoDBClient"
    table: str

    def begin(self, key: str, at: str) -> SendState | None:
        item = {"pk": f"send#{key}", "sk": "send", "since": at}
        try:
            with translated(f"begin to send {key}"):
                self.client.put_item(
                    TableName=self.table, Item=attributes(item), ConditionExpression="attribute_not_exists(pk)"
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return self.state(key) or SendState(since=at)
        return None

    def state(self, key: str) -> SendState | None:
        with translated(f"read the send {key}"):
            got = self.client.get_item(TableName=self.table, Key=_send(key), ConsistentRead=True)
        if "Item" not in got:
            return None
        item = values(got["Item"])
        sent_id = item.get("sent_id")
        return SendState(since=str(item["since"]), sent_id=SentId(str(sent_id)) if sent_id else None)

    def finish(self, key: str, sent_id: SentId, recipient: str) -> None:
        whose = {"pk": f"sent#{sent_id}", "sk": "sent", "recipient": recipient}
        with translated(f"record the send {key}"):
            self.client.put_item(TableName=self.table, Item=attributes(whose))
            self.client.update_item(
                TableName=self.table,
                Key=_send(key),
                UpdateExpression="SET sent_id = :sent_id",
                ExpressionAttributeValues={":sent_id": {"S": sent_id}},
            )

    def recipient(self, sent_id: SentId) -> str | None:
        with translated("look up a mail that we sent"):
            got = self.client.get_item(
                TableName=self.table, Key=item_key(f"sent#{sent_id}", "sent"), ConsistentRead=True
            )
        return str(values(got["Item"])["recipient"]) if "Item" in got else None

    def give_back(self, budget: str, seconds: int, at: float) -> None:
        try:
            with translated("give back to a budget"):
                self.client.update_item(
                    TableName=self.table,
                    Key=item_key(f"budget#{budget}#{int(at // seconds)}", "budget"),
                    UpdateExpression="SET taken = taken - :one",
                    ConditionExpression="taken > :none",
                    ExpressionAttributeValues={":none": {"N": "0"}, ":one": {"N": "1"}},
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise

    def forget(self, key: str) -> None:
        state = self.state(key)
        with translated(f"remove the send {key}"):
            if state and state.sent_id:  # first, since it is found by the other
                self.client.delete_item(TableName=self.table, Key=item_key(f"sent#{state.sent_id}", "sent"))
            self.client.delete_item(TableName=self.table, Key=_send(key))

    def abandon(self, key: str) -> None:
        with translated(f"take back the send {key}"):
            self.client.delete_item(TableName=self.table, Key=_send(key))

    def take(self, budget: str, limit: int, seconds: int, at: float) -> bool:
        window = int(at // seconds)
        try:
            with translated("take from a budget"):
                self.client.update_item(
                    TableName=self.table,
                    Key=item_key(f"budget#{budget}#{window}", "budget"),
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


def _send(key: str) -> dict[str, "AttributeValueTypeDef"]:
    return item_key(f"send#{key}", "send")
