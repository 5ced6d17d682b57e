"""The rows around automatic replies, and their budgets, in the desk's table. Keys: docs/data.md."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.items import Value, attributes, met, values
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
        token = _token()
        item = {"pk": f"send#{key}", "sk": "send", "since": at, "token": token}
        try:
            with translated(f"begin to send {key}"):
                self.client.put_item(
                    TableName=self.table,
                    Item=attributes(item),
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            there = _in_the_way(error)
            return None if there.get("token") == token else _state(there)
        return None

    def state(self, key: str) -> SendState | None:
        with translated(f"read the send {key}"):
            got = self.client.get_item(TableName=self.table, Key=_send(key), ConsistentRead=True)
        return _state(values(got["Item"])) if "Item" in got else None

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
        self._count(
            f"budget#{budget}#{int(at // seconds)}",
            "SET taken = taken - :one, #token = :token",
            "taken > :none",
            {":none": {"N": "0"}, ":one": {"N": "1"}},
        )

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
        return self._count(
            f"budget#{budget}#{window}",
            "SET taken = if_not_exists(taken, :none) + :one, expires = :expires, #token = :token",
            "(attribute_not_exists(taken) OR taken < :limit)",
            {
                ":none": {"N": "0"},
                ":one": {"N": "1"},
                ":limit": {"N": str(limit)},
                ":expires": {"N": str((window + 2) * seconds)},
            },
        )

    def _count(self, key: str, update: str, condition: str, numbers: dict[str, "AttributeValueTypeDef"]) -> bool:
        """Changes a budget by one, once; False where the condition doesn't hold."""
        token = _token()
        try:
            with translated("count in a budget"):
                self.client.update_item(
                    TableName=self.table,
                    Key=item_key(key, "budget"),
                    UpdateExpression=update,
                    ConditionExpression=f"{condition} AND (attribute_not_exists(#token) OR #token <> :token)",
                    ExpressionAttributeNames={"#token": "token"},  # a reserved word
                    ExpressionAttributeValues={**numbers, ":token": {"S": token}},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            return _in_the_way(error).get("token") == token
        return True


def _token() -> str:
    """Marks what one call has written. The SDK repeats a call whose answer got lost, though it had its effect: what it
    finds then is its own, and nobody else's."""
    return secrets.token_hex(8)


def _in_the_way(error: ClientError) -> dict[str, Value]:
    """The item for which a condition did not hold, empty where there is none; any other error is raised."""
    if code_of(error) != "ConditionalCheckFailedException":
        raise error
    return met(error)


def _state(item: Mapping[str, Value]) -> SendState:
    sent_id = item.get("sent_id")
    return SendState(since=str(item["since"]), sent_id=SentId(str(sent_id)) if sent_id else None)


def _send(key: str) -> dict[str, "AttributeValueTypeDef"]:
    return item_key(f"send#{key}", "send")
