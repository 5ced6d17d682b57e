"""Conversations in the desk's table. Keys and access patterns: docs/data.md."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.items import Value, attributes, key, values
from postroom.conversation import Conversation
from postroom.ids import ConversationId, MessageId, SesId

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, BatchGetItemOutputTypeDef

_BATCH = 100  # keys of one BatchGetItem
_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoConversations:
    """`postroom.ports.Conversations`."""

    client: "DynamoDBClient"
    table: str

    def by_proofs(self, ids: Sequence[MessageId]) -> Conversation | None:
        known = self._known(ids[:_BATCH])
        found = next((known[_proof(i)] for i in ids if _proof(i) in known), None)
        return self._conversation(found) if found else None

    def _known(self, ids: Sequence[MessageId]) -> dict[str, ConversationId]:
        """Which of these ids are known, as proof key to conversation: one round trip, however many there are."""
        keys = [key(pk, "proof") for pk in dict.fromkeys(map(_proof, ids))]
        known: dict[str, ConversationId] = {}
        with translated("look up message ids"):
            for _ in range(_ROUNDS):
                if not keys:
                    break
                got = self.client.batch_get_item(RequestItems={self.table: {"Keys": keys, "ConsistentRead": True}})
                for item in map(values, got["Responses"].get(self.table, ())):
                    known[str(item["pk"])] = ConversationId(str(item["conversation"]))
                keys = [key(str(k["pk"]), "proof") for k in _unprocessed(got, self.table)]
        return known

    def _conversation(self, id_: ConversationId) -> Conversation | None:
        with translated(f"read conversation {id_}"):
            got = self.client.get_item(
                TableName=self.table, Key=key(f"conversation#{id_}", "conversation"), ConsistentRead=True
            )
        return _value(values(got["Item"])) if "Item" in got else None

    def of_mail(self, ses_id: SesId) -> Conversation | None:
        with translated(f"read the conversation of {ses_id}"):
            got = self.client.get_item(
                TableName=self.table, Key=key(f"mail#{ses_id}", "conversation"), ConsistentRead=True
            )
        return self._conversation(ConversationId(str(values(got["Item"])["conversation"]))) if "Item" in got else None

    def open(self, conversation: Conversation) -> Conversation:
        fields = {k: v for k, v in msgspec.to_builtins(conversation).items() if v is not None}
        item = {"pk": f"conversation#{conversation.id}", "sk": "conversation", **fields}
        if not self._put_once(attributes(item)):
            return self._conversation(conversation.id) or conversation
        return conversation

    def add(self, conversation: ConversationId, ses_id: SesId, at: str, proofs: Sequence[MessageId]) -> None:
        mail = {"pk": f"conversation#{conversation}", "sk": f"mail#{at}#{ses_id}", "mail": ses_id}
        place = {"pk": f"mail#{ses_id}", "sk": "conversation", "conversation": conversation}
        ids = [{"pk": _proof(i), "sk": "proof", "conversation": conversation} for i in proofs]
        for item in (mail, place, *ids):
            self._put_once(attributes(item))

    def _put_once(self, item: dict[str, "AttributeValueTypeDef"]) -> bool:
        """Puts the item unless its key exists; gives whether it was put."""
        try:
            with translated("write a conversation"):
                self.client.put_item(TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _unprocessed(answer: "BatchGetItemOutputTypeDef", table: str) -> list[dict[str, Value]]:
    """The keys that DynamoDB did not get to: it answers 200 even then."""
    left = answer["UnprocessedKeys"].get(table)
    return [values(k) for k in left["Keys"]] if left else []


def _proof(id_: MessageId) -> str:
    """The key of a message id: its hash, since an id from a mail is as long, and as strange, as a stranger likes."""
    return f"proof#{hashlib.sha256(id_.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _value(item: dict[str, Any]) -> Conversation:
    return msgspec.convert(item, Conversation)
