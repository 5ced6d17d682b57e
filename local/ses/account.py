"""What an account keeps for sending: configuration sets, the suppression list, identities. In memory."""

from dataclasses import dataclass, field
from datetime import datetime

EVENT_TYPES = (
    "SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "OPEN", "CLICK", "RENDERING_FAILURE", "DELIVERY_DELAY",
    "SUBSCRIPTION",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDestination:
    """Where events go: to a topic of SNS, or a bus of EventBridge. One with neither is kept, and gets nothing."""

    name: str
    enabled: bool
    event_types: tuple[str, ...]
    topic_arn: str | None
    bus_arn: str | None = None


@dataclass(slots=True, kw_only=True)
class ConfigurationSet:
    name: str
    suppressed_reasons: tuple[str, ...] | None = None  # None: the account's
    destinations: dict[str, EventDestination] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    address: str
    reason: str  # BOUNCE or COMPLAINT
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


@dataclass(slots=True, kw_only=True)
class Account:
    configuration_sets: dict[str, ConfigurationSet] = field(default_factory=dict)
    suppression: SuppressionList = field(default_factory=SuppressionList)
    identities: set[str] = field(default_factory=set)
    sent: int = 0

    def verified(self, source: str) -> bool:
        """Whether this address may send. An account without identities may send as anybody; one with some, as these."""
        source = source.lower()
        labels = source.rpartition("@")[2].split(".")
        domains = {".".join(labels[start:]) for start in range(len(labels))}
        return not self.identities or source in self.identities or not self.identities.isdisjoint(domains)

    def reasons(self, configuration_set: ConfigurationSet | None) -> tuple[str, ...]:
        """The suppression reasons that count: a configuration set's override the account's."""
        own = configuration_set.suppressed_reasons if configuration_set else None
        return ("BOUNCE", "COMPLAINT") if own is None else own

    def suppresses(self, address: str, configuration_set: ConfigurationSet | None) -> bool:
        """Whether a mail through this configuration set is held back from the address."""
        entry = self.suppression.get(address)
        if entry is None:
            return False
        reasons = configuration_set.suppressed_reasons if configuration_set else None
        return reasons is None or entry.reason in reasons
