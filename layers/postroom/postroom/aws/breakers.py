"""The breaker in the address table: one item, one more for each move, and the days' counters. Keys: docs/data.md."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.counters import DynamoStatistics
from postroom.aws.failures import is_lost_race, translated
from postroom.aws.items import Value, attributes, key, values
from postroom.breaker import Breaker, Circuit, Mark, Tally
from postroom.feedback import faults

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PK, SK = "breaker", "state"
_MOVE = "move#"


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoBreakers:
    """`postroom.ports.Breakers`."""

    client: "DynamoDBClient"
    table: str

    def breaker(self) -> Breaker:
        with translated("read the breaker"):
            got = self.client.get_item(TableName=self.table, Key=key(PK, SK), ConsistentRead=True)
        return breaker_of(values(got["Item"])) if "Item" in got else Breaker()

    def counted(self, days: Sequence[str]) -> Mapping[str, Tally]:
        counted = DynamoStatistics(client=self.client, table=self.table).days(days)
        tallies = {day: faults.tally(counters) for day, counters in counted.items()}
        return {day: tally for day, tally in tallies.items() if tally != Tally()}

    def replace(self, before: Breaker, after: Breaker) -> bool:
        state, move = {"pk": PK, "sk": SK, **_form(after)}, {"pk": PK, "sk": _MOVE + after.since, **_form(after)}
        condition = "attribute_not_exists(pk) OR since = :since"
        was = attributes({":since": before.since})
        try:
            with translated("move the breaker"):
                self.client.transact_write_items(
                    TransactItems=[
                        {
                            "Put": {
                                "TableName": self.table,
                                "Item": attributes(state),
                                "ConditionExpression": condition,
                                "ExpressionAttributeValues": was,
                            }
                        },
                        {"Put": {"TableName": self.table, "Item": attributes(move)}},
                    ]
                )
        except ClientError as error:
            if is_lost_race(error):
                return False
            raise
        return True

    def moves(self) -> Iterator[Breaker]:
        with translated("read the moves of the breaker"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :move)",
                ExpressionAttributeValues=attributes({":pk": PK, ":move": _MOVE}),
                ScanIndexForward=False,
                ConsistentRead=True,
            )
            for page in pages:
                yield from (breaker_of(values(item)) for item in page["Items"])


def breaker_of(item: Mapping[str, Value]) -> Breaker:
    """The breaker of its item."""
    counts = Tally(sent=_number(item, "sent"), bounces=_number(item, "bounces"), complaints=_number(item, "complaints"))
    return Breaker(
        circuit=Circuit(str(item["circuit"])),
        since=str(item["since"]),
        why=str(item["why"]),
        by=str(item["moved_by"]),
        mark=Mark(day=str(item["day"]), tally=counts),
    )


def _form(breaker: Breaker) -> dict[str, Value]:
    mark = breaker.mark
    counts = {"sent": mark.tally.sent, "bounces": mark.tally.bounces, "complaints": mark.tally.complaints}
    told = {"circuit": str(breaker.circuit), "since": breaker.since, "why": breaker.why, "moved_by": breaker.by}
    return {**told, "day": mark.day, **counts}


def _number(item: Mapping[str, Value], name: str) -> int:
    value = item.get(name, 0)
    return value if isinstance(value, int) else 0
