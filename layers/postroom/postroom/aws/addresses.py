"""The address book in its own table: each address that we write to, what happened to it, and daily counters.

Keys: docs/data.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.address import AddressEvent, Channel, Incident, IncidentSort, Record, State, domain_of
from postroom.aws import breakers, counters
from postroom.aws.failures import code_of, translated
from postroom.aws.items import Value, attributes, get_all, key, values
from postroom.breaker import Breaker
from postroom.clock import Clock
from postroom.errors import Retryable
from postroom.feedback.domains import LASTS, FailingDomain
from postroom.feedback.table import after, is_nothing
from postroom.ports import Count, Standing

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_TRIES = 8  # of the optimistic update: two events of one address seldom meet
_LISTED_DAYS = 400  # how long a bounce or a complaint stands in the history of its address
_READ, _MOST = 5_000, 1_000  # incidents of one address that are read, and of those the last that are given
_EVENT = "event#"

#: How long the item of a state is kept after its last change, in days; what is not here stays. Longer than it fades.
_STATE_DAYS: Mapping[State, int] = {
    State.HEALTHY: _LISTED_DAYS,
    State.SOFT_ONCE: 30,
    State.SOFT_TWICE: 30,
    State.SOFT_OFTEN: 30,
    State.MAILBOX_FULL: 30,
    State.NO_DOMAIN: 30,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the table has of an address, as it was written, and of its domain."""

    record: Record
    domain: FailingDomain
    breaker: Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoAddressBook:
    """`postroom.ports.AddressBook`."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def state(self, address: str) -> State:
        return self.record(address).state

    def record(self, address: str) -> Record:
        with translated("read the state of an address"):
            got = self.client.get_item(TableName=self.table, Key=key(_pk(address), "state"), ConsistentRead=True)
        return _record(values(got.get("Item", {}))).at(self.clock())

    def standing(self, address: str) -> Standing:
        seen, now = self._seen(address, (breakers.PK, breakers.SK)), self.clock()
        return Standing(address=seen.record.at(now).state, breaker=seen.breaker, domain_failing=seen.domain.held(now))

    def move(self, address: str, incident: Incident) -> tuple[State, State]:
        incident = incident.by_then(self.clock())
        for _ in range(_TRIES):
            seen, now = self._seen(address), self.clock()
            record, moved = seen.record, after(seen.record, incident)
            before = record.at(now).state
            if is_nothing(record, moved, incident):
                self._domain(address, seen.domain, incident)
                return before, before
            to: list[TransactWriteItemTypeDef] = [] if moved == record else [{"Put": self._to(address, record, moved)}]
            match self._write([{"Put": self._noted(address, incident)}, *to]):
                case (True, *_):  # this one has been applied before
                    return before, before
                case (_, True):  # another came between: look again
                    continue
                case _:
                    self._domain(address, seen.domain, incident)
                    return before, moved.at(now).state
        raise Retryable(f"an address had {_TRIES} other events while one was applied")

    def history(self, address: str) -> Iterator[Incident]:
        found = map(_incident, islice(self._query(_pk(address), _EVENT), _READ))
        yield from sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]

    def in_state(self, state: State) -> Iterator[tuple[str, Record]]:
        for item in self._indexed("by_state", "listed_as", state):
            yield str(item["pk"]).removeprefix(_pk("")), _record(item)

    def incidents(self, sort: IncidentSort, day: str) -> Iterator[tuple[str, Incident]]:
        for item in self._indexed("by_day", "sort_day", f"{sort}#{day}"):
            yield str(item["pk"]).removeprefix(_pk("")), _incident(item)

    def forget(self, address: str) -> None:
        with translated("forget an address"):
            for sk in (*(str(item["sk"]) for item in self._query(_pk(address), _EVENT)), "state"):
                self.client.delete_item(TableName=self.table, Key=key(_pk(address), sk))

    def count(self, counted: Count) -> None:
        counters.count(self.client, self.table, counted, self.clock())

    def _seen(self, address: str, *more: tuple[str, str]) -> _Seen:
        wanted = ((_pk(address), "state"), (_domain_pk(address), "state"), *more)
        found = {str(item["pk"]): item for item in get_all(self.client, self.table, [key(*each) for each in wanted])}
        breaker = found.get(breakers.PK)
        return _Seen(
            record=_record(found.get(_pk(address), {})),
            domain=_failing(found.get(_domain_pk(address), {})),
            breaker=breakers.breaker_of(breaker) if breaker else Breaker(),
        )

    def _domain(self, address: str, before: FailingDomain, incident: Incident) -> None:
        """Without a condition, and after the incident was noted: what is lost here, the next failure tells again."""
        failing = before.after(address, incident)
        if failing == before:
            return
        told = {"whose": sorted(failing.whose), "at": failing.at, "got_through": failing.got_through}
        item: dict[str, Value] = {name: value for name, value in told.items() if value}  # `at` is a key of indexes
        item |= {"pk": _domain_pk(address), "sk": "state", "expires": _epoch(self.clock() + 2 * LASTS)}
        with translated("note what a domain takes"):
            self.client.put_item(TableName=self.table, Item=attributes(item))

    def _noted(self, address: str, incident: Incident) -> "PutTypeDef":
        sort = incident.sort
        days = _LISTED_DAYS if sort or incident.channel is Channel.PERSON else counters.REPEATS_DAYS
        item: dict[str, Value] = {"pk": _pk(address), "sk": _EVENT + incident.id, **_told(incident)}
        item["expires"] = _epoch(self.clock() + timedelta(days=days))
        if sort:
            item["sort_day"] = f"{sort}#{incident.at[:10]}"
        return {"TableName": self.table, "Item": attributes(item), "ConditionExpression": "attribute_not_exists(pk)"}

    def _to(self, address: str, before: Record, moved: Record) -> "PutTypeDef":
        item: dict[str, Value] = {"pk": _pk(address), "sk": "state", **_state(moved)}
        if days := _STATE_DAYS.get(moved.state):
            item["expires"] = _epoch(self.clock() + timedelta(days=days))
        if before == Record():  # an address that nothing is known of has no item
            once = "attribute_not_exists(pk)"
            return {"TableName": self.table, "Item": attributes(item), "ConditionExpression": once}
        return {
            "TableName": self.table,
            "Item": attributes(item),
            "ConditionExpression": "address_state = :state AND #at = :at",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": attributes({":state": before.state.value, ":at": before.since}),
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

    def _query(self, pk: str, begins: str) -> Iterator[dict[str, Value]]:
        with translated("read what is known of an address"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :begins)",
                ExpressionAttributeValues=attributes({":pk": pk, ":begins": begins}),
                ConsistentRead=True,
            )
            for page in pages:
                yield from map(values, page["Items"])

    def _indexed(self, index: str, attribute: str, value: str) -> Iterator[dict[str, Value]]:
        """The last first; as it was a moment ago, as all that an index gives."""
        with translated(f"read the index {index}"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                IndexName=index,
                KeyConditionExpression=f"{attribute} = :value",
                ExpressionAttributeValues=attributes({":value": value}),
                ScanIndexForward=False,
            )
            for page in pages:
                yield from map(values, page["Items"])


def _pk(address: str) -> str:
    return f"address#{address}"


def _domain_pk(address: str) -> str:
    return f"domain#{domain_of(address)}"


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _told(incident: Incident) -> dict[str, Value]:
    """Its fields but those that are empty."""
    return {name: str(value) for name, value in asdict(incident).items() if value}


def _state(record: Record) -> dict[str, Value]:
    """`listed_as` is the key of `by_state`: an address that is healthy again is not in it."""
    told: dict[str, Value] = {"address_state": record.state, "at": record.since}
    if record.state is not State.HEALTHY:
        told["listed_as"] = record.state
    if record.because:
        told["because"] = _told(record.because)
    if record.lifted_from:
        told |= {"lifted_at": record.lifted_at, "lifted_from": record.lifted_from}
    return {name: value if isinstance(value, Mapping) else str(value) for name, value in told.items()}


def _incident(item: Mapping[str, Value]) -> Incident:
    """Items from before incidents had one name their id in their key alone."""
    texts = {name: str(item.get(name, "")) for name in _TEXTS}
    texts["id"] = texts["id"] or str(item.get("sk", "")).removeprefix(_EVENT)
    channel = Channel(str(item.get("channel", Channel.SES_EVENT)))
    return Incident(event=AddressEvent(str(item["event"])), channel=channel, **texts)


_TEXTS = tuple(name for name in Incident.__dataclass_fields__ if name not in ("event", "channel"))


def _record(item: Mapping[str, Value]) -> Record:
    if "address_state" not in item:
        return Record()
    because, lifted_from = item.get("because"), item.get("lifted_from")
    return Record(
        state=State(str(item["address_state"])),
        since=str(item["at"]),
        because=_incident(because) if isinstance(because, Mapping) else None,
        lifted_at=str(item.get("lifted_at", "")),
        lifted_from=State(str(lifted_from)) if lifted_from else None,
    )


def _failing(item: Mapping[str, Value]) -> FailingDomain:
    whose = item.get("whose", ())
    return FailingDomain(
        whose=frozenset(map(str, whose)) if isinstance(whose, Sequence) else frozenset(),
        at=str(item.get("at", "")),
        got_through=str(item.get("got_through", "")),
    )


def _failed(error: ClientError) -> tuple[bool, ...]:
    codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", ())]
    if "ConditionalCheckFailed" in codes:
        return tuple(code == "ConditionalCheckFailed" for code in codes)
    raise Retryable(f"an event of an address: {', '.join(codes)}") from error
