"""What DynamoDB asks for, in request units.

The engine says what a write costs, with its indexes. What a read costs is counted here, from what came back (DynamoDB
developer guide, "DynamoDB read and write operations", "DynamoDB item sizes and formats").
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any, Protocol

from types_boto3_dynamodb import DynamoDBClient

READS = frozenset({"BatchGetItem", "Query"})


class Stored(Protocol):
    """What is in a table of DynamoDB."""

    @property
    def client(self) -> DynamoDBClient: ...

    @property
    def table(self) -> str: ...


@contextmanager
def counted(store: Stored) -> Iterator[Counter[str]]:
    """Requests, those whose condition was not met, and read and write units, of what is done inside."""
    units: Counter[str] = Counter()
    asked: list[int] = []  # keys of each BatchGetItem: what isn't there costs a unit, too

    def ask(params: dict[str, Any], model: Any, **_: object) -> None:
        if model.name not in READS:
            params["ReturnConsumedCapacity"] = "TOTAL"
        elif model.name == "BatchGetItem":
            asked.append(len(params["RequestItems"][store.table]["Keys"]))

    def heard(parsed: Mapping[str, Any], model: Any, **_: object) -> None:
        units["requests"] += 1
        if model.name == "BatchGetItem":
            found = parsed["Responses"].get(store.table, [])
            units["read"] += sum(_reads(item) for item in found) + asked.pop() - len(found)
        elif model.name == "Query":
            units["half reads"] += _reads(*parsed["Items"]) * (2 if "entry#" in str(parsed["Items"]) else 1)
        elif "ConsumedCapacity" not in parsed:  # a condition was not met: that is paid for as well
            units["refused"] += 1
        else:
            told = parsed["ConsumedCapacity"]
            units["write"] += sum(one["CapacityUnits"] for one in (told if isinstance(told, list) else [told]))

    events = store.client.meta.events
    events.register("before-parameter-build.dynamodb", ask)
    events.register("after-call.dynamodb", heard)
    try:
        yield units
    finally:
        events.unregister("before-parameter-build.dynamodb", ask)
        events.unregister("after-call.dynamodb", heard)


def _reads(*items: Mapping[str, Any]) -> int:
    """Units of a strongly consistent read: one for each 4 KB that were begun."""
    return max(ceil(sum(map(size_of, items)) / 4096), 1)


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes of an item."""
    return sum(len(name) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    """Bytes of an attribute; lists and maps have 3 of their own and one for each that they hold."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name) + _size(each) for name, each in inner.items())
    if kind == "L":
        return 3 + sum(1 + _size(each) for each in inner)
    return len(str(inner).encode())
