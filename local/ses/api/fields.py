"""Reading the JSON of a request: what is asked for by name and type is there, or the request is refused."""

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
        if value is None or isinstance(value, str):
            return value
        raise Refused("BadRequestException", f"{name} is not a string.")

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refused("BadRequestException", f"{name} is required.")
        return value

    def flag(self, name: str) -> bool:
        return self.data.get(name) is True

    def texts(self, name: str) -> tuple[str, ...]:
        found = [one for one in self._items(name) if isinstance(one, str)]
        return tuple(found)

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
