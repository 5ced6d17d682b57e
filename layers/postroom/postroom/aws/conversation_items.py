"""What stands in the desk's table of a conversation: items, made of values and read back. Pure. Keys: docs/data.md."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from postroom.aws.items import Value, attributes, key
from postroom.conversation import Conversation, Entry, State
from postroom.ids import ConversationId, MessageId, proof_of

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = dict[str, "AttributeValueTypeDef"]

BY_STATE, BY_CUSTOMER, BY_FOLLOW_UP = "by_state", "by_customer", "by_follow_up"
ENTRY = "entry#"

_LONGEST = 320  # characters of an address (RFC 3696 erratum 1690 has 254); keys of an index may have 1024 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A conversation as it is stored. `version` counts its changes: who writes says which one was read.

    `parts` are the conversations that were merged into it, and into those. One that is `forgotten` is on its way out:
    nothing of it is left but what is needed to remove the rest.
    """

    value: Conversation
    version: int = 1
    parts: tuple[ConversationId, ...] = ()
    forgotten: bool = False

    @property
    def id(self) -> ConversationId:
        return self.value.id

    @property
    def is_listed(self) -> bool:
        return not self.forgotten and self.value.merged_into is None


def nothing(id_: ConversationId) -> Stored:
    """One of which nothing is known but the id."""
    blank = Conversation(id=id_, customer="", participants=(), subject="", created_at="")
    return Stored(value=blank, forgotten=True)


def buried(stored: Stored) -> Stored:
    """What is left of one that is being forgotten: nothing that anybody wrote, and where its parts are."""
    return replace(nothing(stored.id), parts=stored.parts, version=stored.version)


def conversation_key(id_: ConversationId) -> Item:
    return key(_pk(id_), "conversation")


def item_of(stored: Stored) -> Item:
    """The value is whole in one attribute; beside it stand the keys of the indexes, where it is to be found in them."""
    fields = msgspec.to_builtins(stored.value)
    item: dict[str, Value] = {
        "pk": _pk(stored.id),
        "sk": "conversation",
        "version": stored.version,
        "value": {name: field for name, field in fields.items() if field is not None},
    }
    if stored.parts:
        item["parts"] = stored.parts
    if stored.forgotten:
        item["forgotten"] = 1
    return attributes(item | (_listing(stored.value) if stored.is_listed else {}))


def _listing(value: Conversation) -> dict[str, Value]:
    """The keys of the indexes. None may be empty (DynamoDB developer guide, "Supported data types")."""
    customer = {"customer": bounded(value.customer)} if value.customer else {}
    listing: dict[str, Value] = {
        "desk_state": desk_state(value.desk, value.state),
        "updated_at": value.changed_at,
        **customer,
    }
    if value.desk and value.follow_up_on:
        listing |= {"follow_up_desk": bounded(value.desk), "follow_up_on": value.follow_up_on}
    return listing


def stored_of(item: Mapping[str, Value]) -> Stored:
    return Stored(
        value=value_of(item),
        version=msgspec.convert(item["version"], int),
        parts=msgspec.convert(item.get("parts", ()), tuple[ConversationId, ...]),
        forgotten="forgotten" in item,
    )


def value_of(item: Mapping[str, Value]) -> Conversation:
    """The conversation alone: all that the indexes have."""
    return msgspec.convert(item["value"], Conversation)


def entry_key(conversation: ConversationId, entry: Entry) -> Item:
    return key(_pk(conversation), ENTRY + place(entry))


def entry_item(conversation: ConversationId, entry: Entry) -> Item:
    return entry_key(conversation, entry) | attributes(msgspec.to_builtins(entry))


def entry_of(item: Mapping[str, Value]) -> Entry:
    return msgspec.convert(item, Entry)


def place(entry: Entry) -> str:
    """Where an entry stands among others: by time, then by id."""
    return f"{bounded(entry.at)}#{bounded(entry.id)}"


def partition(conversation: ConversationId) -> "AttributeValueTypeDef":
    return {"S": _pk(conversation)}


def proof_pk(id_: MessageId) -> str:
    """The key of a message id: a hash, since an id from a mail is as long, and as strange, as a stranger likes."""
    return f"proof#{_hash(proof_of(id_))[:40]}"


def desk_state(desk: str, state: State) -> str:
    return f"{bounded(desk)}#{state}"


def bounded(text: str) -> str:
    """The text as a part of a key: itself, or a hash where it is longer than any that is meant."""
    return text if len(text) <= _LONGEST else f"sha256:{_hash(text)}"


def _pk(id_: ConversationId) -> str:
    return f"conversation#{id_}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
