"""Conversations in the desk's table. Keys and access patterns: docs/data.md."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.aws.items import BATCH, attributes, get_all, key, values
from postroom.conversation import Conversation
from postroom.ids import ConversationId, MessageId, SesId, proof_of

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoConversations:
    """`postroom.ports.Conversations`."""

    client: "DynamoDBClient"
    table: str

    def by_proofs(self, ids: Sequence[MessageId]) -> Conversation | None:
        known = self._known(ids[:BATCH])
        found = next((known[_proof(i)] for i in ids if _proof(i) in known), None)
        return self.get(found) if found else None

    def _known(self, ids: Sequence[MessageId]) -> dict[str, ConversationId]:
        """Which of these ids are known, as proof key to conversation: one round trip, however many there are."""
        keys = [key(pk, "proof") for pk in dict.fromkeys(map(_proof, ids))]
        items = get_all(self.client, self.table, keys)
        return {str(item["pk"]): ConversationId(str(item["conversation"])) for item in items}

    def get(self, id_: ConversationId) -> Conversation | None:
        with translated(f"read conversation {id_}"):
            got = self.client.get_item(
                TableName=self.table, Key=key(f"conversation#{id_}", "conversation"), ConsistentRead=True
            )
        return _value(values(got["Item"])) if "Item" in got else None

    def open(self, conversation: Conversation) -> Conversation:
        fields = {k: v for k, v in msgspec.to_builtins(conversation).items() if v is not None}
        item = {"pk": f"conversation#{conversation.id}", "sk": "conversation", **fields}
        if not self._put_once(attributes(item)):
            return self.get(conversation.id) or conversation
        return conversation

    def add(self, conversation: ConversationId, ses_id: SesId, at: str) -> None:
        item = {"pk": f"conversation#{conversation}", "sk": f"mail#{at}#{ses_id}", "mail": ses_id}
        self._put_once(attributes(item))

    def prove(self, conversation: ConversationId, ids: Sequence[MessageId]) -> None:
        for id_ in ids:
            self._put_once(attributes({"pk": _proof(id_), "sk": "proof", "conversation": conversation}))

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


def _proof(id_: MessageId) -> str:
    """The key of a message id: a hash, since an id from a mail is as long, and as strange, as a stranger likes."""
    return f"proof#{hashlib.sha256(proof_of(id_).encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _value(item: dict[str, Any]) -> Conversation:
    return msgspec.convert(item, Conversation)
