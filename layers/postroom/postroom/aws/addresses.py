"""The address book in its own table: state and events of each address that we write to, and daily counters."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.address import AddressEvent, State
from postroom.aws import breakers
from postroom.aws.failures import code_of, translated
from postroom.aws.items import Value, attributes, get_all, key, values
from postroom.breaker import Breaker
from postroom.clock import Clock
from postroom.errors import Retryable
from postroom.feedback.table import next_state
from postroom.ports import Standing

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_TRIES = 8  # of the optimistic update: two events of one address seldom meet
_EVENT_DAYS = 90  # how long a repeat of an event is recognised; SNS retries for 23 days


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoAddressBook:
    """`postroom.ports.AddressBook`."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def state(self, address: str) -> State:
        with translated("read the state of an address"):
            got = self.client.get_item(
                TableName=self.table, Key=key(f"address#{address}", "state"), ConsistentRead=True
            )
        return State(str(values(got["Item"])["address_state"])) if "Item" in got else State.HEALTHY

    def standing(self, address: str) -> Standing:
        pk = f"address#{address}"
        keys = [key(pk, "state"), key(breakers.PK, breakers.SK)]
        found = {str(item["pk"]): item for item in get_all(self.client, self.table, keys)}
        state, breaker = found.get(pk), found.get(breakers.PK)
        return Standing(
            address=State(str(state["address_state"])) if state else State.HEALTHY,
            breaker=breakers.breaker_of(breaker) if breaker else Breaker(),
        )

    def move(self, address: str, event: AddressEvent, event_id: str, at: str) -> tuple[State, State]:
        for _ in range(_TRIES):
            before = self.state(address)
            after = next_state(before, event)
            if is_nothing(before, after, event):
                return before, after
            once = self._once(f"address#{address}", event_id, event, at)
            match self._write([{"Put": once}, {"Put": self._to(address, before, after, at)}]):
                case (True, _):  # this event has been applied before
                    return before, before
                case (_, True):  # another event came between: look again
                    continue
                case _:
                    return before, after
        raise Retryable(f"an address had {_TRIES} other events while one was applied")

    def forget(self, address: str) -> None:
        with translated("forget an address"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"address#{address}"}},
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
            for page in pages:
                for item in page["Items"]:
                    self.client.delete_item(TableName=self.table, Key=item)

    def count(self, day: str, name: str, event_id: str) -> None:
        """Not in a transaction, which would cost twice as much: a crash between the two writes loses one of a count."""
        try:
            with translated("note an event"):
                self.client.put_item(**self._once(f"counted#{name}", event_id, name, day))
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return
            raise
        with translated("count an event"):
            self.client.update_item(
                TableName=self.table,
                Key=key(f"day#{day}", name),
                UpdateExpression="ADD happened :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    def _once(self, pk: str, event_id: str, event: str, at: str) -> "PutTypeDef":
        expires = int((self.clock() + timedelta(days=_EVENT_DAYS)).timestamp())
        item: dict[str, Value] = {"pk": pk, "sk": f"event#{event_id}", "event": event, "at": at, "expires": expires}
        return {"TableName": self.table, "Item": attributes(item), "ConditionExpression": "attribute_not_exists(pk)"}

    def _to(self, address: str, before: State, after: State, at: str) -> "PutTypeDef":
        healthy = before is State.HEALTHY  # an address that nothing is known of has no item
        return {
            "TableName": self.table,
            "Item": attributes({"pk": f"address#{address}", "sk": "state", "address_state": after.value, "at": at}),
            "ConditionExpression": f"{'attribute_not_exists(pk) OR ' if healthy else ''}address_state = :before",
            "ExpressionAttributeValues": {":before": {"S": before.value}},
        }

    def _write(self, items: list["TransactWriteItemTypeDef"]) -> tuple[bool, ...]:
        """Writes all or nothing; gives which conditions failed, or nothing where it was written."""
        try:
            with translated("record an event of an address"):
                self.client.transact_write_items(TransactItems=items)
        except ClientError as error:
            if code_of(error) != "TransactionCanceledException":
                raise
            return _failed(error)
        return ()


def is_nothing(before: State, after: State, event: AddressEvent) -> bool:
    """A delivery to a healthy address: most events are that, and it is not written down. Everything else is, even where
    it changes nothing: coming again later, after a person has lifted the state, it must not be taken for news."""
    return after is before is State.HEALTHY and event is AddressEvent.DELIVERED


def _failed(error: ClientError) -> tuple[bool, ...]:
    codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", ())]
    if "ConditionalCheckFailed" in codes:
        return tuple(code == "ConditionalCheckFailed" for code in codes)
    raise Retryable(f"an event of an address: {', '.join(codes)}") from error
