"""Daily counters in the address table: one item for a day and shard, one for a day and domain. Keys: docs/data.md.

A day has three items, so that no single one takes every write of a large desk (DynamoDB takes a thousand a second for
one), and the 31 days that the breaker looks at are still one BatchGetItem.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, is_conflict, translated
from postroom.aws.items import Value, attributes, get_all, key, values
from postroom.errors import Retryable
from postroom.ports import Count

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef, UpdateTypeDef

SHARDS = 3
REPEATS_DAYS = 90  # how long a repeat of an event is recognised; SNS retries for 23 days
_KEPT_DAYS = 400  # of the counters: a year beside the one before
_PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16)  # seconds
_DOMAINS = 50  # of one event: as many recipients as a mail of SES's may have
_NOT_COUNTERS = frozenset({"pk", "sk", "expires"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoStatistics:
    """`postroom.ports.Statistics`."""

    client: "DynamoDBClient"
    table: str

    def days(self, days: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        of_day: dict[str, dict[str, int]] = {}
        for at in range(0, len(days), 31):
            keys = [key(f"day#{day}", f"total#{shard}") for day in days[at : at + 31] for shard in range(SHARDS)]
            for item in get_all(self.client, self.table, keys):
                _add(of_day.setdefault(str(item["pk"]).removeprefix("day#"), {}), item)
        return of_day

    def domains(self, days: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        of_domain: dict[str, dict[str, int]] = {}
        with translated("read the counters of domains"):
            for day in days:
                pages = self.client.get_paginator("query").paginate(
                    TableName=self.table,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues=attributes({":pk": f"domains#{day}"}),
                )
                for page in pages:
                    for item in map(values, page["Items"]):
                        _add(of_domain.setdefault(str(item["sk"]), {}), item)
        return of_domain


def count(client: "DynamoDBClient", table: str, counted: Count, now: datetime) -> None:
    """Adds one to each counter, once per id. Without `exact` a crash between the writes, or a throttle that lasts,
    loses one of a statistic."""
    once, *updates = _once(table, counted, now), *_updates(table, counted, now)
    try:
        with translated("count an event"):
            if counted.exact:
                all_: list[TransactWriteItemTypeDef] = [{"Put": once}, *_as_updates(updates)]
                _persistently(partial(client.transact_write_items, TransactItems=all_))
                return
            client.put_item(**once)
            for each in updates:
                _persistently(partial(client.update_item, **each))
    except ClientError as error:
        if not _counted_before(error):
            raise


def _as_updates(updates: Sequence["UpdateTypeDef"]) -> Iterator["TransactWriteItemTypeDef"]:
    for each in updates:
        yield {"Update": each}


def _persistently(write: Callable[[], object]) -> None:
    """Again where somebody else's transaction has the item at this moment: the counters of a day are everybody's."""
    for pause in _PAUSES:
        try:
            write()
        except ClientError as error:
            if not is_conflict(error):
                raise
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 (so that two don't meet again)
        else:
            return
    write()


def _once(table: str, counted: Count, now: datetime) -> "PutTypeDef":
    expires = int((now + timedelta(days=REPEATS_DAYS)).timestamp())
    item: dict[str, Value] = {"pk": f"counted#{counted.id}", "sk": "counted", "expires": expires}
    return {"TableName": table, "Item": attributes(item), "ConditionExpression": "attribute_not_exists(pk)"}


def _updates(table: str, counted: Count, now: datetime) -> list["UpdateTypeDef"]:
    shard = crc32(counted.id.encode("utf-8", "surrogatepass")) % SHARDS
    totals = [(f"day#{counted.day}", f"total#{shard}", counted.names)]
    domains = [(f"domains#{counted.day}", domain, names) for domain, names in list(counted.domains.items())[:_DOMAINS]]
    return [_update(table, pk, sk, names, now) for pk, sk, names in (*totals, *domains) if names]


def _update(table: str, pk: str, sk: str, names: Sequence[str], now: datetime) -> "UpdateTypeDef":
    placed = {f"#n{number}": name for number, name in enumerate(dict.fromkeys(names))}
    expires = int((now + timedelta(days=_KEPT_DAYS)).timestamp())
    return {
        "TableName": table,
        "Key": key(pk, sk),
        "UpdateExpression": f"ADD {', '.join(f'{each} :one' for each in placed)} SET expires = :expires",
        "ExpressionAttributeNames": placed,
        "ExpressionAttributeValues": attributes({":one": 1, ":expires": expires}),
    }


def _counted_before(error: ClientError) -> bool:
    """Retryable where a transaction met another one."""
    if code_of(error) == "TransactionCanceledException":
        codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", ())]
        if codes and codes[0] == "ConditionalCheckFailed":
            return True
        raise Retryable(f"an event was not counted: {', '.join(codes)}") from error
    return code_of(error) == "ConditionalCheckFailedException"


def _add(counters: dict[str, int], item: Mapping[str, Value]) -> None:
    for name, value in item.items():
        if name not in _NOT_COUNTERS and isinstance(value, int):
            counters[name] = counters.get(name, 0) + value
