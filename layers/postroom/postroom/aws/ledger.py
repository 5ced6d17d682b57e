"""The ledger in the desk's table: one item a mail, one map attribute a stage. Keys: docs/data.md."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.items import BATCH, Value, attribute, attributes, get_all, key, met, values
from postroom.clock import Clock, from_iso, iso
from postroom.ids import SesId
from postroom.outcome import MailRow, Stage, StageRecord

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_INDEX = "by_hour"
_RESUBMISSION_DAYS = 30  # how long a resubmission of the same mail is recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoLedger:
    """`postroom.ports.Ledger`."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def record(self, ses_id: SesId, received_at: str, record: StageRecord) -> None:
        with translated(f"record {record.stage} of {ses_id}"):
            self.client.update_item(
                TableName=self.table,
                Key=key(f"mail#{ses_id}", "mail"),
                UpdateExpression=(
                    "SET #stage = :record, #hour = if_not_exists(#hour, :hour),"
                    " received = if_not_exists(received, :received)"
                ),
                ExpressionAttributeNames={"#stage": record.stage.value, "#hour": "hour"},
                ExpressionAttributeValues={
                    ":record": attribute(msgspec.to_builtins(record)),
                    ":hour": {"S": received_at[:13]},
                    ":received": {"S": received_at},
                },
            )

    def first_of(self, fingerprint: str, ses_id: SesId) -> SesId:
        expires = int((self.clock() + timedelta(days=_RESUBMISSION_DAYS)).timestamp())
        item: dict[str, Value] = {"pk": f"copy#{fingerprint}", "sk": "copy", "first": ses_id, "expires": expires}
        try:
            with translated(f"look for a copy of {ses_id}"):
                self.client.put_item(
                    TableName=self.table,
                    Item=attributes(item),
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return SesId(str(met(error)["first"]))
        return ses_id

    def row(self, ses_id: SesId) -> MailRow | None:
        with translated(f"read the row of {ses_id}"):
            got = self.client.get_item(TableName=self.table, Key=key(f"mail#{ses_id}", "mail"), ConsistentRead=True)
        return _row(values(got["Item"])) if "Item" in got else None

    def rows(self, ses_ids: Sequence[SesId]) -> Mapping[SesId, MailRow]:
        found: dict[SesId, MailRow] = {}
        for start in range(0, len(ses_ids), BATCH):
            keys = [key(f"mail#{ses_id}", "mail") for ses_id in dict.fromkeys(ses_ids[start : start + BATCH])]
            found |= {row.ses_id: row for row in map(_row, get_all(self.client, self.table, keys))}
        return found

    def forget(self, ses_id: SesId) -> None:
        with translated(f"remove the row of {ses_id}"):
            self.client.delete_item(TableName=self.table, Key=key(f"mail#{ses_id}", "mail"))

    def rows_since(self, received_at: str) -> Iterator[MailRow]:
        for hour in _hours_back(self.clock(), from_iso(received_at)):
            with translated(f"read the mails of {hour}"):
                pages = self.client.get_paginator("query").paginate(
                    TableName=self.table,
                    IndexName=_INDEX,
                    KeyConditionExpression="#hour = :hour AND received >= :since",
                    ExpressionAttributeNames={"#hour": "hour"},
                    ExpressionAttributeValues={":hour": {"S": hour}, ":since": {"S": received_at}},
                    ScanIndexForward=False,
                )
                for page in pages:  # the index has keys alone, so that it costs one write a mail
                    ids = [SesId(str(values(item)["pk"]).removeprefix("mail#")) for item in page["Items"]]
                    rows = self.rows(ids)
                    yield from (rows[id_] for id_ in ids if id_ in rows)


def _row(item: Mapping[str, Any]) -> MailRow:
    records = {stage: msgspec.convert(item[stage], StageRecord) for stage in Stage if stage in item}
    return MailRow(ses_id=SesId(item["pk"].removeprefix("mail#")), received_at=item["received"], records=records)


def _hours_back(newest: datetime, oldest: datetime) -> Iterator[str]:
    """The hours from newest to oldest, as the index names them (`2026-11-24T07`)."""
    hour = newest + timedelta(hours=1)  # clocks differ: SES's may be ahead of ours
    while iso(hour)[:13] >= iso(oldest)[:13]:
        yield iso(hour)[:13]
        hour -= timedelta(hours=1)
