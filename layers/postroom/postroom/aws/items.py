"""DynamoDB's typed attributes for the kinds of value that our items hold: strings, numbers, lists and maps of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]

_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()


def attribute(value: Value) -> "AttributeValueTypeDef":
    return _SERIALIZER.serialize(_plain(value))


def attributes(item: Mapping[str, Value]) -> dict[str, "AttributeValueTypeDef"]:
    return {name: attribute(value) for name, value in item.items()}


def values(item: Mapping[str, "AttributeValueTypeDef"]) -> dict[str, Value]:
    return {name: cast(Value, _DESERIALIZER.deserialize(value)) for name, value in item.items()}


def key(pk: str, sk: str) -> dict[str, "AttributeValueTypeDef"]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _plain(value: Value) -> Value:
    """Lists and dicts as boto3's serializer knows them; it takes no tuples."""
    if isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value]
