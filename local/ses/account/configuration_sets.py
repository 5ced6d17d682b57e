"""Configuration sets: rules for the mail that is sent through them, and who hears of it.

Source: API_CreateConfigurationSet, API_EventDestinationDefinition (API v2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.ses.refused import Refused
from local.ses.values import Json

EVENT_TYPES = (
    "SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "OPEN", "CLICK", "RENDERING_FAILURE", "DELIVERY_DELAY",
    "SUBSCRIPTION",
)  # fmt: skip
MAX_DESTINATIONS = 10  # "Service quotas": event destinations per configuration set
MAX_SETS = 10_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDestination:
    """Where events go: an SNS topic, or the default event bus. `others` are kept as they were given, and get nothing:
    CloudWatch, Firehose and Pinpoint, by their names in API v2.
    """

    name: str
    enabled: bool
    event_types: tuple[str, ...]
    topic_arn: str | None = None
    bus_arn: str | None = None
    others: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise Refused("InvalidParameterValue", f"Invalid event destination name <{self.name}>.")
        if not self.event_types or any(one not in EVENT_TYPES for one in self.event_types):
            raise Refused("InvalidParameterValue", f"MatchingEventTypes is not a list of {', '.join(EVENT_TYPES)}.")
        places = (self.topic_arn is not None) + (self.bus_arn is not None) + len(self.others)
        if places != 1:
            raise Refused("InvalidParameterValue", f"An event destination names one place, not {places}.")
        # "You can only use the default bus" (API_EventBridgeDestination).
        if self.bus_arn is not None and not self.bus_arn.endswith(":event-bus/default"):
            raise Refused("InvalidParameterValue", f"Not the ARN of the default event bus: {self.bus_arn}")

    def wants(self, event_type: str) -> bool:
        """Whether it is told of this type (SEND, BOUNCE, ...)."""
        return self.enabled and event_type in self.event_types


@dataclass(slots=True, kw_only=True)
class ConfigurationSet:
    """The options are None where they were never put. `suppressed_reasons` None: the account's are used."""

    name: str
    suppressed_reasons: tuple[str, ...] | None = None
    sending_enabled: bool = True
    reputation_metrics: bool = False
    redirect_domain: str | None = None
    https_policy: str | None = None
    tls_policy: str = "OPTIONAL"
    sending_pool: str | None = None
    max_delivery_seconds: int | None = None
    tags: tuple[tuple[str, str], ...] = ()
    destinations: dict[str, EventDestination] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise Refused("InvalidConfigurationSet", f"Not a name for a configuration set: <{self.name}>")

    def wants(self, event_type: str) -> bool:
        """Whether any destination is told of this type (SEND, BOUNCE, ...)."""
        return any(one.wants(event_type) for one in self.destinations.values())

    def add(self, destination: EventDestination) -> None:
        if destination.name in self.destinations:
            text = f"Event destination <{destination.name}> already exists in configuration set <{self.name}>."
            raise Refused("EventDestinationAlreadyExists", text)
        if len(self.destinations) >= MAX_DESTINATIONS:
            raise Refused("LimitExceeded", f"A configuration set has at most {MAX_DESTINATIONS} event destinations.")
        self.destinations[destination.name] = destination

    def update(self, destination: EventDestination) -> None:
        self.destination(destination.name)
        self.destinations[destination.name] = destination

    def remove(self, name: str) -> None:
        del self.destinations[self.destination(name).name]

    def destination(self, name: str) -> EventDestination:
        if name not in self.destinations:
            text = f"Event destination <{name}> does not exist in configuration set <{self.name}>."
            raise Refused("EventDestinationDoesNotExist", text)
        return self.destinations[name]
