"""The items of conversations, read and written: one request, or one transaction, of DynamoDB each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from postroom.aws import conversation_items as items
from postroom.aws.conversation_items import Item, Stored
from postroom.aws.failures import is_lost_race, translated
from postroom.aws.items import BATCH, Value, attributes, get_all, key, values
from postroom.conversation import Conversation, Entry
from postroom.errors import Retryable
from postroom.ids import ConversationId, MessageId
from postroom.ports import NotFound

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    Write = TransactWriteItemTypeDef

_HOPS = 5  # a merged conversation names one that is none; more only while others merge
_PAGE = 50  # items of a page: somebody looks at a list, and mostly at its beginning
_DELETES = 25  # requests of one BatchWriteItem
_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTable:
    """What `postroom.aws.conversations` asks of the desk's table. `pause` waits; it is told how often it did before."""

    client: "DynamoDBClient"
    name: str
    pause: Callable[[int], None]

    # Reading

    def one(self, id_: ConversationId) -> Stored:
        """What this id leads to; NotFound where that is nothing."""
        found = self.living([id_])
        if not found:
            raise NotFound(f"conversation {id_} is not there")
        return found[id_]

    def living(self, ids: Iterable[ConversationId]) -> dict[ConversationId, Stored]:
        """What each of these ids leads to, as far as it is there and not forgotten."""
        return {id_: stored for id_, stored in self.followed(ids).items() if not stored.forgotten}

    def followed(self, ids: Iterable[ConversationId], hops: int = _HOPS) -> dict[ConversationId, Stored]:
        """What each of these ids leads to, also what is being forgotten: one request, and one more for what was
        merged."""
        found = {stored.id: stored for stored in self._stored(tuple(dict.fromkeys(ids)))}
        onward = {id_: stored.value.merged_into for id_, stored in found.items() if stored.value.merged_into}
        if not onward:
            return found
        if not hops:
            raise Retryable(f"conversations were merged {_HOPS} times while {next(iter(onward))} was looked for")
        there = self.followed(onward.values(), hops - 1)
        stay = {id_: stored for id_, stored in found.items() if id_ not in onward}
        return stay | {id_: there[root] for id_, root in onward.items() if root in there}

    def _stored(self, ids: Sequence[ConversationId]) -> Iterator[Stored]:
        for start in range(0, len(ids), BATCH):
            keys = [items.conversation_key(id_) for id_ in ids[start : start + BATCH]]
            yield from map(items.stored_of, get_all(self.client, self.name, keys))

    def proved(self, ids: Sequence[MessageId]) -> Mapping[MessageId, ConversationId]:
        """To which conversation each of these ids (BATCH at most) leads, as far as it is known."""
        pks = {id_: items.proof_pk(id_) for id_ in ids}
        proofs = get_all(self.client, self.name, [key(pk, "proof") for pk in dict.fromkeys(pks.values())])
        leads = {str(proof["pk"]): ConversationId(str(proof["conversation"])) for proof in proofs}
        return {id_: leads[pk] for id_, pk in pks.items() if pk in leads}

    def has(self, parts: Sequence[ConversationId], entry: Entry) -> bool:
        """Whether the entry stands in one of these parts."""
        return any(get_all(self.client, self.name, [items.entry_key(part, entry) for part in parts]))

    def entries(self, part: ConversationId) -> Iterator[Entry]:
        """What stands in this part itself, by time."""
        return map(items.entry_of, self._query(**_standing_in(part)))

    def listed(self, index: str, name: str, value: str, before: str | None) -> Iterator[Conversation]:
        """What an index has under this value, those that changed last first."""
        moment: Item = {":before": {"S": before}} if before else {}
        found = self._query(
            IndexName=index,
            KeyConditionExpression=f"{name} = :value" + (" AND updated_at < :before" if before else ""),
            ExpressionAttributeValues={":value": {"S": value}, **moment},
            ScanIndexForward=False,
        )
        return map(items.value_of, found)

    def due(self, desk: str, day: str) -> Iterator[Conversation]:
        """What is to be looked at again on this day or was before, the longest due first."""
        found = self._query(
            IndexName=items.BY_FOLLOW_UP,
            KeyConditionExpression="follow_up_desk = :desk AND follow_up_on <= :day",
            ExpressionAttributeValues={":desk": {"S": desk}, ":day": {"S": day}},
        )
        return map(items.value_of, found)

    def _query(self, **query: Any) -> Iterator[dict[str, Value]]:
        paginator = self.client.get_paginator("query")
        with translated("list conversations"):
            for page in paginator.paginate(TableName=self.name, PaginationConfig={"PageSize": _PAGE}, **query):
                yield from map(values, page["Items"])

    # Writing

    def put_conversation(self, conversation: Conversation) -> bool:
        return self._put_once(items.item_of(Stored(value=conversation)))

    def put_entry(self, part: ConversationId, entry: Entry) -> bool:
        return self._put_once(items.entry_item(part, entry))

    def put_proof(self, id_: MessageId, conversation: ConversationId) -> bool:
        return self._put_once(attributes({"pk": items.proof_pk(id_), "sk": "proof", "conversation": conversation}))

    def amend(self, part: ConversationId, entry: Entry, to: Entry | None) -> None:
        """Replaces the entry where it stands in this part, or takes it out."""
        if to is None:
            with translated("take out an entry"):
                self.client.delete_item(TableName=self.name, Key=items.entry_key(part, entry))
            return
        placed = items.entry_item(part, to) | items.entry_key(part, entry)
        put = partial(self.client.put_item, TableName=self.name, Item=placed)
        _won(partial(put, ConditionExpression="attribute_exists(pk)"))

    def lead(self, id_: MessageId, was: ConversationId, to: ConversationId | None) -> None:
        """Makes a proof lead to another conversation, or to none; one that leads elsewhere by now is left alone."""
        was_there: dict[str, Any] = {
            "TableName": self.name,
            "Key": key(items.proof_pk(id_), "proof"),
            "ConditionExpression": "conversation = :was",
        }
        was_value: Item = {":was": {"S": was}}
        if to is None:
            _won(partial(self.client.delete_item, **was_there, ExpressionAttributeValues=was_value))
            return
        values_: Item = {**was_value, ":to": {"S": to}}
        update = partial(self.client.update_item, UpdateExpression="SET conversation = :to")
        _won(partial(update, **was_there, ExpressionAttributeValues=values_))

    def _put_once(self, item: Item) -> bool:
        """Puts the item unless its key exists; gives whether it was put."""
        put = partial(self.client.put_item, TableName=self.name, Item=item)
        return _won(partial(put, ConditionExpression="attribute_not_exists(pk)"))

    def replacing(self, before: Stored, after: Stored) -> "Write":
        """Puts `after` in the place of `before`, if that is what is still there."""
        return {
            "Put": {
                "TableName": self.name,
                "Item": items.item_of(replace(after, version=before.version + 1)),
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":version": {"N": str(before.version)}},
            }
        }

    def leading(self, id_: ConversationId, old: ConversationId, new: ConversationId) -> "Write":
        """Makes one that was merged into `old` name `new`."""
        return {
            "Update": {
                "TableName": self.name,
                "Key": items.conversation_key(id_),
                "UpdateExpression": "SET #value.merged_into = :new",
                "ConditionExpression": "#value.merged_into = :old",
                "ExpressionAttributeNames": {"#value": "value"},
                "ExpressionAttributeValues": {":new": {"S": new}, ":old": {"S": old}},
            }
        }

    def replace(self, before: Stored, after: Stored) -> bool:
        """Alone it needs no transaction, which costs twice as much. False where it has changed since it was read."""
        return _won(partial(self.client.put_item, **self.replacing(before, after)["Put"]))

    def write(self, writes: Sequence["Write"]) -> bool:
        """Writes all or nothing: False where something has changed since it was read."""
        return _won(partial(self.client.transact_write_items, TransactItems=writes))

    def remove_entries(self, part: ConversationId) -> None:
        found = self._query(**_standing_in(part), ProjectionExpression="pk, sk")
        self._delete(key(str(item["pk"]), str(item["sk"])) for item in found)

    def remove(self, ids: Iterable[ConversationId]) -> None:
        """Removes the items of these conversations, in this order as far as there is one between requests."""
        self._delete(map(items.conversation_key, ids))

    def _delete(self, keys: Iterator[Item]) -> None:
        while some := list(islice(keys, _DELETES)):
            left: Sequence[Any] = [{"DeleteRequest": {"Key": each}} for each in some]
            for attempt in range(_ROUNDS):
                with translated("remove a conversation"):
                    answer = self.client.batch_write_item(RequestItems={self.name: left})
                left = answer["UnprocessedItems"].get(self.name, ())
                if not left:
                    break
                self.pause(attempt)
            else:
                raise Retryable(f"{len(left)} items of a conversation were not removed in {_ROUNDS} rounds")


def _won(write: Callable[[], object]) -> bool:
    with translated("write a conversation"):
        try:
            write()
        except ClientError as error:
            if is_lost_race(error):
                return False
            raise
    return True


def _standing_in(part: ConversationId) -> dict[str, Any]:
    """The query for the entries of one part."""
    return {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :entry)",
        "ExpressionAttributeValues": {":pk": items.partition(part), ":entry": {"S": items.ENTRY}},
        "ConsistentRead": True,
    }
