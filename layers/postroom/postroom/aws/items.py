"""DynamoDB's typed attributes for the kinds of value that our items hold: strings, numbers, lists and maps of them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from postroom.aws.failures import translated
from postroom.errors import Retryable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]

BATCH = 100  # keys of one BatchGetItem
_ROUNDS = 5

_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def attribute(value: Value) -> "AttributeValueTypeDef":
    return _SERIALIZER.serialize(_plain(value))


def attributes(item: Mapping[str, Value]) -> dict[str, "AttributeValueTypeDef"]:
    return {name: attribute(value) for name, value in item.items()}


def values(item: Mapping[str, "AttributeValueTypeDef"]) -> dict[str, Value]:
    return {name: _native(_DESERIALIZER.deserialize(value)) for name, value in item.items()}


def met(error: ClientError) -> dict[str, Value]:
    """The item that a failed condition met (ReturnValuesOnConditionCheckFailure); botocore gives it beside the error.
    Empty where there is none."""
    response: Mapping[str, Any] = error.response
    return values(response.get("Item", {}))


def key(pk: str, sk: str) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def get_all(
    client: "DynamoDBClient", table: str, keys: Sequence[dict[str, "AttributeValueTypeDef"]]
) -> Iterator[dict[str, Value]]:
    """The items of these keys (at most BATCH, no two alike) that there are, in any order; Retryable where some can't be
    had: DynamoDB answers 200 even when it did not get to all of them."""
    left: Sequence[Mapping[str, Any]] = keys
    with translated(f"read {len(keys)} items"):
        for _ in range(_ROUNDS):
            if not left:
                return
            got = client.batch_get_item(RequestItems={table: {"Keys": left, "ConsistentRead": True}})
            yield from map(values, got["Responses"].get(table, ()))
            unprocessed = got["UnprocessedKeys"].get(table)
            left = unprocessed["Keys"] if unprocessed else ()
    raise Retryable(f"{len(left)} of {len(keys)} items were not read in {_ROUNDS} rounds")


def _plain(value: Value) -> Value:
    """Lists and dicts as boto3's serializer knows them; it takes no tuples."""
    if isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value]


def _native(value: object) -> Value:
    """Numbers as ints: boto3 makes a Decimal of each."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: _native(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_native(inner) for inner in value]
    return cast(Value, value)
