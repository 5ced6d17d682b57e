"""The addresses that an account doesn't send to ("Using the Amazon SES account-level suppression list")."""

from dataclasses import dataclass
from datetime import datetime

REASONS = ("BOUNCE", "COMPLAINT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    address: str
    reason: str  # one of REASONS
    since: datetime


class SuppressionList:
    """Addresses that the account doesn't send to. No case is told apart (developer guide: "not case sensitive")."""

    def __init__(self) -> None:
        self._addresses: dict[str, Suppressed] = {}

    def put(self, entry: Suppressed) -> None:
        self._addresses[entry.address.lower()] = entry

    def get(self, address: str) -> Suppressed | None:
        return self._addresses.get(address.lower())

    def delete(self, address: str) -> bool:
        return self._addresses.pop(address.lower(), None) is not None

    def all(self) -> list[Suppressed]:
        return list(self._addresses.values())
