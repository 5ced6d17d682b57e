"""The calls of SES's first API that keep configuration sets: those of API v2, with other names."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.ses.account import Account, ConfigurationSet, EventDestination
from local.ses.api import query, topics
from local.ses.api.paging import page, size_of
from local.ses.api.query import Call, Tree, child, required
from local.ses.cloud import Cloud
from local.ses.refused import Refused
from local.ses.values import Json

# The event types of API v1, which knows fewer, and the names that they have in API v2.
_TYPES = {
    "send": "SEND", "reject": "REJECT", "bounce": "BOUNCE", "complaint": "COMPLAINT", "delivery": "DELIVERY",
    "open": "OPEN", "click": "CLICK", "renderingFailure": "RENDERING_FAILURE",
}  # fmt: skip
_SPOKEN = {kind: name for name, kind in _TYPES.items()}
# Destinations that are kept and get nothing: member of API v1, member of API v2, and the names of what is in it.
_OTHERS = (
    ("CloudWatchDestination", "CloudWatchDestination", {"DimensionConfigurations": "DimensionConfigurations"}),
    (
        "KinesisFirehoseDestination",
        "KinesisFirehoseDestination",
        {"IAMRoleARN": "IamRoleArn", "DeliveryStreamARN": "DeliveryStreamArn"},
    ),
)
_SOURCES = {"messageTag": "MESSAGE_TAG", "emailHeader": "EMAIL_HEADER", "linkTag": "LINK_TAG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationSetCalls:
    account: Account
    cloud: Cloud

    def calls(self) -> Mapping[str, Call]:
        return {
            "CreateConfigurationSet": self._create,
            "DeleteConfigurationSet": self._delete,
            "DescribeConfigurationSet": self._describe,
            "ListConfigurationSets": self._list,
            "CreateConfigurationSetEventDestination": self._create_destination,
            "UpdateConfigurationSetEventDestination": self._update_destination,
            "DeleteConfigurationSetEventDestination": self._delete_destination,
            "UpdateConfigurationSetSendingEnabled": self._enable,
            "UpdateConfigurationSetReputationMetricsEnabled": self._enable_reputation,
            "PutConfigurationSetDeliveryOptions": self._put_delivery,
            "CreateConfigurationSetTrackingOptions": self._create_tracking,
            "UpdateConfigurationSetTrackingOptions": self._update_tracking,
            "DeleteConfigurationSetTrackingOptions": self._delete_tracking,
        }

    async def _create(self, call: Tree) -> Json:
        name = required(child(call, "ConfigurationSet"), "Name")
        self.account.add_configuration_set(ConfigurationSet(name=name))
        return {}

    def _set(self, call: Tree) -> ConfigurationSet:
        return self.account.configuration_set(required(call, "ConfigurationSetName"))

    async def _delete(self, call: Tree) -> Json:
        del self.account.configuration_sets[self._set(call).name]
        return {}

    async def _list(self, call: Tree) -> Json:
        names = sorted(self.account.configuration_sets)
        shown, following = page(names, query.text(call, "NextToken"), size_of(query.text(call, "MaxItems")))
        return {"ConfigurationSets": [{"Name": name} for name in shown], "NextToken": following}

    async def _describe(self, call: Tree) -> Json:
        found, asked = self._set(call), query.texts(call, "ConfigurationSetAttributeNames")
        domain = found.redirect_domain
        attributes: dict[str, tuple[str, Json]] = {
            "eventDestinations": ("EventDestinations", [_destination_json(one) for one in found.destinations.values()]),
            "trackingOptions": ("TrackingOptions", None if domain is None else {"CustomRedirectDomain": domain}),
            "deliveryOptions": ("DeliveryOptions", {"TlsPolicy": found.tls_policy.capitalize()}),
            "reputationOptions": (
                "ReputationOptions",
                {"SendingEnabled": found.sending_enabled, "ReputationMetricsEnabled": found.reputation_metrics},
            ),
        }
        told = {name: value for key, (name, value) in attributes.items() if key in asked}
        return {"ConfigurationSet": {"Name": found.name}, **told}

    async def _create_destination(self, call: Tree) -> Json:
        found, destination = self._set(call), _destination(child(call, "EventDestination"))
        await topics.add(self.cloud, found, destination)
        return {}

    async def _update_destination(self, call: Tree) -> Json:
        found, destination = self._set(call), _destination(child(call, "EventDestination"))
        await topics.update(self.cloud, found, destination)
        return {}

    async def _delete_destination(self, call: Tree) -> Json:
        self._set(call).remove(required(call, "EventDestinationName"))
        return {}

    async def _enable(self, call: Tree) -> Json:
        self._set(call).sending_enabled = query.flag(call, "Enabled")
        return {}

    async def _enable_reputation(self, call: Tree) -> Json:
        self._set(call).reputation_metrics = query.flag(call, "Enabled")
        return {}

    async def _put_delivery(self, call: Tree) -> Json:
        policy = query.text(child(call, "DeliveryOptions"), "TlsPolicy") or "Optional"
        if policy not in ("Require", "Optional"):
            raise Refused("InvalidDeliveryOptions", f"TlsPolicy is Require or Optional, not {policy}.")
        self._set(call).tls_policy = policy.upper()
        return {}

    async def _create_tracking(self, call: Tree) -> Json:
        found = self._set(call)
        if found.redirect_domain is not None:
            text = f"Configuration set <{found.name}> has tracking options already."
            raise Refused("TrackingOptionsAlreadyExistsException", text)
        found.redirect_domain = required(child(call, "TrackingOptions"), "CustomRedirectDomain")
        return {}

    async def _update_tracking(self, call: Tree) -> Json:
        self._tracked(call).redirect_domain = required(child(call, "TrackingOptions"), "CustomRedirectDomain")
        return {}

    async def _delete_tracking(self, call: Tree) -> Json:
        self._tracked(call).redirect_domain = None
        return {}

    def _tracked(self, call: Tree) -> ConfigurationSet:
        found = self._set(call)
        if found.redirect_domain is None:
            text = f"Configuration set <{found.name}> has no tracking options."
            raise Refused("TrackingOptionsDoesNotExistException", text)
        return found


def _destination(asked: Tree) -> EventDestination:
    return EventDestination(
        name=required(asked, "Name"),
        enabled=query.flag(asked, "Enabled"),
        event_types=tuple(_TYPES.get(one, one) for one in query.texts(asked, "MatchingEventTypes")),
        topic_arn=query.text(child(asked, "SNSDestination"), "TopicARN"),
        others=_others(asked),
    )


def _others(asked: Tree) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for member, name, names in _OTHERS:
        if member in asked:
            given = query.plain(child(asked, member))
            found[name] = {spoken: _renamed(given.get(own), _SOURCES) for own, spoken in names.items()}
    return found


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    """Dimensions name their source in words that differ between the APIs."""
    if not isinstance(value, list):
        return value
    return [
        {key: _renamed_in(inner, names) if key == "DimensionValueSource" else inner for key, inner in one.items()}
        for one in value
        if isinstance(one, Mapping)
    ]


def _renamed_in(value: Json, names: Mapping[str, str]) -> Json:
    return names.get(value, value) if isinstance(value, str) else value


def _destination_json(one: EventDestination) -> dict[str, Json]:
    return {
        "Name": one.name,
        "Enabled": one.enabled,
        "MatchingEventTypes": [_SPOKEN[kind] for kind in one.event_types if kind in _SPOKEN],
        "SNSDestination": None if one.topic_arn is None else {"TopicARN": one.topic_arn},
        **_others_json(one.others),
    }


def _others_json(others: Mapping[str, Json]) -> dict[str, Json]:
    back = {value: key for key, value in _SOURCES.items()}
    told: dict[str, Json] = {}
    for member, name, names in _OTHERS:
        kept = others.get(name)
        if isinstance(kept, Mapping):
            told[member] = {own: _renamed(kept.get(spoken), back) for own, spoken in names.items()}
    return told
