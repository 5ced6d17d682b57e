"""Reading the JSON of a request: what is asked for by name and type is there, or the request is refused."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from local.ses.refused import Refused
from local.ses.values import Json


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object of a request. Every reader raises Refused where the value has another type."""

    data: Mapping[str, Json]

    @classmethod
    def of(cls, value: Json) -> "Fields":
        if not isinstance(value, Mapping):
            raise Refused("BadRequestException", "The request is not a JSON object.")
        return cls(value)

    def has(self, name: str) -> bool:
        return self.data.get(name) is not None

    def text(self, name: str) -> str | None:
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return _characters(name, value)
        raise Refused("BadRequestException", f"{name} is not a string.")

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refused("BadRequestException", f"{name} is required.")
        return value

    def number(self, name: str) -> int | None:
        value = self.data.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise Refused("BadRequestException", f"{name} is not a whole number.")

    def flag(self, name: str) -> bool:
        return self.data.get(name) is True

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(_characters(name, one) for one in self._items(name) if isinstance(one, str))

    def pairs(self, name: str, key: str = "Name") -> tuple[tuple[str, str], ...]:
        """A list of names and values, such as tags: [{"Name": "a", "Value": "b"}]."""
        return tuple((one.required(key), one.text("Value") or "") for one in self.objects(name))

    def bytes(self, name: str) -> bytes:
        """A blob, which stands in JSON as base64."""
        try:
            return base64.b64decode(self.text(name) or "", validate=True)
        except ValueError as error:
            raise Refused("BadRequestException", f"{name} is not base64.") from error

    def object(self, name: str) -> "Fields":
        """The object of this name; an empty one where there is none."""
        value = self.data.get(name)
        return Fields.of({} if value is None else value)

    def objects(self, name: str) -> list["Fields"]:
        return [Fields.of(one) for one in self._items(name)]

    def _items(self, name: str) -> list[Json]:
        value = self.data.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise Refused("BadRequestException", f"{name} is not a list.")


def _characters(name: str, text: str) -> str:
    """The text itself, where it is one: half a surrogate pair, which JSON can write, goes into no request to AWS."""
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise Refused("BadRequestException", f"{name} has half a surrogate pair, which is no character.")
    return text
